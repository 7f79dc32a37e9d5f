"""Following a case: the own ones in this chat, any one with its number and PIN, and adding to an own one."""

from __future__ import annotations

from typing import Any

from domain.numbers import parse_number
from domain.understanding.reading import read
from domain.vocabulary import OVERSIGHT_CONDUCT, STAFF_CONDUCT
from handlers.flows.cases import Case
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.story import small_talk
from handlers.flows.effects import AddToTicket, CountPinTry, ReopenTicket
from handlers.flows.needs import CaseByPin, MyCase, MyCases
from handlers.flows.turns import Decision, argument, turn
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Reply, Step
from handlers.shown import case_facts, summary_facts


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
    shown = [summary_facts(case, facts.region) for case in cases]
    return say(memory, "cases", *choices, cases=shown)


def _by_pin(memory: Memory, facts: Facts, number: str, pin: str) -> Step:
    case = facts[CaseByPin(number, pin)].case
    effect = CountPinTry(number, opened=case is not None)
    if case is None:
        return Step(memory, (Reply("citizen/not_found"),), (effect,))
    return Step(memory, (_case(case, facts),), (effect,))


def _case(case: Case, facts: Facts) -> Reply:
    return Reply("citizen/case", case_facts(case, facts.region))


def _chosen_case(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    ticket = _ticket_of(facts)
    return (MyCase(facts.person, ticket),) if ticket is not None else ()


def _ticket_of(facts: Facts) -> int | None:
    if facts.chosen:
        return int(facts.chosen.choice.args[0])
    return facts.quoted


@turn("citizen.choice.details", needs=_chosen_case)
def details(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    ticket = _ticket_of(facts)
    case = facts[MyCase(facts.person, ticket)] if ticket is not None else None
    if case is None:
        return say(memory, "not_found")
    return Step(memory, (Reply("citizen/case", case_facts(case, facts.region), ticket=case.view.id),))


@turn("citizen.quoted", needs=_chosen_case)
def quoted(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A reply to a message about an own case is added to that case; to anything else it is plain text."""
    ticket = _ticket_of(facts)
    case = facts[MyCase(facts.person, ticket)] if ticket is not None else None
    if case is None:
        return Goto(f"citizen.text.{memory.state}", memory)
    if case.view.state in ("withdrawn", "merged") and case.outcome != "lapsed":
        return say(memory, "case_closed", number=case.number)
    if small := small_talk(inbound.text, facts) if not inbound.media else None:
        return Goto(small, memory)
    if _accuses(inbound.text, case, facts):
        writing = memory.draft is not None and bool(memory.draft.story) and not memory.draft.parked
        return Goto("citizen.text.confirm" if writing else "citizen.text.idle", memory)  # what is being written stays
    return Step(memory, effects=(AddToTicket(case.view.id, inbound.text.strip(), inbound.media),))


def _accuses(text: str, case: Case, facts: Facts) -> bool:
    """Whether an addition accuses somebody, so that it must not go to the desk that has the case.

    It becomes a story of its own: the citizen sees who will read it and who will not, as with every accusation.
    """
    return case.view.kind != "oversight" and bool(
        read(text, facts.region).conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT)
    )


@turn("citizen.choice.not_done", needs=_chosen_case)
def not_done(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """ "Belum beres" always counts, also after the case was closed."""
    ticket = _ticket_of(facts)
    case = facts[MyCase(facts.person, ticket)] if ticket is not None else None
    if case is None:
        return say(memory, "not_found")
    if case.view.state not in ("resolved", "closed"):
        return Step(memory, (Reply("citizen/case", case_facts(case, facts.region), ticket=case.view.id),))
    return Step(memory, effects=(ReopenTicket(case.view.id),))
