"""The clock stands still while the citizen is asked, and gives the time back whole (decisions 15 and 17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from domain.deadlines import binding, days_paused, paused_due_day
from domain.ladder import StepDue
from domain.vocabulary import Clock, Kind
from handlers.actions import schedule
from handlers.session import Session
from storage.plan import Record

#: A citizen completes a case within 30 calendar days (UU 25/2009 Pasal 44); a few days before they are told once more.
COMPLETION_DAYS, REMINDED_BEFORE = 30, 5
LAPSE, LAPSE_SOON = "lapse", "lapse_soon"
_RUNNING = (Clock.VERIFY, Clock.FIRST_RESPONSE, Clock.BINDING)


def pause(session: Session, ticket: Record) -> None:
    """Stop the reminders of a case whose citizen is asked something; a second question changes nothing."""
    if ticket.waiting_since is not None:
        return
    ticket.waiting_since = session.now
    schedule.stop(session, ticket, _RUNNING, state="paused")
    calendar = session.region.calendar_of(ticket.unit_code)
    last = calendar.day_of(session.now) + timedelta(days=COMPLETION_DAYS)
    soon = calendar.before(last - timedelta(days=REMINDED_BEFORE), 0)
    for step, moment in ((LAPSE_SOON, calendar.opening(soon)), (LAPSE, calendar.at(last, time(23, 59, 59)))):
        schedule.set_step(session, ticket, StepDue(Clock.COMPLETION, step, moment, ""))


def resume(session: Session, ticket: Record) -> None:
    """The answer is there (or no longer needed): the due day moves by the days that were spent waiting."""
    since = ticket.waiting_since
    if since is None:
        return
    calendar = session.region.calendar_of(ticket.unit_code)
    days = days_paused(since, session.now, calendar)
    ticket.waiting_since = None
    ticket.days_paused = ticket.days_paused + days
    schedule.stop(session, ticket, (Clock.COMPLETION,), state="cancelled")
    _move_dates(session, ticket, since, days)
    schedule.wake(session, ticket, not_before=calendar.next_opening(session.now))


def _move_dates(session: Session, ticket: Record, since: datetime, days: int) -> None:
    """Only `resolve` moves; a statutory date that passed while the citizen was asked is shown, and binds no more."""
    dates = schedule.dates_of(ticket)
    if dates.resolve_by is None:
        return
    calendar = session.region.calendar_of(ticket.unit_code)
    by = paused_due_day(dates.resolve_by, days, calendar)
    passed = dates.statutory_by is not None and since <= dates.statutory_by < session.now
    bound = binding(Kind(ticket.kind), by, None if passed else dates.statutory_by)
    unsure = not calendar.confirmed(calendar.day_of(since), calendar.day_of(by))
    schedule.set_dates(ticket, replace(dates, resolve_by=by, binding_by=bound, provisional=dates.provisional or unsure))
