"""`/dataku` and `/hapus`: who it was goes from everything, the case stays and is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import SQLModel

from bot.channels.base import Later
from handlers.actions.erasing import KIND
from handlers.messages import CITIZEN, Inbound
from handlers.receive import keep_aside
from storage.engine import real_now
from storage.plan import table_of
from storage.tables import Address, Attachment, Conversation, Erasure, Outbox, OutboxPart, Quarantine
from storage.tables import Person as PersonRow
from storage.tidying import DRAFTS, SEEN
from tests.journeys.stories import SLOW
from tests.journeys.test_photos import photo
from tests.kit.town import Citizen, Officer, Town, words

pytestmark = pytest.mark.anyio

NAME = "Melati Kurnia"
PHONE = "0812-phone-of-melati"


@pytest.fixture
def melati(town: Town) -> Citizen:
    return town.citizen(PHONE)


async def tells(town: Town, melati: Citizen) -> Any:
    """An open case with a name on it; returns the ticket."""
    await melati.types(SLOW)
    await melati.chooses("identity")
    await melati.chooses("call_name")
    await melati.types(NAME)
    await melati.chooses("send")
    return town.tickets()[-1]


async def erases(melati: Citizen) -> None:
    await melati.types("/hapus")
    await melati.chooses("erase_data")


def rows_of(town: Town) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of the record, its sealed values opened."""
    with town.program.readers.begin() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield table.name, {name: _opened(town, table.name, name, row) for name in row._mapping}


def _opened(town: Town, table: str, column: str, row: Any) -> Any:
    value = row._mapping[column]
    if not column.endswith("_sealed") or value is None:
        return value
    return town.vault.open(f"{table}.{column}", row.id, value).decode()


# --- what is kept


async def test_dataku_tells_what_is_kept(town: Town, melati: Citizen) -> None:
    ticket = await tells(town, melati)
    await melati.types("Lampu jalan mati di depan rumah saya sejak Lebaran")
    await melati.types("/dataku")
    assert melati.page_name == "citizen/data"
    assert ticket.number in melati.page
    assert NAME in melati.page
    await melati.chooses("send")  # the draft is still there


async def test_dataku_of_somebody_new_is_honest_and_short(town: Town, melati: Citizen) -> None:
    await melati.types("/dataku")
    nothing = {"cases": [], "more": 0, "name": None, "spoken": town.language, "files": 0, "draft": False}
    nothing |= {"drafts": DRAFTS.days, "sent": SEEN.days}
    assert melati.page == words("citizen/data", town.language, **nothing)


async def test_an_anonymous_case_is_not_among_the_own_data(town: Town, melati: Citizen) -> None:
    await melati.types(SLOW)
    await melati.chooses("identity")
    await melati.chooses("anonymous")
    await melati.chooses("send")
    await melati.types("/dataku")
    assert town.ticket().number not in melati.page


# --- asked once, the safe choice first


async def test_the_first_choice_keeps_everything(town: Town, melati: Citizen) -> None:
    ticket = await tells(town, melati)
    await melati.types("/hapus")
    assert melati.page_name == "citizen/erase"
    await melati.types("1")
    assert melati.page_name == "citizen/data_kept"
    assert town.ticket(ticket.number).reporter_id == town.person_id(melati)


async def test_a_question_of_another_day_is_asked_again(town: Town, melati: Citizen) -> None:
    await melati.types("/hapus")
    question = melati.shown[-1]
    await town.travels(working_days=1)
    await melati.chooses("erase_data", on=question)
    assert melati.page_name == "citizen/erase"
    assert not town.rows(Erasure)


# --- erased


async def test_nothing_in_the_record_leads_from_the_case_to_the_person(town: Town, melati: Citizen) -> None:
    ticket = await tells(town, melati)
    await town.budi.chooses("take")
    await melati.replies_to(ticket.number, "Tolong dicek lagi ya")
    person, address = town.person_id(melati), town.address_id(melati)
    await erases(melati)
    assert melati.page_name == "citizen/erased"
    for table, row in rows_of(town):
        said = json.dumps(row, default=str)
        assert NAME not in said, f"{table}: {row}"
        if row.get("ticket_id") == ticket.id or row.get("id") == ticket.id:
            assert not {person, address} & {value for value in row.values() if isinstance(value, int)}, table
            assert str(person) not in str(row.get("dedupe_key")), table


async def test_the_chat_itself_is_forgotten_once_the_last_page_was_read(town: Town, melati: Citizen) -> None:
    await tells(town, melati)
    person, address = town.person_id(melati), town.address_id(melati)
    await erases(melati)
    await town.program.beats.erase()
    assert not town.rows(Address, id=address)
    assert not town.rows(Conversation, address_id=address)
    assert not town.outbox(address_id=address)
    (empty,) = town.rows(PersonRow, id=person)
    assert (empty.name_sealed, empty.language) == (None, None)
    for table, row in rows_of(town):
        assert PHONE not in json.dumps(row, default=str), f"{table}: {row}"


async def test_the_last_page_is_waited_for_while_the_phone_is_off(town: Town, melati: Citizen) -> None:
    await melati.types("/hapus")
    address = town.address_id(melati)
    await erase_unread(town, melati)
    await town.program.beats.erase()
    assert town.rows(Address, id=address)
    later = update(table_of(Conversation)).values(touched_at=real_now(timedelta(days=-2)))
    await town.program.errand(lambda session: session.plan.connection.execute(later) and None)
    await town.program.beats.erase()
    assert not town.rows(Address, id=address)
    assert [row.error for row in town.outbox(state="cancelled", page="citizen/erased")] == ["erased"]


async def erase_unread(town: Town, melati: Citizen) -> None:
    """Choose to be erased and switch the phone off before the answer comes."""
    town.channel.answers(PHONE, *[Later(600.0, blameless=True)] * 9)
    await melati.chooses("erase_data")


async def test_the_case_is_handled_on_and_an_answer_is_sent_to_nobody(town: Town, melati: Citizen) -> None:
    ticket = await tells(town, melati)
    pin = melati.pin
    assert NAME in town.budi.page
    await erases(melati)
    await town.program.beats.erase()
    read = len(melati.received)
    await town.budi.types(f"/tiket {ticket.number}")
    assert NAME not in town.budi.page
    assert {"id": "Warga", "en": "a citizen"}[town.language] in town.budi.page
    await town.budi.chooses("answer")
    await town.budi.types("Kartunya sudah jadi, silakan diambil.")
    await town.budi.chooses("send")
    assert len(melati.received) == read
    await melati.types(f"/status {ticket.number} {pin}")
    assert "silakan diambil" in melati.page


async def test_a_card_that_waits_to_be_sent_loses_the_name(town: Town, melati: Citizen) -> None:
    ticket = await tells(town, melati)
    hold = update(table_of(Outbox)).where(table_of(Outbox).c.ticket_id == ticket.id).values(state="queued")
    await town.program.errand(lambda session: _hold(session, hold))
    await erases(melati)
    names = [town.facts(row).get("name") for row in town.outbox(ticket_id=ticket.id)]
    assert set(names) == {None}
    sent = update(table_of(Outbox)).where(table_of(Outbox).c.hold_until.is_not(None)).values(state="sent")
    await town.program.errand(lambda session: session.plan.connection.execute(sent) and None)


def _hold(session: Any, statement: Any) -> None:
    later = {"hold_until": real_now(timedelta(hours=1)), "lease_until": None}
    session.plan.connection.execute(statement.values(later))


async def test_a_draft_goes_with_its_files(town: Town, melati: Citizen) -> None:
    key = await melati.sends_photo(photo(), "KTP saya belum jadi, ini suratnya dari capil")
    await erases(melati)
    assert town.rows(Attachment, id=key)[0].state == "discarded"
    assert town.rows(Attachment, id=key)[0].address_id is None
    await melati.types("/lapor")
    assert melati.page_name == "citizen/welcome"


async def test_what_could_not_be_digested_goes_too(town: Town, melati: Citizen) -> None:
    await melati.types("/menu")
    for sender in (town.channel.address_of(melati), "somebody-else"):
        event = Inbound(f"event of {sender}", town.channel.name, CITIZEN, sender, text="a message that no step took")
        await town.program.errand(lambda session, event=event: keep_aside(session, event, "test"))
    await erases(melati)
    assert [row.body_sealed is None for row in town.rows(Quarantine)] == [True, False]
    await town.program.errand(lambda session: session.plan.connection.execute(delete(table_of(Quarantine))) and None)


async def test_whoever_writes_again_is_somebody_new(town: Town, melati: Citizen) -> None:
    old = await tells(town, melati)
    person = town.person_id(melati)
    await erases(melati)
    await town.program.beats.erase()
    new = await melati.complains(SLOW)
    assert new.reporter_id not in (None, person)
    await melati.types("/status")
    assert new.number in melati.page
    assert old.number not in melati.page


async def test_whoever_writes_before_the_chat_is_forgotten_keeps_the_new_case_only(town: Town, melati: Citizen) -> None:
    old = await tells(town, melati)
    await erases(melati)
    new = await melati.complains("Sampah di Kelurahan Teladan menumpuk, sudah lama tidak diangkut", "Jalan Sutomo")
    await town.program.beats.erase()
    assert town.ticket(new.number).address_id == town.address_id(melati)
    assert town.ticket(old.number).address_id is None


async def test_what_staff_are_reached_by_is_not_touched(town: Town, melati: Citizen) -> None:
    """Somebody who holds a post may write as a citizen with the same person behind both chats."""
    ticket = await tells(town, melati)
    person = town.person_id(melati)
    officer = town.officer("PETUGAS-DLH")
    one = update(table_of(Address)).where(table_of(Address).c.id == town.address_id(officer)).values(person_id=person)
    await town.program.errand(lambda session: session.plan.connection.execute(one) and None)
    await town.appoints(officer, "PETUGAS-DLH")
    await erases(melati)
    await town.program.beats.erase()
    assert town.person_id(officer) == person
    assert town.ticket(ticket.number).reporter_id is None
    await officer.types("/kotak")
    assert officer.page_name == "officer/desk"


async def test_old_buttons_and_quoted_pages_do_nothing_any_more(town: Town, melati: Citizen) -> None:
    ticket = await tells(town, melati)
    receipt = melati.shown[-1]
    await erases(melati)
    await melati.replies_to(receipt, "Ada tambahan: KTP saya juga salah nama")
    assert town.ticket(ticket.number).last_seq == ticket.last_seq
    assert {row.external_sealed for row in town.rows(OutboxPart, external_hash=bytes(16))} == {None}


# --- noted, inside and outside the database


async def test_an_erasure_is_noted_inside_and_outside_by_a_hash_alone(
    town: Town, melati: Citizen, tmp_path: Path
) -> None:
    await tells(town, melati)
    await erases(melati)
    await town.program.beats.erase()
    await town.program.beats.erase()
    (row,) = town.rows(Erasure)
    subject = town.vault.hash("erasures.subject_hash", town.channel.name, "citizen", town.channel.address_of(melati))
    assert (row.kind, row.subject_hash) == (KIND, subject)
    (line,) = (tmp_path / "erasures.log").read_text().splitlines()
    assert json.loads(line) == {"id": row.id, "kind": KIND, "hash": subject.hex(), "at": row.at.isoformat()}


async def test_staff_have_no_such_command(town: Town) -> None:
    officer: Officer = town.budi
    await officer.types("/hapus")
    assert officer.page_name == "officer/menu"
