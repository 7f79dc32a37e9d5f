"""Minta penjelasan, after its words: until when the head of the unit explains."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from domain.dates import days_in
from handlers.flows.cases import Case
from handlers.flows.effects import AskExplanation
from handlers.flows.staff.desk import pressed, pressed_case, remembered, remembered_case, show
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.staff.postponing import example, today
from handlers.flows.turns import Decision
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Reply, Step

#: The days that are offered, in working days of the unit from today; the first one is usual.
OFFERED = (3, 1, 5)
#: Nobody waits longer for an answer in writing: a day beyond is a slip.
LONGEST = timedelta(days=90)
_STATE = "asking_why_by"


def ask_until(case: Case, memory: Memory, facts: Facts) -> Step:
    """The question is written; its date is asked for."""
    calendar = facts.region.calendar_of(case.view.unit)
    key = str(case.view.id)
    choices = (Choice("why_by", (key, str(calendar.after(today(facts), n)))) for n in OFFERED)
    shown = {"number": case.number, "example": example(facts)}
    page = Reply("officer/why_by", shown, (*choices, Choice("cancel")), ticket=case.view.id)
    return Step(replace(memory, state=_STATE), (page,))


@staff_turn("staff.choice.why_by", needs=pressed)
def chosen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    assert facts.chosen is not None
    if case is None or memory.state != _STATE or memory.ticket != case.view.id:
        return show(memory, case, facts, note="stale")
    return _ask(case, memory, facts.chosen.choice.args[1])


@staff_turn(f"staff.text.{_STATE}", needs=remembered)
def typed(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = remembered_case(memory, facts)
    if case is None:
        return Goto("staff.text.idle", Memory())
    day = coming_day(inbound.text, today(facts))
    return _ask(case, memory, str(day)) if day else say(memory, "date_unknown", example=example(facts))


def coming_day(text: str, today: date) -> date | None:
    """The first day that a text names, if it is still to come, and soon."""
    days = (day for day in days_in(text, today) if today < day <= today + LONGEST)
    return next(days, None)


def _ask(case: Case, memory: Memory, day: str) -> Step:
    return Step(Memory(), effects=(AskExplanation(case.view.id, memory.text, day),))
