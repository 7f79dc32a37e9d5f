"""Honest numbers: small ones are hidden where they could point at a person, and rare ones get no average."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from domain.calendar import Calendar
from domain.deadlines import breached
from domain.digest import Seen
from domain.shields import LEAST_CELL as LEAST_CELL

#: A median of fewer is chance.
LEAST_MEDIAN = 5


def masked(count: int, *, least: int = LEAST_CELL) -> int | None:
    """A count as it may be printed: None stands for "fewer than `least`"; nought is no secret."""
    return None if 0 < count < least else count


@dataclass(frozen=True, slots=True)
class Cells:
    """A breakdown that may be printed; `rest` sums up what may not (0 = nothing, None = fewer than the least)."""

    shown: tuple[tuple[str, int], ...]
    rest: int | None


def suppressed(counts: Mapping[str, int], *, least: int = LEAST_CELL) -> Cells:
    """Put cells that are too small together; the smallest printed one joins them where the sum would still tell.

    Without that one more, whoever knows the total could work a single hidden cell out.
    """
    ordered = sorted(((name, n) for name, n in counts.items() if n), key=lambda cell: (-cell[1], cell[0]))
    shown = [cell for cell in ordered if cell[1] >= least]
    hidden = [cell for cell in ordered if cell[1] < least]
    if hidden and shown and (len(hidden) == 1 or sum(n for _, n in hidden) < least):
        hidden.append(shown.pop())
    return Cells(tuple(shown), masked(sum(n for _, n in hidden), least=least))


def median_of(values: Iterable[int], *, least: int = LEAST_MEDIAN) -> float | None:
    """The median, or None where there are too few to speak of one."""
    found = list(values)
    return float(median(found)) if len(found) >= least else None


@dataclass(frozen=True, slots=True)
class Figures:
    """A period in numbers. `counted` are the cases that were finished in it or were late at its end."""

    received: int
    settled: int
    counted: int
    in_time: int
    late: int
    refused: int
    median_days: float | None


def figures(cases: Iterable[Seen], start: datetime, end: datetime, now: datetime, calendar: Calendar) -> Figures:
    """What came in and went out from `start` until before `end`; `late` is what is overdue at `now`."""
    seen = list(cases)
    settled = [case for case in seen if case.resolved_at is not None and start <= case.resolved_at < end]
    late = [case for case in seen if case.is_late(now)]
    return Figures(
        received=sum(start <= case.received_at < end for case in seen),
        settled=len(settled),
        counted=len(settled) + len(late),
        in_time=sum(_in_time(case) for case in settled),
        late=len(late),
        refused=sum(any(start <= at < end for at in case.refused_at) for case in seen),
        median_days=median_of(_days(case, calendar) for case in settled),
    )


def _in_time(case: Seen) -> bool:
    return case.resolved_at is not None and (case.binding_by is None or not breached(case.binding_by, case.resolved_at))


def _days(case: Seen, calendar: Calendar) -> int:
    assert case.resolved_at is not None
    return calendar.working_days_between(calendar.day_of(case.received_at), calendar.day_of(case.resolved_at))
