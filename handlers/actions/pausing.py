"""The clock stands still while the citizen is asked, and gives the time back whole (decisions 15 and 17)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from domain.deadlines import days_paused, paused_until
from domain.ladder import StepDue
from domain.vocabulary import Clock, Kind
from handlers.actions import promises, schedule
from handlers.session import Session
from storage.plan import Record
from storage.tables import Pause

#: A citizen completes a case within 30 calendar days (UU 25/2009 Pasal 44); a few days before they are told once more.
COMPLETION_DAYS, REMINDED_BEFORE = 30, 5
LAPSE, LAPSE_SOON = "lapse", "lapse_soon"
#: The step at which a clock has stood still for as long as it may.
LONG_ENOUGH = "long_enough"
#: Why a clock stands still, as its row says it: nothing else stops one.
_ASKED = "asked"
_RUNNING = (Clock.VERIFY, Clock.FIRST_RESPONSE, Clock.RESOLVE, Clock.BINDING, Clock.ACKNOWLEDGE)


def stops_until(session: Session, ticket: Record) -> datetime | None:
    """Until when a clock that stops now may stand still; None where it has done so as often or as long as it may.

    A letter has no citizen who could be asked.
    """
    if ticket.kind == Kind.LETTER:
        return None
    over = ((row.since, row.until) for row in promises.pauses_of(session, ticket) if row.until is not None)
    return paused_until(tuple(over), session.now, promises.policy_of(session, ticket))


def counted(session: Session, ticket: Record) -> int:
    """How often the clock of a case has stood still, or does now; a question that never arrived was no time."""
    return sum(row.until is None or row.until > row.since for row in promises.pauses_of(session, ticket))


def pause(session: Session, ticket: Record) -> bool:
    """Stop the clocks of a case, whose citizen is asked something; a second question changes nothing.

    False where they run on, because they have stood still enough.
    """
    if ticket.waiting_since is not None:
        return True
    until = stops_until(session, ticket)
    if until is None:
        return False
    ticket.waiting_since = session.now
    session.add(Pause, ticket_id=ticket.id, cycle=ticket.cycle, reason=_ASKED, since=session.now)
    schedule.stop(session, ticket, _RUNNING, state="paused")
    for step, moment in _ways_out(session, ticket, until):
        schedule.set_step(session, ticket, StepDue(Clock.COMPLETION, step, moment, ""), counted_from=session.now)
    return True


def _ways_out(session: Session, ticket: Record, until: datetime) -> Iterable[tuple[str, datetime]]:
    """What ends the waiting if nobody answers: the case rests, or before that the clock runs again."""
    calendar = session.region.calendar_of(ticket.unit_code)
    last = calendar.day_of(session.now) + timedelta(days=COMPLETION_DAYS)
    soon = calendar.opening(calendar.before(last - timedelta(days=REMINDED_BEFORE), 0))
    lapses = calendar.at(last, time(23, 59, 59))
    ways = ((LAPSE_SOON, soon), (LAPSE, lapses)) if until >= lapses else ((LAPSE_SOON, soon), (LONG_ENOUGH, until))
    return [(step, moment) for step, moment in ways if moment <= until]


def resume(session: Session, ticket: Record, *, asked: bool = True) -> None:
    """The answer is there (or no longer needed): the due day moves by the days that were spent waiting.

    A question that never arrived (`asked` is False) was no pause at all, where that was known on the same day. Where it
    came out later nobody had been reminded meanwhile: those days are given back too.
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
            row.days = days_paused(row.since, session.now, calendar)
            row.until = session.now if asked or row.days else row.since
            ticket.days_paused = ticket.days_paused + row.days
    ticket.waiting_since = None
    return True
