"""What a picture shows at a glance: what is open, by age, and how much was in time in each of the last weeks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.deadlines import breached
from domain.digest import Seen

#: Open cases that are not late are told apart by their age: up to so many days, up to so many, and older.
AGES = (7, 14)
#: Weeks whose share in time is shown.
WEEKS = 8
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """The open cases of one office: those that are not late by age, youngest first, and those that are."""

    ages: tuple[int, ...]
    late: int

    @property
    def total(self) -> int:
        return sum(self.ages) + self.late


def bar(cases: Iterable[Seen], now: datetime) -> Bar:
    """The open ones of some cases; one that waits for its citizen is not among them."""
    opened = [case for case in cases if case.is_open]
    ages = [_age(case, now) for case in opened if not case.is_late(now)]
    return Bar(tuple(ages.count(n) for n in range(len(AGES) + 1)), len(opened) - len(ages))


def together(bars: Iterable[Bar]) -> Bar:
    found = list(bars)
    return Bar(tuple(sum(one.ages[n] for one in found) for n in range(len(AGES) + 1)), sum(one.late for one in found))


def _age(case: Seen, now: datetime) -> int:
    return sum(now - case.received_at >= (days + 1) * _DAY for days in AGES)


@dataclass(frozen=True, slots=True)
class Share:
    """Of what was finished in a week, or was late at its end, how much was in time."""

    in_time: int
    counted: int


def share(cases: Iterable[Seen], start: datetime, end: datetime) -> Share:
    """The share from `start` until before `end`, as the record knows it by now."""
    seen = list(cases)
    settled = [case for case in seen if case.resolved_at is not None and start <= case.resolved_at < end]
    kept = sum(case.binding_by is None or not breached(case.binding_by, case.resolved_at or end) for case in settled)
    return Share(kept, len(settled) + sum(_was_late(case, end) for case in seen))


def _was_late(case: Seen, end: datetime) -> bool:
    """Whether an office owed it at the end and had missed what it promised."""
    if case.binding_by is None or not breached(case.binding_by, end):
        return False
    over = case.resolved_at or case.closed_at
    return over >= end if over is not None else case.is_open


def weeks(today: date) -> Sequence[tuple[date, date]]:
    """The last whole weeks before today, oldest first: the Monday of each, and the one after it."""
    monday = today - today.weekday() * _DAY
    return [(monday - n * 7 * _DAY, monday - (n - 1) * 7 * _DAY) for n in range(WEEKS, 0, -1)]
