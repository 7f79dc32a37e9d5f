"""Working days and office hours of a town: the ground that every deadline is counted on.

Dates are the town's own, moments are aware datetimes and leave in UTC. Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from domain.vocabulary import Span

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class NotAWorkingDayError(ValueError):
    """Hours were asked of a day on which nobody works."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One stretch of office hours, in town time; the closing minute still belongs to it. Closes on the day it opens."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("office hours are town time: leave the zone to the calendar")
        if self.opens >= self.closes:
            raise ValueError(f"office hours {self.opens:%H:%M}-{self.closes:%H:%M} close before they open")


#: The frames of seven days, Monday first; an empty day is free.
Week = tuple[tuple[Frame, ...], ...]
#: From when to when (UTC) somebody works.
_Hours = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True, slots=True)
class Season:
    """Other hours for some weeks of one year, such as Ramadan (Perpres 21/2023)."""

    span: Span
    week: Week

    def __post_init__(self) -> None:
        _check(self.week)


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a unit works: hours of the week, less the days off of Indonesia and of the town.

    Days off are the national holidays and the cuti bersama, both free for civil servants; `removed_off` (cancelled
    cuti bersama) overrules them and `added_off` (a regional day, an election, a disaster) overrules everything. In
    `confirmed_years` the government has published its list, so a date that was counted inside them does not move any
    more. The first of `seasons` that holds a day replaces `week` on it.

    Raises ValueError for a week that is not seven days, has no working day or has frames out of order, and
    `zoneinfo.ZoneInfoNotFoundError` (a KeyError) for an unknown zone.
    """

    zone: str
    week: Week
    added_off: frozenset[date] = frozenset()
    removed_off: frozenset[date] = frozenset()
    confirmed_years: frozenset[int] = frozenset()
    seasons: tuple[Season, ...] = ()
    #: The hours of days that were asked for: a deadline asks for the same few again and again.
    _known: dict[date, _Hours] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        _check(self.week)

    def at(self, day: date, clock: time) -> datetime:
        """The moment (UTC) at which the town's clocks show `clock` on `day`."""
        return datetime.combine(day, clock, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        """The town's date at `moment`, whatever zone it was written in. ValueError if it was written in none."""
        return _aware(moment).astimezone(ZoneInfo(self.zone)).date()

    def is_working(self, day: date) -> bool:
        """Whether the unit works on `day`: a hari kerja of its own week, without days off."""
        return bool(self._hours(day))

    def opening(self, day: date) -> datetime:
        """The moment (UTC) at which the first frame of `day` opens. NotAWorkingDayError if there is none."""
        return self._working_hours(day)[0][0]

    def closing(self, day: date) -> datetime:
        """The moment (UTC) at which the last frame of `day` closes. NotAWorkingDayError if there is none."""
        return self._working_hours(day)[-1][1]

    def after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, which itself never counts; n = 0: `day`, or the next one if it is free."""
        return self._count(day, n, _DAY)

    def before(self, day: date, n: int) -> date:
        """The n-th working day before `day`, which itself never counts; n = 0: `day`, or the last one if it is free."""
        return self._count(day, n, -_DAY)

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie in (first, last]; 0 if `last` is not after `first`."""
        return sum(self.is_working(day) for day in _days(first + _DAY, last))

    def next_opening(self, moment: datetime) -> datetime:
        """The next moment (UTC), strictly after `moment`, at which a frame opens - also the one after a break."""
        day = self.after(self.day_of(moment), 0)
        while True:
            for opens, _ in self._hours(day):
                if opens > moment:
                    return opens
            day = self.after(day, 1)

    def is_open(self, moment: datetime) -> bool:
        """Whether `moment` lies in office hours. The closing minute counts, as it does for a deadline."""
        return any(opens <= moment < closes + _MINUTE for opens, closes in self._hours(self.day_of(moment)))

    def working_minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes of office hours from `start` to `end`; 0 if `end` is not after `start`.

        Only for measuring (medians): no deadline is counted in minutes.
        """
        total = timedelta()
        for day in _days(self.day_of(start), self.day_of(end)):
            for opens, closes in self._hours(day):
                total += max(timedelta(), min(end, closes) - max(start, opens))
        return total // _MINUTE

    def minutes_a_day(self) -> int:
        """Office minutes of an ordinary working day: the mean of the week's, for saying minutes as days."""
        days = [sum((_minutes_of(frame) for frame in frames), 0) for frames in self.week if frames]
        return sum(days) // len(days)

    def confirmed(self, first: date, last: date) -> bool:
        """Whether the days off of every year from `first` to `last` have been published by the government."""
        return all(year in self.confirmed_years for year in range(first.year, last.year + 1))

    def _frames(self, day: date) -> tuple[Frame, ...]:
        week = next((season.week for season in self.seasons if season.span.holds(day)), self.week)
        return week[day.weekday()]

    def _working_hours(self, day: date) -> _Hours:
        if not (hours := self._hours(day)):
            raise NotAWorkingDayError(f"{day:%Y-%m-%d} is not a working day")
        return hours

    def _hours(self, day: date) -> _Hours:
        """When the unit works on a day; nothing on a free one."""
        known = self._known.get(day)
        if known is None:
            frames = () if self._is_off(day) else self._frames(day)
            known = tuple((self.at(day, frame.opens), self.at(day, frame.closes)) for frame in frames)
            self._known[day] = known
        return known

    def _is_off(self, day: date) -> bool:
        return day in self.added_off or (day not in self.removed_off and day in national_days_off(day.year))

    def _count(self, day: date, n: int, step: timedelta) -> date:
        if n < 0:
            raise ValueError(f"working days are counted from 0 up, not {n}")
        if n == 0:
            while not self.is_working(day):
                day += step
        while n > 0:
            day += step
            n -= self.is_working(day)
        return day


@lru_cache(maxsize=64)
def national_days_off(year: int) -> frozenset[date]:
    """National holidays and cuti bersama of Indonesia in `year` (joint ministers' decree, SKB 3 Menteri).

    Cuti bersama is the category `government`, which the package leaves out unless it is asked for. Only the dates are
    taken: the names follow the language of the machine.
    """
    return frozenset(holidays.country_holidays("ID", years=year, categories=("public", "government")))


def _minutes_of(frame: Frame) -> int:
    opens, closes = (clock.hour * 60 + clock.minute for clock in (frame.opens, frame.closes))
    return closes - opens


def _check(week: Week) -> None:
    if len(week) != 7:
        raise ValueError(f"a week has seven days, not {len(week)}")
    # Without a single working day every count would run on for ever.
    if not any(week):
        raise ValueError("a week needs at least one working day")
    for frames in week:
        if any(one.closes >= other.opens for one, other in pairwise(frames)):
            raise ValueError("the frames of a day must follow each other without touching")


def _days(first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a moment needs its zone")
    return moment
