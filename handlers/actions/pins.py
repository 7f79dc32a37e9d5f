"""Number and PIN: five wrong tries per ticket or address close the door for an hour, then twice as long."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import timedelta

from domain.numbers import PINS, pin
from handlers.actions.post import reply, tie
from handlers.actions.views import opened_case
from handlers.flows.cases import PinTry
from handlers.flows.effects import CountPinTry, LockTicket, RenewPin
from handlers.messages import Choice, Reply
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases, talk
from storage.tables import Outbox, Throttle, Ticket

TRIES = 5
CLOSED_FOR = timedelta(hours=1)


def hash_pin(session: Session, ticket: int, digits: str) -> bytes:
    """What is kept of a PIN."""
    return session.vault.hash("tickets.pin_hash", "", str(ticket), digits)


def try_pin(session: Session, number: str, digits: str) -> PinTry:
    """The case that a number and PIN open. The PIN is hashed for an unknown number too, so that both take as long."""
    found = session.plan.fetch(Ticket, cases.BY_NUMBER, {"number": number})
    ticket = found[0] if found else None
    kept = ticket.pin_hash if ticket and ticket.pin_hash else bytes(16)
    right = hmac.compare_digest(hash_pin(session, ticket.id if ticket else 0, digits), kept)
    if ticket is None or not right or is_closed(session, _keys(session, number)):
        return PinTry(None, None)
    return PinTry(opened_case(session, ticket), ticket.id)


def _keys(session: Session, number: str) -> tuple[bytes, bytes]:
    assert session.writing is not None
    address = str(session.writing.address.id)
    return (
        session.vault.hash("throttles.ticket", "", "", number),
        session.vault.hash("throttles.address", "", "", address),
    )


def is_closed(session: Session, keys: Iterable[bytes]) -> bool:
    """Whether too many wrong tries were made of something secret."""
    rows = [session.plan.one(Throttle, key) for key in keys]
    return any(row is not None and row.until is not None and row.until > session.moment.real for row in rows)


def count_try(session: Session, effect: CountPinTry) -> None:
    """Remember a wrong try for the number and for the address; a right one clears the address."""
    note_try(session, _keys(session, effect.number), right=effect.opened)


def note_try(session: Session, keys: Iterable[bytes], *, right: bool) -> None:
    """Count a wrong try of something secret; a right one clears what was counted."""
    for key in keys:
        row = session.plan.locked(Throttle, key) or session.plan.add(Throttle, key_hash=key)
        if right:
            row.failures = 0
        elif row.until is None or row.until <= session.moment.real:  # a closed door counts nothing
            _count_wrong(session, row)


def _count_wrong(session: Session, row: Record) -> None:
    row.failures = row.failures + 1
    if row.failures >= TRIES:
        row.until = session.moment.real + CLOSED_FOR * 2**row.rounds
        row.rounds = row.rounds + 1
        row.failures = 0


def renew(session: Session, effect: RenewPin) -> None:
    """A new PIN for a lost one, shown once, in the chat that the case belongs to."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    if ticket is None or ticket.locked or tie(session, ticket) is None:
        reply(session, Reply("citizen/stale"))
        return
    digits = pin(session.source.below("pin", PINS))
    ticket.pin_hash = hash_pin(session, ticket.id, digits)
    session.audit("new_pin", ticket.id, person=ticket.reporter_id, actor="citizen")
    shown = {"number": ticket.number, "pin": digits}
    reply(session, Reply("citizen/new_pin", shown, (Choice("lock", (str(ticket.id),)),), ticket=ticket.id))


def lock(session: Session, effect: LockTicket) -> None:
    """Lock a case, or open it again; what has not gone yet says no more than the number."""
    ticket = session.plan.locked(Ticket, effect.ticket)
    assert ticket is not None
    ticket.locked = effect.locked
    if effect.locked:
        _say_less(session, ticket)
    session.audit("lock" if effect.locked else "unlock", ticket.id, person=ticket.reporter_id, actor="citizen")
    reply(session, Reply("citizen/lock_set", {"number": ticket.number, "locked": effect.locked}))


def _say_less(session: Session, ticket: Record) -> None:
    for row in session.plan.fetch(Outbox, talk.UNSENT_ABOUT, {"ticket": ticket.id}):
        row.page, row.choices = "citizen/locked_news", []
        row.facts_sealed = session.seal("outbox.facts_sealed", row.id, {"number": ticket.number})
