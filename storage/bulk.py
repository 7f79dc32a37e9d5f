"""One statement for many rows, without what SQLAlchemy does for each value of each row.

A batch writes the same few statements again and again. Their text, the order of their parameters and how each is
converted for the driver are worked out once; then whole columns are converted, and the driver gets finished rows. Whole
rows that are read come the same way, as plain dicts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, Insert, Select, Table, Update


class _Prepared(NamedTuple):
    text: str
    #: What converts each parameter, in the statement's order; None: the driver takes the value as it is.
    converters: Mapping[str, Callable[[Any], Any] | None]
    positional: bool


def write(connection: Connection, statement: Insert | Update, columns: Mapping[str, Sequence[Any]]) -> None:
    """Run a statement for every row; `columns`: the values of each of its parameters, row by row."""
    prepared = _prepared(statement, connection.dialect, tuple(columns))
    converted = (
        columns[name] if convert is None else map(convert, columns[name])
        for name, convert in prepared.converters.items()
    )
    rows: list[Any] = list(zip(*converted, strict=True))
    if not prepared.positional:
        rows = [dict(zip(prepared.converters, row, strict=True)) for row in rows]
    connection.exec_driver_sql(prepared.text, rows if len(rows) > 1 else rows[0])


def read(
    connection: Connection, table: Table, statement: Select[Any], parameters: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Whole rows of one table, by the names of their columns."""
    result = connection.execute(statement, parameters)
    names, cursor = tuple(result.keys()), result.cursor
    assert cursor is not None
    kinds = tuple(described[1] for described in cursor.description)
    rows = cursor.fetchall()
    result.close()
    if not rows:
        return []
    converters = _readers(table, connection.dialect, names, kinds)
    columns = map(_converted, converters, zip(*rows, strict=True))
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _converted(convert: Callable[[Any], Any] | None, column: Sequence[Any]) -> Sequence[Any]:
    """What all rows have in common is converted once: most moments of a case have not come."""
    if convert is None:
        return column
    if column.count(column[0]) == len(column):
        return [convert(column[0])] * len(column)
    return list(map(convert, column))


@lru_cache(maxsize=256)
def _readers(
    table: Table, dialect: Dialect, names: tuple[str, ...], kinds: tuple[Any, ...]
) -> tuple[Callable[[Any], Any] | None, ...]:
    types = (table.c[name].type.dialect_impl(dialect) for name in names)
    return tuple(one.result_processor(dialect, kind) for one, kind in zip(types, kinds, strict=True))


@lru_cache(maxsize=256)
def _prepared(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> _Prepared:
    keys = names if isinstance(statement, Insert) else None
    compiled: Any = statement.compile(dialect=dialect, column_keys=keys)
    order = compiled.positiontup if compiled.positional else compiled.binds
    kinds = {name: compiled.binds[name].type.dialect_impl(dialect) for name in order}
    assert set(kinds) == set(names), "Every parameter of the statement has its column, and no other."
    converters = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
    return _Prepared(str(compiled), converters, compiled.positional)
