"""What a case's dates are counted from, and counting them: at receipt, and anew when a fact or a calendar changes."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime

from domain.calendar import Calendar
from domain.deadlines import Deadlines, History, Policy, count, stated
from domain.overrides import version_of
from domain.region import Region
from domain.vocabulary import Kind
from handlers.actions.incoming import letter_of
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases
from storage.tables import Pause

_DATES = tuple(field.name for field in fields(Deadlines))


def give(session: Session, ticket: Record) -> None:
    """Promise the dates of a case that is new, or that has only now become one: by the rules of the day it came."""
    rule = session.region.policy(Kind(ticket.kind), ticket.received_at, ticket.matter_code, ticket.unit_code)
    ticket.terms = {**asdict(rule), "since": rule.since.isoformat()}
    ticket.calendar = session.region.hours_of(ticket.unit_code)
    recount(session, ticket)


def begin_anew(session: Session, ticket: Record) -> None:
    """The citizen sent the case back: a new promise, by the hours of the unit that has it now (decision 15)."""
    ticket.reopened_at, ticket.desk_since = session.now, None
    ticket.calendar = session.region.hours_of(ticket.unit_code)
    recount(session, ticket)


def hand_over(session: Session, ticket: Record) -> None:
    """Another desk verifies and answers from now on; the citizen's dates stay as they were promised."""
    ticket.desk_since = session.now
    recount(session, ticket)


def recount(session: Session, ticket: Record) -> None:
    """Count the case's dates from its history."""
    found = counted(session, ticket)
    for name in _DATES:
        setattr(ticket, name, getattr(found, name))
    ticket.calendar_version = version_of(calendar_of(session, ticket))


def counted(session: Session, ticket: Record, region: Region | None = None) -> Deadlines:
    """The dates that the case's history gives by the calendars as they are now, or of `region`; changes nothing."""
    region = region or session.region
    promised, desk = _calendar_in(region, ticket), region.calendar_of(ticket.unit_code)
    if letter := letter_of(session, ticket):
        return stated(letter.due, ticket.received_at, promised)
    return count(history_of(session, ticket), policy_of(session, ticket), promised, desk)


def dates_of(ticket: Record) -> Deadlines:
    """The case's own dates as they stand."""
    return Deadlines(**{name: getattr(ticket, name) for name in _DATES})


def history_of(session: Session, ticket: Record) -> History:
    """The facts that the dates are counted from."""
    pauses = tuple((row.since, row.until) for row in pauses_of(session, ticket) if row.until is not None)
    return History(Kind(ticket.kind), ticket.received_at, ticket.reopened_at, ticket.desk_since, pauses)


def policy_of(session: Session, ticket: Record) -> Policy:
    """The rule that was in force when the case came; a later one is not for it."""
    if ticket.terms is None:  # a case of a release that did not keep its rule
        return session.region.policy(Kind(ticket.kind), ticket.received_at, ticket.matter_code, ticket.unit_code)
    return Policy(**{**ticket.terms, "since": date.fromisoformat(str(ticket.terms["since"]))})


def calendar_of(session: Session, ticket: Record) -> Calendar:
    """The calendar that the promise is counted in: that of the unit which gave it."""
    return _calendar_in(session.region, ticket)


def _calendar_in(region: Region, ticket: Record) -> Calendar:
    return region.kept_calendar(ticket.calendar, ticket.unit_code)


def pauses_of(session: Session, ticket: Record) -> list[Record]:
    """The times in which the clock stood still, planned ones included, the oldest first."""
    return sorted(session.plan.of_case(Pause, cases.PAUSES, ticket), key=_since)


def _since(pause: Record) -> tuple[datetime, int]:
    return (pause.since, pause.id)
