"""What a group may hear of: one thing, of one class of cases, for each kind, identity, desk and exclusion."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from domain.access import may
from domain.vocabulary import Action, Actor, Desk, Exclusions, Held, Identity, Kind, Role
from handlers.actions.groups import may_ring
from storage.plan import Record, table_of
from storage.tables import Ticket
from tests.access.test_may import ORDINARY

UNIT = ORDINARY.unit
EXCLUSIONS = {
    "nobody": Exclusions(),
    "its own unit": Exclusions(units=frozenset({UNIT})),
    "another unit": Exclusions(units=frozenset({"DLH"})),
    "a post": Exclusions(posts=frozenset({"PETUGAS-DLH"})),
    "a person": Exclusions(persons=frozenset({7})),
}
CASES = list(product(Kind, Identity, Desk, EXCLUSIONS))


@pytest.mark.parametrize(("kind", "identity", "desk", "excluded"), CASES)
def test_a_group_hears_the_bell_of_an_ordinary_open_case_of_its_unit_and_nothing_else(
    kind: Kind, identity: Identity, desk: Desk, excluded: str
) -> None:
    view = replace(ORDINARY, kind=kind, identity=identity, desk=desk, exclusions=EXCLUSIONS[excluded])
    ordinary = (identity, desk, excluded) == ("open", "officers", "nobody") and kind != "oversight"
    done = {action for action in Action if may(Actor(group=UNIT), action, view)}
    assert done == ({Action.RING} if ordinary else set())
    assert not any(may(Actor(group="DLH"), action, view) for action in Action)


def test_a_group_holds_no_post_that_would_let_it_do_more() -> None:
    held = tuple(replace(held, unit=UNIT) for held in _every_role())
    assert not may(Actor(person=1, held=held, group=UNIT), Action.READ, ORDINARY)
    assert not may(Actor(person=ORDINARY.reporter, group=UNIT), Action.READ, ORDINARY)


def _every_role() -> tuple[Held, ...]:
    return tuple(Held(f"P-{role}", UNIT, role) for role in Role)


@pytest.mark.parametrize("secret", [True, False])
def test_a_secret_case_rings_nowhere(secret: bool) -> None:
    ticket = Record(table_of(Ticket), {"id": 1, "secret": secret}, [], new=True)
    assert may_ring(UNIT, ticket, ORDINARY) is not secret
