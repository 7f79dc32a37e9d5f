"""Anonymous: nothing in the record leads from the case to the chat, and number with PIN open it from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import SQLModel

from domain.vocabulary import Identity
from storage.plan import table_of
from storage.tables import Throttle
from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import Citizen, Town

pytestmark = pytest.mark.anyio

#: Columns that name a person or a chat, and columns that name a case.
WHO = ("person_id", "reporter_id", "address_id", "used_by")
WHAT = ("ticket_id",)


async def anonymously(town: Town, citizen: Citizen, story: str = SLOW, *, notify: bool = False) -> Any:
    """Send a story anonymously; returns the ticket."""
    await citizen.types(story)
    await citizen.chooses("identity")
    await citizen.chooses("anonymous")
    if notify:
        await citizen.chooses("notify_me")
    await citizen.chooses("send")
    return town.tickets()[-1]


async def test_no_row_of_an_anonymous_case_names_the_person_or_the_chat(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    assert ticket.identity == Identity.ANONYMOUS
    who = {town.person_id(town.sari), town.address_id(town.sari)}
    for table, row in _every_row(town):  # ids are unique across tables
        values = row._mapping
        names_case = ticket.id in (values.get(column) for column in WHAT) or (
            table == "tickets" and row.id == ticket.id
        )
        if names_case:
            assert not who & {values.get(column) for column in WHO}, f"{table}: {dict(values)}"


async def test_what_the_record_keeps_of_the_chat_does_not_hold_the_story(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    address = town.address_id(town.sari)
    for row in town.outbox(address_id=address):
        facts = str(town.facts(row))
        assert SLOW not in facts, row.page
        assert ticket.number not in facts, row.page
    (talk,) = [row for table, row in _every_row(town) if table == "conversations" and row.address_id == address]
    assert talk.memory_sealed is None


async def test_the_officer_learns_only_that_it_is_anonymous(town: Town) -> None:
    await town.sari.types("KTP " + SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("call_name")
    await town.sari.types("Sari Nauli")
    await town.sari.chooses("identity")
    await town.sari.chooses("anonymous")
    await town.sari.chooses("send")
    assert "Sari" not in town.budi.page
    assert "anon" in town.budi.page.casefold()


async def test_number_and_pin_open_the_case_from_another_phone(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    await town.budi.replies_to("KTP saya", "Sudah kami cetak.")
    await town.budi.chooses("send")
    assert "PIN" in town.budi.page
    town.sari.never_saw("Sudah kami cetak")
    other = town.citizen("warnet")
    await other.types(f"/status {ticket.number} {town.sari.pin}")
    assert other.page_name == "citizen/case"
    assert SLOW in other.page
    assert "Sudah kami cetak." in other.page


async def test_the_receipt_says_that_the_chat_is_not_kept(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    assert town.sari.page_name == "citizen/receipt"
    assert f"/status {ticket.number}" in town.sari.page
    await town.sari.types("/status")
    assert town.sari.page_name == "citizen/no_cases"


async def test_a_number_alone_reads_nothing_and_looks_like_any_other_failure(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    other = town.citizen("warnet")
    wrong = f"{(int(town.sari.pin) + 1) % 1_000_000:06d}"
    answers = set()
    for typed in (ticket.number, f"{ticket.number} {wrong}", "TGP-26-7K3QD8 123456", f"{ticket.number} 12"):
        await other.types(f"/status {typed}")
        answers.add((other.page, other.buttons))
    assert len(answers) == 1
    assert other.page_name == "citizen/not_found"


async def test_five_wrong_pins_close_the_door_for_the_right_one_with_the_same_answer(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    thief, owner = town.citizen("pencuri"), town.citizen("warnet")
    for n in range(1, 6):
        await thief.types(f"/status {ticket.number} {(int(town.sari.pin) + n) % 1_000_000:06d}")
    wrong = thief.page
    await thief.types(f"/status {ticket.number} {town.sari.pin}")
    assert thief.page == wrong
    await owner.types(f"/status {ticket.number} {town.sari.pin}")
    assert owner.page.endswith(wrong.splitlines()[-1])
    assert owner.page_name == "citizen/not_found"
    await _an_hour_passes(town)
    await owner.types(f"/status {ticket.number} {town.sari.pin}")
    assert owner.page_name == "citizen/case"


async def test_one_chat_may_not_try_number_after_number(town: Town) -> None:
    first = await anonymously(town, town.sari)
    pin = town.sari.pin
    thief = town.citizen("pencuri")
    for body in ("TGP-26-7K3QD8", "TGP-26-00000-0", "TGP-26-00001-Y", "TGP-26-7K3QD8", "TGP-26-7K3QD8"):
        await thief.types(f"/status {body} 123456")
    await thief.types(f"/status {first.number} {pin}")
    assert thief.page_name == "citizen/not_found"


async def test_four_wrong_pins_and_a_right_one_open(town: Town) -> None:
    ticket = await anonymously(town, town.sari)
    for n in range(1, 5):
        await town.sari.types(f"/status {ticket.number} {(int(town.sari.pin) + n) % 1_000_000:06d}")
    await town.sari.types(f"/status {ticket.number} {town.sari.pin}")
    assert town.sari.page_name == "citizen/case"


async def test_with_news_wanted_the_answer_arrives_and_the_officer_sees_no_name(town: Town) -> None:
    ticket = await anonymously(town, town.sari, notify=True)
    assert ticket.address_id == town.address_id(town.sari)
    await town.budi.replies_to("KTP saya", "Sudah kami cetak.")
    assert "anon" in town.budi.page.casefold()
    await town.budi.chooses("send")
    assert town.sari.page_name == "citizen/answer"
    assert "Sudah kami cetak." in town.sari.page


async def test_an_anonymous_accusation_is_read_by_the_inspectorate_without_a_trace_of_who(town: Town) -> None:
    ticket = await anonymously(town, town.sari, PUNGLI)
    assert (ticket.reporter_id, ticket.address_id, ticket.unit_code) == (None, None, "INSPEKTORAT")
    assert PUNGLI in town.officer("PETUGAS-INSPEKTORAT").page
    town.budi.saw_nothing()


async def test_changing_ones_mind_back_keeps_the_chat(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.chooses("identity")
    await town.sari.chooses("anonymous")
    await town.sari.chooses("identity")
    await town.sari.chooses("confidential")
    await town.sari.chooses("send")
    assert town.ticket().identity == Identity.CONFIDENTIAL
    assert town.ticket().address_id == town.address_id(town.sari)


async def _an_hour_passes(town: Town) -> None:
    """Throttles count real time, which no test waits for."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    table = table_of(Throttle)
    await town.program.errand(
        lambda session: session.plan.connection.execute(update(table).values(until=past)) and None
    )


def _every_row(town: Town) -> Iterator[tuple[str, Any]]:
    with town.program.readers.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield table.name, row
