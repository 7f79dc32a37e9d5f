"""The cases of some days, a day at a time: no more than one day's are in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import Any

from domain.calendar import Calendar
from domain.lives import Life
from storage.lives import Run, lives_of
from storage.queries.figures import BOUNDS, RECEIVED

_DAY = timedelta(days=1)


def received(run: Run, calendar: Calendar, first: date, last: date) -> Iterator[tuple[Mapping[str, Any], Life]]:
    """The cases that came on the town's days from `first` to `last`; those of one day by their numbers.

    By their numbers and not by the hour: between two neighbours with an hour a third one would have its own.
    """
    for day in _days(run, calendar, first, last):
        span = {"start": calendar.at(day, time.min), "end": calendar.at(day + _DAY, time.min)}
        rows = run(RECEIVED, span)
        for row, life in zip(rows, lives_of(run, rows), strict=True):
            yield dict(row._mapping), life


def _days(run: Run, calendar: Calendar, first: date, last: date) -> Iterator[date]:
    """The days that were asked for, but for those before the first case and after the last."""
    (known,) = run(BOUNDS, {})
    if known.first is None:
        return
    first, last = max(first, calendar.day_of(known.first)), min(last, calendar.day_of(known.last))
    for offset in range((last - first).days + 1):
        yield first + offset * _DAY
