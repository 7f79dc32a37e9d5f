"""A second opinion on days and hours, for tests: typed lists of days off, printed hours, one day counted at a time.

It shares nothing with `domain.calendar` or `domain.deadlines`, not even the package that knows the holidays: zones are
fixed offsets, and whoever disagrees with it has to look at a printed calendar.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone

from tests.domain.calendars import HOLIDAYS_2026, HOLIDAYS_2027, JOINT_LEAVE_2026, JOINT_LEAVE_2027

_DAY = timedelta(days=1)
_LISTS = {2026: f"{HOLIDAYS_2026} {JOINT_LEAVE_2026}", 2027: f"{HOLIDAYS_2027} {JOINT_LEAVE_2027}"}
#: National holidays and joint leave, as typed from the decree (2027: as the pinned package has them).
DAYS_OFF = frozenset(date.fromisoformat(f"{year}-{text}") for year, texts in _LISTS.items() for text in texts.split())
#: Hours of the seven days, Monday first; a day without any is free.
OFFICE_HOURS = (*(("07:30-16:00",),) * 4, ("07:30-16:30",), (), ())
PUSKESMAS_HOURS = (*(("07:30-14:30",),) * 4, ("07:30-12:00",), ("07:30-12:00",), ())


@dataclass(frozen=True)
class Almanac:
    """When a unit works, by its printed hours. Days are the town's own; moments leave in UTC."""

    hours: tuple[tuple[str, ...], ...] = OFFICE_HOURS
    off: frozenset[date] = DAYS_OFF
    offset: int = 7

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(hours=self.offset))

    def with_days(self, *, added: Iterable[date] = (), cancelled: Iterable[date] = ()) -> Almanac:
        """The same, with days that the town adds to the list and takes from it; what is added always wins."""
        return replace(self, off=(self.off - frozenset(cancelled)) | frozenset(added))

    def day(self, moment: datetime) -> date:
        """The town's date at a moment."""
        return (moment.astimezone(UTC) + timedelta(hours=self.offset)).date()

    def at(self, day: date, clock: str) -> datetime:
        """When the town's clocks show `clock` on a day."""
        return datetime.combine(day, time.fromisoformat(clock), tzinfo=self.zone).astimezone(UTC)

    def works(self, day: date) -> bool:
        return bool(self.hours[day.weekday()]) and day not in self.off

    def nth(self, day: date, n: int) -> date:
        """The n-th working day after a day, or before it where n is negative; the day itself never counts."""
        step = _DAY if n > 0 else -_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.works(day)
        return day

    def on_or_before(self, day: date) -> date:
        while not self.works(day):
            day -= _DAY
        return day

    def opening(self, day: date) -> datetime:
        return self.at(day, self.hours[day.weekday()][0].partition("-")[0])

    def closing(self, day: date) -> datetime:
        return self.at(day, self.hours[day.weekday()][-1].partition("-")[2])

    def due(self, start: date, days: int) -> datetime:
        """When something is due that was counted from a day: the close of the n-th working day after it."""
        return self.closing(self.nth(start, days))

    def is_open(self, moment: datetime) -> bool:
        """Whether a moment lies in printed hours; the closing minute still does."""
        day = self.day(moment)
        if not self.works(day):
            return False
        frames = (frame.split("-") for frame in self.hours[day.weekday()])
        return any(self.at(day, a) <= moment < self.at(day, b) + timedelta(minutes=1) for a, b in frames)

    def next_opening(self, moment: datetime) -> datetime:
        """The next time after a moment at which a frame opens."""
        day = self.day(moment)
        while True:
            frames = self.hours[day.weekday()] if self.works(day) else ()
            later = [at for frame in frames if (at := self.at(day, frame.partition("-")[0])) > moment]
            if later:
                return later[0]
            day += _DAY

    def closings_in(self, since: datetime, until: datetime) -> int:
        """How many working days closed from one moment until before another: what a pause gives back."""
        day, last, count = self.day(since), self.day(until), 0
        while day <= last:
            count += self.works(day) and since <= self.closing(day) < until
            day += _DAY
        return count

    def minutes(self, start: datetime, end: datetime) -> int:
        """Whole minutes of printed hours between two moments of whole minutes, one minute at a time."""
        count, now = 0, start
        while now < end:
            day = self.day(now)
            for frame in self.hours[day.weekday()] if self.works(day) else ():
                opens, _, closes = frame.partition("-")
                count += self.at(day, opens) <= now < self.at(day, closes)
            now += timedelta(minutes=1)
        return count


#: The two calendars of the region's files.
OFFICE_ALMANAC = Almanac()
PUSKESMAS_ALMANAC = Almanac(PUSKESMAS_HOURS)
