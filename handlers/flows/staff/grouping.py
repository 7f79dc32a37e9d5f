"""Groups: `/grup` binds one to a unit. Nothing else is ever done from a group, and no answer goes into one."""

from __future__ import annotations

from typing import Any

from handlers.flows.effects import BindGroup, BindUnit, UnbindGroup
from handlers.flows.needs import ON_ONE_PAGE, StaffCase, StaffMember
from handlers.flows.staff.entrance import say, staff_turn
from handlers.flows.turns import Decision, argument, turn
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step

_STOPS = frozenset({"berhenti", "stop"})


def _member(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (StaffMember(facts.person),)


def _units(facts: Facts) -> tuple[str, ...]:
    """The units of the posts that the person holds."""
    return tuple(dict.fromkeys(held.unit for held in facts[StaffMember(facts.person)].actor.held))


@turn("group.nothing")
def ignore(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What people say among themselves is none of ours."""
    return Step(memory)


@turn("group.staff.command.grup", needs=_member)
def connect(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Bind the group to the presser's unit, or let it go. A stranger gets no answer at all."""
    units = _units(facts)
    if not units or inbound.group is None:
        return Step(memory)
    if argument(inbound).lower() in _STOPS:
        return Step(memory, effects=(UnbindGroup(inbound.group, units),))
    return Step(memory, effects=(BindGroup(inbound.group, units[:ON_ONE_PAGE]),))


def _quoted(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (StaffMember(facts.person), *((StaffCase(facts.person, facts.quoted),) if facts.quoted is not None else ()))


@turn("group.staff.quoted", needs=_quoted)
def answered(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A reply to a bell is no answer to a citizen: its writer hears so in private."""
    if facts.quoted is None or not _units(facts):
        return Step(memory)
    case = facts[StaffCase(facts.person, facts.quoted)]
    choices = (Choice("details", (str(case.view.id),)),) if case else ()
    shown = {"number": case.number if case else None}
    return Step(memory, (Reply("officer/group_not_recorded", shown, choices),))


@staff_turn("staff.command.grup")
def explain(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Typed in the private chat: how a group is bound."""
    return say(memory, "group_how")


@staff_turn("staff.choice.group_unit")
def choose(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The unit whose bells the group shall hear; only one of the presser's own, as they are now."""
    assert facts.chosen is not None
    group, unit = facts.chosen.choice.args
    if unit not in _units(facts):
        return say(memory, "group_none")
    return Step(memory, effects=(BindUnit(int(group), unit),))
