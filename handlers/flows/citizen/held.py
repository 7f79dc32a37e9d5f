"""Which case a citizen speaks of: an own one of this chat, or one that its PIN has just opened here.

A choice names an own case by its id. One that was opened by PIN is named by the moment of its opening, and only the
conversation's sealed memory knows which it was: no row ties this chat to a case that keeps no address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from domain.lifecycle import possible
from domain.vocabulary import Action, Outcome, State
from handlers.flows.cases import Case
from handlers.flows.citizen.greeting import say
from handlers.flows.needs import MyCase, OpenedCase
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step
from handlers.shown import case_facts

BY_PIN = "pin"
#: How long a PIN that was typed once opens the case's choices in this chat: a phone may be shared.
GOOD_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Held:
    """A case that the citizen may act on, and the arguments by which its choices name it."""

    case: Case
    key: tuple[str, ...]

    @property
    def by_pin(self) -> bool:
        return self.key[0] == BY_PIN

    @property
    def shut(self) -> bool:
        """Whether this chat may show no more of the case than its number."""
        return self.case.locked and not self.by_pin


def own(case: Case) -> Held:
    """An own case of this chat."""
    return Held(case, (str(case.view.id),))


def opened_by_pin(case: Case, memory: Memory, facts: Facts) -> tuple[Held, Memory]:
    """A case whose PIN was typed now, and the memory that knows it."""
    after = replace(memory, opened=case.view.id, opened_at=facts.now.isoformat())
    return Held(case, (BY_PIN, after.opened_at)), after


def pressed(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """The case of the choice that was pressed."""
    return _needs(_pressed_key(facts), memory, facts)


def pressed_case(memory: Memory, facts: Facts) -> Held | None:
    return _held(_pressed_key(facts), memory, facts)


def remembered(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """The case that words are being written for."""
    return _needs(memory.held, memory, facts)


def remembered_case(memory: Memory, facts: Facts) -> Held | None:
    return _held(memory.held, memory, facts)


def _pressed_key(facts: Facts) -> tuple[str, ...]:
    assert facts.chosen is not None
    args = facts.chosen.choice.args
    return args[:2] if args[:1] == (BY_PIN,) else args[:1]


def _need(key: tuple[str, ...], memory: Memory, facts: Facts) -> MyCase | OpenedCase | None:
    if key[:1] != (BY_PIN,):
        return MyCase(facts.person, int(key[0])) if key else None
    if memory.opened is None or key != (BY_PIN, memory.opened_at):
        return None
    is_fresh = facts.now - datetime.fromisoformat(memory.opened_at) < GOOD_FOR
    return OpenedCase(memory.opened) if is_fresh else None


def _needs(key: tuple[str, ...], memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    need = _need(key, memory, facts)
    return (need,) if need else ()


def _held(key: tuple[str, ...], memory: Memory, facts: Facts) -> Held | None:
    need = _need(key, memory, facts)
    case = facts[need] if need else None
    return Held(case, key) if case else None


def unreadable(held: Held | None, memory: Memory) -> Step | None:
    """The answer where there is nothing to show: not found, not yours, or locked."""
    if held is None:
        return say(memory, "not_found")
    return say(memory, "locked", number=held.case.number) if held.shut else None


def can_add(case: Case) -> bool:
    """Whether words still reach a desk. A lapsed case is opened again by any of them (decision 17)."""
    return possible(Action.ADD, case.view.state) or case.outcome == Outcome.LAPSED


def is_asked(case: Case) -> bool:
    """Whether an office waits for this citizen, or has waited in vain."""
    return case.view.state is State.WAITING_CITIZEN or case.outcome == Outcome.LAPSED


def case_page(held: Held, facts: Facts) -> Reply:
    """Everything the citizen may read of the case, and what may be done to it now."""
    shown = case_facts(held.case, facts.region)
    tie = None if held.by_pin else held.case.view.id
    return Reply("citizen/case", shown, case_choices(held), ticket=tie)


def case_choices(held: Held) -> tuple[Choice, ...]:
    """What the citizen may do to the case as it is now."""
    return (*heard_choices(held), *_words(held), *verdicts(held), *_keeping(held))


def heard_choices(held: Held) -> tuple[Choice, ...]:
    """What may be said of the words of a voice while they are not settled."""
    if not held.case.listening or not possible(Action.HEAR, held.case.view.state):
        return ()
    if held.case.heard is None:
        return (Choice("write_it", held.key),)
    return (Choice("heard_yes", (*held.key, str(held.case.heard.line))), Choice("heard_fix", held.key))


def _words(held: Held) -> tuple[Choice, ...]:
    if not can_add(held.case):
        return ()
    return (Choice("reply" if is_asked(held.case) else "add", held.key),)


def verdicts(held: Held) -> tuple[Choice, ...]:
    """Belum, beres, a rating, withdrawing: as far as the state allows."""
    state = held.case.view.state
    offered = [Choice("not_done", held.key)] if possible(Action.REFUSE, state) else []
    if possible(Action.ACCEPT, state):
        offered.append(Choice("done", held.key))
    elif possible(Action.RATE, state):
        offered.append(Choice("rate", held.key))
    if possible(Action.WITHDRAW, state):
        offered.append(Choice("withdraw", held.key))
    return tuple(offered)


def _keeping(held: Held) -> tuple[Choice, ...]:
    """The lock of a shared phone; a new PIN only where the chat itself is proof enough; news here too, by the PIN."""
    if not held.case.reaches:
        return ()
    if held.case.locked:
        return (Choice("unlock", held.key),)
    if held.by_pin:
        return (*((Choice("join_here", held.key),) if held.case.joins else ()), Choice("lock", held.key))
    return (Choice("lock", held.key), Choice("new_pin", held.key))
