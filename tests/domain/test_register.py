"""The register's lines: what an open case says, and what a line of somebody who must not be found out leaves out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.lives import Life, Passed, promises
from domain.region import Region
from domain.register import COLUMNS, is_sheltered, line
from domain.vocabulary import Identity, Kind, Turn
from tests.kit.town import siantar

NOW = datetime(2026, 4, 20, 3, tzinfo=UTC)
RECEIVED = datetime(2026, 3, 13, 1, 17, tzinfo=UTC)
RESOLVED = datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
DUE = datetime(2026, 4, 10, 9, 30, tzinfo=UTC)
CASE: dict[str, Any] = {
    "number": "TGP-26-7K3QD8",
    "kind": "complaint",
    "state": "resolved",
    "outcome": None,
    "identity": "open",
    "secret": False,
    "desk": "officers",
    "unit_code": "TOMUAN",
    "matter_code": "waste",
    "conduct": ["late", "procedure"],
    "area_code": "12.72.01.1001",
    "channel": "telegram",
    "received_at": RECEIVED,
    "first_response_at": RESOLVED,
    "resolved_at": RESOLVED,
    "closed_at": None,
    "first_response_by": DUE,
    "resolve_by": DUE,
    "statutory_by": None,
    "binding_by": DUE,
    "provisional": False,
    "days_paused": 0,
    "handbacks": 0,
    "refusals": 0,
}


@pytest.fixture(scope="module")
def region() -> Region:
    return siantar()


@pytest.fixture(scope="module")
def case(region: Region) -> dict[str, Any]:
    """A case at a kelurahan, which is a part of an office."""
    unit = next(unit for unit in region.units.values() if region.office_of(unit.code) != unit.code)
    return {**CASE, "unit_code": unit.code}


def life(*turns: Passed, stars: int | None = None) -> Life:
    return Life(
        id=1,
        kind=Kind.COMPLAINT,
        identity=Identity.OPEN,
        unit="A",
        received_at=RECEIVED,
        first_response_by=DUE,
        first_response_at=RESOLVED,
        turns=turns,
        promises=promises(RECEIVED, turns, "A", DUE),
        stars=((RESOLVED, stars),) if stars else (),
    )


SETTLED = Passed(Turn.SETTLED, RESOLVED, "A", DUE)


def test_an_open_case_says_when_by_the_towns_clock_where_and_what_about(case: dict[str, Any], region: Region) -> None:
    found = line(case, life(SETTLED, stars=3), region, NOW)
    assert tuple(found) == COLUMNS
    assert found["unit"] == case["unit_code"]
    assert (found["received"], found["resolved"]) == tuple(
        datetime.fromisoformat(moment) for moment in ("2026-03-13T08:17", "2026-03-17T09:05")
    )
    assert (found["matter"], found["conduct"], found["channel"]) == ("waste", "late procedure", "telegram")
    assert (found["on_time"], found["working_days"], found["rating"]) == (True, 2, 3)


@pytest.mark.parametrize(
    "change",
    [
        {"identity": "confidential"},
        {"identity": "anonymous"},
        {"kind": "oversight"},
        {"secret": True},
        {"desk": "head"},
        {"desk": "listening"},
    ],
)
def test_a_sheltered_line_tells_the_day_and_the_office_and_nothing_more(
    case: dict[str, Any], region: Region, change: dict[str, Any]
) -> None:
    hidden = {**case, **change}
    found = line(hidden, life(SETTLED), region, NOW)
    assert is_sheltered(hidden)
    assert not is_sheltered(case)
    assert (found["unit"], found["office"]) == (region.office_of(case["unit_code"]),) * 2
    assert found["received"] == date(2026, 3, 13)
    assert not [name for name in COLUMNS if isinstance(found[name], datetime)]
    assert [found[name] for name in ("matter", "conduct", "area", "channel")] == [None] * 4
    assert region.units[case["unit_code"]].name not in found.values()


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ((), False),
        ((SETTLED,), True),
        ((replace(SETTLED, at=NOW),), False),
        ((replace(SETTLED, due=None),), None),
        ((SETTLED, Passed(Turn.REFUSED, RESOLVED, "A", DUE)), False),
        ((replace(SETTLED, at=DUE),), True),
        ((Passed(Turn.WITHDRAWN, RESOLVED, "A", DUE),), None),
        ((replace(SETTLED, at=NOW), Passed(Turn.REFUSED, NOW, "A"), replace(SETTLED, at=NOW, due=NOW)), False),
    ],
)
def test_on_time_is_no_once_a_promise_was_broken(
    case: dict[str, Any], region: Region, turns: tuple[Passed, ...], expected: bool | None
) -> None:
    assert line(case, life(*turns), region, NOW)["on_time"] is expected
