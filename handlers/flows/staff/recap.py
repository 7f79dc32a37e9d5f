"""/rekap: what the posts of a staff member look like now."""

from __future__ import annotations

from typing import Any

from handlers.flows.needs import Recap
from handlers.flows.staff.entrance import staff_turn
from handlers.flows.turns import Decision
from handlers.messages import Facts, Inbound, Memory, Need, Reply, Step


def _own(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (Recap(facts.person),)


@staff_turn("staff.command.rekap", needs=_own)
def recap(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A page for each post; a number opens its case."""
    found = facts[Recap(facts.person)]
    return Step(memory, tuple(Reply(shown.page, shown.facts, shown.choices) for shown in found))
