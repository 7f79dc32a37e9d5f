"""The desk: the list of open cases, one case's card, and the taps on it."""

from __future__ import annotations

from typing import Any

from domain.numbers import parse_number
from handlers.flows.cases import Case, Summary
from handlers.flows.effects import Acknowledge, RemindDesk, RemindLate, SetPriority, TakeTicket, UndoTap
from handlers.flows.needs import ON_ONE_PAGE, Desk, StaffCase, StaffCaseByLink, StaffCaseByNumber, StaffMember
from handlers.flows.staff.card import card, card_choices
from handlers.flows.staff.entrance import CASE_LINK, say, staff_turn
from handlers.flows.turns import Decision, argument
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step
from handlers.shown import summary_facts

_OPENS = frozenset({"details", "open_case"})


def _desk(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (Desk(facts.person),)


@staff_turn("staff.command.kotak", "staff.choice.desk", needs=_desk)
def list_desk(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return list_cases(memory, facts[Desk(facts.person)], facts)


def list_cases(
    memory: Memory, cases: tuple[Summary, ...], facts: Facts, *, unit: str | None = None, late: bool = False
) -> Step:
    """Some cases, each with a button: of the own desks, or of one unit."""
    listed = cases[:ON_ONE_PAGE]
    choices = tuple(Choice("details", (str(case.id),)) for case in listed)
    lines = [summary_facts(case, facts.region) for case in listed]
    of_unit = facts.region.units[unit].name if unit else None
    shown = {"cases": lines, "of_unit": of_unit, "more": len(cases) > ON_ONE_PAGE, "late": late}
    return Step(memory, (Reply("officer/desk", shown, choices),))


def _numbered(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    number = parse_number(argument(inbound))
    return (StaffCaseByNumber(facts.person, number),) if number else ()


@staff_turn("staff.command.tiket", needs=_numbered)
def find(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    number = parse_number(argument(inbound))
    case = facts[StaffCaseByNumber(facts.person, number)] if number else None
    return show(memory, case, facts)


def _linked(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (StaffCaseByLink(facts.person, argument(inbound).removeprefix(CASE_LINK)),)


@staff_turn("staff.linked", needs=_linked)
def open_linked(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A bell's "Buka" in a group: the case, in private."""
    return show(memory, facts[StaffCaseByLink(facts.person, argument(inbound).removeprefix(CASE_LINK))], facts)


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


def remembered(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """The case that the conversation is about."""
    return (StaffCase(facts.person, memory.ticket),) if memory.ticket is not None else ()


def remembered_case(memory: Memory, facts: Facts) -> Case | None:
    return facts[StaffCase(facts.person, memory.ticket)] if memory.ticket is not None else None


def is_stale(case: Case, facts: Facts) -> bool:
    """Whether the ticket has moved since the card was made."""
    assert facts.chosen is not None
    return facts.chosen.version is not None and facts.chosen.version != case.version


def applies(code: str, case: Case, facts: Facts) -> bool:
    """Whether the tap is still one of the card's choices, on the version it was made for."""
    actor = facts[StaffMember(facts.person)].actor
    return not is_stale(case, facts) and any(choice.code == code for choice in card_choices(case, actor, facts.region))


@staff_turn("staff.choice.details", "staff.choice.open_case", "staff.stale", needs=pressed)
def open_card(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    assert facts.chosen is not None
    return show(memory, case, facts, note=None if facts.chosen.choice.code in _OPENS else "stale")


@staff_turn("staff.choice.take", needs=pressed)
def take(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None or not applies("take", case, facts):
        return show(memory, case, facts, note="stale")
    return Step(memory, effects=(TakeTicket(case.view.id, case.version),))


@staff_turn("staff.choice.remind", needs=pressed)
def remind(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    if case is None:
        return show(memory, case, facts)
    return Step(memory, effects=(RemindDesk(case.view.id),))


@staff_turn("staff.choice.first", "staff.choice.not_first", needs=pressed)
def prioritize(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    case = pressed_case(facts)
    assert facts.chosen is not None
    if case is None:
        return show(memory, case, facts)
    return Step(memory, effects=(SetPriority(case.view.id, facts.chosen.choice.code == "first"),))


@staff_turn("staff.choice.remind_late")
def remind_late(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The desks of all late cases that a digest lists."""
    assert facts.chosen is not None
    return Step(memory, effects=(RemindLate(tuple(map(int, facts.chosen.choice.args))),))


@staff_turn("staff.choice.acknowledge")
def acknowledge(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(Acknowledge(tuple(int(arg) for arg in facts.chosen.choice.args)),))


@staff_turn("staff.choice.undo")
def undo(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(UndoTap(int(facts.chosen.choice.args[0])),))
