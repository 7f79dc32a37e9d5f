"""Laws that hold for every actor and every ticket, whatever posts there are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.access import may
from domain.vocabulary import (
    OPEN_STATES,
    Action,
    Actor,
    Desk,
    Exclusions,
    Held,
    Identity,
    Kind,
    Role,
    State,
    TicketView,
)

#: Few of each, so that they meet.
PERSONS = st.integers(1, 4)
UNITS = st.sampled_from(["PKM", "DINKES", "SETDA", "INSPEKTORAT"])
ABOVE = {"PKM": ("DINKES", "SETDA"), "DINKES": ("SETDA",), "SETDA": (), "INSPEKTORAT": ("SETDA",)}
POSTS = st.builds(lambda unit, role: Held(f"{role.upper()}-{unit}", unit, role), UNITS, st.sampled_from(Role))
ACTORS = st.builds(lambda person, held: Actor(person=person, held=tuple(held)), PERSONS, st.lists(POSTS, max_size=3))
EXCLUSIONS = st.builds(
    Exclusions,
    units=st.frozensets(UNITS, max_size=1),
    posts=st.frozensets(POSTS.map(lambda held: held.post), max_size=1),
    persons=st.frozensets(PERSONS, max_size=1),
)
TICKETS = st.builds(
    TicketView,
    id=st.just(1),
    kind=st.sampled_from(Kind),
    state=st.sampled_from(State),
    identity=st.sampled_from(Identity),
    unit=UNITS,
    desk=st.sampled_from(Desk),
    reporter=st.none() | PERSONS,
    exclusions=st.just(Exclusions()) | EXCLUSIONS,
).map(lambda ticket: replace(ticket, above=frozenset(ABOVE[ticket.unit])))
ACTIONS = st.sampled_from(Action)


REPORTER_MAY = {Action.READ, Action.ADD, Action.WITHDRAW, Action.ACCEPT, Action.REFUSE, Action.RATE}


@given(ACTORS, ACTIONS, TICKETS)
def test_an_exclusion_of_the_person_beats_every_post(actor: Actor, action: Action, ticket: TicketView) -> None:
    assume(actor.person != ticket.reporter)
    assert not may(actor, action, replace(ticket, exclusions=Exclusions(persons=frozenset({actor.person or 0}))))


@given(ACTORS, ACTIONS, TICKETS, st.booleans())
def test_an_exclusion_of_one_post_or_its_unit_beats_the_others(
    actor: Actor, action: Action, ticket: TicketView, whole_unit: bool
) -> None:
    assume(actor.person != ticket.reporter and actor.held)
    units, posts = frozenset({actor.held[0].unit}), frozenset({actor.held[0].post})
    kept_out = Exclusions(units=units) if whole_unit else Exclusions(posts=posts)
    assert not may(actor, action, replace(ticket, exclusions=kept_out))


@given(ACTORS | UNITS.map(lambda unit: Actor(group=unit)), ACTIONS, TICKETS, EXCLUSIONS)
def test_to_exclude_somebody_never_lets_anybody_in(
    actor: Actor, action: Action, ticket: TicketView, exclusions: Exclusions
) -> None:
    free = replace(ticket, exclusions=Exclusions())
    if may(actor, action, replace(ticket, exclusions=exclusions)):
        assert may(actor, action, free)


@given(PERSONS, ACTIONS, TICKETS)
def test_who_holds_no_post_may_only_do_what_citizens_do_and_only_to_the_own_case(
    person: int, action: Action, ticket: TicketView
) -> None:
    own = person == ticket.reporter and action in REPORTER_MAY
    assert may(Actor(person=person), action, ticket) is own


@given(ACTORS, TICKETS)
def test_the_reporter_sees_the_own_case_whatever_else_is_true(actor: Actor, ticket: TicketView) -> None:
    own = replace(ticket, reporter=actor.person)
    assert may(actor, Action.READ, own)
    assert may(actor, Action.ADD, own)


@given(ACTORS, TICKETS)
def test_an_accusation_is_read_in_the_unit_that_reads_it_and_nowhere_else(actor: Actor, ticket: TicketView) -> None:
    """A supervisor's or a head's post elsewhere opens nothing."""
    accusation = replace(ticket, kind=Kind.OVERSIGHT, reporter=None)
    elsewhere = replace(actor, held=tuple(held for held in actor.held if held.unit != ticket.unit))
    assert not may(elsewhere, Action.READ, accusation)
    assert not may(actor, Action.FORWARD, accusation)


@given(ACTORS, ACTIONS, TICKETS)
def test_a_case_for_the_head_is_hidden_from_the_officers(actor: Actor, action: Action, ticket: TicketView) -> None:
    desk = (Role.OFFICER, Role.FRONTDESK, Role.INSPECTOR, Role.ADMIN)
    officer = replace(actor, held=tuple(held for held in actor.held if held.role in desk))
    assert not may(officer, action, replace(ticket, desk=Desk.HEAD, reporter=None))


@given(UNITS, ACTIONS, TICKETS)
def test_a_group_may_only_ring_for_open_ordinary_cases_of_its_unit(
    unit: str, action: Action, ticket: TicketView
) -> None:
    ordinary = (
        ticket.unit == unit
        and ticket.state in OPEN_STATES
        and ticket.identity is Identity.OPEN
        and ticket.kind is not Kind.OVERSIGHT
        and ticket.desk is Desk.OFFICERS
        and not ticket.exclusions
    )
    assert may(Actor(group=unit), action, ticket) is (action is Action.RING and ordinary)


@given(ACTORS, TICKETS)
def test_what_nobody_may_read_nobody_may_touch(actor: Actor, ticket: TicketView) -> None:
    if not may(actor, Action.READ, ticket):
        assert not any(may(actor, action, ticket) for action in Action if action is not Action.COUNT)


@given(ACTORS, TICKETS)
def test_a_case_that_is_over_is_only_read(actor: Actor, ticket: TicketView) -> None:
    over = replace(ticket, state=State.CLOSED, reporter=None)
    for action in (Action.TAKE, Action.ANSWER, Action.FINISH, Action.FORWARD):
        assert not may(actor, action, over)


@given(ACTIONS, TICKETS)
def test_the_program_itself_reads_nothing(action: Action, ticket: TicketView) -> None:
    assert not may(Actor.system("reminder"), action, ticket)
    assert not may(Actor(), action, ticket)
