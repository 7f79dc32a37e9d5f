"""What billed messages went out: a counter a month and category, and a warning when a limit comes near."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from domain.calendar import Calendar
from domain.spending import SERVICE, Limit, limits, reached
from handlers.session import Session
from storage.plan import Record
from storage.queries import counts

log = logging.getLogger(__name__)

#: The category of a template of which nothing else is known.
UTILITY = "utility"


def note(session: Session, letter: Record, category: str | None, messages: int) -> None:
    """Count what a page was sent as, where messages are billed; in the transaction of the outcome."""
    if not messages or letter.channel not in session.rules.billed:
        return
    billed_as = category or (UTILITY if letter.template else SERVICE)
    connection = session.plan.connection
    row = {
        "month": month_of(session.calendar, session.now),
        "channel": letter.channel,
        "account": letter.account,
        "category": billed_as,
        "count": messages,
    }
    connection.execute(counts.add(connection.dialect.name), [row])
    _warn(session, letter.channel, billed_as, messages)


def month_of(calendar: Calendar, now: datetime) -> str:
    """The town's month of a moment: "2026-11"."""
    return f"{calendar.day_of(now):%Y-%m}"


def spent(session: Session) -> dict[str, tuple[Limit, ...]]:
    """The limits of each channel whose messages were billed this month."""
    return limits_of(session.plan.rows(counts.OF_MONTH, {"month": month_of(session.calendar, session.now)}), session)


def limits_of(rows: Iterable[Any], session: Session) -> dict[str, tuple[Limit, ...]]:
    by_channel: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        by_channel.setdefault(row.channel, []).append((row.category, int(row.messages)))
    return {channel: limits(found, session.rules.budget) for channel, found in by_channel.items()}


def _warn(session: Session, channel: str, category: str, messages: int) -> None:
    rows = session.plan.connection.execute(counts.OF_MONTH, {"month": month_of(session.calendar, session.now)})
    now = [(row.category, int(row.messages)) for row in rows if row.channel == channel]
    before = [(name, count - messages if name == category else count) for name, count in now]
    budget = session.rules.budget
    for limit in reached(limits(before, budget), limits(now, budget)):
        extra = {"channel": channel, "limit": limit.what, "used": limit.used, "most": limit.most}
        log.warning("%d %% of this month's messages are used up", limit.stage, extra=extra)
