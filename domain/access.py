"""Who may do what to a ticket: default no. `storage.queries.visible_to` says the same for many (a property test).

Least data to each reader: the reporter sees the own case, the reading unit's desk and head see theirs, supervisors see
what is not oversight, and an exclusion beats every post that somebody holds.
"""

from __future__ import annotations

from domain.region import DESKS
from domain.vocabulary import OPEN_STATES, Action, Actor, Desk, Held, Identity, Kind, Role, State, TicketView

#: What the citizen may do to the own case, whatever posts he or she holds beside.
_REPORTER_ACTIONS = frozenset({Action.READ, Action.ADD, Action.WITHDRAW, Action.ACCEPT, Action.REFUSE, Action.RATE})
#: What the desk of the reading unit may do beside reading.
_DESK_ACTIONS = frozenset(
    {
        Action.TAKE, Action.ANSWER, Action.ASK, Action.FINISH, Action.FORWARD, Action.HAND_BACK, Action.POSTPONE,
        Action.NOTE, Action.REMIND,
    }
)  # fmt: skip
#: And while its story is a voice that nobody has written down.
_LISTENING_ACTIONS = frozenset({Action.HEAR, Action.ASK, Action.NOTE, Action.REMIND})
#: Who of a unit reads beside its head, unless the case is for the head alone.
_OFFICERS_TOO = frozenset({Desk.OFFICERS, Desk.LISTENING})
#: What whoever watches over the reading unit may do: look, push, move it to another desk, never speak in its name.
_WATCH_ACTIONS = frozenset({Action.READ, Action.REMIND, Action.EXPLAIN, Action.FORWARD, Action.NOTE, Action.PRIORITIZE})
#: An accusation leaves the Inspektorat for no other desk.
_LEAVES_THE_DESK = frozenset({Action.FORWARD, Action.HAND_BACK})
#: A letter stays where it was filed, and no citizen reads what is said of it.
_NOT_OF_A_LETTER = _LEAVES_THE_DESK | {Action.ANSWER, Action.ASK, Action.POSTPONE}
#: States in which staff may do nothing more to a case.
OVER = frozenset({State.CLOSED, State.WITHDRAWN, State.MERGED, State.REJECTED, State.REFERRED})


def may(actor: Actor, action: Action, ticket: TicketView) -> bool:
    """Whether `actor` may do `action` to `ticket` as it is now."""
    if actor.group is not None:
        return action is Action.RING and _may_ring(actor.group, ticket)
    if actor.person is None:
        return False
    if action in _REPORTER_ACTIONS and actor.person == ticket.reporter:
        return True
    if is_excluded(actor, ticket):
        return False
    return any(_held_may(held, action, ticket) for held in actor.held)


def is_excluded(actor: Actor, ticket: TicketView) -> bool:
    """Whether the person, a post held now or its unit is kept from the case (later appointees included)."""
    exclusions = ticket.exclusions
    return bool(exclusions) and (
        actor.person in exclusions.persons
        or any(held.post in exclusions.posts for held in actor.held)
        or any(held.unit in exclusions.units for held in actor.held)
    )


def hears(actor: Actor, ticket: TicketView, inspectorate: str) -> bool:
    """Whether `actor`, who may read the ticket, also may hear the citizen, whom a voice makes known.

    The citizen, every reader of an open case, and of an accusation the Inspektorat's own desk.
    """
    if actor.person is None or not may(actor, Action.READ, ticket):
        return False
    if actor.person == ticket.reporter or ticket.identity is Identity.OPEN:
        return True
    at_desk = any(reads_at_desk(held, inspectorate, ticket.desk) for held in actor.held)
    return ticket.kind is Kind.OVERSIGHT and ticket.unit == inspectorate and at_desk


def hears_story(actor: Actor, ticket: TicketView, inspectorate: str, front_desk: str) -> bool:
    """Whether `actor` also may hear a voice that is the story itself.

    The citizen was told who will: the desk that it was sent to, and nobody else, wherever its words go afterwards.
    """
    if not hears(actor, ticket, inspectorate):
        return False
    if actor.person == ticket.reporter:
        return True
    at_desk = any(reads_at_desk(held, ticket.unit, ticket.desk) for held in actor.held)
    return at_desk and ticket.unit in (front_desk, inspectorate)


def _held_may(held: Held, action: Action, ticket: TicketView) -> bool:
    if action in _LEAVES_THE_DESK and ticket.kind is Kind.OVERSIGHT:
        return False
    if action in _NOT_OF_A_LETTER and ticket.kind is Kind.LETTER:
        return False
    if action is Action.FORWARD and ticket.desk is Desk.LISTENING:
        return False
    if reads_at_desk(held, ticket.unit, ticket.desk):
        mine = _LISTENING_ACTIONS if ticket.desk is Desk.LISTENING else _DESK_ACTIONS
        return action is Action.READ or (action in mine and ticket.state not in OVER)
    if action is Action.COUNT:
        return held.role is Role.SUPERVISOR  # beyond the Inspektorat an accusation is a number among others
    watching = watches(held, ticket.unit, ticket.kind, ticket.desk, ticket.above)
    return watching and (action is Action.READ or (action in _WATCH_ACTIONS and ticket.state not in OVER))


def watches(held: Held, unit: str, kind: Kind, desk: Desk, above: frozenset[str]) -> bool:
    """Whether a post watches over the reading unit: supervisors over all, heads over what lies below theirs.

    Oversight has no watchers (its ladder hears counts); a case for a head alone has the supervisors, who hear when it
    is late, and no other head.
    """
    if kind is Kind.OVERSIGHT:
        return False
    if held.role is Role.SUPERVISOR:
        return True
    return held.role is Role.HEAD and desk in _OFFICERS_TOO and held.unit in above


def looks_over(held: Held, unit: str, above: frozenset[str]) -> bool:
    """Whether a post may see how a unit stands: supervisors all, a head the own unit and what lies below it."""
    return held.role is Role.SUPERVISOR or (held.role is Role.HEAD and (held.unit == unit or held.unit in above))


def reads_at_desk(held: Held, unit: str, desk: Desk) -> bool:
    """Whether a post held in the reading unit reads there: its head always, its officers unless it is for the head."""
    if held.unit != unit:
        return False
    return held.role in (Role.HEAD, Role.SUPERVISOR) or (desk in _OFFICERS_TOO and held.role in DESKS)


def _may_ring(group: str, ticket: TicketView) -> bool:
    """A bot can't see who reads a group: it hears of open, ordinary cases of its unit only, while its desk has them."""
    return (
        ticket.unit == group
        and ticket.state in OPEN_STATES
        and ticket.identity == "open"
        and ticket.kind is not Kind.OVERSIGHT
        and ticket.desk is Desk.OFFICERS
        and not ticket.exclusions
    )
