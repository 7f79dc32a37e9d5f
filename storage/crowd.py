"""Very many open cases for `tanggap bench`: some that were made one by one, copied inside the database, which is fast.

The models and what belongs to them have the ids 1 to `MODELS`; copy n of a row has the id of its model plus n times
that. Ids of a real town are far above.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    String,
    Table,
    cast,
    func,
    insert,
    literal,
    select,
    true,
)

from storage.plan import Model, table_of
from storage.tables import AuditRow, Deadline, Outbox, Ticket

MODELS = 1000
#: What of a case is copied, each behind what it refers to.
_COPIED: tuple[Model, ...] = (Ticket, Deadline)
#: Columns that hold the id of something that is copied.
_IDS = frozenset({"id", "ticket_id"})
_REST = {"sqlite": "PRAGMA wal_checkpoint(TRUNCATE)", "postgresql": "ANALYZE tickets, deadlines"}
#: Copies of every model in one statement.
_ROUNDS = 20
_FIRST_NUMBER = 10**9

deadlines = table_of(Deadline)
_SPOKEN = select(func.count()).select_from(deadlines).where(deadlines.c.fired_at.is_not(None))
_PAGES = select(func.count()).select_from(table_of(Outbox))
_AUDITED = select(func.count()).select_from(table_of(AuditRow))
_OPEN = select(func.count()).select_from(table_of(Ticket))


@dataclass(frozen=True, slots=True)
class Written:
    """What there is: steps that are over, pages, rows of the audit trail."""

    steps: int
    pages: int
    audit: int

    @property
    def rows(self) -> int:
        return self.steps + self.pages + self.audit

    def since(self, before: Written) -> Written:
        return Written(self.steps - before.steps, self.pages - before.pages, self.audit - before.audit)


def copy_models(connection: Connection, first: int, wanted: int) -> int:
    """Make copy number `first` of every model and some more, no more than `wanted`; returns how many copies."""
    last = min(first + _ROUNDS - 1, wanted)
    for model in _COPIED:
        connection.execute(_copy(table_of(model), first, last))
    return last - first + 1


def _copy(table: Table, first: int, last: int) -> Insert:
    series = select(literal(first, BigInteger).label("n")).cte("series", recursive=True)
    series = series.union_all(select(series.c.n + 1).where(series.c.n < last))
    columns = [_copied(column, series.c.n) for column in table.c]
    both = table.join(series, true())  # every copy of every model
    source = select(*columns).select_from(both).where(table.c.id <= MODELS).order_by(series.c.n, table.c.id)
    return insert(table).from_select([column.name for column in table.c], source)


def _copied(column: ColumnElement[Any], n: ColumnElement[int]) -> ColumnElement[Any]:
    if column.key in _IDS:
        return column + n * MODELS
    if column.key == "number":  # all of one length, so that each goes to the end of its index
        key: ColumnElement[Any] = column.table.c.id
        return literal("B-").op("||")(cast(n * MODELS + key + _FIRST_NUMBER, String))
    return column


def settle(engine: Engine) -> None:
    """Let what was filled in come to rest, as it does by itself after minutes: on disk, and known to a planner."""
    connection: Any = engine.raw_connection()
    try:
        connection.cursor().execute(_REST[engine.dialect.name])
        connection.commit()
    finally:
        connection.close()


def open_cases(connection: Connection) -> int:
    """How many cases there are, models and copies."""
    return int(connection.execute(_OPEN).scalar_one())


def written(connection: Connection) -> Written:
    """What there is now. It looks at every row: not while anything is measured."""
    return Written(*(int(connection.execute(one).scalar_one()) for one in (_SPOKEN, _PAGES, _AUDITED)))
