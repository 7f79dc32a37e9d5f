"""The region's files mirrored into tables, so that every code in the record refers to something that exists."""

from __future__ import annotations

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from domain.region import Region
from storage.plan import table_of
from storage.tables import Office, PostRow, Town, UnitRow

_TOWN = select(table_of(Town).c.instance, table_of(Town).c.lookup_key)


def town_row(connection: Connection) -> tuple[str, bytes]:
    """This database's own name, and its wrapped lookup key."""
    row = connection.execute(_TOWN).one()
    return row.instance, row.lookup_key


def mirror_region(connection: Connection, region: Region) -> None:
    """Write offices, units and posts as the files have them; what they no longer have is retired, never deleted."""
    units = region.units.values()
    offices = {region.office_of(unit.code) for unit in units}
    _mirror(connection, table_of(Office), [{"code": c, "name": region.units[c].name} for c in sorted(offices)])
    _mirror(
        connection,
        table_of(UnitRow),
        [
            {
                "code": unit.code,
                "office_code": region.office_of(unit.code),
                "parent_code": unit.parent,
                "name": unit.name,
                "kind": unit.kind,
            }
            for unit in units
        ],
    )
    _mirror(
        connection,
        table_of(PostRow),
        [
            {"code": post.code, "unit_code": post.unit, "title": post.title, "role": str(post.role)}
            for post in region.posts.values()
        ],
    )


def _mirror(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    known = {row.code: dict(row._mapping) for row in connection.execute(select(table))}
    wanted = [{**row, "retired": False} for row in rows]
    new = [row for row in wanted if row["code"] not in known]
    changed = [row for row in wanted if row["code"] in known and row != known[row["code"]]]
    gone = sorted(set(known) - {str(row["code"]) for row in rows})
    if new:
        connection.execute(insert(table), new)
    for row in changed:
        connection.execute(update(table).where(table.c.code == row["code"]).values(row))
    if gone:
        values = [{"code_": code} for code in gone]
        connection.execute(update(table).where(table.c.code == bindparam("code_")).values(retired=True), values)
