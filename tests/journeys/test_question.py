"""Tanya warga: the clock stands still while the citizen is asked, and gives the time back whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import Gone
from domain.calendar import Calendar
from tests.journeys.stories import SLOW
from tests.kit.town import Town, day

pytestmark = pytest.mark.anyio

QUESTION = "Mohon foto bukti pengambilan KTP-nya, ada?"


async def _ask(town: Town) -> None:
    await town.budi.chooses("ask_citizen")
    await town.budi.types(QUESTION)
    await town.budi.chooses("send")


async def test_the_citizen_reads_the_question_and_the_officer_the_answer(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _ask(town)
    assert town.ticket().state == "waiting_citizen"
    await town.sari.replies_to(QUESTION, "Ada, nomor 123")
    assert town.ticket().state == "in_progress"
    town.budi.sees("Ada, nomor 123")
    assert town.budi.page_name == "officer/addition"


async def test_a_question_is_a_first_answer_in_words(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _ask(town)
    assert await town.counts_as_answered()


async def test_while_the_citizen_is_asked_nobody_is_reminded(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _ask(town)
    before = len(town.budi.received), len(town.ratna.received)
    await town.travels(working_days=16)
    assert (len(town.budi.received), len(town.ratna.received)) == before


async def test_the_days_of_waiting_are_given_back_and_the_law_s_date_stays(town: Town) -> None:
    await town.sari.complains(SLOW)
    promised, lawful = town.ticket().binding_by, town.ticket().statutory_by
    await _ask(town)
    await town.travels(working_days=3)
    await town.sari.replies_to(QUESTION, "Ini buktinya")
    calendar: Calendar = town.region.calendars["office"]
    moved = calendar.closing(calendar.after(calendar.day_of(promised), 3))
    assert (town.ticket().binding_by, town.ticket().days_paused) == (moved, 3)
    assert town.ticket().statutory_by == lawful
    town.budi.sees("Ini buktinya")


async def test_a_question_answered_within_the_day_moves_nothing(town: Town) -> None:
    await town.sari.complains(SLOW)
    promised = town.ticket().binding_by
    await _ask(town)
    await town.travels(await town.now() + timedelta(hours=2))
    await town.sari.replies_to(QUESTION, "Ini buktinya")
    assert (town.ticket().binding_by, town.ticket().days_paused) == (promised, 0)


async def test_the_ladder_goes_on_from_the_new_date(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _ask(town)
    await town.travels(working_days=3)
    await town.sari.replies_to(QUESTION, "Ini buktinya")
    due = town.ticket().binding_by
    told = len(town.ratna.received)
    await town.travels(due)
    assert len(town.ratna.received) == told + 1
    assert day(due, town.language) in town.ratna.page


async def test_over_lebaran_the_clock_stands_still_and_no_breach_follows(town: Town) -> None:
    # Lebaran 2027: 10 and 11 March, with cuti bersama around them that are not published yet.
    await town.travels(datetime(2027, 3, 1, 2, 0, tzinfo=UTC))
    await town.sari.complains(SLOW)
    await _ask(town)
    await town.travels(datetime(2027, 3, 22, 2, 0, tzinfo=UTC))
    await town.sari.replies_to(QUESTION, "Maaf baru dibalas, kemarin mudik")
    calendar: Calendar = town.region.calendars["office"]
    since, until = datetime(2027, 3, 1, tzinfo=UTC).date(), datetime(2027, 3, 22, tzinfo=UTC).date()
    assert town.ticket().days_paused == calendar.working_days_between(since, until)
    assert town.ticket().binding_by > await town.now()
    assert town.ticket().provisional


async def test_an_undelivered_question_stops_no_clock(town: Town) -> None:
    await town.sari.complains(SLOW)
    promised = town.ticket().binding_by
    town.channel.answers("sari", Gone("blocked"))
    await _ask(town)
    assert (town.ticket().state, town.ticket().binding_by) == ("in_progress", promised)
    assert town.budi.page_name == "officer/undelivered"
    told = len(town.budi.received)
    await town.travels(promised)
    assert len(town.budi.received) > told


async def test_silence_is_told_once_more_and_then_the_case_rests(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _ask(town)
    await town.travels(working_days=20)
    assert town.sari.page_name == "citizen/still_asked"
    await town.travels(working_days=4)
    assert town.sari.page_name == "citizen/lapsed"
    assert (town.ticket().state, town.ticket().outcome) == ("withdrawn", "lapsed")
    told = len(town.budi.received)
    await town.travels(working_days=30)
    assert len(town.budi.received) == told


async def test_any_reply_opens_a_lapsed_case_again(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _ask(town)
    await town.travels(working_days=24)
    await town.sari.replies_to(town.sari.shown[-1], "Ini bukti yang diminta")
    assert (town.ticket().state, town.ticket().outcome) == ("reopened", None)
    assert town.ticket().refusals == 0
    town.budi.sees("Ini bukti yang diminta")


async def test_an_answer_of_the_office_ends_the_waiting_too(town: Town) -> None:
    await town.sari.complains(SLOW)
    await _ask(town)
    await town.travels(working_days=2)
    await town.budi.types(f"/tiket {town.ticket().number}")
    await town.budi.chooses("answer")
    await town.budi.types("Sudah ketemu berkasnya, tidak perlu bukti lagi.")
    await town.budi.chooses("send")
    assert (town.ticket().state, town.ticket().days_paused) == ("in_progress", 2)


async def test_whoever_keeps_no_address_is_not_asked(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("anonymous")
    await town.sari.chooses("send")
    assert all("arga" not in name and "citizen" not in name for name in town.budi.buttons)
