"""/cari: by number, unit, matter, day or state - what the record knows without opening a story (decision 25)."""

from __future__ import annotations

from typing import Any

from domain.dates import days_in, without_days
from domain.numbers import parse_number
from domain.understanding.reading import read, unit_named
from handlers.flows.needs import Search, StaffCaseByNumber
from handlers.flows.staff.desk import show
from handlers.flows.staff.entrance import staff_turn
from handlers.flows.staff.postponing import today
from handlers.flows.turns import Decision, argument
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step
from handlers.shown import summary_facts

MOST = 9


def _needs(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    typed = argument(inbound)
    if number := parse_number(typed):
        return (StaffCaseByNumber(facts.person, number),)
    search = _search(typed, facts)
    return (search,) if search else ()


def _search(typed: str, facts: Facts) -> Search | None:
    """What the words ask for; None for words that mean nothing here."""
    days = days_in(typed, today(facts), coming=False)
    words = without_days(typed)
    unit = unit_named(words, facts.region) if words else None
    candidates = read(words, facts.region).candidates if words else ()
    matters = () if unit else tuple(sorted({found.matter for found in candidates}))
    if not (days or unit or matters):
        return None
    return Search(facts.person, unit=unit, matters=matters, day=days[0] if days else None, most=MOST + 1)


@staff_turn("staff.command.cari", needs=_needs)
def search(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    typed = argument(inbound)
    if number := parse_number(typed):
        return show(memory, facts[StaffCaseByNumber(facts.person, number)], facts)
    asked = _search(typed, facts)
    found = facts[asked] if asked else ()
    choices = tuple(Choice("details", (str(case.id),)) for case in found[:MOST])
    shown = {"cases": [summary_facts(case, facts.region) for case in found[:MOST]], "more": len(found) > MOST}
    return Step(memory, (Reply("officer/found", shown, choices),))
