"""The town's signed decisions about its calendars: read over the files, counted, and every calendar that was kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, text, update

from domain.overrides import CalendarChange, ChangeKind, changed, content_of, version_of
from domain.region import Region
from storage.plan import table_of
from storage.queries.talk import insert_new
from storage.tables import CalendarVersion, Override, Ticket, Town
from storage.tables.tickets import STILL_OPEN

overrides = table_of(Override)
town = table_of(Town)
tickets = table_of(Ticket)
versions = table_of(CalendarVersion)

#: What a decision about calendars is filed under.
SUBJECT = "calendar"
_IN_FORCE = (
    select(overrides.c.field, overrides.c.starts_on, overrides.c.ends_on, overrides.c.code)
    .where(overrides.c.subject == SUBJECT, overrides.c.signed_at.is_not(None), overrides.c.undone_at.is_(None))
    .order_by(overrides.c.signed_at, overrides.c.id)
)
_OTHERWISE = select(func.count()).where(
    text(f"tickets.{STILL_OPEN}"),
    tickets.c.state != "resolved",
    tickets.c.calendar_version.not_in(bindparam("versions", expanding=True)),
)
_KNOWN = select(versions.c.version)


def effective(connection: Connection, files: Region) -> Region:
    """The region as it is in force: its files, under what the town has signed."""
    changes = [
        CalendarChange(ChangeKind(row.field), row.starts_on, row.ends_on or row.starts_on, row.code or None)
        for row in connection.execute(_IN_FORCE)
    ]
    return replace(files, calendars=changed(files.calendars, changes)) if changes else files


def step_on(connection: Connection, seen: int) -> bool:
    """Count a decision that was made with the state `seen` in sight; False where another one came between."""
    counted = update(town).where(town.c.revision == seen).values(revision=town.c.revision + 1)
    return connection.execute(counted).rowcount == 1


def keep_versions(connection: Connection, region: Region, now: datetime) -> None:
    """Keep what each calendar is, for whoever has to show it later. `now` is the real time."""
    known = set(connection.execute(_KNOWN).scalars())
    new = {version: one for one in region.calendars.values() if (version := version_of(one)) not in known}
    add = insert_new(CalendarVersion, connection.dialect.name, ("version",), ("version",))
    for version, one in new.items():
        connection.execute(add, {"version": version, "content": content_of(one), "first_at": now})


def counted_otherwise(connection: Connection, region: Region) -> int:
    """How many open cases have dates of another calendar than the present ones: the files have changed since."""
    now = {version_of(one) for one in region.calendars.values()}
    return int(connection.execute(_OTHERWISE, {"versions": sorted(now)}).scalar_one())
