"""The one way to a database: SQLite for a town, PostgreSQL for a province, with the same promises on both.

A SQLite transaction that may write holds the database from its first statement, a commit is on disk when it returns,
and times are UTC. Errors are sorted here too: run the transaction again, or give up because the database is lost.
"""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, ColumnElement, Engine, Float, PoolProxiedConnection, create_engine, event, literal, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from storage import jsontext
from storage.moments import Moment

BUSY_TIMEOUT = timedelta(seconds=10)
CONNECT_TIMEOUT = timedelta(seconds=10)
_WAL_PAUSE_SECONDS = 0.005
#: What a large batch changes stays in memory until its commit; of SQLite's own 2 MB it would be written out before.
_CACHE_KIB = 32 * 1024
#: So many pages (16 MB) the log may have before they go to the file: of SQLite's own 1000 nearly every large batch
#: would wait for that too. A commit is on disk in the log as well.
_LOG_PAGES = 4000

_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_LOST = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_READONLY,
}
_LOCK_NOT_AVAILABLE = "55P03"
_RERUN_STATES = {"40P01", "40001"}  # deadlock_detected, serialization_failure
#: Classes of SQLSTATE: connection, resources (disk full, memory), shutdown or crash, input and output.
_LOST_CLASSES = ("08", "53", "57P", "58")


def make_engine(url: str, *, read_only: bool = False, pool_size: int = 1) -> Engine:
    """Return an engine with at most `pool_size` connections, none opened yet; a writer needs one, readers a few.

    The folder of a SQLite file is made. Raises ValueError for a URL of another kind, without repeating the URL.
    A statement that no transaction may hold (VACUUM, a backup) takes `engine.raw_connection()`.
    """
    parsed = _parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _make_sqlite(parsed, read_only=read_only, pool_size=pool_size)
    return _make_postgres(parsed, read_only=read_only, pool_size=pool_size)


def _parse_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("The database URL cannot be read.") from None
    backend = parsed.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError("The database URL must begin with sqlite:/// or postgresql://.")
    if parsed.database in (None, "", ":memory:") or parsed.query:
        raise ValueError("A SQLite URL must name a file and nothing else, like sqlite:///data/tanggap.db.")
    return parsed.set(drivername="sqlite+pysqlite")


def _make_sqlite(url: URL, *, read_only: bool, pool_size: int) -> Engine:
    assert url.database is not None
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        # None: the driver begins nothing by itself, or a reading SELECT would stand outside every transaction.
        connect_args={"isolation_level": None, "timeout": BUSY_TIMEOUT.total_seconds()},
        json_serializer=jsontext.dumps,
        **_pool(pool_size),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        _prepare_sqlite(connection, read_only=read_only)

    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def do_begin(dbapi_connection: PoolProxiedConnection) -> None:
        cursor = dbapi_connection.cursor()
        cursor.execute(begin)
        cursor.close()

    # Not the "begin" event, of which SQLAlchemy's manual speaks: when that raises (database is locked), the Connection
    # believes to be inside its begin for ever and, used again, commits each statement alone.
    engine.dialect.do_begin = do_begin  # type: ignore[method-assign]
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, *, read_only: bool) -> None:
    _turn_on_wal(connection)
    pragmas = [
        f"busy_timeout = {BUSY_TIMEOUT // timedelta(milliseconds=1)}",
        "synchronous = FULL",
        f"cache_size = {-_CACHE_KIB}",
        f"wal_autocheckpoint = {_LOG_PAGES}",
        "foreign_keys = ON",
        f"query_only = {'ON' if read_only else 'OFF'}",
    ]
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}").close()


def _turn_on_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to its write-ahead log, once in its life; waits for others who are just doing the same.

    SQLite's own busy timeout does not cover this: of two who open a new file at once, one is told "locked" immediately.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT.total_seconds()
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
        else:
            return


def _make_postgres(url: URL, *, read_only: bool, pool_size: int) -> Engine:
    options = [url.query.get("options", ""), "-c timezone=UTC"]
    if read_only:
        options.append("-c default_transaction_read_only=on")
    return create_engine(
        url,
        isolation_level="READ COMMITTED",
        connect_args={
            "application_name": "tanggap reader" if read_only else "tanggap",
            "connect_timeout": int(CONNECT_TIMEOUT.total_seconds()),
            "options": " ".join(str(option) for option in options).strip(),
        },
        json_serializer=jsontext.dumps,
        pool_pre_ping=True,  # the server may restart while we run
        **_pool(pool_size),
    )


def _pool(size: int) -> dict[str, Any]:
    # Parameters stay out of error texts, and so out of the log.
    return {
        "pool_size": size,
        "max_overflow": 0,
        "pool_timeout": BUSY_TIMEOUT.total_seconds(),
        "hide_parameters": True,
    }


class _RealNow(FunctionElement[datetime]):
    """The database's own clock, moved by its one clause: a number of seconds."""

    name = "real_now"
    type = Moment()
    inherit_cache = True


def real_now(after: timedelta | ColumnElement[float] = timedelta()) -> ColumnElement[datetime]:
    """Return the database's real clock as an expression, `after` from now (seconds, if it is an expression).

    It knows both databases, so it may stand in a statement that is built once; SQLite counts in milliseconds.
    Adding a timedelta to it would work on PostgreSQL only: say `real_now(timedelta(seconds=60))`.
    """
    seconds = literal(after.total_seconds(), Float) if isinstance(after, timedelta) else after
    return _RealNow(seconds)


@compiles(_RealNow, "postgresql")
def _postgres_now(element: _RealNow, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"


@compiles(_RealNow, "sqlite")
def _sqlite_now(element: _RealNow, compiler: SQLCompiler, **kw: Any) -> str:
    # As SQLModel stores moments: text in UTC, six decimals, so that text order is time order.
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('%+.3f seconds', {seconds}))"


def is_busy(error: BaseException) -> bool:
    """Tell whether a lock was held by somebody else for too long (or at all, for NOWAIT)."""
    return _sqlite_code(error) in _SQLITE_BUSY or _sqlstate(error) == _LOCK_NOT_AVAILABLE


def is_retryable(error: BaseException) -> bool:
    """Tell whether the same transaction, run again from its beginning, may well succeed."""
    return is_busy(error) or _sqlstate(error) in _RERUN_STATES


def is_lost(error: BaseException) -> bool:
    """Tell whether the database itself is the trouble (connection, disk, memory, file), not what was asked of it."""
    state = _sqlstate(error)
    if _sqlite_code(error) in _SQLITE_LOST or state.startswith(_LOST_CLASSES):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    # A connection that never came, or broke, has no SQLSTATE: nobody was left to send one.
    return isinstance(error, OperationalError) and hasattr(error.orig, "sqlstate") and not state


def _sqlite_code(error: BaseException) -> int | None:
    """Return SQLite's primary result code; the extended ones hold it in their last byte."""
    code = getattr(_driver_error(error), "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _sqlstate(error: BaseException) -> str:
    return getattr(_driver_error(error), "sqlstate", None) or ""


def _driver_error(error: BaseException) -> BaseException | None:
    return error.orig if isinstance(error, DBAPIError) else error
