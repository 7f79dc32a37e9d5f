"""What a read costs a database beside time: how much work it is, whatever else the machine does meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Executable, event

#: How PostgreSQL is asked what it did.
_DID = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
_PAGES = ("Shared Hit Blocks", "Shared Read Blocks")


def effort(connection: Connection, statement: Executable, parameters: Mapping[str, Any]) -> tuple[int, str]:
    """How much a read does, and of what: instructions of SQLite's machine, or pages that PostgreSQL looks at."""
    if connection.dialect.name == "sqlite":
        return _instructions(connection, statement, parameters), "instructions"
    told = _asked(connection, statement, parameters)
    did = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return sum(did[name] for name in _PAGES), "pages"


def _asked(connection: Connection, statement: Executable, parameters: Mapping[str, Any]) -> Any:
    """Run a statement with the question before it, and its parameters as they would be."""

    def ask(_: Any, __: Any, sql: str, values: Any, *___: Any) -> tuple[str, Any]:
        return _DID + sql, values

    event.listen(connection, "before_cursor_execute", ask, retval=True)
    try:
        answer = connection.execute(statement, dict(parameters))
        assert answer.cursor is not None
        return answer.cursor.fetchall()[0][0]
    finally:
        event.remove(connection, "before_cursor_execute", ask)


def _instructions(connection: Connection, statement: Executable, parameters: Mapping[str, Any]) -> int:
    """SQLite calls back after each instruction; there is no counter to read."""
    done = 0

    def step() -> int:
        nonlocal done
        done += 1
        return 0

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(step, 1)
    try:
        connection.execute(statement, dict(parameters)).all()
    finally:
        driver.set_progress_handler(None, 1)
    return done
