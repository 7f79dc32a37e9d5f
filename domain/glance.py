"""What a picture shows at a glance: what is open, by age, and which weeks it looks back on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

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


def weeks(today: date) -> Sequence[tuple[date, date]]:
    """The last whole weeks before today, oldest first: the Monday of each, and the one after it."""
    monday = today - today.weekday() * _DAY
    return [(monday - n * 7 * _DAY, monday - (n - 1) * 7 * _DAY) for n in range(WEEKS, 0, -1)]
