"""A new database in the place of an old one, which is kept beside; until the end nothing of the old one changes.

On SQLite the new one is a file of its own that takes the name at the end. On PostgreSQL it is one transaction, in which
the old tables move to a schema of their own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, exists, inspect, make_url, select, text

from storage import leases
from storage.engine import make_engine
from storage.erasures import Entry, entries_in
from storage.plan import table_of
from storage.tables import Erasure, Invitation, Lease, Person, Ticket


class Occupied(RuntimeError):  # noqa: N818
    """The database in the way may not be replaced; the sentence says what to do."""


_CONTENT = [select(exists(select(table_of(model)))) for model in (Person, Invitation, Ticket)]


@contextlib.contextmanager
def replaced(url: str, now: datetime, *, force: bool) -> Iterator[Connection]:
    """A transaction on an empty database, which is in place when the block ends well. Raises Occupied."""
    look(url, force=force)
    with _replaced_file(url, now) if url.startswith("sqlite") else _replaced_tables(url, now) as connection:
        yield connection


def look(url: str, *, force: bool) -> list[Entry]:
    """The erasures that the database in the way knows. Raises Occupied while it serves or, without force, is in use."""
    if url.startswith("sqlite") and not _file(url).exists():
        return []
    with _engine(url) as engine, engine.connect() as connection:
        return _look(connection, force=force)


def _look(connection: Connection, *, force: bool) -> list[Entry]:
    tables = set(inspect(connection).get_table_names())
    if table_of(Lease).name in tables and leases.alive(connection, leases.SERVING):
        raise Occupied("`tanggap serve` runs on this database (or died within the last half minute): stop it first.")
    full = table_of(Ticket).name in tables and any(connection.execute(found).scalar() for found in _CONTENT)
    if full and not force:
        raise Occupied("The database holds a town already: --force replaces it and keeps it beside.")
    return entries_in(connection) if table_of(Erasure).name in tables else []


def stamp(now: datetime) -> str:
    """The end of a name under which something old is kept."""
    return f"before-{now:%Y%m%d-%H%M%S}"


def keep_beside(folder: Path, now: datetime) -> None:
    """Keep the files of a folder under another name too; where the disk can, both names mean the same file."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    beside = folder.with_name(f"{folder.name}.{stamp(now)}")
    beside.mkdir(mode=0o700)
    for path in sorted(folder.iterdir()):
        try:
            os.link(path, beside / path.name)
        except OSError:
            shutil.copy2(path, beside / path.name)


@contextlib.contextmanager
def _replaced_file(url: str, now: datetime) -> Iterator[Connection]:
    path = _file(url)
    new = path.with_name(f"{path.name}.restoring")
    _remove(new)
    try:
        with _engine(f"sqlite:///{new}") as engine, engine.begin() as connection:
            yield connection
        look(url, force=True)  # somebody may have begun to serve meanwhile
        for end in ("", "-wal", "-shm"):
            old = path.with_name(path.name + end)
            if old.exists():
                old.rename(path.with_name(f"{path.name}.{stamp(now)}{end}"))
        new.rename(path)
    finally:
        _remove(new)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


@contextlib.contextmanager
def _replaced_tables(url: str, now: datetime) -> Iterator[Connection]:
    with _engine(url) as engine, engine.begin() as connection:
        quote = engine.dialect.identifier_preparer.quote
        if tables := inspect(connection).get_table_names():
            if table_of(Lease).name in tables:  # behind this lock nobody begins to serve
                connection.execute(text(f"LOCK TABLE {quote(table_of(Lease).name)} IN ACCESS EXCLUSIVE MODE"))
            _look(connection, force=True)
            schema = quote(stamp(now).replace("-", "_"))
            connection.execute(text(f"CREATE SCHEMA {schema}"))
            for table in tables:
                connection.execute(text(f"ALTER TABLE {quote(table)} SET SCHEMA {schema}"))
        yield connection


@contextlib.contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _file(url: str) -> Path:
    name = make_url(url).database
    assert name is not None
    return Path(name)
