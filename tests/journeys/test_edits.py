"""A message that is edited: before it is sent it changes the draft, afterwards the case gets a correction."""

from __future__ import annotations

import asyncio
import threading
from uuid import uuid4

import pytest

from domain.vocabulary import State
from handlers.messages import CITIZEN, Inbound
from storage.encryption import HASH_BYTES
from storage.tables import MessageSource
from tests.journeys.stories import PLACELESS, PUNGLI, SLOW
from tests.journeys.test_photos import photo
from tests.kit.carriers import ON_PHONES, WITH_EDITS
from tests.kit.town import Town

pytestmark = pytest.mark.anyio

FIXED = "KTP saya sudah empat minggu belum jadi di capil, selalu disuruh kembali lagi"
MORE = "Kata petugas blangkonya habis"


# --- before it is sent


@WITH_EDITS
async def test_an_edit_before_sending_changes_the_draft_where_its_confirmation_stands(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.edits(SLOW, FIXED)
    assert town.sari.page_names == ["citizen/confirm"]
    assert "empat minggu" in town.sari.page
    await town.sari.chooses("send")
    assert town.words("story") == [FIXED]


async def test_an_edit_replaces_its_own_part_of_a_story_and_no_other(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types(MORE)
    await town.sari.edits(MORE, "Blangko habis")
    await town.sari.chooses("send")
    assert town.words("story") == [f"{SLOW}\nBlangko habis"]


async def test_a_button_of_the_words_before_the_edit_does_nothing(town: Town) -> None:
    await town.sari.types(SLOW)
    old = town.sari.shown[-1]
    await town.sari.edits(SLOW, FIXED)
    await town.sari.chooses("send", on=old)
    assert not town.tickets()
    assert "empat minggu" in town.sari.page


@pytest.mark.parametrize("new", [SLOW, f" {SLOW} "])
async def test_an_edit_that_says_the_same_says_nothing(town: Town, new: str) -> None:
    await town.sari.types(SLOW)
    await town.sari.edits(SLOW, new)
    assert len(town.sari.received) == 1


async def test_an_edit_that_accuses_changes_who_will_read(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.edits(SLOW, PUNGLI)
    assert "Inspektorat" in town.sari.page
    await town.sari.chooses("send")
    town.budi.saw_nothing()


async def test_words_given_to_a_photo_later_are_its_story(town: Town) -> None:
    await town.sari.sends_photo(photo())
    await town.sari.edits("", SLOW)
    assert town.sari.page_name == "citizen/confirm"
    await town.sari.chooses("send")
    assert town.words("story") == [SLOW]


async def test_the_place_that_was_typed_may_be_edited_too(town: Town) -> None:
    await town.sari.types(PLACELESS)
    await town.sari.types("Jalan Sutomo")
    await town.sari.edits("Jalan Sutomo", "Jalan Sutomo ujung")
    await town.sari.chooses("send")
    assert town.words("place") == ["Jalan Sutomo ujung"]


async def test_a_draft_that_was_left_is_changed_without_a_word(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types("/batal")
    await town.sari.edits(SLOW, FIXED)
    assert town.sari.page_name == "citizen/parked"
    await town.sari.chooses("continue")
    assert "empat minggu" in town.sari.page


# --- after it was sent


async def test_an_edit_after_sending_is_a_correction_and_the_first_words_stay(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.edits(SLOW, FIXED)
    assert town.sari.page_name == "citizen/added"
    assert ticket.number in town.sari.page
    assert town.words("story", ticket.id) == [SLOW]
    assert town.words("correction", ticket.id) == [FIXED]
    town.budi.sees(FIXED)


async def test_back_to_the_first_words_is_a_correction_as_well_but_twice_the_same_is_none(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    for words in (FIXED, FIXED, SLOW, SLOW):
        await town.sari.does(text=words, edits=town.sari.said[0][0])
    assert town.words("correction", ticket.id) == [FIXED, SLOW]


@ON_PHONES
async def test_an_edit_that_arrives_together_with_the_sending_of_its_draft_is_a_correction_too(town: Town) -> None:
    await town.sari.types(SLOW)
    sender, (first, _) = town.channel.address_of(town.sari), town.sari.said[0]
    said = (town.channel.name, CITIZEN, sender)
    sends = Inbound(str(uuid4()), *said, choice=town.sari.shown[-1].data[0])
    edits = Inbound(str(uuid4()), *said, text=FIXED, message=first, edited=True)
    free = threading.Event()
    held = asyncio.create_task(town.program.errand(lambda session: free.wait(5)))
    together = asyncio.create_task(town.program.receive([sends, edits]))
    await asyncio.sleep(0.05)
    free.set()
    await asyncio.gather(held, together)
    await town.idle()
    assert town.sari.page_name == "citizen/added"
    assert town.words("correction") == [FIXED]


async def test_what_was_added_may_be_corrected_too(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.replies_to(ticket.number, MORE)
    await town.sari.edits(MORE, "Blangko habis")
    assert town.words("addition", ticket.id) == [MORE]
    assert town.words("correction", ticket.id) == ["Blangko habis"]


async def test_an_accusation_in_a_correction_never_reaches_the_accused_desk(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.edits(SLOW, PUNGLI)
    assert town.sari.page_name == "citizen/confirm"
    assert "Inspektorat" in town.sari.page
    assert not town.words("correction", ticket.id)
    town.budi.never_saw("50 ribu")


async def test_a_correction_opens_no_closed_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/status")
    await town.sari.presses(ticket.number)
    await town.sari.chooses("withdraw")
    await town.sari.chooses("withdraw_now")
    await town.sari.edits(SLOW, FIXED)
    assert town.sari.page_name == "citizen/case_closed"
    assert town.ticket().state == State.WITHDRAWN


async def test_a_reply_to_the_own_story_is_added_to_its_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.replies_to_own(SLOW, MORE)
    assert town.words("addition", ticket.id) == [MORE]


async def test_nobody_elses_message_of_the_same_name_finds_the_case(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    other = town.citizen("togar")
    await other.types("halo")
    await other.does(text=FIXED, edits=town.sari.said[0][0])
    await other.does(text=FIXED, reply_to=town.sari.said[0][0])
    assert not town.words("correction", ticket.id)
    assert not town.words("addition", ticket.id)
    town.budi.never_saw("empat minggu")


async def test_nothing_ties_a_chat_to_an_anonymous_case(town: Town) -> None:
    for notify in (False, True):
        await town.sari.types(SLOW)
        await town.sari.chooses("identity")
        await town.sari.chooses("anonymous")
        if notify:
            await town.sari.chooses("notify_me")
        await town.sari.chooses("send")
    assert len(town.tickets()) == 2
    assert not town.rows(MessageSource)
    await town.sari.edits(SLOW, FIXED)
    assert town.sari.page_name == "citizen/edit_unknown"
    assert not any(town.words("correction", ticket.id) for ticket in town.tickets())


async def test_what_is_erased_is_found_by_no_edit(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.sari.types("/hapus")
    await town.sari.chooses("erase_data")
    assert {row.external_hash for row in town.rows(MessageSource)} == {bytes(HASH_BYTES)}
    await town.sari.edits(SLOW, FIXED)
    assert not town.words("correction", ticket.id)


@pytest.mark.parametrize("words", ["/status", "halo", "terima kasih"])
async def test_an_edited_command_or_greeting_is_nothing_to_speak_of(town: Town, words: str) -> None:
    await town.sari.types("/menu")
    await town.sari.edits("/menu", words)
    assert town.sari.page_names == ["citizen/menu"]


async def test_an_edit_is_no_choice_of_the_last_page(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.edits(SLOW, "1")
    assert not town.tickets()


# --- officers


async def test_an_officers_edit_before_sending_changes_what_will_be_sent(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("answer")
    await town.budi.types("Silakan datang hari Senin")
    await town.budi.edits("Silakan datang hari Senin", "Silakan datang hari Selasa")
    assert town.budi.page_name == "officer/confirm_answer"
    await town.budi.chooses("send", on=town.budi.shown[-1])
    town.sari.sees("hari Selasa")
    town.sari.never_saw("hari Senin")


async def test_an_officers_edit_after_sending_changes_nothing_and_is_said(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("answer")
    await town.budi.types("Silakan datang hari Senin")
    await town.budi.chooses("send")
    await town.budi.edits("Silakan datang hari Senin", "Silakan datang hari Selasa")
    assert town.budi.page_name == "officer/already_sent"
    assert ticket.number in town.budi.page
    town.sari.never_saw("Selasa")


async def test_a_walk_ins_words_are_edited_until_they_are_recorded(town: Town) -> None:
    await town.budi.types("/catat")
    await town.budi.types(SLOW)
    await town.budi.edits(SLOW, FIXED)
    assert town.budi.page_name == "officer/confirm_record"
    await town.budi.chooses("record")
    assert town.words("story") == [FIXED]


async def test_a_strangers_edit_learns_nothing(town: Town) -> None:
    stranger = town.stranger("tamu")
    await stranger.types("halo")
    await stranger.edits("halo", "apa kabar semua")
    assert set(stranger.page_names) == {"officer/stranger"}
