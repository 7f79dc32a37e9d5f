"""What a town decides about its days off after its files were written, and what a calendar was when it counted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from domain.calendar import Calendar, Week, national_days_off
from domain.region import Region, plain_hours

#: Years whose days off a calendar's version covers: all that deadlines of this program can reach.
LISTED_YEARS = range(2024, 2045)
#: How many days before a year begins its days off should be confirmed, and how many before they must be.
WARNED_BEFORE, NEEDED_BEFORE = 120, 30
_DAY = timedelta(days=1)


class ChangeKind(StrEnum):
    """What a change says of its days.

    `added`: free by a decree that the files do not know yet (cuti bersama); `cancelled`: worked although the list calls
    them free; `local`: free here alone (a regional day, an election, a disaster); `confirmed`: the government has
    published the list of the year.
    """

    ADDED = "added"
    CANCELLED = "cancelled"
    LOCAL = "local"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """One decision about the days from `first` to `last`; `calendar` None = every calendar of the town.

    A confirmation covers the years of its days. ValueError where the days run backwards.
    """

    kind: ChangeKind
    first: date
    last: date
    calendar: str | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a change ends before it begins")

    @property
    def days(self) -> frozenset[date]:
        return frozenset(self.first + n * _DAY for n in range((self.last - self.first).days + 1))

    @property
    def years(self) -> frozenset[int]:
        return frozenset(range(self.first.year, self.last.year + 1))


def changed(calendars: Mapping[str, Calendar], changes: Iterable[CalendarChange]) -> dict[str, Calendar]:
    """The calendars as the files have them, under the decisions of the town: of several about a day the last holds."""
    found = dict(calendars)
    for change in changes:
        for name in found if change.calendar is None else {change.calendar} & found.keys():
            found[name] = _under(found[name], change)
    return found


def _under(calendar: Calendar, change: CalendarChange) -> Calendar:
    match change.kind:
        case ChangeKind.CONFIRMED:
            return replace(calendar, confirmed_years=calendar.confirmed_years | change.years)
        case ChangeKind.CANCELLED:
            off, on = calendar.added_off - change.days, calendar.removed_off | change.days
        case ChangeKind.ADDED | ChangeKind.LOCAL:
            off, on = calendar.added_off | change.days, calendar.removed_off - change.days
    return replace(calendar, added_off=off, removed_off=on)


def says_nothing(change: CalendarChange, calendars: Mapping[str, Calendar]) -> bool:
    """Whether the calendars already are what the change would make of them, on every day that it names."""
    after = changed(calendars, (change,))
    years, days = change.years, change.days
    return all(
        (years <= one.confirmed_years)
        if change.kind is ChangeKind.CONFIRMED
        else all(one.is_working(day) == after[name].is_working(day) for day in days)
        for name, one in calendars.items()
        if change.calendar in (None, name)
    )


def days_off(calendar: Calendar, year: int) -> tuple[date, ...]:
    """The days of a year that the week calls working and the lists call free."""
    first = date(year, 1, 1)
    days = (first + n * _DAY for n in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if calendar.week[day.weekday()] and not calendar.is_working(day))


@dataclass(frozen=True, slots=True)
class Unsure:
    """A year whose days off nobody has confirmed although it begins in `days` days (less than 0: it has begun)."""

    year: int
    days: int

    @property
    def is_fault(self) -> bool:
        return self.days <= NEEDED_BEFORE


def unsure_years(calendar: Calendar, today: date, longest: int) -> tuple[Unsure, ...]:
    """The years that promises of `longest` working days need soon and that are not confirmed, the nearest first.

    Needed are this year and the next one that begins within `WARNED_BEFORE` days or that such a promise reaches today.
    A year is the list of its own decree, which comes out in the autumn before; until then its dates are estimates.
    """
    reached = max(calendar.after(today, longest), today + WARNED_BEFORE * _DAY)
    years = (year for year in range(today.year, reached.year + 1) if year not in calendar.confirmed_years)
    return tuple(Unsure(year, (date(year, 1, 1) - today).days) for year in years)


def unsure_in(region: Region, today: date) -> dict[Unsure, tuple[str, ...]]:
    """The years that are not confirmed and that promises of a town need soon, the nearest first; each with the
    calendars of units that need it."""
    longest = max(rule.resolve or rule.first_response for rules in region.policies.values() for rule in rules)
    found: dict[Unsure, list[str]] = {}
    for name in sorted({plain_hours(unit.calendar) for unit in region.units.values()}):
        for year in unsure_years(region.calendars[name], today, longest):
            found.setdefault(year, []).append(name)
    return {year: tuple(found[year]) for year in sorted(found, key=lambda one: one.year)}


# --- which calendar it was


@lru_cache(maxsize=256)
def version_of(calendar: Calendar) -> str:
    """A short name of a calendar's whole content: two calendars that count alike have the same one."""
    return sha256(json.dumps(content_of(calendar), sort_keys=True).encode()).hexdigest()[:12]


def content_of(calendar: Calendar) -> dict[str, Any]:
    """A calendar in plain words, for whoever has to show years later what was counted: hours, lists, the national days.

    The national days off stand in it as the program had them, so that a new release of their package is a new version.
    """
    return {
        "zone": calendar.zone,
        "week": _week(calendar.week),
        "seasons": [
            {"first": str(one.span.first), "last": str(one.span.last), "week": _week(one.week)}
            for one in calendar.seasons
        ],
        "added_off": _listed(calendar.added_off),
        "removed_off": _listed(calendar.removed_off),
        "confirmed_years": sorted(calendar.confirmed_years),
        "national": {str(year): _listed(national_days_off(year)) for year in LISTED_YEARS},
    }


def _week(week: Week) -> list[list[str]]:
    return [[f"{frame.opens:%H:%M}-{frame.closes:%H:%M}" for frame in frames] for frames in week]


def _listed(days: Iterable[date]) -> list[str]:
    return [str(day) for day in sorted(days)]


def spans_of(days: Iterable[date]) -> Iterator[tuple[date, date]]:
    """Days as stretches without a gap: how people read a list."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None or day - last > _DAY:
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last
