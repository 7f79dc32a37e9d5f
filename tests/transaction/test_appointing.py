"""Several processes in which administrators decide about the same posts at one moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from handlers.actions import appointing, people
from handlers.actions.appointing import RefusedError
from handlers.flows.effects import ProposeAct
from handlers.session import Session
from storage.tables import Address, Holding, Invitation, Override, Person
from tests.transaction.hall import REGISTRY_DESK, Hall

ADMIN = "ADMIN-TANGGAP"
PAPER = {"kind": "definitif", "until": None}


@pytest.fixture
def other(database_url: str, hall: Hall) -> Iterator[Hall]:
    """A second process on the same database."""
    other = Hall(database_url)
    yield other
    other.close()


def _admin(session: Session, name: str) -> tuple[int, int]:
    """An administrator who can be reached: the person and the holding."""
    person = session.add(Person, created_at=session.moment.real)
    session.add(
        Address,
        person_id=person.id,
        channel="phone",
        account="staff",
        key_hash=session.vault.hash("addresses.key_hash", "phone", "staff", name),
        value_sealed=name,
        created_at=session.moment.real,
    )
    return person.id, people.hold(session, person.id, ADMIN).id


def _enrols(name: str) -> Callable[[Session], tuple[int, int]]:
    return lambda session: _admin(session, name)


def _proposes(effect: ProposeAct, person: int) -> Callable[[Session], int]:
    return lambda session: int(appointing.write_down(session, effect, person).id)


def _all_at_once(halls: list[Hall], bodies: list[Callable[[Session], Any]]) -> list[str]:
    ended: list[str] = []

    def tries(hall: Hall, body: Callable[[Session], Any]) -> None:
        try:
            hall.errand(body)
            ended.append("done")
        except RefusedError as refused:
            ended.append(refused.why)

    pairs = zip(halls, bodies, strict=True)
    threads = [threading.Thread(target=tries, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ended)


def _signs(row: int, person: int) -> Callable[[Session], str | None]:
    def body(session: Session) -> str | None:
        found = session.plan.locked(Override, row)
        assert found is not None
        return appointing.sign(session, found, person)

    return body


def test_of_many_who_hand_over_one_post_at_once_exactly_one_does(hall: Hall, other: Hall) -> None:
    person, _ = hall.errand(_enrols("siti"))
    effect = ProposeAct("hand_over", REGISTRY_DESK, PAPER)
    rows = [hall.errand(_proposes(effect, person)) for _ in range(6)]
    ended = _all_at_once([hall, other] * 3, [_signs(row, person) for row in rows])
    assert ended == ["conflict"] * 5 + ["done"]
    assert len(hall.rows(Invitation)) == 1


def test_two_administrators_who_revoke_each_other_at_once_do_not_both_go(hall: Hall, other: Hall) -> None:
    siti, hadi = (hall.errand(_enrols(name)) for name in ("siti", "hadi"))
    ends = [ProposeAct("end_holding", ADMIN, {"holding": one[1], "person": one[0]}) for one in (hadi, siti)]
    persons = [siti[0], hadi[0]]
    rows = [hall.errand(_proposes(effect, who)) for effect, who in zip(ends, persons, strict=True)]
    ended = _all_at_once([hall, other], [_signs(row, who) for row, who in zip(rows, persons, strict=True)])
    assert ended.count("done") == 1, ended
    assert len([row for row in hall.rows(Holding) if row.revoked_at is None]) == 1
