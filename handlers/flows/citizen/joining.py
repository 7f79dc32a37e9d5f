"""One citizen in two chats: a code from one that is typed in the other, or the PIN of a case; and leaving again.

Joining lets each chat read what the other may, so it is asked first, and not joining is the first choice.
"""

from __future__ import annotations

from typing import Any

from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import case_page, pressed, pressed_case, unreadable
from handlers.flows.effects import CountJoinTry, JoinByCase, JoinByCode, LeaveOthers, ShowJoinCode
from handlers.flows.needs import JoinCodeTyped
from handlers.flows.turns import Decision, argument, turn
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step


def _typed(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (JoinCodeTyped(argument(inbound)),) if argument(inbound) else ()


@turn("citizen.command.gabung", needs=_typed)
def join(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Alone it asks for a code; with one it asks whether to join the chat that the code was shown in."""
    if not argument(inbound):
        return Step(memory, effects=(ShowJoinCode(),))
    found = facts[JoinCodeTyped(argument(inbound))]
    effect = CountJoinTry(right=found is not None)
    if found is None:
        return Step(memory, (Reply("citizen/bad_join_code"),), (effect,))
    choices = (Choice("stay_apart"), Choice("join_code", (str(found.code),)))
    return Step(memory, (Reply("citizen/join", {"channel": found.channel, "number": None}, choices),), (effect,))


@turn("citizen.choice.join_code")
def join_by_code(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    return Step(memory, effects=(JoinByCode(int(facts.chosen.choice.args[0])),))


@turn("citizen.choice.join_here", needs=pressed)
def ask_join(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """From the page of a case that its PIN has opened here."""
    held = pressed_case(memory, facts)
    if held is None or not held.by_pin or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    if not held.case.joins:
        return Step(memory, (case_page(held, facts),))
    choices = (Choice("stay_apart"), Choice("join_case", held.key))
    return say(memory, "join", *choices, channel=None, number=held.case.number)


@turn("citizen.choice.join_case", needs=pressed)
def join_by_case(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    held = pressed_case(memory, facts)
    if held is None or not held.by_pin or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    return Step(memory, effects=(JoinByCase(held.case.view.id),))


@turn("citizen.choice.stay_apart")
def stay_apart(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return say(memory, "not_joined")


@turn("citizen.command.pisah")
def leave(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return Step(memory, effects=(LeaveOthers(),))
