"""What a monitoring system reads: counts and ages in the text format of Prometheus, nothing about anybody."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.app import Program
from bot.web.limits import error
from domain.spending import limits
from handlers.actions.counting import month_of
from storage.clock import Moment
from storage.ids import first_id
from storage.queries import counts, due, health

DAY = timedelta(days=1)
_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: One measured value: its labels, and the number.
Value = tuple[dict[str, Any], float]


def routes(program: Program) -> list[Route]:
    """The page, where there is a token for it; without one there is no such page."""
    token = program.settings.metrics_token
    if token is None:
        return []
    secret = b"Bearer " + token.get_secret_value().encode()

    async def metrics(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(given, secret):
            return error(401, "The token is missing or wrong.")
        return PlainTextResponse(await asyncio.to_thread(_page, program), media_type=_TYPE)

    return [Route("/metrics", metrics)]


def _page(program: Program) -> str:
    with program.readers.begin() as connection:
        moment = program.house.moment(connection)
        lines = [*_of_process(program), *_of_town(program, connection, moment)]
    return "\n".join(lines) + "\n"


def _of_process(program: Program) -> Iterator[str]:
    taken = (
        ({"channel": channel, "account": account, "ending": ending}, number)
        for (channel, account), found in sorted(program.ingress_counts.items())
        for ending, number in sorted(dict(found).items())
    )
    yield from _metric("tanggap_updates_total", "counter", "Updates that came in, by how they ended.", taken)


def _of_town(program: Program, connection: Connection, moment: Moment) -> Iterator[str]:
    real, first = moment.real, {"first": first_id(moment.real - DAY)}
    queue = connection.execute(health.QUEUE, {"town": moment.town, "real": real}).all()
    kinds = [({"channel": row.channel, "account": row.account, "state": row.state}, row) for row in queue]
    queued = ((labels, row.pages) for labels, row in kinds)
    yield from _metric("tanggap_outbox_pages", "gauge", "Pages that have not gone, and whether they may.", queued)
    ages = ((labels, (real - row.oldest).total_seconds()) for labels, row in kinds)
    yield from _metric("tanggap_outbox_oldest_seconds", "gauge", "Age of the oldest of them.", ages)
    ended = _labelled(connection.execute(health.ENDED, first), "channel", "account", "state")
    yield from _metric("tanggap_outbox_day", "gauge", "What became of the pages of the last 24 hours.", ended)
    inbox = _labelled(connection.execute(health.TAKEN, first), "channel", "state")
    yield from _metric("tanggap_inbox_day", "gauge", "What became of the events of the last 24 hours.", inbox)
    aside = _labelled(connection.execute(health.KEPT_ASIDE), "channel", "account")
    yield from _metric("tanggap_quarantine", "gauge", "Bodies in quarantine.", aside)
    beats = (({"beat": row.name}, (real - row.last_ok).total_seconds()) for row in _beaten(connection))
    yield from _metric("tanggap_beat_age_seconds", "gauge", "Since when each beat has not run well.", beats)
    yield from _of_money(program, connection, moment)


def _of_money(program: Program, connection: Connection, moment: Moment) -> Iterator[str]:
    month = month_of(program.region.calendars["office"], moment.town)
    rows = connection.execute(counts.ALL_OF_MONTH, {"month": month}).all()
    billed = (
        ({"month": month, "channel": row.channel, "account": row.account, "category": row.category}, row[-1])
        for row in rows
    )
    yield from _metric("tanggap_billed_messages", "gauge", "Messages of the month that cost money.", billed)
    budget = program.house.rules.budget
    found = [
        ({"channel": channel, "limit": limit.what}, limit)
        for channel in sorted({row.channel for row in rows})
        for limit in limits(((row.category, row[-1]) for row in rows if row.channel == channel), budget)
    ]
    used = ((labels, limit.used) for labels, limit in found)
    yield from _metric("tanggap_billed_limit_used", "gauge", "Of a limit, how much is used up this month.", used)
    most = ((labels, limit.most) for labels, limit in found)
    yield from _metric("tanggap_billed_limit", "gauge", "Free messages a month, and the budget.", most)


def _beaten(connection: Connection) -> list[Any]:
    return [row for row in connection.execute(due.BEATS) if row.last_ok is not None]


def _labelled(rows: Iterable[Any], *names: str) -> Iterator[Value]:
    """Rows whose last column is the number."""
    for row in rows:
        yield {name: getattr(row, name) for name in names}, row[-1]


def _metric(name: str, kind: str, meaning: str, values: Iterable[Value]) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    for labels, number in values:
        shown = ",".join(f'{key}="{_escaped(str(value or ""))}"' for key, value in labels.items())
        yield f"{name}{{{shown}}} {number:g}" if isinstance(number, float) else f"{name}{{{shown}}} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
