"""A town's record into an archive and back: rows of either database, sealed files, the log of erasures.

It is read in one snapshot that holds up nobody: in a transaction that only reads, SQLite (with its write-ahead log)
and PostgreSQL go on writing beside it. So the town may go on while it is backed up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, delete, insert, select
from sqlmodel import SQLModel

from storage import erasures
from storage.archive import ArchiveReader, ArchiveWriter, BadArchive, packed, unpacked
from storage.attachments import AttachmentStore
from storage.encryption import Vault
from storage.engine import real_now
from storage.ids import from_text, to_text
from storage.migrations import runner
from storage.places import town_row
from storage.plan import table_of
from storage.tables import Lease, Town
from storage.tidying import kept_files

Tell = Callable[[str], None]

ROWS_AT_ONCE = 500
#: Who runs at the moment is true of a moment only.
_NOT_KEPT = frozenset({table_of(Lease).name})


def write(
    engine: Engine, archive: ArchiveWriter, files: AttachmentStore, folder: Path, version: str, tell: Tell
) -> int:
    """Everything into an archive, as it stands at one moment; returns how many files of the record were missing."""
    with snapshot(engine) as connection:
        instance, _ = town_row(connection)
        made_at = connection.execute(select(real_now())).scalar_one()
        counts = {table.name: _write_table(connection, table, archive, tell) for table in _tables()}
        kept = sorted(kept_files(connection))
        schema = runner.current(connection)
    missing = _write_files(kept, archive, files, tell)
    log = folder / erasures.NAME
    archive.add(erasures.NAME, log.read_bytes() if log.exists() else b"")
    manifest = {
        "version": version,
        "schema": schema,
        "dialect": engine.dialect.name,
        "instance": instance,
        "made_at": made_at.isoformat(),
        "rows": counts,
        "files": len(kept) - missing,
    }
    archive.finish(manifest, files.vault)
    return missing


def snapshot(engine: Engine) -> Connection:
    """A connection that sees one moment, whatever others write meanwhile."""
    connection = engine.connect()
    if engine.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")
    return connection


def _tables() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if table.name not in _NOT_KEPT]


def _write_table(connection: Connection, table: Table, archive: ArchiveWriter, tell: Tell) -> int:
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        yield _line([column.name for column in table.columns])
        statement = select(table).order_by(*table.primary_key.columns)
        for row in connection.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}):
            count += 1
            yield _line([packed(value) for value in row])

    archive.add_stream(f"tables/{table.name}.jsonl", lines())
    if count:
        tell(f"{table.name}: {count} rows")
    return count


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _write_files(kept: list[int], archive: ArchiveWriter, files: AttachmentStore, tell: Tell) -> int:
    """The files that the snapshot's rows name, as sealed as they lie there; returns how many are missing."""
    missing = 0
    for number, key in enumerate(kept, start=1):
        try:
            archive.add(f"attachments/{to_text(key)}", files.sealed(key))
        except FileNotFoundError:
            missing += 1
        if number % ROWS_AT_ONCE == 0 or number == len(kept):
            tell(f"files: {number} of {len(kept)}")
    return missing


def vault_of(archive: ArchiveReader, keys: tuple[bytes, ...]) -> Vault:
    """The archive's own vault; raises WrongKey when these are not the keys of its town."""
    rows = list(_rows(archive, "tables/town.jsonl"))
    if len(rows) != 1:
        raise BadArchive("The backup is damaged: it does not name its town.")
    return Vault.unwrap(keys, rows[0]["lookup_key"])


def _rows(archive: ArchiveReader, name: str) -> Iterator[dict[str, Any]]:
    if name not in archive.names("tables"):
        return
    lines = archive.lines(name)
    columns = json.loads(next(lines))
    for line in lines:
        yield dict(zip(columns, (unpacked(value) for value in json.loads(line)), strict=True))


def load(connection: Connection, archive: ArchiveReader, keys: tuple[bytes, ...], tell: Tell) -> None:
    """Into an empty database: the archive's own schema, its rows, and only then up to this program's schema."""
    runner.upgrade_on(connection, keys, archive.manifest["schema"])
    connection.execute(delete(table_of(Town)))  # the first migration made one
    there = MetaData()
    there.reflect(connection)
    for name in archive.names("tables"):
        table = there.tables[name.removeprefix("tables/").removesuffix(".jsonl")]
        count = _load_table(connection, table, _rows(archive, name))
        if count != archive.manifest["rows"][table.name]:
            raise BadArchive(f"The backup is damaged: {table.name} has {count} rows and not as many as it says.")
        if count:
            tell(f"{table.name}: {count} rows")
    runner.upgrade_on(connection, keys, "head")


def _load_table(connection: Connection, table: Table, rows: Iterator[dict[str, Any]]) -> int:
    count = 0
    while some := list(islice(rows, ROWS_AT_ONCE)):
        connection.execute(insert(table), some)
        count += len(some)
    return count


def load_files(archive: ArchiveReader, files: AttachmentStore, tell: Tell) -> None:
    """Each file to its place, beside whatever lies there."""
    names = archive.names("attachments")
    for number, name in enumerate(names, start=1):
        files.put_sealed(from_text(name.removeprefix("attachments/")), archive.read(name))
        if number % ROWS_AT_ONCE == 0 or number == len(names):
            tell(f"files: {number} of {len(names)}")
