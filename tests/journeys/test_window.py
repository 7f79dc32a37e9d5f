"""A channel that closes a day after the last message: what goes then, what waits, and who hears that it waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import update

from bot.channels.base import CLOSED, Gone, Refused
from handlers.messages import Inbound
from storage.plan import table_of
from storage.tables import Address, Ticket
from tests.journeys.stories import SLOW
from tests.journeys.windows import addresses, agrees, approves, falls_silent, last, look_again, outbox, phones, write
from tests.kit.carriers import WindowedPhones
from tests.kit.recordings import voice
from tests.kit.town import Town, label, open_town

pytestmark = pytest.mark.anyio

_OLD = datetime(2026, 1, 1, tzinfo=UTC)
ANSWER = "KTP Anda sudah jadi dan bisa diambil"


@pytest.fixture
async def town(town_url: str, tmp_path: Path, language: str) -> AsyncIterator[Town]:
    """Everybody reads on a channel with a window, which is open to staff."""
    async with open_town(town_url, tmp_path, channel=WindowedPhones(), language=language) as town:
        for officer in (town.budi, town.ratna):
            await officer.types("/menu")
        yield town
        await town.ends_in_order()


async def _answers(town: Town, text: str = ANSWER) -> None:
    await town.budi.chooses("answer", on=town.budi.sees(town.ticket().number))
    await town.budi.types(text)
    await town.budi.chooses("send")


async def _complained(town: Town) -> None:
    await town.sari.complains(SLOW)
    await agrees(town, town.sari)
    await falls_silent(town, town.sari)


async def test_an_answer_is_announced_and_comes_when_the_citizen_presses(town: Town) -> None:
    await approves(town, "citizen_answer")
    await _complained(town)
    await _answers(town)
    town.sari.never_saw(ANSWER)
    ((to, template),) = phones(town).templates
    assert (to, template.name, template.variables) == ("sari", "tanggap_citizen_answer", (town.ticket().number,))
    assert last(town, "nudge").template == "tanggap_citizen_answer"
    await town.sari.presses(*town.sari.buttons)
    town.sari.sees(ANSWER)
    assert town.sari.page_name == "citizen/answer"
    assert [row.page for row in town.outbox(state="queued") if row.address_id] == []


async def test_any_message_lets_come_what_waited_beside_its_own_answer(town: Town) -> None:
    await approves(town, "citizen_answer")
    await _complained(town)
    await _answers(town)
    await town.sari.types("/status")
    assert sorted(town.sari.page_names[-2:]) == ["citizen/answer", "citizen/cases"]


async def test_a_second_press_shows_the_cases(town: Town) -> None:
    await approves(town, "citizen_answer")
    await _complained(town)
    await _answers(town)
    nudge = town.sari.received[-1]
    for _ in range(2):
        await town.sari.does(choice=nudge.data[0])
    assert town.sari.page_names[-2:] == ["citizen/answer", "citizen/cases"]


async def test_what_waits_together_is_announced_once(town: Town) -> None:
    await approves(town, "citizen_answer", "citizen_update")
    await _complained(town)
    await town.budi.chooses("take")
    await _answers(town)
    await look_again(town)
    assert len(phones(town).templates) == 1
    await town.sari.types(label("see", town.language))
    assert town.sari.page_names[-2:] == ["citizen/taken", "citizen/answer"]


async def test_a_page_without_words_goes_as_its_approved_message(town: Town) -> None:
    await approves(town, "staff_reminder", "staff_late")
    await town.sari.complains(SLOW)
    await falls_silent(town, town.budi)
    await town.travels(town.ticket().first_response_by)
    row = last(town, "officer/reminder")
    assert (row.state, row.template) == ("sent", "tanggap_staff_reminder")
    assert {name for _, template in phones(town).templates for name in (template.name,)} == {"tanggap_staff_reminder"}
    await town.budi.presses(*town.budi.buttons[:1])
    assert town.budi.page_name == "officer/card"


async def test_without_an_approved_message_it_waits_and_the_officer_hears_so_once(town: Town) -> None:
    await _complained(town)
    await _answers(town)
    await look_again(town)
    await look_again(town)
    assert phones(town).templates == []
    assert town.budi.page_names.count("officer/undelivered") == 1
    row = last(town, "officer/undelivered")
    assert town.facts(row)["waits"]
    await town.sari.types("/menu")
    town.sari.sees(ANSWER)
    assert town.budi.page_names.count("officer/undelivered") == 1


@pytest.mark.parametrize("status", ["PAUSED", "REJECTED", "PENDING"])
async def test_a_message_that_is_not_approved_now_is_none(town: Town, status: str) -> None:
    await approves(town, "citizen_answer", status=status)
    await _complained(town)
    await _answers(town)
    assert phones(town).templates == []
    assert "officer/undelivered" in town.budi.page_names


async def test_a_citizen_who_never_agreed_is_not_written_to(town: Town) -> None:
    await approves(town, "citizen_answer")
    await town.sari.complains(SLOW)
    await falls_silent(town, town.sari)
    await _answers(town)
    assert phones(town).templates == []
    await town.sari.types("/menu")
    town.sari.sees(ANSWER)


async def test_a_message_that_is_approved_later_goes_at_the_next_look(town: Town) -> None:
    await _complained(town)
    await _answers(town)
    await approves(town, "citizen_answer")
    await look_again(town)
    assert [template.name for _, template in phones(town).templates] == ["tanggap_citizen_answer"]


async def test_a_page_that_nobody_came_for_in_a_month_ends_with_a_reason(town: Town) -> None:
    await _complained(town)
    await _answers(town)
    long_ago = datetime.now(UTC) - timedelta(days=31)
    await write(town, update(outbox).where(outbox.c.page == "citizen/answer").values(created_at=long_ago))
    await look_again(town)
    row = last(town, "citizen/answer")
    assert (row.state, row.error) == ("dropped", "never_heard")
    assert town.budi.page_names.count("officer/undelivered") == 2


async def test_a_question_that_waits_stops_no_clock_but_an_announced_one_does(town: Town) -> None:
    await _complained(town)
    await _asks(town)
    assert town.ticket().state == "in_progress"
    await town.sari.types("/menu")
    await falls_silent(town, town.sari)
    await approves(town, "citizen_question")
    await _asks(town)
    assert town.ticket().state == "waiting_citizen"


async def _asks(town: Town) -> None:
    await town.budi.types(f"/tiket {town.ticket().number}")
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Tanggal berapa Anda datang?")
    await town.budi.chooses("send")


async def test_a_reminder_that_cannot_be_sent_goes_to_the_next_above(town: Town) -> None:
    await town.sari.complains(SLOW)
    await falls_silent(town, town.budi)
    told = len(town.ratna.received)
    await town.travels(town.ticket().first_response_by)
    assert len(town.ratna.received) > told
    assert last(town, "officer/reminder").state == "queued"


async def test_a_window_that_the_platform_calls_closed_counts_as_closed(town: Town) -> None:
    await approves(town, "citizen_answer")
    await town.sari.complains(SLOW)
    await agrees(town, town.sari)
    town.channel.answers("sari", Refused(CLOSED))
    await _answers(town)
    assert [template.name for _, template in phones(town).templates] == ["tanggap_citizen_answer"]
    await town.sari.presses(*town.sari.buttons)
    assert town.sari.page_names.count("citizen/answer") == 1


async def test_an_approved_message_that_is_refused_after_all_leaves_the_page_waiting(town: Town) -> None:
    await approves(town, "citizen_answer")
    await _complained(town)
    town.channel.answers("sari", Refused("132015"))
    await _answers(town)
    await look_again(town)
    assert last(town, "nudge").state == "refused"
    assert town.budi.page_names.count("officer/undelivered") == 1
    await town.sari.types("/menu")
    town.sari.sees(ANSWER)


async def test_a_stand_in_that_is_refused_waits_and_the_next_above_hears(town: Town) -> None:
    await approves(town, "staff_reminder")
    await town.sari.complains(SLOW)
    await falls_silent(town, town.budi)
    town.channel.answers(town.budi.phone, *[Refused("132015")] * 3)
    told = len(town.ratna.received)
    await town.travels(town.ticket().first_response_by)
    assert last(town, "officer/reminder").state == "queued"
    assert len(town.ratna.received) > told


async def test_an_announcement_to_nobody_ends_with_its_page(town: Town) -> None:
    await approves(town, "citizen_answer")
    await _complained(town)
    town.channel.answers("sari", Gone("no such number"))
    await _answers(town)
    assert {row.page: row.state for row in town.outbox() if row.error == "address_dead"} == {
        "citizen/answer": "dropped",
        "nudge": "dropped",
    }
    assert town.budi.page_names.count("officer/undelivered") == 1


# --- one person, two ways


async def _also(town: Town) -> None:
    """Let Sari also write from another channel, and be known there as the same person."""
    raw = Inbound(str(uuid4()), "other", "citizen", "sari-lain", text="/menu")
    await town.program.receive([raw])
    await town.idle()
    other = next(row for row in town.rows(Address) if row.channel == "other")
    await write(town, update(addresses).where(addresses.c.id == other.id).values(person_id=town.person_id(town.sari)))


def _there(town: Town) -> list[str]:
    pages = phones(town).other.sent.get(("citizen", "sari-lain"), [])
    return [town.page_name(page) for page in pages]


async def test_news_go_where_the_citizen_wrote_last(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _also(town)
    await town.budi.chooses("take")
    assert "citizen/taken" in _there(town)
    await town.sari.types("/menu")
    await _answers(town)
    assert town.sari.page_name == "citizen/answer"
    assert "citizen/answer" not in _there(town)


async def test_what_waits_goes_over_when_the_citizen_writes_elsewhere(town: Town) -> None:
    await approves(town, "citizen_answer")
    await _complained(town)
    await _also(town)
    await falls_silent(town, town.sari)
    await write(town, update(addresses).where(addresses.c.channel == "other").values(heard_at=None, created_at=_OLD))
    await _answers(town)
    assert len(phones(town).templates) == 1
    await town.program.receive([Inbound(str(uuid4()), "other", "citizen", "sari-lain", text="/status")])
    await town.idle()
    assert _there(town)[-2:] == ["citizen/cases", "citizen/answer"]
    town.sari.never_saw(ANSWER)


async def test_a_closed_chat_without_a_message_gives_way_to_another_one(town: Town) -> None:
    await _complained(town)
    await _also(town)
    await write(town, update(addresses).where(addresses.c.channel == "other").values(heard_at=None, created_at=_OLD))
    await _answers(town)
    assert _there(town)[-1] == "citizen/answer"
    assert "officer/undelivered" not in town.budi.page_names


async def test_a_dead_chat_gives_way_to_another_one(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _also(town)
    await town.sari.types("/menu")
    town.channel.answers("sari", Gone("blocked"))
    await _answers(town)
    assert _there(town)[-1] == "citizen/answer"


async def test_what_is_locked_stays_in_its_chat(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _also(town)
    await write(town, update(table_of(Ticket)).values(locked=True))
    await falls_silent(town, town.sari)
    await _answers(town)
    assert "citizen/locked_news" not in _there(town)
    await town.sari.types("/menu")
    assert "citizen/locked_news" in town.sari.page_names


async def test_a_line_from_a_voice_is_announced_behind_the_window_and_confirmed_later(town: Town) -> None:
    await approves(town, "citizen_update")
    desk = town.officer("PETUGAS-MEJA-DEPAN")
    await desk.types("/menu")
    await town.sari.sends_voice(voice())
    await town.sari.chooses("voice_only")
    await agrees(town, town.sari)
    await falls_silent(town, town.sari)
    await desk.chooses("write_out")
    await desk.types(SLOW)
    town.sari.never_saw(SLOW)
    await town.sari.presses(*town.sari.buttons)
    assert town.sari.page_name == "citizen/heard"
    await town.sari.chooses("heard_yes")
    town.budi.sees(SLOW)
