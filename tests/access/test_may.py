"""Who may do what to a ticket: a table of plain cases (decisions 18 to 20)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.access import hears, hears_story, looks_over, may
from domain.vocabulary import (
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

SARI, BUDI, RATNA, SEKDA, INSPECTOR, OUTSIDER = 1, 2, 3, 4, 5, 6
BUDI_HOLDS = Held("PETUGAS-PKM-RAYA", "PKM-RAYA", Role.OFFICER)
RATNA_HOLDS = Held("KEPALA-PKM-RAYA", "PKM-RAYA", Role.HEAD)
ABOVE_HOLDS = Held("KEPALA-DINKES", "DINKES", Role.HEAD)
SEKDA_HOLDS = Held("SEKDA", "SETDA", Role.SUPERVISOR)
INSPECTOR_HOLDS = Held("PETUGAS-INSPEKTORAT", "INSPEKTORAT", Role.INSPECTOR)
OUTSIDER_HOLDS = Held("PETUGAS-DLH", "DLH", Role.OFFICER)

ORDINARY = TicketView(
    id=1,
    kind=Kind.COMPLAINT,
    state=State.ROUTED,
    identity=Identity.OPEN,
    unit="PKM-RAYA",
    desk=Desk.OFFICERS,
    reporter=SARI,
    exclusions=Exclusions(),
    above=frozenset({"DINKES", "SETDA", "WALIKOTA"}),
)
ACCUSED = frozenset({"PKM-RAYA"})
OVERSIGHT = replace(
    ORDINARY,
    kind=Kind.OVERSIGHT,
    unit="INSPEKTORAT",
    identity=Identity.CONFIDENTIAL,
    exclusions=Exclusions(units=ACCUSED, persons=frozenset({BUDI, RATNA})),
    above=frozenset({"WALIKOTA"}),
)
RUDE = replace(
    ORDINARY,
    unit="DINKES",
    desk=Desk.HEAD,
    exclusions=Exclusions(units=ACCUSED, persons=frozenset({BUDI, RATNA})),
    above=frozenset({"SETDA", "WALIKOTA"}),
)


def holding(person: int, *held: Held) -> Actor:
    return Actor(person=person, held=held)


CASES = [
    # who, what, which ticket, may
    (holding(SARI), Action.READ, ORDINARY, True),
    (holding(SARI), Action.ADD, ORDINARY, True),
    (holding(SARI), Action.ANSWER, ORDINARY, False),
    (holding(OUTSIDER), Action.READ, ORDINARY, False),
    (holding(OUTSIDER, OUTSIDER_HOLDS), Action.READ, ORDINARY, False),
    (holding(BUDI, BUDI_HOLDS), Action.READ, ORDINARY, True),
    (holding(BUDI, BUDI_HOLDS), Action.ANSWER, ORDINARY, True),
    (holding(BUDI, BUDI_HOLDS), Action.FORWARD, ORDINARY, True),
    (holding(RATNA, RATNA_HOLDS), Action.FINISH, ORDINARY, True),
    (holding(RATNA, ABOVE_HOLDS), Action.READ, ORDINARY, True),
    (holding(RATNA, ABOVE_HOLDS), Action.ANSWER, ORDINARY, False),
    (holding(SEKDA, SEKDA_HOLDS), Action.READ, ORDINARY, True),
    (holding(SEKDA, SEKDA_HOLDS), Action.FINISH, ORDINARY, False),
    (holding(BUDI, BUDI_HOLDS), Action.ANSWER, replace(ORDINARY, state=State.CLOSED), False),
    (holding(BUDI, BUDI_HOLDS), Action.READ, replace(ORDINARY, state=State.CLOSED), True),
    # an accusation
    (holding(INSPECTOR, INSPECTOR_HOLDS), Action.READ, OVERSIGHT, True),
    (holding(INSPECTOR, INSPECTOR_HOLDS), Action.ANSWER, OVERSIGHT, True),
    (holding(INSPECTOR, INSPECTOR_HOLDS), Action.FORWARD, OVERSIGHT, False),
    (holding(SEKDA, SEKDA_HOLDS), Action.READ, OVERSIGHT, False),
    (holding(SEKDA, SEKDA_HOLDS), Action.COUNT, OVERSIGHT, True),
    (holding(BUDI, BUDI_HOLDS), Action.READ, OVERSIGHT, False),
    (holding(BUDI, INSPECTOR_HOLDS), Action.READ, OVERSIGHT, False),
    (holding(RATNA, SEKDA_HOLDS), Action.COUNT, OVERSIGHT, False),
    (holding(OUTSIDER, BUDI_HOLDS, INSPECTOR_HOLDS), Action.READ, OVERSIGHT, False),
    # conduct of staff
    (holding(INSPECTOR, ABOVE_HOLDS), Action.READ, RUDE, True),
    (holding(RATNA, ABOVE_HOLDS), Action.READ, RUDE, False),
    (holding(OUTSIDER, Held("PETUGAS-DINKES", "DINKES", Role.OFFICER)), Action.READ, RUDE, False),
    (holding(SEKDA, SEKDA_HOLDS), Action.READ, RUDE, True),
    # groups and the program itself
    (Actor(group="PKM-RAYA"), Action.RING, ORDINARY, True),
    (Actor(group="PKM-RAYA"), Action.READ, ORDINARY, False),
    (Actor(group="DLH"), Action.RING, ORDINARY, False),
    (Actor(group="PKM-RAYA"), Action.RING, replace(ORDINARY, identity=Identity.CONFIDENTIAL), False),
    (Actor(group="INSPEKTORAT"), Action.RING, OVERSIGHT, False),
    (Actor(group="DINKES"), Action.RING, RUDE, False),
    (Actor.system("reminder"), Action.READ, ORDINARY, False),
    (Actor(), Action.READ, ORDINARY, False),
]


@pytest.mark.parametrize(("actor", "action", "ticket", "allowed"), CASES)
def test_the_rule_for_one(actor: Actor, action: Action, ticket: TicketView, allowed: bool) -> None:
    assert may(actor, action, ticket) is allowed


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_an_excluded_person_may_do_nothing_whatever_post_they_hold(action: Action, role: Role) -> None:
    everywhere = tuple(Held(f"P-{unit}", unit, role) for unit in ("INSPEKTORAT", "SETDA", "DINKES", "WALIKOTA"))
    assert not may(holding(RATNA, *everywhere), action, OVERSIGHT)


@pytest.mark.parametrize("action", list(Action))
def test_whoever_is_nobody_may_do_nothing(action: Action) -> None:
    for ticket in (ORDINARY, OVERSIGHT, RUDE, replace(ORDINARY, reporter=None)):
        assert not may(holding(OUTSIDER), action, ticket)
        assert not may(Actor(), action, ticket)


# --- who hears a citizen's voice

INSPECTORATE = "INSPEKTORAT"
READERS = (BUDI_HOLDS, RATNA_HOLDS, ABOVE_HOLDS, SEKDA_HOLDS, INSPECTOR_HOLDS, OUTSIDER_HOLDS)


@pytest.mark.parametrize("identity", Identity)
@pytest.mark.parametrize("ticket", [ORDINARY, OVERSIGHT, RUDE], ids=["ordinary", "oversight", "rude"])
@pytest.mark.parametrize("held", READERS, ids=lambda held: held.post)
def test_a_voice_is_heard_where_a_case_is_read_and_open_and_by_the_inspectorate_in_its_own(
    held: Held, ticket: TicketView, identity: Identity
) -> None:
    ticket = replace(ticket, identity=identity)
    reader = Actor(person=99, held=(held,))
    reads = may(reader, Action.READ, ticket)
    own = held is INSPECTOR_HOLDS and ticket.kind is Kind.OVERSIGHT
    assert hears(reader, ticket, INSPECTORATE) is (reads and (identity is Identity.OPEN or own))


def test_nobody_excluded_hears_and_the_citizen_always_does() -> None:
    for ticket in (ORDINARY, OVERSIGHT, RUDE):
        for identity in Identity:
            hidden = replace(ticket, identity=identity)
            assert hears(Actor(person=SARI), hidden, INSPECTORATE)
            assert not hears(Actor(person=None), hidden, INSPECTORATE)
            kept_out = replace(hidden, exclusions=Exclusions(persons=frozenset({INSPECTOR})))
            assert not hears(Actor(person=INSPECTOR, held=(INSPECTOR_HOLDS,)), kept_out, INSPECTORATE)


def test_an_accusation_that_another_desk_reads_keeps_its_voice_from_that_desk() -> None:
    elsewhere = replace(OVERSIGHT, unit="SETDA", desk=Desk.HEAD, exclusions=Exclusions())
    head = Actor(person=SEKDA, held=(Held("SEKDA", "SETDA", Role.HEAD),))
    assert may(head, Action.READ, elsewhere)
    assert not hears(head, elsewhere, INSPECTORATE)


# --- a voice that is the story

FRONT_DESK = "BAGIAN-ORGANISASI"
CLERK = Actor(person=7, held=(Held("PETUGAS-MEJA-DEPAN", FRONT_DESK, Role.FRONTDESK),))
VOICE = replace(ORDINARY, unit=FRONT_DESK, desk=Desk.LISTENING, state=State.RECEIVED, above=frozenset({"SETDA"}))


@pytest.mark.parametrize(
    ("who", "ticket", "hears_it"),
    [
        (holding(SARI), VOICE, True),
        (CLERK, VOICE, True),
        (CLERK, replace(VOICE, desk=Desk.OFFICERS), True),
        (CLERK, replace(VOICE, identity=Identity.CONFIDENTIAL), False),
        (CLERK, replace(VOICE, exclusions=Exclusions(units=frozenset({FRONT_DESK}))), False),
        (holding(SEKDA, SEKDA_HOLDS), VOICE, False),
        (holding(OUTSIDER, OUTSIDER_HOLDS), VOICE, False),
        (holding(BUDI, BUDI_HOLDS), ORDINARY, False),  # its words went to the unit, its sound did not
        (holding(INSPECTOR, INSPECTOR_HOLDS), OVERSIGHT, True),
        (CLERK, OVERSIGHT, False),
        (holding(BUDI, BUDI_HOLDS), OVERSIGHT, False),
    ],
)
def test_a_voice_that_is_the_story_is_heard_where_it_was_sent(who: Actor, ticket: TicketView, hears_it: bool) -> None:
    assert hears_story(who, ticket, "INSPEKTORAT", FRONT_DESK) is hears_it


@pytest.mark.parametrize("action", Action)
def test_before_its_words_are_settled_a_voice_goes_nowhere(action: Action) -> None:
    at_desk = {Action.READ, Action.HEAR, Action.ASK, Action.NOTE, Action.REMIND}
    assert may(CLERK, action, VOICE) is (action in at_desk)
    watching = {Action.READ, Action.REMIND, Action.EXPLAIN, Action.NOTE, Action.PRIORITIZE, Action.COUNT}
    assert may(holding(SEKDA, SEKDA_HOLDS), action, VOICE) is (action in watching)
    assert not may(CLERK, Action.HEAR, replace(VOICE, desk=Desk.OFFICERS))


@pytest.mark.parametrize(
    ("held", "unit", "looks"),
    [
        (SEKDA_HOLDS, "PKM-RAYA", True),
        (ABOVE_HOLDS, "PKM-RAYA", True),
        (RATNA_HOLDS, "PKM-RAYA", True),
        (BUDI_HOLDS, "PKM-RAYA", False),
        (INSPECTOR_HOLDS, "PKM-RAYA", False),
        (ABOVE_HOLDS, "DLH", False),
        (RATNA_HOLDS, "DINKES", False),
    ],
)
def test_who_looks_over_a_unit(held: Held, unit: str, looks: bool) -> None:
    above = {"PKM-RAYA": frozenset({"DINKES", "SETDA"})}.get(unit, frozenset({"SETDA"}))
    assert looks_over(held, unit, above) is looks
