"""A week or a month of one post in numbers; what is rare is summed up, so that no number points at who reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.digest import Seen
from domain.figures import figures, suppressed
from domain.mornings import DigestKind, period
from domain.vocabulary import Actor, Held, Kind, Role, State
from handlers.actions.overview import accusations, cases_of, letters, sums
from handlers.flows.overviews import Overview
from handlers.session import Session
from handlers.shown import moment
from storage.queries import digests

#: Offices that one page names.
_MOST_OFFICES = 10


def report(session: Session, actor: Actor, held: Held, kind: DigestKind) -> Overview:
    """The page of the week or month before today."""
    first, after = period(kind, session.today)
    start, end = (session.calendar.at(day, time.min) for day in (first, after))
    everything = cases_of(session, actor, held, start)
    seen = [case for case in everything if case.kind is not Kind.LETTER]
    facts: dict[str, Any] = {
        "title": session.title_of(held.post),
        "kind": str(kind),
        "from_day": _noon(session, first),
        "to_day": _noon(session, after - timedelta(days=1)),
        **asdict(figures(seen, start, end, session.now, session.calendar)),
        "ratings": _ratings(session, actor, held, seen, start, end),
        "oversight": sums(accusations(session, actor, held)),
        "letters": letters(session, everything),
        "offices": _offices(session, held, seen, start, end),
        "shielded": _shielded(session, held, seen, start, end),
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


def _offices(session: Session, held: Held, seen: Iterable[Seen], start: datetime, end: datetime) -> dict[str, Any]:
    """Received and late by office (for the head of one: by unit), the latest first; the rest in one line."""
    received: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for case in seen:
        received[_row_of(session, held, case)] += start <= case.received_at < end
        late[_row_of(session, held, case)] += case.is_late(session.now)
    rows = [{"name": name, "received": received[name], "late": late[name]} for name in received]
    rows = sorted((row for row in rows if row["received"] or row["late"]), key=_by_late)
    rest = rows[_MOST_OFFICES:]
    return {
        "rows": rows[:_MOST_OFFICES] if len(rows) > 1 else [],
        "rest": {"received": sum(r["received"] for r in rest), "late": sum(r["late"] for r in rest)} if rest else None,
    }


def _by_late(row: dict[str, Any]) -> tuple[int, int, str]:
    return (-row["late"], -row["received"], row["name"])


def _shielded(session: Session, held: Held, seen: Iterable[Seen], start: datetime, end: datetime) -> dict[str, Any]:
    """Confidential, anonymous and oversight cases that came in, by office: small cells are not printed."""
    came = (case for case in seen if case.is_shielded and start <= case.received_at < end)
    cells = suppressed(Counter(_row_of(session, held, case) for case in came))
    return {"rows": [list(cell) for cell in cells.shown], "rest": cells.rest}


def _row_of(session: Session, held: Held, case: Seen) -> str:
    region = session.region
    unit = region.office_of(case.unit) if held.role is Role.SUPERVISOR else case.unit
    return region.units[unit].name
