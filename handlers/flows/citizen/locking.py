"""A phone that others use too: a locked case shows its number alone, until its PIN is typed."""

from __future__ import annotations

from dataclasses import replace

from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import case_page, pressed, pressed_case, unreadable
from handlers.flows.effects import LockTicket, RenewPin
from handlers.flows.turns import Decision, turn
from handlers.messages import Choice, Facts, Inbound, Memory, Step


@turn("citizen.choice.lock", needs=pressed)
def ask_lock(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Whoever does not have the PIN any more asks for a new one first: a locked case gives none."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    new_pin = () if held.by_pin else (Choice("new_pin", held.key),)
    choices = (Choice("lock_now", held.key), *new_pin, Choice("keep", held.key))
    return say(memory, "lock", *choices, number=held.case.number)


@turn("citizen.choice.lock_now", needs=pressed)
def lock(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """From now on also what the PIN had opened in this chat is shut."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    if held.case.locked or not held.case.reaches:
        return Step(memory, (case_page(held, facts),))
    shut = replace(memory, opened=None, opened_at="")
    return Step(shut, effects=(LockTicket(held.case.view.id, locked=True),))


@turn("citizen.choice.unlock", needs=pressed)
def unlock(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Only from the page that the PIN opened."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    if not held.case.locked:
        return Step(memory, (case_page(held, facts),))
    return Step(memory, effects=(LockTicket(held.case.view.id, locked=False),))


@turn("citizen.choice.new_pin", needs=pressed)
def new_pin(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Only from the chat that the case belongs to, while it is not locked (decision 22)."""
    held = pressed_case(memory, facts)
    if held is None or held.shut or held.by_pin:
        return unreadable(held, memory) or say(memory, "not_found")
    return Step(memory, effects=(RenewPin(held.case.view.id),))
