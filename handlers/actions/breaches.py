"""That a date was missed, as a fact: written when it happens, whatever becomes of the case or of the calendar later."""

from __future__ import annotations

from datetime import datetime

from domain.deadlines import breach, broken_since
from domain.ladder import MISSED
from domain.vocabulary import Desk
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases
from storage.tables import Breach


def is_past(session: Session, row: Record) -> bool:
    """Whether a step would write down a missed date now."""
    return bool(row.step == MISSED and row.state == "waiting" and row.due_at <= session.now)


def record(session: Session, ticket: Record, row: Record) -> None:
    """The date of the clock of a step (`row`) was missed, as it stands."""
    row.state, row.fired_at = "done", session.now
    due_at = getattr(ticket, f"{row.clock}_by") or row.due_at
    session.add(
        Breach,
        ticket_id=ticket.id,
        cycle=row.cycle,
        clock=row.clock,
        due_at=due_at,
        at=breach(due_at),
        unit_code=ticket.unit_code,
        post_code=_desk(session, ticket),
        calendar_version=ticket.calendar_version,
    )
    session.audit("breach", ticket.id, person=None, actor=f"clock:{row.clock}", payload={"unit": ticket.unit_code})


def _desk(session: Session, ticket: Record) -> str | None:
    """The post that answers for the case, by the files alone: who holds it is another question."""
    posts = session.region.desk_of(ticket.unit_code) if ticket.desk != Desk.HEAD else ()
    head = session.region.head_of(ticket.unit_code)
    return posts[0].code if posts else head.code if head else None


def of(session: Session, ticket: Record) -> list[Record]:
    """The missed dates of a case, planned ones included, the oldest first."""
    return sorted(session.plan.of_case(Breach, cases.BREACHES, ticket), key=lambda row: (row.at, row.id))


def missed_at(session: Session, ticket: Record) -> datetime | None:
    """Since when the promise as it was last given is broken."""
    missed = ((row.clock, row.at) for row in of(session, ticket))
    return broken_since(missed, ticket.binding_by, ticket.received_at, ticket.reopened_at)
