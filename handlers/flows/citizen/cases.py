"""Following a case: the own ones in this chat, and any one with its number and PIN."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.numbers import parse_number
from handlers.flows.cases import Summary
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import case_page, opened_by_pin, pressed, pressed_case, unreadable
from handlers.flows.citizen.story import is_writing
from handlers.flows.effects import CountPinTry
from handlers.flows.needs import CaseByPin, MyCases
from handlers.flows.turns import Decision, argument, text_turn, turn
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Reply, Step
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


def _digits(inbound: Inbound) -> str | None:
    typed = "".join(inbound.text.split())
    return typed if typed.isascii() and typed.isdigit() and len(typed) == 6 else None


def _typed_pin(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    digits = _digits(inbound)
    return (CaseByPin(memory.text, digits),) if digits else ()


@turn("citizen.text.pin", needs=_typed_pin)
def typed_pin(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The PIN of the case that a link named; anything else is what it would be without the link."""
    digits = _digits(inbound)
    after = replace(memory, state="confirm" if is_writing(memory) else "idle", text="")
    if digits is None:
        return Goto(text_turn(inbound, after), after)
    return _by_pin(after, facts, memory.text, digits)


@turn("citizen.choice.details", needs=pressed)
def details(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    return Step(memory, (case_page(held, facts),))
