"""A town's record into one file, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from bot.app import open_town
from bot.commands.faults import Fault
from bot.folders import find
from bot.settings import Settings, load_settings
from domain.region import Region
from handlers.actions.erasing import erase_again
from handlers.session import Session
from storage import backup as keeping
from storage import replacing
from storage.archive import ArchiveReader, ArchiveWriter
from storage.attachments import AttachmentStore
from storage.clock import TownClock
from storage.encryption import Vault
from storage.engine import make_engine
from storage.erasures import NAME, Entry, ErasureLog, entries_in, entry_of
from storage.migrations import runner
from storage.plan import Plan
from storage.regions import load_region
from storage.source import Source
from storage.tables import Erasure


def backup(file: Annotated[Path, typer.Argument(help="Where to write it; it must not exist yet.")]) -> None:
    """The whole record into one file, while the town goes on. The encryption keys are not in it: keep them apart."""
    settings = load_settings()
    engine = make_engine(settings.database_url, read_only=True)
    try:
        _, vault = open_town(engine, settings.keys())
        files = AttachmentStore(settings.data_dir / "attachments", vault)
        with ArchiveWriter(file) as archive:
            missing = keeping.write(engine, archive, files, settings.data_dir, version("tanggap"), _tell)
    except FileExistsError as error:
        raise Fault(f"{error.filename}: {error.strerror}.") from None
    finally:
        engine.dispose()
    if missing:
        typer.echo(f"warning: {missing} files that the record names are not on the disk", err=True)
    typer.echo(f"Backed up to {file}. It opens only with TANGGAP_ENCRYPTION_KEYS: keep a copy of those elsewhere.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `tanggap backup` wrote.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the town that is there; it is kept beside.")] = False,
) -> None:
    """Put a backup in the place of the database, from either kind of database; erasures since are done again."""
    settings = load_settings()
    keys, region = settings.keys(), load_region(find(settings.region_dir))
    now = datetime.now(UTC)
    with ArchiveReader(file) as archive:
        told = archive.manifest
        if not runner.knows(told.get("schema", "")):
            raise Fault(f"{file} was made by a newer Tanggap ({told.get('version')}): install that one first.")
        vault = keeping.vault_of(archive, keys)
        archive.check(vault)
        _tell(f"made {told['made_at']} by Tanggap {told['version']}, whole and unaltered")
        try:
            erased = _restore(settings, keys, region, archive, vault, now, force=force)
        except replacing.Occupied as error:
            raise Fault(str(error)) from None
    again = f" {erased} chats that were erased since are erased again." if erased else ""
    typer.echo(f"Restored the town of {archive.manifest['made_at']}.{again}")


def _restore(
    settings: Settings,
    keys: tuple[bytes, ...],
    region: Region,
    archive: ArchiveReader,
    vault: Vault,
    now: datetime,
    *,
    force: bool,
) -> int:
    """Files first, beside those that are there; then the database at once: nothing ever names a file that is not."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    log = ErasureLog(settings.data_dir)
    log.add(replacing.look(settings.database_url, force=force))
    log.add(entry for line in archive.read(NAME).decode().splitlines() if (entry := entry_of(line)))
    folder = settings.data_dir / "attachments"
    replacing.keep_beside(folder, now)
    keeping.load_files(archive, AttachmentStore(folder, vault), _tell)
    with replacing.replaced(settings.database_url, now, force=force) as connection:
        keeping.load(connection, archive, keys, _tell)
        erased = _erase_again(connection, settings, region, vault, log.read())
        log.add(entries_in(connection))
    return erased


def _erase_again(connection: Connection, settings: Settings, region: Region, vault: Vault, logged: list[Entry]) -> int:
    """Every erasure that the restored record does not know was after it: it is done again, and known from now on."""
    known = {entry.id for entry in entries_in(connection)}
    missing = {entry.id: entry for entry in logged if entry.id not in known}
    if not missing:
        return 0
    moment = TownClock(may_travel=settings.allow_time_travel).read(connection)
    session = Session(Plan(connection), vault, region, moment, Source())
    erased = erase_again(session, missing.values())
    for entry in missing.values():
        session.plan.add(Erasure, id=entry.id, kind=entry.kind, subject_hash=entry.subject, at=entry.at)
    session.plan.close()
    return erased


def _tell(line: str) -> None:
    typer.echo(line, err=True)
