"""/kalender: an administrator changes the town's days off. Which days, by which decree, what it would do, one tap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from domain import decisions
from domain.dates import days_in, typed
from domain.decisions import Subject
from domain.overrides import CalendarChange, ChangeKind, days_off, says_nothing, spans_of, unsure_in
from handlers.flows.effects import Propose, SignDecision, UndoDecision
from handlers.flows.needs import Decisions
from handlers.flows.staff.entrance import admin_turn
from handlers.flows.staff.postponing import today
from handlers.flows.turns import Decision
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Reply, Step
from handlers.shown import decision_facts, noon, undo_choice

#: A change longer than this is a slip of the pen.
LONGEST = 31
#: A decree's name is not longer.
LONGEST_BASIS = 300
_DECIDED = Decisions((Subject.CALENDAR,))


def _decisions(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (_DECIDED,)


@admin_turn("staff.command.kalender", needs=_decisions)
def overview(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The days off ahead, what the town itself decided, and what can be done."""
    found, day = facts[_DECIDED], today(facts)
    unsure = [one.year for one in unsure_in(facts.region, day)]
    calendar = facts.region.calendars["office"]
    ahead = [off for year in (day.year, day.year + 1) for off in days_off(calendar, year) if off >= day]
    shown = {
        "off": [{"since": noon(first), "until": noon(last)} for first, last in list(spans_of(ahead))[:8]],
        "decided": [decision_facts(one, facts.region) for one in found],
        "unsure": unsure,
    }
    choices = (
        Choice("calendar_added"),
        Choice("calendar_local"),
        Choice("calendar_cancelled"),
        *(Choice("calendar_year", (str(year),)) for year in unsure[:1]),
        *(undo_choice(one, facts.region) for one in found[:4]),
    )
    return Step(Memory(), (Reply("officer/calendar", shown, choices),))


@admin_turn("staff.choice.calendar_added", "staff.choice.calendar_local", "staff.choice.calendar_cancelled")
def ask_days(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    kind = facts.chosen.choice.code.removeprefix("calendar_")
    return Step(Memory(state="calendar_days", purpose=kind), (_ask_days(kind, facts),))


def _ask_days(kind: str, facts: Facts) -> Reply:
    day = facts.region.calendars["office"].after(today(facts), 5)
    return Reply("officer/calendar_days", {"what": kind, "example": typed(day, year=True)}, _LEAVE)


_LEAVE = (Choice("cancel"),)


@admin_turn("staff.text.calendar_days")
def typed_days(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """One day, or the first and the last one."""
    days = days_in(inbound.text, today(facts))
    if not days or days[-1] < days[0] or (days[-1] - days[0]).days >= LONGEST:
        return Step(memory, (_ask_days(memory.purpose, facts),))
    change = CalendarChange(ChangeKind(memory.purpose), days[0], days[-1])
    if says_nothing(change, facts.region.calendars):
        shown = {"what": memory.purpose, "since": noon(days[0]), "until": noon(days[-1])}
        return Step(memory, (Reply("officer/calendar_already", shown, _LEAVE),))
    return _ask_basis(memory, days[0], days[-1], ())


@admin_turn("staff.choice.calendar_year")
def ask_year(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The days off of a year as the program has them, to be held against the decree before they are confirmed."""
    assert facts.chosen is not None
    year = int(facts.chosen.choice.args[0])
    found = days_off(facts.region.calendars["office"], year)
    memory = Memory(state="calendar_days", purpose=str(ChangeKind.CONFIRMED))
    return _ask_basis(memory, date(year, 1, 1), date(year, 12, 31), found)


def _ask_basis(memory: Memory, first: date, last: date, off: tuple[date, ...]) -> Step:
    shown = {
        "what": memory.purpose,
        "since": noon(first),
        "until": noon(last),
        "year": first.year,
        "off": [{"since": noon(start), "until": noon(end)} for start, end in spans_of(off)],
    }
    kept = replace(memory, state="calendar_basis", days=(str(first), str(last)))
    return Step(kept, (Reply("officer/calendar_basis", shown, _LEAVE),))


@admin_turn("staff.text.calendar_basis")
def typed_basis(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    basis = " ".join(inbound.text.split())[:LONGEST_BASIS]
    if len(memory.days) != 2:
        return Goto("staff.command.kalender", Memory())
    if not basis:
        return _ask_basis(memory, date.fromisoformat(memory.days[0]), date.fromisoformat(memory.days[1]), ())
    first, last = map(date.fromisoformat, memory.days)
    change = CalendarChange(ChangeKind(memory.purpose), first, last)
    return Step(Memory(), effects=(Propose(decisions.calendar(change), basis),))


@admin_turn("staff.choice.decision_sign")
def sign(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(SignDecision(int(facts.chosen.choice.args[0])),))


@admin_turn("staff.choice.decision_undo")
def undo(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(UndoDecision(int(facts.chosen.choice.args[0])),))
