"""The button of an announcement. Whoever pressed it is there, so what waited comes by itself, and no more is said."""

from __future__ import annotations

from typing import Any

from handlers.flows.needs import Waits
from handlers.flows.staff.entrance import staff_turn
from handlers.flows.turns import Decision, turn
from handlers.messages import Facts, Goto, Inbound, Memory, Need, Step


def _waits(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (Waits(facts.person),)


@turn("citizen.choice.see", needs=_waits)
def show_citizen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What waits, or the own cases where it has come already."""
    return Step(memory) if facts[Waits(facts.person)] else Goto("citizen.command.status", memory)


@staff_turn("staff.choice.see", needs=_waits)
def show_staff(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What waits, or the desk."""
    return Step(memory) if facts[Waits(facts.person)] else Goto("staff.command.kotak", memory)
