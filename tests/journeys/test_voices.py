"""A voice that is the whole complaint: who hears it, who writes it down, and whose words count in the end."""

from __future__ import annotations

import random

import pytest

from bot.channels.base import NotFetchedError
from handlers.actions.files import CLEAN
from storage.media import clean_file
from storage.tables import Attachment, ExclusionRow, Message
from tests.journeys.stories import PUNGLI, RUDE, SLOW
from tests.journeys.test_media import a_voice
from tests.kit.town import LANGUAGES, Officer, Town, label

pytestmark = pytest.mark.anyio

FRONT_DESK, INSPECTOR = "PETUGAS-MEJA-DEPAN", "PETUGAS-INSPEKTORAT"
#: What may be done to a voice that nobody has written down, and what only to its words.
BEFORE, AFTERWARDS = ("write_out", "ask_citizen", "note"), ("take", "answer", "forward", "finish", "postpone")
ACCUSED = ("PETUGAS-DISDUKCAPIL", "KEPALA-DISDUKCAPIL")


async def sends_voice(town: Town, code: str = "voice_only", seed: int | None = None) -> bytes:
    """Sari sends a voice and nothing else; returns what may be heard of it."""
    raw = a_voice(random.randrange(1 << 30) if seed is None else seed)
    await town.sari.sends_voice(raw)
    await town.sari.chooses(code)
    return clean_file(raw).data


async def writes_out(officer: Officer, words: str) -> None:
    await officer.chooses("write_out")
    await officer.types(words)


def heard_by(town: Town, voice: bytes) -> set[str]:
    """The chats of staff in which the voice has arrived."""
    pages = town.channel.seen("staff")
    return {chat for chat, shown in pages.items() if any(file.data == voice for page in shown for file in page.files)}


def chats(town: Town, *posts: str) -> set[str]:
    return {town.channel.address_of(town.officer(post)) for post in posts}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_voice_is_heard_written_down_confirmed_and_routed_like_typed_words(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    voice = await sends_voice(town)
    assert town.sari.page_name == "citizen/receipt"
    ticket = town.ticket()
    assert (ticket.unit_code, ticket.desk, ticket.state) == (town.region.front_desk, "listening", "received")
    assert [file.data for file in desk.shown[-1].files] == [voice]
    await writes_out(desk, SLOW)
    assert desk.page_name == "officer/heard_sent"
    assert town.sari.page_name == "citizen/heard"
    assert town.sari.find(SLOW)
    town.budi.saw_nothing()
    await town.sari.chooses("heard_yes")
    assert town.sari.page_name == "citizen/heard_done"
    after = town.ticket()
    assert (after.unit_code, after.desk, after.kind, after.state) == ("DISDUKCAPIL", "officers", "complaint", "routed")
    assert after.resolve_by == ticket.resolve_by
    assert town.budi.find(SLOW)
    assert heard_by(town, voice) == chats(town, FRONT_DESK)
    assert town.budi.shown[-1].files == ()


async def test_nothing_else_can_be_done_to_a_voice_before_its_words_are_settled(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    await sends_voice(town)
    ways = {code: label(code, desk.language) for code in (*BEFORE, *AFTERWARDS)}
    assert {ways[code] for code in BEFORE} <= set(desk.buttons)
    assert not {ways[code] for code in AFTERWARDS} & set(desk.buttons)


async def test_a_reply_to_the_card_is_the_line(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    await sends_voice(town)
    await desk.replies_to(town.ticket().number, SLOW)
    assert town.sari.page_name == "citizen/heard"
    await town.sari.types("ya")
    assert town.ticket().unit_code == "DISDUKCAPIL"


async def test_the_citizens_own_words_win(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    await sends_voice(town)
    await writes_out(desk, "Lampu jalan mati di depan pasar Horas")
    await town.sari.chooses("heard_fix")
    await town.sari.types(SLOW)
    assert town.sari.page_name == "citizen/heard_done"
    assert town.ticket().unit_code == "DISDUKCAPIL"
    assert town.budi.find(SLOW)
    town.budi.never_saw("Lampu jalan")
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    assert town.sari.page_name == "citizen/case"
    assert "Lampu" not in town.sari.page


async def test_another_voice_instead_of_words_is_heard_once_more(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    await sends_voice(town)
    await writes_out(desk, "Entah")
    await town.sari.chooses("heard_fix")
    await town.sari.sends_voice(a_voice(99))
    assert town.ticket().desk == "listening"
    await desk.types(f"/tiket {town.ticket().number}")
    assert clean_file(a_voice(99)).data in [file.data for file in desk.shown[-1].files]
    await writes_out(desk, SLOW)
    await town.sari.chooses("heard_yes")
    assert town.ticket().unit_code == "DISDUKCAPIL"


async def test_a_later_line_takes_the_place_of_an_earlier_one(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    await sends_voice(town)
    await writes_out(desk, "Lampu jalan mati")
    first = town.sari.shown[-1]
    await desk.types(f"/tiket {town.ticket().number}")
    await writes_out(desk, SLOW)
    second = town.sari.shown[-1]
    await town.sari.chooses("heard_yes", on=first)
    assert town.sari.page_name == "citizen/stale"
    assert town.ticket().desk == "listening"
    await town.sari.chooses("heard_yes", on=second)
    await town.sari.chooses("heard_yes", on=second)
    assert town.sari.page_name == "citizen/stale"
    assert [row.kind for row in town.rows(Message)] == ["voice", "heard", "heard", "story"]


async def test_after_the_verify_deadline_the_line_counts_and_is_marked_as_the_officers(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    await sends_voice(town)
    verify_by = town.ticket().verify_by
    await writes_out(desk, SLOW)
    await town.travels(working_days=2)
    assert town.ticket().desk == "listening"
    await town.travels(working_days=2)
    now = await town.now()
    assert now > verify_by
    ticket = town.ticket()
    assert (ticket.unit_code, ticket.desk) == ("DISDUKCAPIL", "officers")
    assert ticket.verify_by > now
    assert town.budi.find("belum diperiksa warga") or town.budi.find("not checked by the citizen")
    assert town.sari.page_name == "citizen/heard_done"
    assert town.sari.find("tulisan petugas") or town.sari.find("the officer wrote")
    assert [row.author for row in town.rows(Message, kind="story")] == ["staff"]


async def test_a_voice_that_nobody_writes_down_is_late_like_any_other_case(town: Town) -> None:
    await sends_voice(town)
    await town.travels(working_days=5)
    assert town.ticket().desk == "listening"
    assert "officer/reminder" in town.officer(FRONT_DESK).page_names


async def test_an_accusation_that_comes_out_of_a_voice_is_kept_from_the_accused(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    voice = await sends_voice(town)
    await writes_out(desk, PUNGLI)
    assert "Inspektorat" in town.sari.page
    await town.sari.chooses("heard_yes")
    ticket = town.ticket()
    assert (ticket.kind, ticket.unit_code, ticket.identity) == ("oversight", "INSPEKTORAT", "confidential")
    assert town.rows(ExclusionRow)
    town.budi.saw_nothing()
    for post in ACCUSED:
        town.officer(post).saw_nothing()
    await desk.types(f"/tiket {ticket.number}")
    assert desk.page_name == "officer/not_found"
    assert heard_by(town, voice) == chats(town, FRONT_DESK, INSPECTOR, "INSPEKTUR")


async def test_a_voice_for_the_inspectorate_is_heard_there_alone_and_stays_there_whatever_its_words(town: Town) -> None:
    desk, inspector = town.officer(FRONT_DESK), town.officer(INSPECTOR)
    voice = await sends_voice(town, "voice_accuses")
    ticket = town.ticket()
    assert (ticket.kind, ticket.unit_code, ticket.identity) == ("oversight", "INSPEKTORAT", "confidential")
    await writes_out(inspector, SLOW)
    await town.sari.chooses("heard_yes")
    assert (town.ticket().kind, town.ticket().unit_code) == ("oversight", "INSPEKTORAT")
    desk.saw_nothing()
    for post in ACCUSED:
        town.officer(post).saw_nothing()
    town.budi.saw_nothing()
    assert heard_by(town, voice) == chats(town, INSPECTOR, "INSPEKTUR")
    assert {row.unit_code for row in town.rows(ExclusionRow)} >= {"DISDUKCAPIL"}


@pytest.mark.parametrize("words", [PUNGLI, RUDE, SLOW])
async def test_what_waits_for_the_citizen_is_read_by_nobody_else(town: Town, words: str) -> None:
    desk = town.officer(FRONT_DESK)
    voice = await sends_voice(town)
    await writes_out(desk, words)
    number = town.ticket().number
    for post in ("SEKDA", "KABAG-ORGANISASI", *ACCUSED):
        reader = town.officer(post)
        await reader.types(f"/tiket {number}")
        reader.never_saw(words)
    await desk.types(f"/tiket {number}")
    desk.never_saw(words)
    assert not chats(town, "SEKDA", *ACCUSED) & heard_by(town, voice)


async def test_words_typed_instead_go_the_usual_way(town: Town) -> None:
    await town.sari.sends_voice(a_voice())
    page = town.sari.shown[-1]
    await town.sari.types(SLOW)
    await town.sari.chooses("voice_only", on=page)
    assert not town.tickets()
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "DISDUKCAPIL"


async def test_a_voice_that_never_came_opens_no_case(town: Town) -> None:
    await town.sari.sends_remote("voice", a_voice(), "", NotFetchedError("gone", final=True))
    await town.sari.chooses("voice_only")
    assert town.sari.page_name == "citizen/voice_gone"
    assert not town.tickets()


async def test_a_voice_that_is_lost_after_its_case_was_opened_is_asked_for_in_words(town: Town) -> None:
    later = NotFetchedError("busy", final=False)
    await town.sari.sends_remote("voice", a_voice(), "", later, NotFetchedError("gone", final=True))
    await town.sari.chooses("voice_only")
    await town.work_time_passes()
    assert town.sari.page_name == "citizen/voice_lost"
    await town.sari.chooses("write_it")
    await town.sari.types(SLOW)
    assert town.ticket().unit_code == "DISDUKCAPIL"
    assert [row.state for row in town.rows(Attachment)] != [CLEAN]


async def test_a_voice_draft_that_was_left_is_offered_again(town: Town) -> None:
    await town.sari.sends_voice(a_voice())
    await town.sari.types("/batal")
    await town.sari.chooses("continue")
    await town.sari.chooses("voice_only")
    assert town.ticket().desk == "listening"


async def test_a_case_that_was_withdrawn_meanwhile_is_settled_by_nobody(town: Town) -> None:
    desk = town.officer(FRONT_DESK)
    await sends_voice(town)
    await writes_out(desk, SLOW)
    page = town.sari.shown[-1]
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    await town.sari.chooses("withdraw")
    await town.sari.chooses("withdraw_now")
    await town.sari.chooses("heard_yes", on=page)
    assert town.sari.page_name == "citizen/stale"
    await town.travels(working_days=5)
    assert (town.ticket().state, town.ticket().unit_code) == ("withdrawn", town.region.front_desk)
    town.budi.saw_nothing()
