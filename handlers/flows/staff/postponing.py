"""Tunda: until when, then why. It stops no clock, and says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.dates import days_in, typed
from handlers.flows.effects import PostponeTicket
from handlers.flows.staff.desk import applies, is_stale, pressed, pressed_case, remembered, remembered_case, show
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.turns import Decision
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Reply, Step
from handlers.shown import moment, noon

#: The days that are offered, in working days from today.
OFFERED = (1, 3, 5, 10)


def today(facts: Facts) -> date:
    """The town's date."""
    return facts.region.calendars["office"].day_of(facts.now)


def example(facts: Facts) -> str:
    """A day that is still to come, as people type one."""
    return typed(facts.region.calendars["office"].after(today(facts), 5))


@staff_turn("staff.choice.postpone", needs=pressed)
def ask_day(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or not applies("postpone", case, facts):
        return show(memory, case, facts, note="stale")
    calendar = facts.region.calendar_of(case.view.unit)
    days = (calendar.after(today(facts), n) for n in OFFERED)
    choices = (*(Choice("postpone_to", (str(case.view.id), str(day))) for day in days), Choice("cancel"))
    by = moment(case.binding_by or case.first_response_by)
    shown = {"number": case.number, "by": by, "example": example(facts)}
    page = Reply("officer/postpone", shown, choices, ticket=case.view.id, version=case.version)
    return Step(Memory(state="postponing", ticket=case.view.id, version=case.version), (page,))


@staff_turn("staff.choice.postpone_to", needs=pressed)
def chosen_day(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    assert facts.chosen is not None
    if case is None or is_stale(case, facts):
        return show(memory, case, facts, note="stale")
    memory = Memory(state="postponing", ticket=case.view.id, version=case.version)
    return _ask_reason(memory, facts.chosen.choice.args[1])


@staff_turn("staff.text.postponing", needs=remembered)
def typed_day(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if remembered_case(memory, facts) is None:
        return Goto("staff.text.idle", Memory())
    days = [day for day in days_in(inbound.text, today(facts)) if day > today(facts)]
    if not days:
        return say(memory, "date_unknown", example=example(facts))
    return _ask_reason(memory, str(days[0]))


def _ask_reason(memory: Memory, day: str) -> Step:
    page = Reply("officer/postpone_why", {"until": noon(day)}, (Choice("cancel"),), ticket=memory.ticket)
    return Step(replace(memory, state="postponing_why", days=(day,)), (page,))


@staff_turn("staff.text.postponing_why", needs=remembered)
def reason(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = remembered_case(memory, facts)
    text = inbound.text.strip()
    if case is None or memory.version is None or not memory.days:
        return Goto("staff.text.idle", Memory())
    if not text:
        return say(memory, "text_please", number=case.number)
    return Step(Memory(), effects=(PostponeTicket(case.view.id, memory.version, memory.days[0], text),))
