"""Following a case: the own ones in this chat, and any one with its number and PIN."""

from __future__ import annotations

from typing import Any

from domain.numbers import parse_number
from handlers.flows.cases import Summary
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import case_page, opened_by_pin, pressed, pressed_case, unreadable
from handlers.flows.effects import CountPinTry
from handlers.flows.needs import CaseByPin, MyCases
from handlers.flows.turns import Decision, argument, turn
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step
from handlers.shown import summary_facts


def _status_needs(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    typed = _number_and_pin(argument(inbound))
    return (CaseByPin(*typed),) if typed else (MyCases(facts.person),)


def _number_and_pin(typed: str) -> tuple[str, str] | None:
    number, _, pin = typed.rpartition(" ")
    parsed = parse_number(number)
    digits = pin.strip()
    return (parsed, digits) if parsed and digits.isdigit() and len(digits) == 6 else None


@turn("citizen.command.status", needs=_status_needs)
def status(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Without a number the own cases; with number and PIN that case; a number alone reads nothing."""
    typed = _number_and_pin(argument(inbound))
    if typed:
        return _by_pin(memory, facts, *typed)
    if argument(inbound):
        return say(memory, "not_found")
    cases = facts[MyCases(facts.person)]
    if not cases:
        return say(memory, "no_cases")
    choices = tuple(Choice("details", (str(case.id),)) for case in cases)
    shown = [_line(case, facts) for case in cases]
    return say(memory, "cases", *choices, cases=shown)


def _line(case: Summary, facts: Facts) -> dict[str, Any]:
    """One case of the list; of a locked one the number alone."""
    if case.locked:
        return {"number": case.number, "locked": True}
    return {**summary_facts(case, facts.region), "locked": False}


def _by_pin(memory: Memory, facts: Facts, number: str, pin: str) -> Step:
    case = facts[CaseByPin(number, pin)].case
    effect = CountPinTry(number, opened=case is not None)
    if case is None:
        return Step(memory, (Reply("citizen/not_found"),), (effect,))
    held, after = opened_by_pin(case, memory, facts)
    return Step(after, (case_page(held, facts),), (effect,))


@turn("citizen.choice.details", needs=pressed)
def details(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    return Step(memory, (case_page(held, facts),))
