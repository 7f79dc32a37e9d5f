"""The register: one line for each case, without a word that anybody wrote, and little of who must not be found out.

A register is copied, mailed and printed as no case ever is. So a line of a sheltered case says no place, matter,
conduct, channel or hour, and names the office and not the part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.lives import Life
from domain.region import Region
from domain.vocabulary import Desk, Identity, Kind, Turn

#: What a cell may hold. A moment is the town's, without its zone; True and False are yes and no.
Value = str | int | bool | date | datetime | None

_MOMENTS: Final = {
    "received": "received_at",
    "first_response": "first_response_at",
    "resolved": "resolved_at",
    "closed": "closed_at",
    "first_response_by": "first_response_by",
    "resolve_by": "resolve_by",
    "statutory_by": "statutory_by",
    "binding_by": "binding_by",
}
#: The columns of a register (docs/figures.md says what each means).
COLUMNS: Final = (
    "number", "kind", "state", "outcome", "identity", "unit", "unit_name", "office", "matter", "conduct", "area",
    "channel", *_MOMENTS, "provisional", "on_time", "late", "working_days", "days_paused", "handbacks", "refusals",
    "rating",
)  # fmt: skip


def is_sheltered(case: Mapping[str, Any]) -> bool:
    """Whether a line must not help to find out who reported: whoever hides, and whoever speaks of somebody's conduct.

    `case` has the columns of a ticket. A voice that nobody has written down may say anything.
    """
    return (
        case["identity"] != Identity.OPEN
        or case["kind"] == Kind.OVERSIGHT
        or case["desk"] != Desk.OFFICERS
        or bool(case["secret"])
    )


def line(case: Mapping[str, Any], life: Life, region: Region, now: datetime) -> dict[str, Value]:
    """One line of the register, as the case stands at `now`, by the names of COLUMNS."""
    sheltered = is_sheltered(case)
    office = region.office_of(case["unit_code"])
    unit = office if sheltered else case["unit_code"]
    found: dict[str, Value] = {
        "number": case["number"],
        "kind": case["kind"],
        "state": case["state"],
        "outcome": case["outcome"],
        "identity": case["identity"],
        "unit": unit,
        "unit_name": region.units[unit].name,
        "office": office,
        **(dict.fromkeys(_TELLING) if sheltered else _telling(case)),
        **_moments(case, region, days_only=sheltered),
        "provisional": bool(case["provisional"]),
        "on_time": on_time(life, now),
        "late": life.is_late(now),
        "working_days": _working_days(case, region),
        "days_paused": case["days_paused"],
        "handbacks": case["handbacks"],
        "refusals": case["refusals"],
        "rating": life.stars[-1][1] if life.stars else None,
    }
    return {name: found[name] for name in COLUMNS}


#: What tells of who was where and what about.
_TELLING = ("matter", "conduct", "area", "channel")


def _telling(case: Mapping[str, Any]) -> dict[str, Value]:
    return {
        "matter": case["matter_code"],
        "conduct": " ".join(case["conduct"] or ()),
        "area": case["area_code"],
        "channel": case["channel"],
    }


def on_time(life: Life, now: datetime) -> bool | None:
    """False once a promise was broken, True where each was kept, None while that is open or nothing was promised."""
    if any(promise.is_broken(now) for promise in life.promises):
        return False
    return True if life.promises[-1].over_by is Turn.SETTLED and life.promises[-1].kept else None


def _moments(case: Mapping[str, Any], region: Region, *, days_only: bool) -> dict[str, Value]:
    zone = ZoneInfo(region.zone)
    local = {name: at and at.astimezone(zone).replace(tzinfo=None) for name, at in _read(case).items()}
    return {name: at.date() if at and days_only else at for name, at in local.items()}


def _read(case: Mapping[str, Any]) -> dict[str, datetime | None]:
    return {name: case[column] for name, column in _MOMENTS.items()}


def _working_days(case: Mapping[str, Any], region: Region) -> int | None:
    """Working days from the day of receipt to that of the closing words, where the case is finished."""
    if case["resolved_at"] is None:
        return None
    calendar = region.calendar_of(case["unit_code"])
    return calendar.working_days_between(calendar.day_of(case["received_at"]), calendar.day_of(case["resolved_at"]))
