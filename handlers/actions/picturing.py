"""What a morning's picture shows, as facts. It leaves the chat more easily than words do, so shielded cases are not in
its bars and shares; of those it says the number that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from domain.digest import Seen
from domain.figures import on_time
from domain.glance import Bar, bar, together, weeks
from domain.lives import Life
from domain.vocabulary import Held, Role
from handlers.actions import shields
from handlers.session import Session

#: Offices that have a bar of their own.
MOST_BARS = 7


def begins(session: Session) -> datetime:
    """How far back the picture of today looks."""
    first, _ = weeks(session.today)[0]
    return session.calendar.at(first, time.min)


def facts(
    session: Session, held: Held, seen: Iterable[Seen], lived: Iterable[Life], cells: shields.Cells | None
) -> dict[str, Any] | None:
    """The bars (of `seen`), the weeks (of `lived`), and what is not in them; None where there is nothing to show."""
    bars = _bars(session, held, told(session, held, seen))
    known = told(session, held, lived)
    shares = [_week(session, known, first, after) for first, after in weeks(session.today)]
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


T = TypeVar("T", Seen, Life)


def told(session: Session, held: Held, seen: Iterable[T]) -> list[T]:
    """The cases of which every number may be told: all but the shielded, which are the Inspektorat's own matter."""
    return [case for case in seen if reads_all(session, held) or not case.is_shielded]


def reads_all(session: Session, held: Held) -> bool:
    """Whether a post reads nothing but what is shielded."""
    return held.unit == session.region.inspectorate


def row_of(session: Session, held: Held, unit: str) -> str:
    """The name under which a unit's cases are counted: its office's, or for the head of one its own."""
    region = session.region
    return region.units[region.office_of(unit) if held.role is Role.SUPERVISOR else unit].name


def _bars(session: Session, held: Held, cases: Iterable[Seen]) -> list[tuple[str, Bar]]:
    """The offices with something open, those with most that is late first."""
    found: dict[str, list[Seen]] = {}
    for case in cases:
        found.setdefault(row_of(session, held, case.unit), []).append(case)
    bars = {name: bar(own, session.now) for name, own in found.items()}
    return sorted(((name, one) for name, one in bars.items() if one.total), key=_by_late)


def _by_late(row: tuple[str, Bar]) -> tuple[int, int, str]:
    name, one = row
    return (-one.late, -one.total, name)


def _row(name: str, one: Bar) -> Mapping[str, Any]:
    return {"name": name, "ages": list(one.ages), "late": one.late}


def _week(session: Session, cases: Sequence[Life], first: date, after: date) -> dict[str, Any]:
    start, end = (session.calendar.at(day, time.min) for day in (first, after))
    in_time, counted = on_time(cases, start, end)
    noon = session.calendar.at(after - timedelta(days=1), time(12))
    return {"day": noon.isoformat(), "in_time": in_time, "counted": counted}
