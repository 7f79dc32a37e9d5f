"""Number and PIN: five wrong tries per ticket or address close the door for an hour, then twice as long."""

from __future__ import annotations

import hmac
from datetime import timedelta

from handlers.actions.views import case_of, for_citizen, view_of
from handlers.flows.cases import PinTry
from handlers.flows.effects import CountPinTry
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases
from storage.tables import Throttle, Ticket

TRIES = 5
CLOSED_FOR = timedelta(hours=1)


def hash_pin(session: Session, ticket: int, pin: str) -> bytes:
    """What is kept of a PIN."""
    return session.vault.hash("tickets.pin_hash", "", str(ticket), pin)


def try_pin(session: Session, number: str, pin: str) -> PinTry:
    """The case that a number and PIN open. The PIN is hashed for an unknown number too, so that both take as long."""
    found = session.plan.fetch(Ticket, cases.BY_NUMBER, {"number": number})
    ticket = found[0] if found else None
    kept = ticket.pin_hash if ticket and ticket.pin_hash else bytes(16)
    right = hmac.compare_digest(hash_pin(session, ticket.id if ticket else 0, pin), kept)
    if ticket is None or not right or _is_closed(session, number):
        return PinTry(None, None)
    return PinTry(for_citizen(case_of(session, ticket, view_of(session, ticket))), ticket.id)


def _keys(session: Session, number: str) -> tuple[bytes, bytes]:
    assert session.writing is not None
    address = str(session.writing.address.id)
    return (
        session.vault.hash("throttles.ticket", "", "", number),
        session.vault.hash("throttles.address", "", "", address),
    )


def _is_closed(session: Session, number: str) -> bool:
    rows = [session.plan.one(Throttle, key) for key in _keys(session, number)]
    return any(row is not None and row.until is not None and row.until > session.moment.real for row in rows)


def count_try(session: Session, effect: CountPinTry) -> None:
    """Remember a wrong try for the number and for the address; a right one clears the address."""
    for key in _keys(session, effect.number):
        row = session.plan.locked(Throttle, key) or session.plan.add(Throttle, key_hash=key)
        if effect.opened:
            row.failures = 0
        elif row.until is None or row.until <= session.moment.real:  # a closed door counts nothing
            _count_wrong(session, row)


def _count_wrong(session: Session, row: Record) -> None:
    row.failures = row.failures + 1
    if row.failures >= TRIES:
        row.until = session.moment.real + CLOSED_FOR * 2**row.rounds
        row.rounds = row.rounds + 1
        row.failures = 0
