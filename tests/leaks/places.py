"""Everywhere that a town's data lies, as bytes: the database's files, its copies, the attachments."""

from __future__ import annotations

import base64
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from bot.commands import exporting
from bot.commands.exporting import Count, Format
from storage import backup
from storage.archive import ArchiveWriter
from storage.engine import make_engine
from tests.kit.town import Town

Place = tuple[str, bytes]


def database_places(url: str, folder: Path) -> Iterator[Place]:
    """The files of the database and every copy that an operator may make of it; `folder` is for the copies."""
    if url.startswith("sqlite"):
        yield from _sqlite_places(Path(url.removeprefix("sqlite:///")), folder)
    else:
        yield from _postgres_places(url)


def files_in(folder: Path, name: str) -> Iterator[Place]:
    """Every file under a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield name, path.read_bytes()


def archive_of(url: str, town: Town, folder: Path) -> bytes:
    """What `tanggap backup` makes of a town, and beside it every value in it as it was before it was packed."""
    file = folder / "town.tar"
    engine = make_engine(url, read_only=True)
    try:
        with ArchiveWriter(file) as archive:
            backup.write(engine, archive, town.program.files, folder / "data", "tests", lambda line: None)
    finally:
        engine.dispose()
    packed = file.read_bytes()
    file.unlink()
    values = (base64.b64decode(found) for found in re.findall(rb'{"b":"([^"]*)"}', packed))
    return packed + b"\n".join(values)


def registers_of(town: Town, folder: Path) -> Iterator[Place]:
    """What `tanggap export` writes, in each form; an XLSX as it was before it was packed."""
    for format in Format:  # noqa: A001
        file = folder / f"register.{format}"
        with town.program.readers.begin() as connection:
            count = Count(town.region, datetime.now(UTC))
            exporting.write(connection, count, (date(2020, 1, 1), date(2099, 12, 31)), format, file)
        yield f"register as {format}", _unpacked(file) if format is Format.XLSX else file.read_bytes()
        file.unlink()


def _unpacked(file: Path) -> bytes:
    with zipfile.ZipFile(file) as book:
        return b"\n".join(book.read(name) for name in book.namelist())


def _sqlite_places(file: Path, folder: Path) -> Iterator[Place]:
    backup = folder / "backup.db"
    _back_up(file, backup)
    yield "backup", backup.read_bytes()
    backup.unlink()
    for suffix in ("", "-wal", "-shm"):
        path = file.with_name(file.name + suffix)
        if path.exists():
            yield f"database{suffix}", path.read_bytes()


def _back_up(file: Path, copy: Path) -> None:
    source, target = sqlite3.connect(file), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def _postgres_places(url: str) -> Iterator[Place]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield "dump", _dump(connection)
        connection.execute("CHECKPOINT")
        row = connection.execute(
            "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    folder = Path(row[0])
    yield from files_in(folder / "base" / str(row[1]), "database")
    yield from files_in(folder / "pg_wal", "database-wal")
    yield "server log", (folder.parent / "log").read_bytes()


def _dump(connection: psycopg.Connection[tuple[object, ...]]) -> bytes:
    """Every table as text, as `pg_dump` writes it, and once more with its bytes as they are."""
    written = io.BytesIO()
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    for (table,) in tables:
        for form in (sql.SQL("text"), sql.SQL("binary")):
            command = sql.SQL("COPY {} TO STDOUT (FORMAT {})").format(sql.Identifier(str(table)), form)
            with connection.cursor().copy(command) as rows:
                for block in rows:
                    written.write(block)
    return written.getvalue()
