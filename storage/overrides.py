"""What the town has signed over its region's files: read over them, counted, and what the record says of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlmodel import SQLModel

from domain.decisions import SUBJECTS, Decision, Subject, in_force
from domain.region import Region
from storage.plan import Record, table_of
from storage.tables import Override, PostRow, Ticket, Town, UnitRow

overrides = table_of(Override)
town = table_of(Town)
units, posts, tickets = table_of(UnitRow), table_of(PostRow), table_of(Ticket)

_SIGNED = (
    select(overrides)
    .where(
        overrides.c.subject.in_(sorted(SUBJECTS)), overrides.c.signed_at.is_not(None), overrides.c.undone_at.is_(None)
    )
    .order_by(overrides.c.signed_at, overrides.c.id)
)
_POSTS = select(posts.c.code).where(posts.c.unit_code == bindparam("unit"))
_OF = {
    units.c.code: lambda column: column == bindparam("unit"),
    posts.c.code: lambda column: column.in_(_POSTS),
}
#: Whether the record speaks of a unit, or of one of its posts, anywhere: then it can never be unmade.
MENTIONS = (
    *(
        select(key.parent).where(_OF[key.column](key.parent)).limit(1)
        for table in SQLModel.metadata.sorted_tables
        if table is not posts
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.column in _OF
    ),
    select(tickets.c.reported_unit).where(tickets.c.reported_unit == bindparam("unit")).limit(1),
)


def decisions(connection: Connection) -> tuple[Decision, ...]:
    """What is signed and not taken back, the oldest first."""
    return tuple(decision_of(row) for row in connection.execute(_SIGNED))


def decision_of(row: Record | Row[Any]) -> Decision:
    """A row as what it decides."""
    return Decision(
        Subject(row.subject),
        row.code,
        row.starts_on,
        row.ends_on,
        what=row.field,
        value=row.value or {},
        row=row.id,
    )


def effective(connection: Connection, files: Region, *more: Decision) -> Region:
    """The region as it is in force: its files, under what the town has signed, and what it may be about to sign."""
    signed = (*decisions(connection), *more)
    return in_force(files, signed) if signed else files


def step_on(connection: Connection, seen: int) -> bool:
    """Count a decision that was made with the state `seen` in sight; False where another one came between."""
    counted = update(town).where(town.c.revision == seen).values(revision=town.c.revision + 1)
    return connection.execute(counted).rowcount == 1
