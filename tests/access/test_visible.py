"""`may` for one and `visible_to` for many say the same of every pair of an invented town, on both databases."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from domain.access import may
from domain.vocabulary import Action, Actor, Desk, Exclusions, Held, Identity, Kind, State, TicketView
from storage.engine import make_engine
from storage.ids import new_id
from storage.places import mirror_region
from storage.plan import table_of
from storage.queries.cases import tickets, visible_to
from storage.tables import ExclusionRow, Person, Ticket
from tests.domain.regions import siantar

NOW = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)
TICKETS, ACTORS, PERSONS = 200, 60, 30
ROUNDS = 20 if os.environ.get("TANGGAP_SOAK") else 1
#: Few units, so that actors, tickets and exclusions meet often.
UNITS = ("PKM-RAYA", "PKM-KARTINI", "DINKES", "INSPEKTORAT", "SETDA", "WALIKOTA", "BAGIAN-ORGANISASI", "DISDUKCAPIL")


def _ticket(chance: random.Random, people: list[int]) -> TicketView:
    unit = chance.choice(UNITS)
    posts = [post.code for code in UNITS for post in siantar().posts_of[code]]
    return TicketView(
        id=new_id(),
        kind=chance.choice(list(Kind)),
        state=chance.choice(list(State)),
        identity=chance.choice(list(Identity)),
        unit=unit,
        desk=chance.choice(list(Desk)),
        reporter=chance.choice([None, *people]),
        exclusions=Exclusions(
            units=frozenset(chance.sample(UNITS, chance.choice((0, 0, 1, 2)))),
            posts=frozenset(chance.sample(posts, chance.choice((0, 0, 1)))),
            persons=frozenset(chance.sample(people, chance.choice((0, 0, 1, 3)))),
        ),
        above=frozenset(siantar().ancestors(unit)),
    )


def _actor(chance: random.Random, people: list[int]) -> Actor:
    if chance.random() < 0.1:
        return chance.choice([Actor(), Actor(group=chance.choice(UNITS)), Actor.system("reminder")])
    posts = [post for unit in UNITS for post in siantar().posts_of[unit]]
    held = tuple(Held(post.code, post.unit, post.role) for post in chance.sample(posts, chance.choice((0, 1, 1, 2, 3))))
    return Actor(person=chance.choice(people), held=held)


def _fill(connection: Connection, views: list[TicketView], people: list[int]) -> None:
    connection.execute(insert(table_of(Person)), [{"id": person, "created_at": NOW} for person in people])
    connection.execute(insert(table_of(Ticket)), [_row(view) for view in views])
    rows = [row for view in views for row in _exclusions(view)]
    connection.execute(insert(table_of(ExclusionRow)), rows)


def _row(view: TicketView) -> dict[str, Any]:
    return {
        "id": view.id,
        "number": str(view.id),
        "kind": view.kind,
        "state": view.state,
        "identity": view.identity,
        "secret": False,
        "desk": view.desk,
        "unit_code": view.unit,
        "language": "id",
        "channel": "phone",
        "reporter_id": view.reporter,
        "version": 1,
        "cycle": 1,
        "last_seq": 0,
        "locked": False,
        "received_at": NOW,
        "provisional": False,
    }


def _exclusions(view: TicketView) -> list[dict[str, Any]]:
    found = view.exclusions
    empty: dict[str, Any] = {"unit_code": None, "post_code": None, "person_id": None}
    named: list[dict[str, Any]] = [
        *({**empty, "unit_code": unit} for unit in found.units),
        *({**empty, "post_code": post} for post in found.posts),
        *({**empty, "person_id": person} for person in found.persons),
    ]
    return [{"id": new_id(), "ticket_id": view.id, "reason": "test", "at": NOW, **row} for row in named]


@pytest.mark.parametrize("seed", [random.randrange(10**9) for _ in range(ROUNDS)], ids=lambda seed: "random")
def test_one_and_many_agree_on_every_ticket_and_actor(migrated_url: str, seed: int) -> None:
    chance = random.Random(seed)
    people = [new_id() for _ in range(PERSONS)]
    views = [_ticket(chance, people) for _ in range(TICKETS)]
    engine = make_engine(migrated_url)
    seen = 0
    with engine.begin() as connection:
        mirror_region(connection, siantar())
        _fill(connection, views, people)
        for actor in (_actor(chance, people) for _ in range(ACTORS)):
            many = set(connection.execute(select(tickets.c.id).where(visible_to(actor, siantar()))).scalars())
            one = {view.id for view in views if may(actor, Action.READ, view)}
            assert many == one, f"seed {seed}, {actor}"
            seen += len(one)
    engine.dispose()
    assert 0 < seen < TICKETS * ACTORS, "a test in which nobody sees anything, or everybody everything, shows nothing"
