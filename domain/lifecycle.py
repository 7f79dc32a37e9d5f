"""A ticket's life: which action leads from which state to which, and what each reader may press now."""

from __future__ import annotations

from domain.vocabulary import Action, State

#: (action, states it is possible in, state it leads to; None = stays)
_MOVES: dict[Action, tuple[frozenset[State], State | None]] = {
    Action.TAKE: (frozenset({State.RECEIVED, State.ROUTED, State.REOPENED}), State.ACCEPTED),
    Action.ANSWER: (
        frozenset({State.RECEIVED, State.ROUTED, State.ACCEPTED, State.IN_PROGRESS, State.REOPENED}),
        State.IN_PROGRESS,
    ),
    Action.FINISH: (
        frozenset({State.RECEIVED, State.ROUTED, State.ACCEPTED, State.IN_PROGRESS, State.REOPENED}),
        State.RESOLVED,
    ),
    Action.FORWARD: (
        frozenset({State.RECEIVED, State.ROUTED, State.ACCEPTED, State.IN_PROGRESS, State.REOPENED}),
        State.ROUTED,
    ),
    Action.ADD: (frozenset(State) - {State.WITHDRAWN, State.MERGED}, None),
}


class NotNowError(ValueError):
    """The ticket is in a state in which this can't be done."""


def possible(action: Action, state: State) -> bool:
    """Whether `action` can be done to a ticket in `state`."""
    return state in _MOVES[action][0]


def after(action: Action, state: State) -> State:
    """The state that `action` leads to. NotNowError where it is not possible."""
    if not possible(action, state):
        raise NotNowError(f"{action} is not possible while the ticket is {state}")
    return _MOVES[action][1] or state
