"""What the citizen says of a case: settled, not settled, how good it was, or never mind."""

from __future__ import annotations

from domain.lifecycle import possible
from domain.vocabulary import Action
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import Held, case_page, pressed, pressed_case, unreadable
from handlers.flows.effects import AcceptTicket, RateTicket, ReopenTicket, WithdrawTicket
from handlers.flows.turns import Decision, turn
from handlers.messages import Choice, Effect, Facts, Inbound, Memory, Step

#: From bad to very good: a typed "1" is the worst.
STARS = (1, 2, 3, 4)
#: Settled and rated in one, the best first: for those who are asked once only.
DONE = tuple(f"done_{stars}" for stars in reversed(STARS))


def _for(action: Action, memory: Memory, facts: Facts) -> Held | Step:
    """The pressed case, if this may be done to it now; else how it stands."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    if not possible(action, held.case.view.state):
        return Step(memory, (case_page(held, facts),))
    return held


def _do(effect: Effect, memory: Memory) -> Step:
    return Step(memory, effects=(effect,))


@turn("citizen.choice.not_done", needs=pressed)
def not_done(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """ "Belum beres" always counts, also after the case was closed."""
    held = _for(Action.REFUSE, memory, facts)
    return held if isinstance(held, Step) else _do(ReopenTicket(held.case.view.id, key=held.key), memory)


@turn("citizen.choice.done", needs=pressed)
def done(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    held = _for(Action.ACCEPT, memory, facts)
    return held if isinstance(held, Step) else _do(AcceptTicket(held.case.view.id, held.key), memory)


@turn(*(f"citizen.choice.{code}" for code in DONE), needs=pressed)
def done_and_rated(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    held = _for(Action.ACCEPT, memory, facts)
    stars = int(facts.chosen.choice.code.removeprefix("done_"))
    return held if isinstance(held, Step) else _do(AcceptTicket(held.case.view.id, held.key, stars), memory)


@turn("citizen.choice.rate", needs=pressed)
def ask_rating(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    held = _for(Action.RATE, memory, facts)
    if isinstance(held, Step):
        return held
    return say(memory, "rate", *ratings(held.key), number=held.case.number)


def ratings(key: tuple[str, ...]) -> tuple[Choice, ...]:
    """One tap each; whoever gives none owes nothing."""
    return tuple(Choice(f"rate_{stars}", key) for stars in STARS)


@turn(*(f"citizen.choice.rate_{stars}" for stars in STARS), needs=pressed)
def rate(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.chosen is not None
    held = _for(Action.RATE, memory, facts)
    stars = int(facts.chosen.choice.code.removeprefix("rate_"))
    return held if isinstance(held, Step) else _do(RateTicket(held.case.view.id, stars), memory)


@turn("citizen.choice.withdraw", needs=pressed)
def ask_withdraw(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """It can't be taken back, so going on is the first choice."""
    held = _for(Action.WITHDRAW, memory, facts)
    if isinstance(held, Step):
        return held
    return say(memory, "withdraw", Choice("keep", held.key), Choice("withdraw_now", held.key), number=held.case.number)


@turn("citizen.choice.keep", needs=pressed)
def keep(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Nothing changes."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    return Step(memory, (case_page(held, facts),))


@turn("citizen.choice.withdraw_now", needs=pressed)
def withdraw(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    held = _for(Action.WITHDRAW, memory, facts)
    return held if isinstance(held, Step) else _do(WithdrawTicket(held.case.view.id), memory)
