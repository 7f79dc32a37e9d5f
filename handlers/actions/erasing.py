"""Erasing on request: who it was is cut from everything, the cases stay (to be followed by number and PIN).

Two steps. With the message itself every tie goes: name, draft, files of the draft, the reporter and the chat of each
case, what pages and the audit trail say of the person. The chat's own row stays until the last page has been read,
then a beat forgets it (`forget_those_who_left`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from handlers.actions import responses
from handlers.actions.post import reply
from handlers.flows.effects import EraseMe
from handlers.flows.kept import Kept, KeptCase, Terms
from handlers.flows.needs import DataTerms, MyData
from handlers.messages import Reply
from handlers.session import Session
from storage import tidying
from storage.encryption import HASH_BYTES
from storage.erasures import Entry
from storage.plan import Record
from storage.queries import erasing, people
from storage.tables import (
    Address,
    Attachment,
    AuditRow,
    Conversation,
    Erasure,
    Message,
    MessageSource,
    Outbox,
    OutboxPart,
    Quarantine,
    Ticket,
)
from storage.tables import Person as PersonRow

KIND = "citizen"
#: How long (real time) the last page may wait for a phone that is off.
PATIENCE = timedelta(days=1)


def kept_of(session: Session, need: MyData) -> Kept:
    """What leads from a person to something."""
    rows = session.plan.fetch(Ticket, erasing.OWN_TICKETS, {"person": need.person})
    addresses = [row.id for row in session.plan.rows(erasing.CITIZEN_ADDRESSES, {"person": need.person})]
    values = {"tickets": [row.id for row in rows if not row.locked], "addresses": addresses}
    cases = tuple(KeptCase(row.number, row.state, row.identity, row.locked) for row in rows)
    address = session.writing.address if session.writing else None
    agreed = address is not None and address.consented_at is not None
    files = len(session.plan.rows(erasing.FILES, values))
    return Kept(cases, files, agreed=agreed, chats=len(addresses), phone=_phone(session, address))


def _phone(session: Session, address: Record | None) -> str | None:
    sealed = address.phone_sealed if address is not None else None
    return session.vault.open_text("addresses.phone_sealed", address.id, sealed) if address and sealed else None


def terms_of(session: Session, need: DataTerms) -> Terms:
    """What holds for everybody's data, as it is set and as the beat forgets it."""
    rules = session.rules
    kept = (tidying.DRAFTS.days, tidying.SEEN.days)
    return Terms(*kept, rules.channels, rules.privacy_contact, rules.privacy_place)


def erase(session: Session, effect: EraseMe) -> None:
    """Cut the person who asks for it from everything, note it, and say so."""
    assert session.writing is not None
    person = session.writing.person
    addresses = session.plan.fetch(Address, erasing.CITIZEN_ADDRESSES, {"person": person.id})
    cases = cut(session, person.id, addresses)
    for address in addresses:
        session.add(Erasure, kind=KIND, subject_hash=_subject(session, address), at=session.moment.real)
    # One row that names no case: rows of one moment would say which cases were one person's.
    session.audit("erase", None, person=None, actor="citizen", payload={"cases": cases})
    reply(session, Reply("citizen/erased", {"cases": cases}))


def _subject(session: Session, address: Record) -> bytes:
    return subject_hash(session, address.channel, address.account, _value(session, address))


def subject_hash(session: Session, channel: str, account: str, value: str) -> bytes:
    """What the log of erasures keeps of an address: not the hash by which a chat is found."""
    return session.vault.hash("erasures.subject_hash", channel, account, value)


def cut(session: Session, person: int, addresses: Sequence[Record]) -> int:
    """Untie a citizen from every own case and all that was said; returns how many cases that were."""
    plan = session.plan
    tickets = sorted(row.id for row in plan.fetch(Ticket, erasing.OWN_TICKETS, {"person": person}))
    own = {"person": person, "tickets": tickets}
    chats = {"addresses": [address.id for address in addresses]}
    for key in tickets:
        ticket = plan.locked(Ticket, key)
        if ticket is not None:
            ticket.reporter_id, ticket.address_id = None, None
    persons = {person}
    for row in plan.fetch(Message, erasing.OWN_MESSAGES, own):
        persons.add(row.person_id)
        row.person_id = None
    for row in plan.fetch(MessageSource, erasing.OWN_SOURCES, own):
        row.external_hash = bytes(HASH_BYTES)
    for row in plan.fetch(AuditRow, erasing.OWN_ACTS, {**own, "persons": sorted(persons)}):
        row.person_id, row.payload_sealed = None, None
    _cut_pages(session, chats, tickets)
    for row in plan.fetch(Attachment, erasing.DRAFT_FILES, chats):
        row.state, row.address_id, row.ref_sealed = "discarded", None, None
    for row in plan.fetch(Conversation, people.TALKS, {"ids": chats["addresses"]}):
        row.state, row.memory_sealed = erasing.LEAVING, None
    for address in addresses:
        _cut_set_aside(session, address)
    kept = plan.one(PersonRow, person)
    if kept is not None:
        kept.name_sealed = None
    return len(tickets)


def _cut_set_aside(session: Session, address: Record) -> None:
    """What the person wrote and no step could digest."""
    sender = _value(session, address)
    account = {"channel": address.channel, "account": address.account}
    for row in session.plan.fetch(Quarantine, erasing.SET_ASIDE, account):
        body = session.vault.open_json("quarantine.body_sealed", row.id, row.body_sealed)
        if isinstance(body, dict) and body.get("sender") == sender:
            row.body_sealed = None


def _cut_pages(session: Session, chats: dict[str, list[int]], tickets: list[int]) -> None:
    """Pages to the person lose the chat and their words; pages about the cases lose the name."""
    plan = session.plan
    for part in plan.fetch(OutboxPart, erasing.PARTS_TO, chats):
        part.external_sealed, part.external_hash = None, bytes(HASH_BYTES)  # may hold a phone number
    for row in plan.fetch(Outbox, erasing.PAGES_TO, chats):
        if row.state == "queued":
            responses.missed(session, row, counts=True)
            row.state, row.error, row.lease_until = "cancelled", "erased", None
        row.address_id, row.person_id, row.facts_sealed, row.choices = None, None, None, None
        row.dedupe_key = f"erased:{row.id}"  # the old one may name the person
    for row in plan.fetch(Outbox, erasing.PAGES_ABOUT, {"tickets": tickets}):
        _cut_name(session, row)


def _cut_name(session: Session, row: Record) -> None:
    if row.facts_sealed is None:
        return
    facts = session.vault.open_json("outbox.facts_sealed", row.id, row.facts_sealed)
    if facts.get("name"):
        row.facts_sealed = session.seal("outbox.facts_sealed", row.id, {**facts, "name": None})


def forget_those_who_left(session: Session) -> int:
    """Forget the chats of erased people once the last page was read; whoever wrote again before is somebody new."""
    found = session.plan.rows(erasing.LEFT, {"before": session.moment.real - PATIENCE})
    talks = [session.plan.locked(Conversation, row.id) for row in found]
    gone = [talk for talk in talks if talk is not None and talk.state == erasing.LEAVING]
    for talk in gone:
        forget_address(session, talk.address_id)
    return len(gone)


def forget_address(session: Session, address: int) -> None:
    """Delete a chat's rows; its person stays as an empty row."""
    row = session.plan.one(Address, address)
    assert row is not None
    for statement in erasing.FORGET_ADDRESS:
        session.plan.connection.execute(statement, {"address": address})
    session.plan.connection.execute(erasing.FORGET_PERSON, {"person": row.person_id})


def erase_again(session: Session, entries: Iterable[Entry]) -> int:
    """After a restore: do the erasures that the restored record does not know; returns how many chats that met."""
    wanted = {entry.subject for entry in entries}
    met = [
        row
        for row in session.plan.rows(erasing.EVERY_CITIZEN_ADDRESS)
        if subject_hash(session, row.channel, row.account, _value(session, row)) in wanted
    ]
    for row in met:
        address = session.plan.one(Address, row.id)
        assert address is not None
        cut(session, row.person_id, [address])
        session.plan.mark()
        session.plan.flush()
        forget_address(session, row.id)
    return len(met)


def _value(session: Session, row: Any) -> str:
    return session.vault.open_text("addresses.value_sealed", row.id, row.value_sealed)
