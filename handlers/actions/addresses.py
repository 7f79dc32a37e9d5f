"""Where somebody reads: of several living chats the one in which they wrote last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from domain.vocabulary import Identity
from handlers.messages import STAFF
from handlers.session import Session
from storage.plan import Record
from storage.queries import people
from storage.tables import Ticket


def of_staff(session: Session, person: int) -> Sequence[Row[Any]]:
    """The living chats of a member of staff, the one heard last first."""
    return session.plan.rows(people.ADDRESSES_OF, {"person": person, "account": STAFF})


def of_reporter(session: Session, ticket: Record) -> Sequence[Row[Any]]:
    """The living chats in which the citizen of a case may read of it, the one heard last first.

    What is anonymous, or locked because others use the phone, stays in the one chat that it began in.
    """
    if ticket.address_id is None:
        return []
    if ticket.reporter_id is None or ticket.locked or ticket.identity == Identity.ANONYMOUS:
        return session.plan.rows(people.LIVING_ADDRESS, {"address": ticket.address_id})
    return session.plan.rows(people.ADDRESSES_OF, {"person": ticket.reporter_id, "account": "citizen"})


def others(session: Session, letter: Any) -> Sequence[Row[Any]]:
    """Where else a page may go than to its own address, the best first."""
    if letter.account == STAFF:
        rows = of_staff(session, letter.person_id) if letter.person_id else []
    else:
        ticket = session.plan.one(Ticket, letter.ticket_id) if letter.ticket_id else None
        rows = of_reporter(session, ticket) if ticket is not None and _is_of(letter, ticket) else []
    return [row for row in rows if row.id != letter.address_id]


def _is_of(letter: Any, ticket: Record) -> bool:
    return letter.person_id is not None and letter.person_id == ticket.reporter_id
