"""A slow office: told, read, taken, answered, finished, and closed after ten working days of silence."""

from __future__ import annotations

import re

import pytest

from domain.vocabulary import State
from tests.journeys.stories import SLOW
from tests.kit.carriers import WITHOUT_PRICE
from tests.kit.town import Town, day, label

pytestmark = pytest.mark.anyio

OFFICE = "Dinas Kependudukan dan Pencatatan Sipil"
DESK = f"Petugas pengaduan {OFFICE}"
ANSWER = "Blangko sudah datang, KTP Anda kami cetak hari ini."
CLOSING = "KTP sudah dicetak dan diambil di loket 3."


async def test_a_greeting_welcomes_once_with_the_privacy_notice(town: Town) -> None:
    await town.sari.types("halo")
    assert town.sari.page_names == ["citizen/welcome"]
    assert "/privasi" in town.sari.page
    await town.sari.types("halo")
    assert "/privasi" not in town.sari.page


async def test_a_first_message_that_is_a_story_needs_one_confirmation_and_nothing_else(town: Town) -> None:
    await town.sari.types(SLOW)
    assert town.sari.page_names == ["citizen/confirm"]
    assert "/privasi" in town.sari.page
    assert SLOW in town.sari.page
    assert DESK in town.sari.page
    assert not town.tickets()
    await town.sari.chooses("send")
    assert town.sari.page_names == ["citizen/confirm", "citizen/receipt"]
    assert town.ticket().state == State.ROUTED


async def test_the_receipt_says_the_number_the_promise_and_who_is_next(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    receipt = town.sari.page
    assert re.fullmatch(r"TGP-26-[0-9A-HJKMNP-TV-Z]{6}", ticket.number)
    assert ticket.number in receipt
    assert day(ticket.binding_by, town.language) in receipt
    assert re.search(r"\b14\b", receipt)
    assert f"Kepala {OFFICE}" in receipt
    assert re.search(rf"PIN: \*{town.sari.pin}\*", receipt)
    assert f"/status {ticket.number}" in receipt


async def test_the_pin_is_forgotten_once_it_is_sent(town: Town) -> None:
    await town.sari.complains(SLOW)
    (receipt,) = town.outbox(page="citizen/receipt")
    assert town.facts(receipt) == {}


async def test_the_card_reaches_the_desk_and_nobody_else(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    assert town.budi.page_names == ["officer/card"]
    card = town.budi.page
    assert ticket.number in card
    assert SLOW in card
    assert day(ticket.binding_by, town.language) in card
    town.outsider.saw_nothing()
    town.ratna.saw_nothing()
    (sent,) = town.outbox(page="officer/card", state="sent")
    assert sent.person_id == town.person_id(town.budi)


@WITHOUT_PRICE
async def test_a_case_is_taken_answered_and_finished_and_the_citizen_reads_it(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("take")
    assert town.ticket().state == State.ACCEPTED
    assert town.sari.page_name == "citizen/taken"
    assert OFFICE in town.sari.page

    await town.budi.chooses("answer")
    await town.budi.types(ANSWER)
    assert town.budi.page_name == "officer/confirm_answer"
    town.sari.never_saw(ANSWER)
    await town.budi.chooses("send")
    assert town.budi.page_name == "officer/answer_sent"
    assert town.sari.page_name == "citizen/answer"
    assert ANSWER in town.sari.page
    assert town.ticket().state == State.IN_PROGRESS
    assert await town.counts_as_answered()

    await town.budi.types(f"/tiket {ticket.number}")
    await town.budi.chooses("finish")
    await town.budi.types(CLOSING)
    assert town.sari.page_name == "citizen/resolved"
    assert CLOSING in town.sari.page
    assert town.ticket().state == State.RESOLVED

    await town.sari.types("/status")
    town.sari.sees(ticket.number)
    await town.sari.presses(ticket.number)
    case = town.sari.sees(CLOSING).text
    assert SLOW in case
    assert ANSWER in case
    town.outsider.saw_nothing()


async def test_a_case_is_not_finished_without_words(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("finish")
    assert town.ticket().state == State.ROUTED
    await town.budi.types("/batal")
    assert town.budi.page_name == "officer/cancelled"
    assert town.ticket().state == State.ROUTED
    assert town.sari.page_name == "citizen/receipt"


async def test_ten_working_days_of_silence_close_a_finished_case_without_a_rating(town: Town) -> None:
    await _finished(town)
    await town.travels(working_days=10)
    assert town.ticket().state == State.RESOLVED
    await town.travels(working_days=1)
    ticket = town.ticket()
    assert ticket.state == State.CLOSED
    calendar = town.region.calendars["office"]
    assert calendar.working_days_between(calendar.day_of(ticket.resolved_at), calendar.day_of(ticket.closed_at)) == 10
    assert town.sari.page_name == "citizen/closed"
    assert town.sari.buttons == tuple(label(code, town.language) for code in ("not_done", "rate"))


async def test_words_of_the_citizen_are_not_silence(town: Town) -> None:
    await _finished(town)
    await town.travels(working_days=6)
    await town.sari.replies_to(CLOSING, "Nama di KTP masih salah satu huruf")
    await town.travels(working_days=6)
    assert town.ticket().state != State.CLOSED


async def test_a_case_that_no_office_has_answered_is_never_closed(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.travels(working_days=90)
    assert town.ticket().state == State.ROUTED


async def test_after_the_end_no_clock_runs_any_more(town: Town) -> None:
    await _finished(town)
    await town.travels(working_days=40)
    assert town.ticket().state == State.CLOSED
    assert await town.program.next_due() is None
    town.ratna.saw_nothing()


async def _finished(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("finish")
    await town.budi.types(CLOSING)
    assert town.ticket().state == State.RESOLVED
