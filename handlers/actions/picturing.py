"""What a morning's picture shows, as facts. It leaves the chat more easily than words do, so shielded cases are not in
its bars and shares; of those it says the number that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.digest import Seen
from domain.glance import Bar, bar, share, together, weeks
from domain.vocabulary import Held, Role
from handlers.actions import shields
from handlers.session import Session

#: Offices that have a bar of their own.
MOST_BARS = 7


def begins(session: Session) -> datetime:
    """How far back the picture of today looks."""
    first, _ = weeks(session.today)[0]
    return session.calendar.at(first, time.min)


def facts(session: Session, held: Held, seen: Iterable[Seen], cells: shields.Cells | None) -> dict[str, Any] | None:
    """The bars, the weeks, and what is not in them; None where there is nothing to show."""
    cases = told(session, held, seen)
    bars = _bars(session, held, cases)
    shares = [_week(session, cases, first, after) for first, after in weeks(session.today)]
    if not bars and not any(week["counted"] for week in shares):
        return None
    rest = bars[MOST_BARS:] if len(bars) > MOST_BARS + 1 else []
    return {
        "rows": [_row(name, one) for name, one in bars[: len(bars) - len(rest)]],
        "rest": {**_row("", together(one for _, one in rest)), "offices": len(rest)} if rest else None,
        "weeks": shares,
        "apart": None if reads_all(session, held) else shields.standing_total(cells or {}),
        "whole": reads_all(session, held),
    }


def told(session: Session, held: Held, seen: Iterable[Seen]) -> list[Seen]:
    """The cases of which every number may be told: all but the shielded, which are the Inspektorat's own matter."""
    return [case for case in seen if reads_all(session, held) or not case.is_shielded]


def reads_all(session: Session, held: Held) -> bool:
    """Whether a post reads nothing but what is shielded."""
    return held.unit == session.region.inspectorate


def row_of(session: Session, held: Held, case: Seen) -> str:
    """The name under which a case is counted: its office's, or for the head of one its unit's."""
    region = session.region
    unit = region.office_of(case.unit) if held.role is Role.SUPERVISOR else case.unit
    return region.units[unit].name


def _bars(session: Session, held: Held, cases: Iterable[Seen]) -> list[tuple[str, Bar]]:
    """The offices with something open, those with most that is late first."""
    found: dict[str, list[Seen]] = {}
    for case in cases:
        found.setdefault(row_of(session, held, case), []).append(case)
    bars = {name: bar(own, session.now) for name, own in found.items()}
    return sorted(((name, one) for name, one in bars.items() if one.total), key=_by_late)


def _by_late(row: tuple[str, Bar]) -> tuple[int, int, str]:
    name, one = row
    return (-one.late, -one.total, name)


def _row(name: str, one: Bar) -> Mapping[str, Any]:
    return {"name": name, "ages": list(one.ages), "late": one.late}


def _week(session: Session, cases: Sequence[Seen], first: date, after: date) -> dict[str, Any]:
    start, end = (session.calendar.at(day, time.min) for day in (first, after))
    found = share(cases, start, end)
    noon = session.calendar.at(after - timedelta(days=1), time(12))
    return {"day": noon.isoformat(), "in_time": found.in_time, "counted": found.counted}
