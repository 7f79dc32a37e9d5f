"""A week or a month of one post in numbers; what is rare is summed up, so that no number points at who reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.figures import figures, office_days, suppressed
from domain.lives import Life
from domain.mornings import DigestKind, period
from domain.vocabulary import Actor, Held, Role
from handlers.actions.overview import accusations, cases_of, letters, sums
from handlers.flows.overviews import Overview
from handlers.session import Session
from handlers.shown import moment
from storage.lives import lives
from storage.queries import digests

#: Offices that one page names.
_MOST_OFFICES = 10


def report(session: Session, actor: Actor, held: Held, kind: DigestKind) -> Overview:
    """The page of the week or month before today."""
    first, after = period(kind, session.today)
    start, end = (session.calendar.at(day, time.min) for day in (first, after))
    scope = digests.overseen(actor, held, session.region)
    seen = lives(session.plan.rows, scope, start, session.now)
    found = figures(seen, start, end, session.region.calendar_of)
    facts: dict[str, Any] = {
        "title": session.title_of(held.post),
        "kind": str(kind),
        "from_day": _noon(session, first),
        "to_day": _noon(session, after - timedelta(days=1)),
        **asdict(found),
        "late": sum(life.is_late(session.now) for life in seen),
        "median_days": office_days(found.resolve.median, session.calendar),
        "p90_days": office_days(found.resolve.p90, session.calendar),
        "answer_days": office_days(found.answer.median, session.calendar),
        "oversight": sums(accusations(session, actor, held)),
        "letters": letters(session, cases_of(session, actor, held, start)),
        "offices": _offices(session, held, seen, start, end),
        "shielded": _shielded(session, held, seen, start, end),
    }
    return Overview("supervisor/report", facts)


def _noon(session: Session, day: date) -> str | None:
    """A day as a fact: its noon, which is the same day in every zone of the country."""
    return moment(session.calendar.at(day, time(12)))


def _offices(session: Session, held: Held, seen: Iterable[Life], start: datetime, end: datetime) -> dict[str, Any]:
    """Received and late by office (for the head of one: by unit), the latest first; the rest in one line."""
    received: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for life in seen:
        received[_row_of(session, held, life.unit_at(end))] += start <= life.received_at < end
        late[_row_of(session, held, life.unit)] += life.is_late(session.now)
    rows = [{"name": name, "received": received[name], "late": late[name]} for name in {**received, **late}]
    rows = sorted((row for row in rows if row["received"] or row["late"]), key=_by_late)
    rest = rows[_MOST_OFFICES:]
    return {
        "rows": rows[:_MOST_OFFICES] if len(rows) > 1 else [],
        "rest": {"received": sum(r["received"] for r in rest), "late": sum(r["late"] for r in rest)} if rest else None,
    }


def _by_late(row: dict[str, Any]) -> tuple[int, int, str]:
    return (-row["late"], -row["received"], row["name"])


def _shielded(session: Session, held: Held, seen: Iterable[Life], start: datetime, end: datetime) -> dict[str, Any]:
    """Confidential, anonymous and oversight cases that came in, by office: small cells are not printed."""
    came = (life for life in seen if life.is_shielded and start <= life.received_at < end)
    cells = suppressed(Counter(_row_of(session, held, life.unit_at(end)) for life in came))
    return {"rows": [list(cell) for cell in cells.shown], "rest": cells.rest}


def _row_of(session: Session, held: Held, unit: str) -> str:
    region = session.region
    return region.units[region.office_of(unit) if held.role is Role.SUPERVISOR else unit].name
