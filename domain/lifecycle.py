"""A ticket's life: which action leads from which state to which, and what each reader may press now."""

from __future__ import annotations

from domain.vocabulary import OPEN_STATES, Action, State

#: States in which an office has the case in its hands, the clock running or waiting for the citizen.
_IN_HAND = OPEN_STATES | {State.WAITING_CITIZEN}
_ANSWERED = frozenset({State.RESOLVED, State.CLOSED})
_NOT_ENDED_BY_CITIZEN = frozenset(State) - {State.WITHDRAWN, State.MERGED}

#: This often a case may come back as "not ours"; then the front desk settles whose it is.
MOST_HANDBACKS = 3

#: (action, states it is possible in, state it leads to; None = stays)
_MOVES: dict[Action, tuple[frozenset[State], State | None]] = {
    Action.TAKE: (frozenset({State.RECEIVED, State.ROUTED, State.REOPENED}), State.ACCEPTED),
    Action.ANSWER: (_IN_HAND, State.IN_PROGRESS),
    Action.ASK: (_IN_HAND, State.WAITING_CITIZEN),
    Action.FINISH: (_IN_HAND, State.RESOLVED),
    Action.FORWARD: (_IN_HAND, State.ROUTED),
    Action.HAND_BACK: (_IN_HAND, State.ROUTED),
    Action.POSTPONE: (OPEN_STATES, None),
    Action.NOTE: (_NOT_ENDED_BY_CITIZEN, None),
    Action.HEAR: (_IN_HAND, None),
    Action.REMIND: (OPEN_STATES, None),
    Action.EXPLAIN: (_IN_HAND | _ANSWERED, None),
    Action.PRIORITIZE: (_IN_HAND, None),
    Action.ADD: (_NOT_ENDED_BY_CITIZEN, None),
    Action.WITHDRAW: (_IN_HAND | {State.RESOLVED}, State.WITHDRAWN),
    Action.ACCEPT: (frozenset({State.RESOLVED}), State.CLOSED),
    Action.REFUSE: (_ANSWERED, State.REOPENED),
    Action.RATE: (_ANSWERED, None),
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
