"""The town's own half of `tanggap doctor`: database, keys, disk, clock, delivery."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, make_url

from bot.app import open_town
from bot.commands.faults import MENDABLE, line_of
from bot.doctor.finding import Finding, fault, ok, span, warning
from bot.settings import Settings
from bot.template_account import CHANNEL as WHATSAPP
from bot.web.health import STILL
from domain.region import Region
from handlers.session import Session
from storage import leases, message_templates
from storage.clock import Moment, TownClock
from storage.engine import make_engine
from storage.migrations import runner
from storage.plan import Plan
from storage.queries import due, health
from storage.source import Source

DAY = timedelta(days=1)
#: Free disk, in bytes: little, and too little to promise anything.
LITTLE, TOO_LITTLE = 1 << 30, 200 << 20


@dataclass(frozen=True, slots=True)
class Town:
    """What the database told. `serving`: processes of `tanggap serve` that live; None = it could not be asked.

    `templates`: what it holds of WhatsApp's message templates.
    """

    findings: tuple[Finding, ...]
    serving: int | None = None
    templates: tuple[message_templates.Known, ...] | None = None


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether files can be written where they belong, and for how long."""
    folder = settings.data_dir
    if not folder.is_dir():
        yield warning("folder", f"{folder} is not there yet: `tanggap serve` makes it; check TANGGAP_DATA_DIR")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fault("folder", f"{folder} cannot be written by this user: give it to the one that runs `tanggap serve`")
        return
    free = shutil.disk_usage(folder).free
    says = f"{folder} can be written, {free / (1 << 30):.1f} GiB free"
    if free < TOO_LITTLE:
        yield fault("folder", f"{says}: make room now, a full disk stops every message")
    elif free < LITTLE:
        yield warning("folder", f"{says}: make room")
    else:
        yield ok("folder", says)


def town(settings: Settings, keys: tuple[bytes, ...], region: Region | None) -> Town:
    """Ask the database, through a connection that only reads."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return Town((fault("database", f"{url.database} is not there: run `tanggap migrate`"),))
    engine = make_engine(settings.database_url, read_only=True)
    try:
        _, vault = open_town(engine, keys)
        with engine.begin() as connection:
            moment = TownClock(may_travel=settings.allow_time_travel).read(connection)
            serving = len(leases.alive(connection, leases.SERVING))
            found = [
                ok("database", f"it answers ({url.get_backend_name()}, schema {runner.newest()}), and the keys open it")
            ]
            found += _beats(connection, moment.real, serving)
            found += _pages(connection, moment, serving)
            if region:
                found += _staff(Session(Plan(connection), vault, region, moment, Source()))
            return Town(tuple(found), serving, message_templates.known(connection, WHATSAPP))
    except MENDABLE as error:
        return Town((fault("database", line_of(error) or type(error).__name__),))
    finally:
        engine.dispose()


def _beats(connection: Connection, now: datetime, serving: int) -> Iterator[Finding]:
    """The heartbeats of a town that is served."""
    if not serving:
        yield warning("serve", "no `tanggap serve` runs on this database: nothing comes in, goes out or falls due")
        return
    yield ok("serve", f"{serving} process{'es' if serving > 1 else ''} of `tanggap serve`")
    beats: dict[str, Any] = {row.name: row.last_ok for row in connection.execute(due.BEATS)}
    still = {name: at for name, at in {"deadlines": None, **beats}.items() if at is None or now - at > STILL}
    for name, at in still.items():
        since = f"for {span(now - at)}" if at else "since it was started"
        yield fault("clock", f"the beat `{name}` stands still {since}: ask again in a minute, then see the log")
    if not still:
        yield ok("clock", f"beats: {', '.join(sorted(beats))}")


def _pages(connection: Connection, moment: Moment, serving: int) -> Iterator[Finding]:
    """What should have gone out, what did, and what could not be taken in."""
    now = moment.real
    sent = connection.execute(health.LAST_SENT).scalar()
    last = f"the last page went {span(now - sent)} ago" if sent else "no page has gone yet"
    late = connection.execute(health.OVERDUE, {"before": now - STILL, "town": moment.town - STILL}).scalar_one()
    if late and serving:
        yield fault("delivery", f"{late} pages wait for more than {span(STILL)}; {last}: see the log")
    else:
        yield ok("delivery", f"{last}, {late} wait" if late else last)
    lost = [f"{row.pages} {row.state} ({row.error})" for row in connection.execute(health.LOST, {"since": now - DAY})]
    if lost:
        yield warning("pages", f"not delivered in the last day: {', '.join(lost)}; docs/telegram.md explains the words")
    if aside := connection.execute(health.QUARANTINED, {"since": now - DAY}).scalar_one():
        yield warning("quarantine", f"{aside} events of the last day could not be taken in and are kept: see the log")


def _staff(session: Session) -> Iterator[Finding]:
    if cut := session.plan.rows(health.CUT_OFF, {"today": session.today})[0][0]:
        yield warning("staff", f"{cut} who hold a post have only dead chats (bot blocked?): `tanggap posts` names them")
    yield ok("staff", "who reads which post: `tanggap check --live`")
