"""Which of the citizen's own cases some words may belong to."""

from __future__ import annotations

from typing import Any

from domain.lifecycle import possible
from domain.understanding.reading import read
from domain.vocabulary import OVERSIGHT_CONDUCT, STAFF_CONDUCT, Action, Kind, State
from handlers.flows.cases import Summary
from handlers.flows.needs import MyCases
from handlers.messages import Draft, Facts, Inbound, Memory, Need


def knows_own(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """The needs of a turn that asks for the own cases; who has never written has none."""
    return () if facts.first else (MyCases(facts.person),)


def mine(facts: Facts) -> tuple[Summary, ...]:
    """The own cases that this chat may show, as far as the turn asked for them."""
    found: tuple[Summary, ...] = facts.known.get(MyCases(facts.person), ())
    return tuple(case for case in found if not case.locked)


def fits(text: str, kind: str, facts: Facts) -> bool:
    """Whether words may go to the desk that has a case: an accusation only to one that reads accusations."""
    return kind == Kind.OVERSIGHT or not read(text, facts.region).conduct & (OVERSIGHT_CONDUCT | STAFF_CONDUCT)


def _fitting(text: str, cases: list[Summary], facts: Facts) -> tuple[Summary, ...]:
    """Those of some cases to whose desk words may go; they are read once, as a story may be long."""
    harmless = bool(cases) and fits(text, Kind.COMPLAINT, facts)
    return tuple(case for case in cases if harmless or case.kind == Kind.OVERSIGHT)


def waiting(text: str, facts: Facts) -> tuple[Summary, ...]:
    """The own cases whose office has asked something that these words may answer."""
    return _fitting(text, [case for case in mine(facts) if case.state == State.WAITING_CITIZEN], facts)


def joinable(draft: Draft, facts: Facts) -> tuple[Summary, ...]:
    """The own open cases to which a story may be added: none once its citizen has chosen how to appear in it."""
    if draft.identity is not None:
        return ()
    still_open = [case for case in mine(facts) if possible(Action.WITHDRAW, State(case.state))]
    return _fitting(draft.story, still_open, facts)
