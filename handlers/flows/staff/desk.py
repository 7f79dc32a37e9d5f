"""The desk: the list of open cases, one case's card, and the taps on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.numbers import parse_number
from domain.routing import proposals
from domain.understanding.reading import read, unit_named
from handlers.flows.cases import Case
from handlers.flows.effects import ForwardTicket, TakeTicket, UndoTap
from handlers.flows.needs import Desk, StaffCase, StaffCaseByNumber, StaffMember
from handlers.flows.staff.card import card, card_choices
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.turns import Decision, argument
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Reply, Step
from handlers.shown import summary_facts


def _desk(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (Desk(facts.person),)


@staff_turn("staff.command.kotak", needs=_desk)
def list_desk(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    cases = facts[Desk(facts.person)]
    choices = tuple(Choice("details", (str(case.id),)) for case in cases)
    return Step(
        memory, (Reply("officer/desk", {"cases": [summary_facts(case, facts.region) for case in cases]}, choices),)
    )


def _numbered(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    number = parse_number(argument(inbound))
    return (StaffCaseByNumber(facts.person, number),) if number else ()


@staff_turn("staff.command.tiket", needs=_numbered)
def find(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    number = parse_number(argument(inbound))
    case = facts[StaffCaseByNumber(facts.person, number)] if number else None
    return show(memory, case, facts)


def show(memory: Memory, case: Case | None, facts: Facts, *, note: str | None = None, edits: bool = False) -> Step:
    """The card, or the one sentence for both "not found" and "not yours"."""
    if case is None:
        return say(memory, "not_found")
    actor = facts[StaffMember(facts.person)].actor
    return Step(memory, (card(case, actor, facts.region, note=note, edits=edits),))


def pressed(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """The case of the card that was pressed."""
    ticket = pressed_ticket(facts)
    return (StaffCase(facts.person, ticket),) if ticket is not None else ()


def pressed_ticket(facts: Facts) -> int | None:
    if facts.chosen and facts.chosen.choice.args:
        return int(facts.chosen.choice.args[0])
    return facts.chosen.ticket if facts.chosen else None


def pressed_case(facts: Facts) -> Case | None:
    ticket = pressed_ticket(facts)
    return facts[StaffCase(facts.person, ticket)] if ticket is not None else None


def is_stale(case: Case, facts: Facts) -> bool:
    """Whether the ticket has moved since the card was made."""
    assert facts.chosen is not None
    return facts.chosen.version is not None and facts.chosen.version != case.version


def applies(code: str, case: Case, facts: Facts) -> bool:
    """Whether the tap is still one of the card's choices, on the version it was made for."""
    actor = facts[StaffMember(facts.person)].actor
    return not is_stale(case, facts) and any(choice.code == code for choice in card_choices(case, actor))


@staff_turn("staff.choice.details", "staff.stale", needs=pressed)
def open_card(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    assert facts.chosen is not None
    return show(memory, case, facts, note="stale" if facts.chosen.choice.code != "details" else None)


@staff_turn("staff.choice.take", needs=pressed)
def take(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or not applies("take", case, facts):
        return show(memory, case, facts, note="stale")
    return Step(memory, effects=(TakeTicket(case.view.id, case.version),))


@staff_turn("staff.choice.undo")
def undo(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(UndoTap(int(facts.chosen.choice.args[0])),))


@staff_turn("staff.choice.forward", needs=pressed)
def ask_unit(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Where to: what the story suggests, or a typed name."""
    case = pressed_case(facts)
    if case is None or not applies("forward", case, facts):
        return show(memory, case, facts, note="stale")
    barred = case.view.exclusions.units | {case.view.unit}
    offered = [unit for unit in proposals(read(case.story, facts.region), facts.region) if unit not in barred]
    choices = tuple(Choice("forward_to", (str(case.view.id), unit)) for unit in offered)
    after = replace(memory, state="forwarding", ticket=case.view.id, version=case.version)
    page = Reply(
        "officer/forward",
        {"number": case.number, "any": bool(choices)},
        (*choices, Choice("cancel")),
        ticket=case.view.id,
        version=case.version,
    )
    return Step(after, (page,))


@staff_turn("staff.choice.forward_to", needs=pressed)
def forward(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or is_stale(case, facts):
        return show(memory, case, facts, note="stale")
    assert facts.chosen is not None
    return Step(Memory(), effects=(ForwardTicket(case.view.id, case.version, facts.chosen.choice.args[1]),))


def _remembered(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (StaffCase(facts.person, memory.ticket),) if memory.ticket is not None else ()


@staff_turn("staff.text.forwarding", needs=_remembered)
def forward_by_name(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = facts[StaffCase(facts.person, memory.ticket)] if memory.ticket is not None else None
    if case is None:
        return Goto("staff.text.idle", Memory())
    unit = unit_named(inbound.text, facts.region)
    if unit is None or unit == case.view.unit:
        return say(memory, "unit_unknown", typed=inbound.text.strip()[:60])
    return Step(Memory(), effects=(ForwardTicket(case.view.id, case.version, unit),))
