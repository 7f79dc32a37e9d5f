"""Cases as figures look at them, read from the record: the one way from rows to numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row

from domain.lives import Life, Passed, promises, standing
from domain.vocabulary import Identity, Kind, Turn
from storage.queries import figures

#: Runs a read: a plan's `rows`, or a connection's.
Run = Callable[[Executable, Mapping[str, Any]], list[Row[Any]]]

ROWS_AT_ONCE = 500


def lives(run: Run, scope: ColumnElement[bool], start: datetime, end: datetime) -> list[Life]:
    """The cases in `scope` that a period's figures are counted from."""
    return lives_of(run, run(figures.lived(scope, start, end), {}))


def lives_of(run: Run, rows: Sequence[Row[Any]]) -> list[Life]:
    """The lives of cases whose rows were read, in the same order."""
    found: list[Life] = []
    for first in range(0, len(rows), ROWS_AT_ONCE):
        found += _some(run, rows[first : first + ROWS_AT_ONCE])
    return found


def _some(run: Run, rows: Sequence[Row[Any]]) -> list[Life]:
    ids = {"tickets": [row.id for row in rows]}
    turns: dict[int, list[Passed]] = defaultdict(list)
    for row in run(figures.TURNS, ids):
        turns[row.ticket_id].append(Passed(Turn(row.turn), row.at, row.unit_code, row.binding_by))
    missed: dict[int, list[datetime]] = defaultdict(list)
    for row in run(figures.MISSED, ids):
        missed[row.ticket_id].append(row.at)
    stars: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for row in run(figures.STARS, ids):
        stars[row.ticket_id].append((row.at, row.stars))
    return [_life(row, tuple(turns[row.id]), tuple(stars[row.id]), missed[row.id]) for row in rows]


def _life(
    row: Row[Any], turns: tuple[Passed, ...], stars: tuple[tuple[datetime, int], ...], missed: Sequence[datetime]
) -> Life:
    due = standing(row.binding_by, row.waiting_since)
    return Life(
        id=row.id,
        kind=Kind(row.kind),
        identity=Identity(row.identity),
        unit=row.unit_code,
        received_at=row.received_at,
        first_response_by=row.first_response_by,
        first_response_at=row.first_response_at,
        turns=turns,
        promises=promises(row.received_at, turns, row.unit_code, due, missed),
        stars=stars,
    )
