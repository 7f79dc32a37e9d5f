"""A week or a month of one post in numbers; what is rare is not told, so that no number points at who reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.figures import Figures, figures, office_days
from domain.lives import Life
from domain.mornings import DigestKind, period
from domain.vocabulary import Actor, Held, Role
from handlers.actions import picturing, shields
from handlers.actions.overview import cases_of, letters, without_letters
from handlers.flows.overviews import Overview
from handlers.session import Session
from handlers.shown import moment
from storage.lives import lives
from storage.queries import digests

#: Offices that one page names.
_MOST_OFFICES = 10


def report(session: Session, actor: Actor, held: Held, kind: DigestKind) -> Overview:
    """The page of the week or month before today. The paper that comes with it counts no shielded case."""
    first, after = period(kind, session.today)
    start, end = (session.calendar.at(day, time.min) for day in (first, after))
    scope = digests.overseen(actor, held, session.region)
    lived = lives(session.plan.rows, scope, min(start, picturing.begins(session)), session.now)
    told = picturing.told(session, held, lived)
    everything = cases_of(session, actor, held, session.now)
    cells = shields.to_come(session) if held.role is Role.SUPERVISOR else {}
    rows = _table(session, held, told, start, end)
    found = figures(lived, start, end, session.region.calendar_of)
    facts: dict[str, Any] = {
        "title": session.title_of(held.post),
        "kind": str(kind),
        "from_day": _noon(session, first),
        "to_day": _noon(session, after - timedelta(days=1)),
        **_shown(session, found, lived),
        "oversight": shields.accusations(cells) if held.role is Role.SUPERVISOR else None,
        "letters": letters(session, everything),
        "offices": _offices(rows),
        "shielded": _shielded(session, cells),
        "paper": {
            "post": held.post,
            "at": moment(session.now),
            **_shown(session, figures(told, start, end, session.region.calendar_of), told),
            "offices": rows,
            "picture": picturing.facts(session, held, without_letters(everything), lived, cells),
        },
    }
    return Overview("supervisor/report", facts)


def _shown(session: Session, found: Figures, lived: Iterable[Life]) -> dict[str, Any]:
    """The figures of a period as facts: as they stood at its end, and what is late now."""
    return {
        **asdict(found),
        "late": sum(life.is_late(session.now) for life in lived),
        "median_days": office_days(found.resolve.median, session.calendar),
        "p90_days": office_days(found.resolve.p90, session.calendar),
        "answer_days": office_days(found.answer.median, session.calendar),
    }


def _noon(session: Session, day: date) -> str | None:
    """A day as a fact: its noon, which is the same day in every zone of the country."""
    return moment(session.calendar.at(day, time(12)))


def _offices(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Received and late by office (for the head of one: by unit), the latest first; the rest in one line."""
    rest = rows[_MOST_OFFICES:]
    return {
        "rows": [_short(row) for row in rows[:_MOST_OFFICES]] if len(rows) > 1 else [],
        "rest": {"received": sum(r["received"] for r in rest), "late": sum(r["late"] for r in rest)} if rest else None,
    }


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("name", "received", "late")}


def _table(session: Session, held: Held, told: Iterable[Life], start: datetime, end: datetime) -> list[dict[str, Any]]:
    """What came to every office, what it finished, how much of that in time, and what is late there now."""
    then: dict[str, list[Life]] = {}
    now: dict[str, list[Life]] = {}
    for life in told:
        then.setdefault(picturing.row_of(session, held, life.unit_at(end)), []).append(life)
        now.setdefault(picturing.row_of(session, held, life.unit), []).append(life)
    rows = []
    for name in {**then, **now}:
        found = asdict(figures(then.get(name, ()), start, end, session.region.calendar_of))
        numbers = {figure: found[figure] for figure in ("received", "settled", "counted", "in_time")}
        rows.append({"name": name, **numbers, "late": sum(life.is_late(session.now) for life in now.get(name, ()))})
    return sorted((row for row in rows if any(row[figure] for figure in _TELLING)), key=_by_late)


#: A row without any of these says nothing.
_TELLING = ("received", "settled", "counted", "late")


def _by_late(row: dict[str, Any]) -> tuple[int, int, str]:
    return (-row["late"], -row["received"], row["name"])


def _shielded(session: Session, cells: shields.Cells) -> dict[str, Any]:
    """The shielded cases that are open, by office, as far as a number of them is printed."""
    units = session.region.units
    found = {units[office].name: count for office, count in shields.by_office(cells).items() if office in units}
    return {"rows": [[name, count] for name, count in sorted(found.items())], "standing": True}
