"""A ticket's deadline rows: written at each transition by the pure rules, cancelled when their cause is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from domain import ladder
from domain.calendar import Calendar
from domain.deadlines import rung_moment
from domain.overrides import version_of
from domain.region import Region, Rung
from domain.vocabulary import STAFF_CLOCKS, Clock, Kind
from handlers.actions import breaches, promises
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases
from storage.tables import Deadline

#: Steps that the program does itself, beside the ladder's.
CLOSE = "close"
AUTO_CLOSE_DAYS = 10
#: States of a step that may still speak.
LIVE = frozenset({"waiting", "paused", "held"})


def put_in_place(session: Session, ticket: Record) -> None:
    """Let the steps that wait fall due by the case's dates and the calendars as they are now.

    What has spoken has spoken, and what would have spoken by now does at its reader's next opening.
    """
    for row in steps_of(session, ticket):
        if row.state in LIVE and row.cycle == ticket.cycle and row.due_at > session.now:
            row.due_at = _moment_of(session, ticket, row)
            row.calendar_version = _version(session, ticket, row.target)


def may_speak(row: Record) -> bool:
    """Whether a step has not spoken and is not over for good: also one that an answer has stopped."""
    return row.state in LIVE or (row.state == "done" and row.fired_at is None)


def release(session: Session, ticket: Record, row: Record) -> None:
    """Let a step run that stood still; what would have spoken meanwhile does at its reader's next opening."""
    if row.state != "waiting" and row.step != ladder.MISSED and row.due_at <= session.now:
        row.due_at = _reader_of(session, ticket, row).next_opening(session.now)
    row.state = "waiting"


def _moment_of(session: Session, ticket: Record, row: Record) -> datetime:
    """When a step that waits is due by the dates and calendars as they are now; a reminder never in the past."""
    if row.step == ladder.MISSED:
        return _marks_of(ticket).get(Clock(row.clock)) or row.due_at
    hours = _reader_of(session, ticket, row)
    at = max(_place_of(session, ticket, row, hours), session.now)
    if row.clock in (Clock.COMPLETION, Clock.AUTO_CLOSE) or hours.is_open(at):
        return at
    return hours.next_opening(at)


def _reader_of(session: Session, ticket: Record, row: Record) -> Calendar:
    return reader_hours(session.region, ticket.unit_code, row.target) if row.target else _hours_of(session, ticket)


def _marks_of(ticket: Record) -> dict[Clock, datetime]:
    return ladder.marks(Kind(ticket.kind), promises.dates_of(ticket))


def _place_of(session: Session, ticket: Record, row: Record, hours: Calendar) -> datetime:
    dates = promises.dates_of(ticket)
    rung = session.region.rung(ticket.kind, row.step)
    if rung is not None:
        at = ladder.moment_of(rung, Kind(ticket.kind), dates, hours) or row.due_at
        since = ticket.desk_since
        return max(at, ladder.after_handover(since, _hours_of(session, ticket))) if since else at
    if row.step == ladder.AGAIN and (due := dates.binding_by or dates.first_response_by):
        return again_moment(ticket.reopened_at, due, hours)
    if row.clock == Clock.ACKNOWLEDGE and row.counted_from:
        return ladder.known_by(row.counted_from, _days_to_know(session, ticket, row), hours)
    if row.clock == Clock.AUTO_CLOSE and row.counted_from:
        return _silence_ends(row.counted_from, _hours_of(session, ticket))
    return row.due_at  # type: ignore[no-any-return]


#: Before the code of a rung: the step that looks whether its reader has said "I know".
KNOWN = "known:"


def watch(session: Session, ticket: Record, rung: Rung, post: str) -> None:
    """Look later whether the post that a rung has told knows it; not where the next rung will have spoken by then."""
    hours = reader_hours(session.region, ticket.unit_code, post)
    at = session.once(
        ("known by", id(hours), rung.acknowledge), lambda: ladder.known_by(session.now, rung.acknowledge, hours)
    )
    following = _first_late(session, ticket, spoken_of(session, ticket))
    if following is not None and following.due_at > at:
        step = ladder.StepDue(Clock.ACKNOWLEDGE, f"{KNOWN}{rung.code}", at, post)
        set_step(session, ticket, step, counted_from=session.now)


def next_late(session: Session, ticket: Record) -> Record | None:
    """The rung that tells next, of those that wait, that the promise was not kept."""
    found: Record | None = _first_late(session, ticket, steps_of(session, ticket))
    return found


def _first_late(session: Session, ticket: Record, steps: Iterable[Any]) -> Any:
    rungs = session.region.rungs.get(ticket.kind, {})
    waiting = (row for row in steps if row.step in rungs and row.state == "waiting" and row.cycle == ticket.cycle)
    late = (row for row in waiting if ladder.is_late(rungs[row.step]))
    return min(late, key=lambda row: (row.due_at, row.id), default=None)


def _days_to_know(session: Session, ticket: Record, row: Record) -> int:
    rung = session.region.rung(ticket.kind, row.step.removeprefix(KNOWN))
    return rung.acknowledge if rung is not None else 1


def again_moment(reopened_at: datetime, due: datetime, hours: Calendar) -> datetime:
    """When whoever stands above the last one told is reminded of a case that was sent back."""
    return max(rung_moment("before", ladder.AGAIN_BEFORE, due, hours), hours.next_opening(reopened_at))


def _hours_of(session: Session, ticket: Record) -> Calendar:
    return session.region.calendar_of(ticket.unit_code)


def lay_out(
    session: Session, ticket: Record, *, not_before: datetime | None = None, without: Collection[str] = ()
) -> None:
    """Write the steps of the ticket's present cycle: the ladder's, but for the rungs in `without`, and those that
    write down what is missed."""
    known = _by_place(session, ticket)
    for step in _ladder_of(session, ticket, not_before):
        if step.step not in without:
            _set_step(session, ticket, known, step)
    _lay_marks(session, ticket, known)


def _lay_marks(session: Session, ticket: Record, known: dict[tuple[int, str, str], Record]) -> None:
    """A date that passed before this promise was given is not missed by it, and no promise is missed twice."""
    since = ticket.reopened_at or ticket.received_at
    told = {row.clock for row in known.values() if row.step == ladder.MISSED and row.fired_at and row.due_at >= since}
    for clock, at in _marks_of(ticket).items():
        if at > since and not (clock in ladder.OF_CASE and clock in told):
            _set_step(session, ticket, known, ladder.StepDue(clock, ladder.MISSED, at, ""))


def _ladder_of(session: Session, ticket: Record, not_before: datetime | None) -> tuple[ladder.StepDue, ...]:
    kind = Kind(ticket.kind)
    calendar = session.region.calendar_of(ticket.unit_code)
    rungs = session.region.ladder.get(kind, ())
    hours = {rung.to: reader_hours(session.region, ticket.unit_code, rung.to) for rung in rungs}
    return ladder.steps(kind, promises.dates_of(ticket), rungs, calendar, not_before, hours)


def wake(session: Session, ticket: Record, *, not_before: datetime) -> None:
    """Let the steps that stood still run again, at the moments that the case's dates now give."""
    paused = {(row.clock, row.step): row for row in steps_of(session, ticket) if row.state == "paused"}
    moments = {(str(step.clock), step.step): step.due_at for step in _ladder_of(session, ticket, not_before)}
    moments |= {(str(clock), ladder.MISSED): at for clock, at in _marks_of(ticket).items()}
    for place, row in paused.items():
        if place in moments:
            row.state, row.due_at = "waiting", moments[place]
        elif place[1] in ladder.RAISED or place[0] == Clock.ACKNOWLEDGE:
            row.state, row.due_at = "waiting", max(row.due_at, not_before)
        else:
            row.state = "cancelled"


def set_step(session: Session, ticket: Record, step: ladder.StepDue, *, counted_from: datetime | None = None) -> None:
    """Write one step of the present cycle."""
    _set_step(session, ticket, _by_place(session, ticket), step, counted_from)


def reader_hours(region: Region, unit: str, target: str) -> Calendar:
    """The calendar of whoever a rung tells: a desk's and its head's are the unit's, everybody else has their own."""
    match target:
        case "officer" | "unit_head":
            return region.calendar_of(unit)
        case "office_head":
            return region.calendar_of(region.office_of(unit))
        case _:
            post = region.posts.get(target)
            return region.calendar_of(post.unit if post else unit)


def opens(session: Session, unit: str, target: str) -> datetime | None:
    """When whoever a rung tells works again; None while they work."""

    hours = reader_hours(session.region, unit, target)

    def ask() -> datetime | None:
        return None if hours.is_open(session.now) else hours.next_opening(session.now)

    return session.once(("opens", id(hours)), ask)  # the region keeps its calendars: a town has few


def set_auto_close(session: Session, ticket: Record) -> None:
    """Ten working days of silence, counted from now, close an answered case without a rating (decision 17)."""
    moment = _silence_ends(session.now, _hours_of(session, ticket))
    set_step(session, ticket, ladder.StepDue(Clock.AUTO_CLOSE, CLOSE, moment, ""), counted_from=session.now)


def _silence_ends(since: datetime, calendar: Calendar) -> datetime:
    return calendar.closing(calendar.after(calendar.day_of(since), AUTO_CLOSE_DAYS))


def _set_step(
    session: Session,
    ticket: Record,
    known: dict[tuple[int, str, str], Record],
    step: ladder.StepDue,
    counted_from: datetime | None = None,
) -> None:
    """Write one step. A row that an undone tap left behind is used again: a step speaks once in a cycle."""
    row = known.get((ticket.cycle, str(step.clock), step.step))
    if row is None:
        session.add(
            Deadline,
            ticket_id=ticket.id,
            cycle=ticket.cycle,
            clock=str(step.clock),
            step=step.step,
            target=step.to,
            due_at=step.due_at,
            counted_from=counted_from,
            calendar_version=_version(session, ticket, step.to),
        )
    elif row.fired_at is None:
        row.target, row.due_at, row.state, row.counted_from = step.to, step.due_at, "waiting", counted_from
        row.calendar_version = _version(session, ticket, step.to)


def _version(session: Session, ticket: Record, target: str) -> str:
    """The calendar that a step's moment lies in: its reader's."""
    return version_of(reader_hours(session.region, ticket.unit_code, target) if target else _hours_of(session, ticket))


def _by_place(session: Session, ticket: Record) -> dict[tuple[int, str, str], Record]:
    return {(row.cycle, row.clock, row.step): row for row in steps_of(session, ticket)}


def steps_of(session: Session, ticket: Record) -> list[Record]:
    """Every step of a ticket, planned ones included."""
    return session.plan.of_case(Deadline, cases.DEADLINES, ticket)


@lru_cache(maxsize=64)
def late_steps(region: Region) -> tuple[str, ...]:
    """The rungs that say that a promise was not kept, of every ladder."""
    rungs = (rung for ladder_of_kind in region.ladder.values() for rung in ladder_of_kind)
    return tuple(sorted({rung.code for rung in rungs if ladder.is_late(rung)}))


def spoken_of(session: Session, ticket: Record) -> list[Any]:
    """The late steps of a case's promise, planned ones included, for who only reads the columns of `cases.STEPS`."""
    about = {"ticket": ticket.id, "late": late_steps(session.region)}
    stored: list[Any] = session.plan.rows(cases.STEPS, about) if not ticket.new else []
    planned = {row.id: row for row in session.plan.records_of(Deadline, ticket.id) if row.clock == Clock.BINDING}
    return [*planned.values(), *(row for row in stored if row.id not in planned)]  # what is planned is newer


def stop(session: Session, ticket: Record, clocks: Iterable[Clock], *, state: str = "done") -> None:
    """Let the steps of these clocks, also those that stand still, speak no more; what is missed by now is a fact.

    A question among staff (STAFF_CLOCKS) is no clock of the case: it goes on.
    """
    names = {str(clock) for clock in clocks if clock not in STAFF_CLOCKS}
    for row in steps_of(session, ticket):
        if row.clock not in names or row.state not in LIVE:
            continue
        if breaches.is_past(session, row) and row.cycle == ticket.cycle:
            breaches.record(session, ticket, row)
        else:
            row.state = state
