"""/unit NAME: how a unit stands before a visit, for who looks over it; and what the visit found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.understanding.reading import unit_named
from handlers.flows.effects import RecordFinding
from handlers.flows.needs import BriefOf, Desk
from handlers.flows.overviews import Brief
from handlers.flows.staff.desk import list_cases
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.staff.explaining import coming_day
from handlers.flows.staff.postponing import example, today
from handlers.flows.turns import Decision, argument
from handlers.flows.wording import LONGEST, said
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step

#: The days that are offered for looking again, in working days from today.
OFFERED = (10, 20, 5)
_TEXT, _DAY = "finding", "finding_by"


def _typed(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    unit = unit_named(argument(inbound), facts.region)
    return (BriefOf(facts.person, unit), Desk(facts.person, unit)) if unit else ()


@staff_turn("staff.command.unit", needs=_typed)
def show_unit(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The brief; for who does not look over the unit, what they may read of its desk."""
    unit = unit_named(argument(inbound), facts.region)
    if unit is None:
        return say(memory, "unit_unknown", typed=argument(inbound)[:60])
    brief = facts[BriefOf(facts.person, unit)]
    if brief is None:
        return list_cases(memory, facts[Desk(facts.person, unit)], facts, unit=unit)
    return Step(memory, (Reply("supervisor/brief", brief.facts, _choices(brief, unit)),))


def _choices(brief: Brief, unit: str) -> tuple[Choice, ...]:
    codes = (("late_cases", brief.facts["late"]), ("open_cases", brief.facts["open"]), ("find", brief.may_find))
    return tuple(Choice(code, (unit,)) for code, applies in codes if applies)


def _listed(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (_desk_of(facts),)


def _desk_of(facts: Facts) -> Desk:
    assert facts.chosen is not None
    return Desk(facts.person, facts.chosen.choice.args[0], within=True, late=facts.chosen.choice.code == "late_cases")


@staff_turn("staff.choice.late_cases", "staff.choice.open_cases", needs=_listed)
def list_unit(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    desk = _desk_of(facts)
    if desk.unit not in facts.region.units:  # the files have changed since
        return say(memory, "not_found")
    return list_cases(memory, facts[desk], facts, unit=desk.unit, late=desk.late)


def _of_unit(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    assert facts.chosen is not None
    return (BriefOf(facts.person, facts.chosen.choice.args[0]),)


@staff_turn("staff.choice.find", needs=_of_unit)
def ask_words(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    unit = facts.chosen.choice.args[0]
    brief = facts[BriefOf(facts.person, unit)]
    if brief is None or not brief.may_find:
        return say(memory, "not_found")
    shown = {"unit": facts.region.units[unit].name}
    return Step(Memory(state=_TEXT, purpose=unit), (Reply("officer/finding", shown, (Choice("cancel"),)),))


@staff_turn(f"staff.text.{_TEXT}")
def ask_day(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    text = said(inbound)[:LONGEST]
    if not text:
        return say(memory, "words_please")
    calendar = facts.region.calendar_of(memory.purpose)
    days = (Choice("find_by", (str(calendar.after(today(facts), n)),)) for n in OFFERED)
    shown = {"unit": facts.region.units[memory.purpose].name, "example": example(facts)}
    page = Reply("officer/finding_by", shown, (*days, Choice("find_once"), Choice("cancel")))
    return Step(replace(memory, state=_DAY, text=text), (page,))


@staff_turn("staff.choice.find_by", "staff.choice.find_once")
def chosen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    if memory.state != _DAY:
        return say(memory, "nothing_to_cancel")
    return _keep(memory, *facts.chosen.choice.args)


@staff_turn(f"staff.text.{_DAY}")
def typed(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    day = coming_day(inbound.text, today(facts))
    return _keep(memory, str(day)) if day else say(memory, "date_unknown", example=example(facts))


def _keep(memory: Memory, day: str | None = None) -> Step:
    return Step(Memory(), effects=(RecordFinding(memory.purpose, memory.text, day),))
