"""What a platform says later of a message: it settles an uncertain send, and a failure is seen by who must know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from handlers.actions import outcomes
from handlers.messages import Inbound, Receipt
from storage.ids import new_id, to_text
from storage.plan import table_of
from storage.tables import Address, Conversation, Outbox, OutboxPart
from storage.tables import Person as PersonRow
from tests.journeys.stories import SLOW
from tests.journeys.windows import agrees, approves, falls_silent, last, look_again, phones, tells
from tests.kit.carriers import WindowedPhones
from tests.kit.town import Town, open_town

pytestmark = pytest.mark.anyio

ANSWER = "KTP Anda sudah jadi dan bisa diambil"
SHUT, NOBODY = "131047", "131026"


@pytest.fixture
async def town(town_url: str, tmp_path: Path, language: str) -> AsyncIterator[Town]:
    """Everybody reads on a channel that tells what became of a message; the officer has answered a complaint."""
    async with open_town(town_url, tmp_path, channel=WindowedPhones(), language=language) as town:
        for officer in (town.budi, town.ratna):
            await officer.types("/menu")
        await town.sari.complains(SLOW)
        yield town
        await town.ends_in_order()


async def _answers(town: Town) -> Any:
    await town.budi.chooses("answer", on=town.budi.sees(town.ticket().number))
    await town.budi.types(ANSWER)
    await town.budi.chooses("send")
    return last(town, "citizen/answer")


def _now(town: Town, row: Any) -> Any:
    (found,) = town.outbox(id=row.id)
    return found


@pytest.mark.parametrize("order", [*permutations(("sent", "delivered", "read"))])
async def test_a_message_has_come_as_far_as_the_furthest_receipt(town: Town, order: tuple[str, ...]) -> None:
    row = await _answers(town)
    for status in order:
        await tells(town, town.sari, row, status)
    assert (_now(town, row).arrival, _now(town, row).state) == ("read", "sent")


async def test_a_receipt_without_a_key_finds_its_row_by_the_message(town: Town) -> None:
    row = await _answers(town)
    await tells(town, town.sari, row, "delivered", named=False)
    await tells(town, town.sari, row, "read", named=False)
    assert _now(town, row).arrival == "read"


async def test_a_receipt_for_nothing_that_we_know_leaves_no_one(town: Town) -> None:
    tables = [table_of(model) for model in (PersonRow, Address, Conversation, Outbox, OutboxPart)]

    def count() -> list[int]:
        with town.program.readers.begin() as connection:
            return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]

    before = count()
    for key in (None, "no key", to_text(new_id())):
        for status in ("sent", "failed", "unheard of"):
            receipt = Receipt(status, "wamid.x", key, "131047")
            event = Inbound(str(uuid4()), "phone", "citizen", "asing", receipt=receipt)
            await town.program.receive([event])
    assert count() == before


async def test_a_receipt_of_another_channel_says_nothing_of_the_page(town: Town) -> None:
    row = await _answers(town)
    said = Receipt("failed", "wamid.x", to_text(row.id), "131049")
    await town.program.receive([Inbound(str(uuid4()), "other", "citizen", "sari", receipt=said)])
    assert (_now(town, row).state, _now(town, row).arrival) == ("sent", None)


async def test_a_receipt_opens_no_window(town: Town) -> None:
    row = await _answers(town)
    await falls_silent(town, town.sari)
    (before,) = town.rows(Address, id=town.address_id(town.sari))
    await tells(town, town.sari, row, "read")
    (after,) = town.rows(Address, id=town.address_id(town.sari))
    assert after.heard_at == before.heard_at


@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
async def test_an_uncertain_send_is_settled_by_its_receipt_and_does_not_go_again(town: Town, status: str) -> None:
    phones(town).silent.add("sari")
    row = await _answers(town)
    assert row.state == "queued"
    await tells(town, town.sari, row, status, message="wamid.1")
    phones(town).silent.clear()
    await look_again(town)
    assert (_now(town, row).state, _now(town, row).arrival) == ("sent", status)
    assert town.sari.page_names.count("citizen/answer") == 1
    assert len(town.rows(OutboxPart, outbox_id=row.id)) == 1


async def test_a_reply_to_what_a_receipt_settled_finds_the_case(town: Town) -> None:
    phones(town).silent.add("sari")
    row = await _answers(town)
    await tells(town, town.sari, row, "delivered", message="wamid.1")
    await town.sari.does(text="Terima kasih, tetapi fotonya salah", reply_to="wamid.1")
    town.budi.sees("fotonya salah")


async def test_an_uncertain_send_that_failed_is_seen_by_the_officer(town: Town) -> None:
    phones(town).silent.add("sari")
    row = await _answers(town)
    await tells(town, town.sari, row, "failed", code="131000", message="wamid.1")
    assert (_now(town, row).state, _now(town, row).arrival_code) == ("refused", "131000")
    assert town.budi.page_names.count("officer/undelivered") == 1


async def test_a_message_that_failed_is_seen_by_the_officer_once(town: Town) -> None:
    row = await _answers(town)
    for _ in range(2):
        await tells(town, town.sari, row, "failed", code="131049")
    assert (_now(town, row).state, _now(town, row).arrival) == ("refused", "failed")
    assert town.budi.page_names.count("officer/undelivered") == 1


async def test_a_message_that_has_arrived_does_not_fail_any_more(town: Town) -> None:
    row = await _answers(town)
    await tells(town, town.sari, row, "delivered")
    await tells(town, town.sari, row, "failed", code="131049")
    assert (_now(town, row).state, _now(town, row).arrival) == ("sent", "delivered")


async def test_a_closed_window_that_is_told_later_announces_the_page_and_then_it_comes(town: Town) -> None:
    await approves(town, "citizen_answer")
    await agrees(town, town.sari)
    row = await _answers(town)
    await tells(town, town.sari, row, "failed", code=SHUT)
    assert [template.name for _, template in phones(town).templates] == ["tanggap_citizen_answer"]
    await tells(town, town.sari, row, "sent")  # a late word of the try that failed
    assert _now(town, row).state == "queued"
    await town.sari.presses(*town.sari.buttons)
    assert town.sari.page_names.count("citizen/answer") == 2, "the first one never arrived"
    await tells(town, town.sari, row, "delivered", message=f"{to_text(row.id)}-2")
    assert (_now(town, row).state, _now(town, row).arrival) == ("sent", "delivered")


async def test_a_closed_window_that_is_told_when_she_has_written_since_is_open(town: Town) -> None:
    row = await _answers(town)
    await town.sari.types("/menu")
    await tells(town, town.sari, row, "failed", code=SHUT)
    assert town.sari.page_names.count("citizen/answer") == 2
    assert _now(town, row).state == "sent"


async def test_an_announcement_that_did_not_arrive_is_none(town: Town) -> None:
    await approves(town, "citizen_answer")
    await agrees(town, town.sari)
    await falls_silent(town, town.sari)
    row = await _answers(town)
    assert "officer/undelivered" not in town.budi.page_names
    await tells(town, town.sari, last(town, "nudge"), "failed", code="131049")
    assert town.budi.page_names.count("officer/undelivered") == 1
    assert _now(town, row).state == "queued"
    await town.sari.types("/menu")
    town.sari.sees(ANSWER)


async def test_a_reader_who_cannot_be_found_is_gone(town: Town) -> None:
    row = await _answers(town)
    await tells(town, town.sari, row, "failed", code=NOBODY)
    (address,) = town.rows(Address, id=town.address_id(town.sari))
    assert (address.state, _now(town, row).error) == ("dead", "address_dead")
    assert town.budi.page_names.count("officer/undelivered") == 1
    await town.sari.types("/menu")
    (address,) = town.rows(Address, id=town.address_id(town.sari))
    assert address.state == "alive"


async def test_a_failed_page_whose_words_are_erased_is_refused(town: Town) -> None:
    row = last(town, "citizen/receipt")
    await tells(town, town.sari, row, "failed", code=SHUT)
    assert _now(town, row).state == "refused"


async def test_an_outcome_that_comes_behind_its_receipt_changes_nothing(town: Town) -> None:
    row = await _answers(town)
    await tells(town, town.sari, row, "delivered")
    for late in (
        lambda session: outcomes.sent(session, row.id, (f"{to_text(row.id)}-1", "wamid.second")),
        lambda session: outcomes.later(session, row.id, 0.0, blameless=False),
        lambda session: outcomes.refused(session, row.id, "late"),
        lambda session: outcomes.gone(session, row.id),
    ):
        await town.program.errand(late)
    assert (_now(town, row).state, _now(town, row).arrival) == ("sent", "delivered")
    assert sorted(part.n for part in town.rows(OutboxPart, outbox_id=row.id)) == [0, 1]


async def test_a_step_that_failed_to_arrive_goes_to_the_next_above(town: Town) -> None:
    await town.travels(town.ticket().first_response_by)
    row = last(town, "officer/reminder")
    told = len(town.ratna.received)
    await tells(town, town.budi, row, "failed", code="131049")
    assert len(town.ratna.received) > told


async def test_a_question_that_failed_to_arrive_stops_no_clock(town: Town) -> None:
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Tanggal berapa Anda datang?")
    await town.budi.chooses("send")
    assert town.ticket().state == "waiting_citizen"
    await tells(town, town.sari, last(town, "citizen/question"), "failed", code="131049")
    assert town.ticket().state == "in_progress"


@pytest.mark.parametrize("again", ["the same message", "a copy"])
async def test_an_outcome_that_is_written_down_twice_is_taken_as_it_is(town: Town, again: str) -> None:
    row = await _answers(town)
    key = (f"{to_text(row.id)}-1",) if again == "the same message" else ("copy",)
    await town.program.errand(lambda session: outcomes.sent(session, row.id, key))
    assert (_now(town, row).state, _now(town, row).sent_at) == ("sent", row.sent_at)
    assert len(town.rows(OutboxPart, outbox_id=row.id)) == (1 if again == "the same message" else 2)
