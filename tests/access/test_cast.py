"""The named cast, every action, every identity and every class of conduct: one table of who may do what.

A row names the actions that somebody may do to an open case of a class; everything that it does not name is denied.
The same rows say who sees the case in a list (`visible_to`), on both databases.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from domain.access import may
from domain.vocabulary import Action, Actor, Desk, Exclusions, Held, Identity, Kind, Role, State, TicketView
from storage.engine import make_engine
from storage.ids import new_id
from storage.places import mirror_region
from storage.queries.cases import tickets, visible_to
from tests.access.test_visible import _fill
from tests.domain.regions import siantar

SARI, BUDI, RATNA, OFFICER_DLH, INSPECTOR, INSPEKTUR, DINKES, KABAG, SEKDA, STAND_IN, FRONT = (
    new_id() for _ in range(11)
)
ACCUSED = "PKM-RAYA"


def _holding(person: int, *posts: str) -> Actor:
    found = [siantar().posts[post] for post in posts]
    return Actor(person=person, held=tuple(Held(post.code, post.unit, Role(post.role)) for post in found))


CAST = {
    "sari": _holding(SARI),
    "budi": _holding(BUDI, "PETUGAS-PKM-RAYA"),
    "ratna": _holding(RATNA, "KEPALA-PKM-RAYA"),
    "outsider": _holding(OFFICER_DLH, "PETUGAS-DLH"),
    "inspector": _holding(INSPECTOR, "PETUGAS-INSPEKTORAT"),
    "inspektur": _holding(INSPEKTUR, "INSPEKTUR"),
    "head above": _holding(DINKES, "KEPALA-DINKES"),
    "officer above": _holding(new_id(), "PETUGAS-DINKES"),
    "kabag": _holding(KABAG, "KABAG-ORGANISASI"),
    "sekda": _holding(SEKDA, "SEKDA"),
    "front desk": _holding(FRONT, "PETUGAS-MEJA-DEPAN"),
    "stands in for ratna": _holding(STAND_IN, "KEPALA-PKM-RAYA", "PETUGAS-DLH"),
    "ratna acting above": _holding(RATNA, "KEPALA-PKM-RAYA", "KEPALA-DINKES", "SEKDA"),
    "nobody": _holding(new_id()),
    "the program": Actor.system("reminder"),
    "group of the unit": Actor(group=ACCUSED),
}

OWN = {Action.READ, Action.ADD, Action.WITHDRAW, Action.ACCEPT, Action.REFUSE, Action.RATE}
DESK = {
    Action.READ, Action.TAKE, Action.ANSWER, Action.ASK, Action.FINISH, Action.FORWARD, Action.HAND_BACK,
    Action.POSTPONE, Action.NOTE, Action.REMIND,
}  # fmt: skip
WATCH = {Action.READ, Action.REMIND, Action.EXPLAIN, Action.FORWARD, Action.NOTE, Action.PRIORITIZE}
ON_ACCUSATION = DESK - {Action.FORWARD, Action.HAND_BACK}
ON_A_LETTER = {Action.READ, Action.TAKE, Action.FINISH, Action.NOTE, Action.REMIND}
COUNT = {Action.COUNT}

_AT_UNIT = TicketView(
    id=0,
    kind=Kind.COMPLAINT,
    state=State.ACCEPTED,
    identity=Identity.OPEN,
    unit=ACCUSED,
    desk=Desk.OFFICERS,
    reporter=SARI,
    exclusions=Exclusions(),
    above=frozenset(siantar().ancestors(ACCUSED)),
)
_KEPT_OUT = Exclusions(units=frozenset({ACCUSED}), persons=frozenset({BUDI, RATNA}))
#: A class of conduct: the case as routing makes it, and who may do what to it.
CLASSES: dict[str, tuple[TicketView, dict[str, set[Action]]]] = {
    "late, procedure, extra_requirement": (
        _AT_UNIT,
        {
            "sari": OWN,
            "budi": DESK,
            "ratna": DESK,
            "head above": WATCH,
            "kabag": WATCH | COUNT,
            "sekda": WATCH | COUNT,
            "stands in for ratna": DESK,
            "ratna acting above": DESK | WATCH | COUNT,
            "group of the unit": {Action.RING},
        },
    ),
    "rude, absent, incompetent": (
        replace(
            _AT_UNIT,
            unit="DINKES",
            desk=Desk.HEAD,
            exclusions=_KEPT_OUT,
            above=frozenset(siantar().ancestors("DINKES")),
        ),
        {"sari": OWN, "head above": DESK, "kabag": WATCH | COUNT, "sekda": WATCH | COUNT},
    ),
    "money_asked, abuse, conflict_of_interest, partial, discrimination": (
        replace(
            _AT_UNIT,
            kind=Kind.OVERSIGHT,
            unit="INSPEKTORAT",
            exclusions=_KEPT_OUT,
            above=frozenset(siantar().ancestors("INSPEKTORAT")),
        ),
        {"sari": OWN, "inspector": ON_ACCUSATION, "inspektur": ON_ACCUSATION, "kabag": COUNT, "sekda": COUNT},
    ),
    "a letter of the Ombudsman": (
        replace(
            _AT_UNIT,
            kind=Kind.LETTER,
            unit="BAGIAN-ORGANISASI",
            reporter=None,
            identity=Identity.CONFIDENTIAL,
            above=frozenset(siantar().ancestors("BAGIAN-ORGANISASI")),
        ),
        {
            "front desk": ON_A_LETTER,
            "kabag": ON_A_LETTER,
            "sekda": (WATCH - {Action.FORWARD}) | COUNT,
            "ratna acting above": (WATCH - {Action.FORWARD}) | COUNT,
        },
    ),
}


def _case(conduct: str, identity: Identity) -> TicketView:
    """An anonymous case has no reporter to whom anything could be told."""
    view = replace(CLASSES[conduct][0], identity=identity)
    return replace(view, reporter=None) if identity is Identity.ANONYMOUS else view


def _allowed(conduct: str, identity: Identity, who: str) -> set[Action]:
    allowed = CLASSES[conduct][1].get(who, set())
    if who == "sari" and identity is Identity.ANONYMOUS:
        return set()
    if Action.RING in allowed and identity is not Identity.OPEN:
        return allowed - {Action.RING}
    return allowed


@pytest.mark.parametrize("identity", list(Identity))
@pytest.mark.parametrize("conduct", CLASSES)
@pytest.mark.parametrize("who", CAST)
def test_each_of_the_cast_may_do_exactly_this(who: str, conduct: str, identity: Identity) -> None:
    ticket = _case(conduct, identity)
    done = {action for action in Action if may(CAST[who], action, ticket)}
    assert done == _allowed(conduct, identity, who)


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("conduct", CLASSES)
def test_a_case_that_is_over_is_read_and_moved_by_nobody(who: str, conduct: str) -> None:
    for state in (State.CLOSED, State.WITHDRAWN, State.MERGED, State.REJECTED, State.REFERRED):
        ticket = replace(_case(conduct, Identity.OPEN), state=state)
        done = {action for action in Action if may(CAST[who], action, ticket)}
        assert done <= OWN | COUNT | {Action.RING}
        assert (Action.READ in done) == (Action.READ in _allowed(conduct, Identity.OPEN, who))


def test_who_sees_a_case_in_a_list_is_who_may_read_it(migrated_url: str) -> None:
    views = {
        (conduct, identity): replace(_case(conduct, identity), id=new_id())
        for conduct in CLASSES
        for identity in Identity
    }
    people = sorted({actor.person for actor in CAST.values() if actor.person is not None})
    engine = make_engine(migrated_url)
    with engine.begin() as connection:
        mirror_region(connection, siantar())
        _fill(connection, list(views.values()), people)
        for who, actor in CAST.items():
            seen = set(connection.execute(select(tickets.c.id).where(visible_to(actor, siantar()))).scalars())
            table = {
                view.id
                for (conduct, identity), view in views.items()
                if Action.READ in _allowed(conduct, identity, who)
            }
            assert seen == table, who
    engine.dispose()
