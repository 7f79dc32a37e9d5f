"""/cuti: from when to when, and who stands in."""

from __future__ import annotations

from typing import Any

from domain.dates import days_in, typed
from domain.region import title
from handlers.flows.effects import EndLeave, GoOnLeave
from handlers.flows.needs import Colleagues, MyLeaves
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.staff.postponing import today
from handlers.flows.turns import Decision, argument
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Reply, Step
from handlers.shown import noon

#: Enough colleagues to choose from, on one page with "nobody".
MOST = 8


def _leaves(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (MyLeaves(facts.person), Colleagues(facts.person))


@staff_turn("staff.command.cuti", needs=_leaves)
def ask_days(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A leave that is noted is shown, and can be ended; else the days are asked."""
    leaves = facts[MyLeaves(facts.person)]
    if leaves and not argument(inbound):
        first, last, row = leaves[0].first, leaves[0].last, leaves[0].id
        shown = {"since": noon(first), "until": noon(last), "example": ""}
        return Step(Memory(), (Reply("officer/leave", shown, (Choice("end_leave", (str(row),)), Choice("cancel"))),))
    if argument(inbound):
        return Goto("staff.text.leaving", Memory(state="leaving"))
    return _ask_days(facts)


def _ask_days(facts: Facts) -> Step:
    shown = {"since": None, "until": None, "example": _example(facts)}
    return Step(Memory(state="leaving"), (Reply("officer/leave", shown, (Choice("cancel"),)),))


def _example(facts: Facts) -> str:
    calendar = facts.region.calendars["office"]
    first = calendar.after(today(facts), 1)
    last = calendar.after(first, 4)
    return f"{typed(first)} - {typed(last)}"


@staff_turn("staff.text.leaving", needs=_leaves)
def typed_days(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    text = argument(inbound) or inbound.text
    days = days_in(text, today(facts))
    first, last = (days[0], days[-1]) if days else (None, None)
    if first is None or last is None or first < today(facts) or last < first:
        return say(memory, "date_unknown", example=_example(facts))
    choices = tuple(
        Choice("substitute", (str(found.person), title(facts.region.posts[found.post], found.kind)))
        for found in facts[Colleagues(facts.person)][:MOST]
    )
    shown = {"since": noon(first), "until": noon(last)}
    page = Reply("officer/leave_substitute", shown, (*choices, Choice("no_substitute"), Choice("cancel")))
    return Step(Memory(state="leaving", days=(str(first), str(last))), (page,))


@staff_turn("staff.choice.substitute", "staff.choice.no_substitute")
def chosen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if memory.state != "leaving" or len(memory.days) != 2:
        return Goto("staff.command.cuti", Memory())
    assert facts.chosen is not None
    substitute = int(facts.chosen.choice.args[0]) if facts.chosen.choice.args else None
    return Step(Memory(), effects=(GoOnLeave(memory.days[0], memory.days[1], substitute),))


@staff_turn("staff.choice.end_leave")
def back(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(Memory(), effects=(EndLeave(int(facts.chosen.choice.args[0])),))
