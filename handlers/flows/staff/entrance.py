"""Who comes in: a one-time code enrols, a stranger learns nothing, everybody else gets the menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from domain.vocabulary import Role
from handlers.flows.effects import Enrol
from handlers.flows.needs import InvitationFor, StaffMember
from handlers.flows.turns import Decide, Decision, Needs, argument, nothing, turn
from handlers.messages import Facts, Goto, Inbound, Memory, Need, Reply, Step

#: How the link of a bell begins, which opens a case; no invitation's code has a dash.
CASE_LINK = "c-"


def say(memory: Memory, page: str, **facts: object) -> Step:
    """One page, and nothing else changes."""
    return Step(memory, (Reply(f"officer/{page}", facts),))


def staff_turn(*names: str, needs: Needs = nothing) -> Callable[[Decide], Decide]:
    """A turn for enrolled staff only; everybody else is answered as a stranger, whatever they typed."""

    def all_needs(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
        return (StaffMember(facts.person), *needs(inbound, memory, facts))

    def register(decide: Decide) -> Decide:
        def guarded(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
            if not facts[StaffMember(facts.person)].actor.held:
                return say(Memory(), "stranger_here" if facts.shared else "stranger")
            return decide(inbound, memory, facts)

        turn(*names, needs=all_needs)(guarded)
        return decide

    return register


def admin_turn(*names: str, needs: Needs = nothing) -> Callable[[Decide], Decide]:
    """A turn for administrators; other staff are told that it is not theirs."""

    def register(decide: Decide) -> Decide:
        def guarded(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
            if not facts[StaffMember(facts.person)].actor.has(Role.ADMIN):
                return say(Memory(), "admin_only")
            return decide(inbound, memory, facts)

        staff_turn(*names, needs=needs)(guarded)
        return decide

    return register


def _code(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    code = argument(inbound)
    return (InvitationFor(code),) if code and not code.startswith(CASE_LINK) else ()


@turn("staff.command.start", needs=_code)
def start(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    code = argument(inbound)
    if not code:
        return Goto("staff.command.menu", memory)
    if code.startswith(CASE_LINK):
        return Goto("staff.linked", memory)
    offered = facts[InvitationFor(code)]
    if offered is None:
        return say(memory, "bad_code")
    return Step(Memory(), effects=(Enrol(offered.id),))


@staff_turn("staff.command.menu", "staff.command.bantuan")
def menu(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    staff = facts[StaffMember(facts.person)]
    files_letters = any(held.unit == facts.region.front_desk for held in staff.actor.held)
    admin = staff.actor.has(Role.ADMIN)
    return say(memory, "menu", posts=list(staff.titles), admin=admin, letters=files_letters)


@staff_turn("staff.command.batal", "staff.choice.cancel")
def leave(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return say(Memory(), "cancelled" if memory.state != "idle" else "nothing_to_cancel")


@staff_turn("staff.text.idle")
def plain_text(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Words without a card are not an answer to anybody: say what they could be, and keep nothing."""
    return say(replace(memory, state="idle"), "which_case")
