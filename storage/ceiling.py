"""What a disk can do at most: durable commits with nothing around them, for `tanggap bench` to compare with."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine

#: About what a message leaves: an inbox row and an outbox row.
_ROW = b"x" * 300
_CREATE = "CREATE TABLE bench_ceiling (id INTEGER, body {blob})"
_DROP = "DROP TABLE IF EXISTS bench_ceiling"


def commits(engine: Engine, messages: int, seconds: float) -> float:
    """Messages a second, two bare rows each, so many to a commit."""
    connection: Any = engine.raw_connection()
    try:
        return _run(connection, engine.dialect.name == "sqlite", messages, seconds)
    finally:
        connection.close()


def _run(connection: Any, is_sqlite: bool, messages: int, seconds: float) -> float:
    cursor = connection.cursor()
    insert = f"INSERT INTO bench_ceiling VALUES ({'?, ?' if is_sqlite else '%s, %s'})"  # noqa: S608 - no value in it
    cursor.execute(_DROP)
    cursor.execute(_CREATE.format(blob="BLOB" if is_sqlite else "BYTEA"))
    connection.commit()
    rows = [(number, _ROW) for number in range(2 * messages)]
    done, started = 0, time.perf_counter()
    while (spent := time.perf_counter() - started) < seconds:
        if is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(insert, rows)
        connection.commit()
        done += messages
    cursor.execute(_DROP)
    connection.commit()
    return done / spent
