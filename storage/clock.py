"""The one town clock: real time by the database's clock, plus an offset where time travel is allowed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from storage.engine import real_now
from storage.plan import table_of
from storage.tables import AuditRow, Town


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks: `town` for deadlines and the record, `real` for leases, pacing and holds.

    `revision`: how many decisions over the region's files had been signed or undone by then.
    """

    town: datetime
    real: datetime
    revision: int = 0


#: Read at the start of every job and every look for what is ready, so built once.
_BOTH = select(real_now(), table_of(Town).c.clock_offset_ms, table_of(Town).c.revision)


class TownClock:
    """Reads both clocks; moves the town's own one, never backwards, where that is allowed."""

    def __init__(self, *, may_travel: bool = False) -> None:
        self.may_travel = may_travel

    def read(self, connection: Connection) -> Moment:
        """Both clocks now, by the database."""
        real, offset, revision = connection.execute(_BOTH).one()
        ahead = timedelta(milliseconds=offset) if self.may_travel else timedelta()
        return Moment(real + ahead, real, revision)

    def begin_at(self, connection: Connection, town: datetime) -> None:
        """Put the town clock anywhere, also back: only in a town that has no record yet (an invented past begins)."""
        now = self.read(connection)
        if not self.may_travel or connection.execute(select(table_of(AuditRow).c.id).limit(1)).first():
            raise PermissionError("A town that has a record keeps its clock.")
        ahead = round((town - now.real) / timedelta(milliseconds=1))
        connection.execute(update(Town).values(clock_offset_ms=ahead))

    def move_to(self, connection: Connection, town: datetime) -> None:
        """Set the town clock to `town`; a moment in the past of the town is ignored."""
        if not self.may_travel:
            raise PermissionError("The town clock moves only where TANGGAP_ALLOW_TIME_TRAVEL=1.")
        now = self.read(connection)
        ahead = round((town - now.real) / timedelta(milliseconds=1))
        if town > now.town:
            connection.execute(update(Town).values(clock_offset_ms=ahead))
