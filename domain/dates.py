"""Days as people type them: "7/12", "7 des", "7 Desember 2026", "2026-12-07", "besok", "12 Des - 16 Des"."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan januari january", "feb pebruari februari february", "mar maret march", "apr april", "mei may",
            "jun juni june", "jul juli july", "agu agt agustus aug august", "sep sept september",
            "okt oktober oct october", "nov november nopember", "des desember dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_SOON = {"today": 0, "hari ini": 0, "besok": 1, "tomorrow": 1, "lusa": 2}
_TYPED = re.compile(
    r"(?P<iso>\d{4}-\d{1,2}-\d{1,2})"
    r"|(?P<day>\d{1,2})(?P<sep>[/.\-])(?P<month>\d{1,2})(?:(?P=sep)(?P<year>\d{4}|\d{2}))?(?!\d)"
    r"|(?P<named_day>\d{1,2})\s*(?P<name>[a-z]{3,9})\.?(?:\s*(?P<named_year>\d{4}))?"
    r"|(?P<soon>hari ini|besok|lusa|today|tomorrow)",
    re.IGNORECASE,
)
#: "12-16 Des": the first day leaves its month to the second.
_RANGE = re.compile(r"\b(\d{1,2})\s*(?:-|–|s/d|sd|sampai|to)\s*(\d{1,2}\s*)([a-z]{3,9})\b", re.IGNORECASE)


def days_in(text: str, today: date, *, coming: bool = True) -> tuple[date, ...]:
    """The days that a text names, in its order; what is no day is passed over.

    A day without a year is the next one from `today` on (`coming`), or else the last one up to it.
    """
    spelled = _RANGE.sub(_both, text.lower())
    found = (_day(match, today, coming) for match in _TYPED.finditer(spelled))
    return tuple(day for day in found if day is not None)


def typed(day: date, *, year: bool = False) -> str:
    """A day as people type one, to be shown as an example."""
    return f"{day.day}/{day.month}/{day.year}" if year else f"{day.day}/{day.month}"


def _both(match: re.Match[str]) -> str:
    first, second, month = match.groups()
    return f"{first} {month} {second}{month}" if month in _MONTHS else match.group()


def without_days(text: str) -> str:
    """The text without the days that it names."""
    return " ".join(_TYPED.sub(_keep_if_no_day, text).split())


def _keep_if_no_day(match: re.Match[str]) -> str:
    return match.group() if match["name"] and match["name"].lower() not in _MONTHS else " "


def _day(match: re.Match[str], today: date, coming: bool) -> date | None:
    if match["soon"]:
        return today + timedelta(days=_SOON[match["soon"]])
    try:
        if match["iso"]:
            year, month, day = (int(part) for part in match["iso"].split("-"))
            return date(year, month, day)
        month = int(match["month"]) if match["month"] else _MONTHS[match["name"]]
        day = int(match["day"] or match["named_day"])
        typed = match["year"] or match["named_year"]
        return date(_year(typed), month, day) if typed else _nearest(day, month, today, coming)
    except (ValueError, KeyError):
        return None


def _year(typed: str) -> int:
    return int(typed) + (2000 if len(typed) == 2 else 0)


def _nearest(day: int, month: int, today: date, coming: bool) -> date:
    this = date(today.year, month, day)
    if coming and this < today:
        return this.replace(year=today.year + 1)
    if not coming and this > today:
        return this.replace(year=today.year - 1)
    return this
