"""The clock's silent half: a beat writes down the dates that have been missed, many at a time, and tells nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from domain.vocabulary import OPEN_STATES, Clock, State
from handlers.actions import breaches, responses, schedule
from handlers.session import Session
from storage.plan import Record
from storage.queries import due
from storage.tables import Deadline, Ticket

BATCH = 500
#: States beside the open ones in which a clock still runs: the law waits for no answer, and closing words that reached
#: nobody are no first one.
_ALSO = {
    Clock.STATUTORY: frozenset({State.WAITING_CITIZEN}),
    Clock.FIRST_RESPONSE: frozenset({State.RESOLVED, State.CLOSED}),
}


class Mark(NamedTuple):
    """A step whose date has been missed, and its case."""

    step: int
    ticket: int


def due_now(session: Session) -> list[Mark]:
    """The dates that have been missed and are not written down, the oldest first, up to a batch."""
    rows = session.plan.rows(due.MARKS, {"now": session.now, "most": BATCH})
    return [Mark(row.id, row.ticket_id) for row in rows]


def write(session: Session, marks: Sequence[Mark]) -> None:
    """Write down these missed dates, if their steps still wait."""
    session.plan.lock_all(Ticket, [mark.ticket for mark in marks])
    session.plan.lock_all(Deadline, [mark.step for mark in marks])
    for mark in marks:
        row = session.plan.locked(Deadline, mark.step)
        if row is not None and breaches.is_past(session, row):
            _write(session, session.plan.locked(Ticket, mark.ticket), row)


def write_past(session: Session, ticket: Record) -> None:
    """Write down what a locked case has missed by now, before its dates move: the beat may not have come to it yet."""
    for row in schedule.steps_of(session, ticket):
        if breaches.is_past(session, row):
            _write(session, ticket, row)


def _write(session: Session, ticket: Record | None, row: Record) -> None:
    if ticket is None or row.cycle != ticket.cycle or not _runs(ticket, Clock(row.clock)):
        row.state = "cancelled"
    elif row.clock != Clock.FIRST_RESPONSE or not responses.assume(session, ticket):
        breaches.record(session, ticket, row)


def _runs(ticket: Record, clock: Clock) -> bool:
    state = State(ticket.state)
    return state in OPEN_STATES or state in _ALSO.get(clock, ())
