"""Every calendar that was kept, and the cases that were counted in another one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, text

from domain.overrides import content_of, version_of
from domain.region import Region
from storage.plan import table_of
from storage.queries.talk import insert_new
from storage.tables import CalendarVersion, Ticket
from storage.tables.tickets import STILL_OPEN

tickets = table_of(Ticket)
versions = table_of(CalendarVersion)

_OTHERWISE = select(func.count()).where(
    text(f"tickets.{STILL_OPEN}"),
    tickets.c.state != "resolved",
    tickets.c.calendar_version.not_in(bindparam("versions", expanding=True)),
)
_KNOWN = select(versions.c.version)


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
