"""A week or a month of one post in numbers; what is rare is summed up, so that no number points at who reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.digest import Seen
from domain.figures import figures
from domain.mornings import DigestKind, period
from domain.vocabulary import Actor, Held, Role, State
from handlers.actions import picturing, shields
from handlers.actions.overview import cases_of
from handlers.flows.overviews import Overview
from handlers.session import Session
from handlers.shown import moment
from storage.queries import digests

#: Offices that one page names.
_MOST_OFFICES = 10


def report(session: Session, actor: Actor, held: Held, kind: DigestKind) -> Overview:
    """The page of the week or month before today. The paper that comes with it counts no shielded case."""
    first, after = period(kind, session.today)
    start, end = (session.calendar.at(day, time.min) for day in (first, after))
    seen = cases_of(session, actor, held, min(start, picturing.begins(session)))
    told = picturing.told(session, held, seen)
    cells = shields.to_come(session) if held.role is Role.SUPERVISOR else {}
    oversight = shields.accusations(cells) if held.role is Role.SUPERVISOR else None
    facts: dict[str, Any] = {
        "title": session.title_of(held.post),
        "kind": str(kind),
        "from_day": _noon(session, first),
        "to_day": _noon(session, after - timedelta(days=1)),
        **asdict(figures(seen, start, end, session.now, session.calendar)),
        "ratings": _ratings(session, actor, held, seen, start, end),
        "oversight": oversight,
        "offices": _offices(session, held, told, start, end),
        "shielded": _shielded(session, cells),
        "paper": {
            "post": held.post,
            "at": moment(session.now),
            **asdict(figures(told, start, end, session.now, session.calendar)),
            "offices": _table(session, held, told, start, end),
            "picture": picturing.facts(session, held, seen, cells),
        },
    }
    return Overview("supervisor/report", facts)


def _noon(session: Session, day: date) -> str | None:
    """A day as a fact: its noon, which is the same day in every zone of the country."""
    return moment(session.calendar.at(day, time(12)))


def _ratings(
    session: Session, actor: Actor, held: Held, seen: Iterable[Seen], start: datetime, end: datetime
) -> dict[str, Any]:
    """What citizens gave, and how many cases closed without a word of theirs: never counted as a rating."""
    rows = session.plan.rows(digests.rated(digests.overseen(actor, held, session.region), start))
    stars = [row.stars for row in rows if start <= row.at < end]
    rated = {row.ticket_id for row in rows}
    closed = [case for case in seen if case.state is State.CLOSED and case.closed_at and start <= case.closed_at < end]
    return {
        "count": len(stars),
        "average": round(sum(stars) / len(stars), 1) if stars else None,
        "none": sum(case.id not in rated for case in closed),
    }


def _offices(session: Session, held: Held, told: Iterable[Seen], start: datetime, end: datetime) -> dict[str, Any]:
    """Received and late by office (for the head of one: by unit), the latest first; the rest in one line."""
    rows = _table(session, held, told, start, end)
    rest = rows[_MOST_OFFICES:]
    return {
        "rows": rows[:_MOST_OFFICES] if len(rows) > 1 else [],
        "rest": {"received": sum(r["received"] for r in rest), "late": sum(r["late"] for r in rest)} if rest else None,
    }


def _table(session: Session, held: Held, told: Iterable[Seen], start: datetime, end: datetime) -> list[dict[str, Any]]:
    """Received, finished, in time and late of every office that has any of them."""
    found: dict[str, list[Seen]] = {}
    for case in told:
        found.setdefault(picturing.row_of(session, held, case), []).append(case)
    rows = [{"name": name, **_numbers(session, own, start, end)} for name, own in found.items()]
    return sorted((row for row in rows if any(row[name] for name in ("received", "settled", "late"))), key=_by_late)


def _numbers(session: Session, own: Iterable[Seen], start: datetime, end: datetime) -> dict[str, int]:
    found = asdict(figures(own, start, end, session.now, session.calendar))
    return {name: found[name] for name in ("received", "settled", "counted", "in_time", "late")}


def _by_late(row: dict[str, Any]) -> tuple[int, int, str]:
    return (-row["late"], -row["received"], row["name"])


def _shielded(session: Session, cells: shields.Cells) -> dict[str, Any]:
    """The shielded cases that are open, by office, as far as a number of them is printed."""
    units = session.region.units
    found = {units[office].name: count for office, count in shields.by_office(cells).items() if office in units}
    return {"rows": [[name, count] for name, count in sorted(found.items())], "standing": True}
