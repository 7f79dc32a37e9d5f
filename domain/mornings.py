"""When digests come: at a post's hour of a working day; the weekly one on a week's first, the monthly on a month's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.calendar import Calendar
from domain.region import Post, Region
from domain.vocabulary import Role

_DAY = timedelta(days=1)
#: Kinds of unit that stand above the offices.
_TOPS = ("region", "setda")


class DigestKind(StrEnum):
    """How much time a digest looks back on."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


def subscribers(region: Region) -> tuple[Post, ...]:
    """The posts that are sent digests: supervisors, and the heads of offices (a hospital is one: it has its field)."""
    return tuple(post for post in region.posts.values() if _reads_digests(post, region))


def _reads_digests(post: Post, region: Region) -> bool:
    unit = region.units[post.unit]
    is_office = bool(unit.groups) or (region.office_of(unit.code) == unit.code and unit.kind not in _TOPS)
    return post.role is Role.SUPERVISOR or (post.role is Role.HEAD and is_office)


def kinds_due(day: date, calendar: Calendar) -> tuple[DigestKind, ...]:
    """The digests that come on `day`; none on a free one."""
    if not calendar.is_working(day):
        return ()
    last = calendar.before(day, 1)
    monday = day - day.weekday() * _DAY
    weekly = (DigestKind.WEEKLY,) if last < monday else ()
    monthly = (DigestKind.MONTHLY,) if last < day.replace(day=1) else ()
    return (DigestKind.DAILY, *weekly, *monthly)


def morning_of(post: Post, day: date, calendar: Calendar) -> datetime:
    """The moment (UTC) at which a post's digests come on a working day: its own hour, else its opening."""
    return calendar.at(day, post.digest_at) if post.digest_at is not None else calendar.opening(day)


def next_morning(region: Region, now: datetime) -> datetime | None:
    """The next moment (UTC, after `now`) at which anybody's digests are due; None where nobody reads any."""
    # posts of one calendar and one hour have the same mornings, and a town has few of those
    found = {(region.units[post.unit].calendar, post.digest_at): post for post in subscribers(region)}
    mornings = (_next_of(post, region.calendars[name], now) for (name, _), post in found.items())
    return min(mornings, default=None)


def _next_of(post: Post, calendar: Calendar, now: datetime) -> datetime:
    day = calendar.after(calendar.day_of(now), 0)
    morning = morning_of(post, day, calendar)
    return morning if morning > now else morning_of(post, calendar.after(day, 1), calendar)


def period(kind: DigestKind, day: date) -> tuple[date, date]:
    """The whole week or month before `day`: its first day, and the day after its last. Of a daily one, the day."""
    match kind:
        case DigestKind.WEEKLY:
            monday = day - day.weekday() * _DAY
            return monday - 7 * _DAY, monday
        case DigestKind.MONTHLY:
            end = day.replace(day=1)
            return (end - _DAY).replace(day=1), end
        case DigestKind.DAILY:
            return day, day + _DAY
