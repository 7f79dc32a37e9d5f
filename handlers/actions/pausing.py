"""The clock stands still while the citizen is asked, and gives the time back whole (decisions 15 and 17)."""

from __future__ import annotations

from datetime import time, timedelta

from domain.deadlines import days_paused
from domain.ladder import StepDue
from domain.vocabulary import Clock
from handlers.actions import promises, schedule
from handlers.session import Session
from storage.plan import Record
from storage.tables import Pause

#: A citizen completes a case within 30 calendar days (UU 25/2009 Pasal 44); a few days before they are told once more.
COMPLETION_DAYS, REMINDED_BEFORE = 30, 5
LAPSE, LAPSE_SOON = "lapse", "lapse_soon"
#: Why a clock stands still.
ASKED = "asked"
_RUNNING = (Clock.VERIFY, Clock.FIRST_RESPONSE, Clock.BINDING)


def pause(session: Session, ticket: Record) -> None:
    """Stop the reminders of a case whose citizen is asked something; a second question changes nothing."""
    if ticket.waiting_since is not None:
        return
    ticket.waiting_since = session.now
    session.add(Pause, ticket_id=ticket.id, cycle=ticket.cycle, reason=ASKED, since=session.now)
    schedule.stop(session, ticket, _RUNNING, state="paused")
    calendar = session.region.calendar_of(ticket.unit_code)
    last = calendar.day_of(session.now) + timedelta(days=COMPLETION_DAYS)
    soon = calendar.before(last - timedelta(days=REMINDED_BEFORE), 0)
    for step, moment in ((LAPSE_SOON, calendar.opening(soon)), (LAPSE, calendar.at(last, time(23, 59, 59)))):
        schedule.set_step(session, ticket, StepDue(Clock.COMPLETION, step, moment, ""), counted_from=session.now)


def resume(session: Session, ticket: Record, *, asked: bool = True) -> None:
    """The answer is there (or no longer needed): the due day moves by the days that were spent waiting.

    A question that never arrived (`asked` is False) was no pause at all.
    """
    if not end(session, ticket, asked=asked):
        return
    promises.recount(session, ticket)
    opening = session.region.calendar_of(ticket.unit_code).next_opening(session.now)
    schedule.stop(session, ticket, (Clock.COMPLETION,), state="cancelled")
    schedule.wake(session, ticket, not_before=opening)


def end(session: Session, ticket: Record, *, asked: bool = True) -> bool:
    """Close the time of waiting, for the record; False where nobody waited."""
    if ticket.waiting_since is None:
        return False
    calendar = promises.calendar_of(session, ticket)
    for row in promises.pauses_of(session, ticket):
        if row.until is None:
            row.until = session.now if asked else row.since
            row.days = days_paused(row.since, row.until, calendar)
            ticket.days_paused = ticket.days_paused + row.days
    ticket.waiting_since = None
    return True
