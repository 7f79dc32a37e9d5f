"""The one file of a backup: a tar of tables (JSON lines, the same for both databases), sealed files and a manifest.

What is personal stays as sealed as it is in the database. The manifest names every member with its hash and is itself
hashed under the town's lookup key, so that only who has the town's encryption key can make one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from storage.encryption import Vault

FORMAT = 1
MANIFEST, SEAL = "manifest.json", "manifest.seal"
_BLOCK = 1 << 20


class BadArchive(ValueError):  # noqa: N818
    """The file is no backup, or not a whole one; the sentence is for the operator."""


class ArchiveWriter:
    """Writes FILE.part and gives it its name when it is whole. Use as a context manager; an error leaves nothing."""

    def __init__(self, path: Path) -> None:
        """Raises FileExistsError where the file is there already."""
        if path.exists():
            raise FileExistsError(17, "exists already; a backup never overwrites one", str(path))
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w")  # noqa: SIM115
        self._members: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> ArchiveWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._file.closed:
            self._file.close()
        self._part.unlink(missing_ok=True)

    def add(self, name: str, data: bytes) -> None:
        """One member that fits into memory."""
        self._add(name, io.BytesIO(data), len(data), hashlib.sha256(data).hexdigest())

    def add_stream(self, name: str, chunks: Iterable[bytes]) -> None:
        """One member of any size; it goes through a nameless file beside the archive."""
        summed = hashlib.sha256()
        with tempfile.TemporaryFile(dir=self._path.parent) as spool:
            for chunk in chunks:
                summed.update(chunk)
                spool.write(chunk)
            size = spool.tell()
            spool.seek(0)
            self._add(name, spool, size, summed.hexdigest())

    def _add(self, name: str, source: IO[bytes], size: int, summed: str) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, source)
        self._members[name] = {"size": size, "sha256": summed}

    def finish(self, manifest: dict[str, Any], vault: Vault) -> None:
        """Write the manifest, make all of it durable, and give the file its name."""
        text = json.dumps({"format": FORMAT, **manifest, "members": self._members}, indent=1)
        self.add(MANIFEST, text.encode())
        self.add(SEAL, _seal(vault, text).encode())
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.rename(self._path)


class ArchiveReader:
    """Reads a backup. Nothing is unpacked to a place that the file itself names."""

    def __init__(self, path: Path) -> None:
        """Raises BadArchive for what is no whole backup, FileNotFoundError for what is not there."""
        self._path = path
        self._file = path.open("rb")
        try:
            self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115
            self._found = self._members()
            self._text = self._read(MANIFEST).decode("utf-8", "replace")
            self.manifest = self._parsed()
        except BaseException as error:
            self._file.close()
            if isinstance(error, tarfile.TarError):
                raise self._cut_short() from None
            raise

    def _members(self) -> dict[str, tarfile.TarInfo]:
        members = self._tar.getmembers()
        found = {member.name: member for member in members if member.isfile()}
        if len(found) != len(members) or not {MANIFEST, SEAL} <= set(found):
            raise self._cut_short()
        return found

    def _parsed(self) -> dict[str, Any]:
        with suppress(ValueError):
            manifest: dict[str, Any] = json.loads(self._text)
            if manifest.get("format") == FORMAT:
                return manifest
        raise BadArchive(f"{self._path} has a manifest that this release does not know.")

    def _cut_short(self) -> BadArchive:
        return BadArchive(f"{self._path} is no backup of Tanggap, or it was cut short.")

    def __enter__(self) -> ArchiveReader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._tar.close()
        self._file.close()

    def check(self, vault: Vault) -> None:
        """Compare manifest and every member with their hashes; raises BadArchive where anything was altered."""
        if not hmac.compare_digest(self._read(SEAL).decode("ascii", "replace"), _seal(vault, self._text)):
            raise BadArchive(f"{self._path} was altered: its manifest is not the one that was written.")
        members: dict[str, dict[str, Any]] = self.manifest["members"]
        if set(members) != set(self._found) - {MANIFEST, SEAL}:
            raise BadArchive(f"{self._path} was altered: it does not hold what its manifest names.")
        for name, told in members.items():
            if self._found[name].size != told["size"] or self._sum(name) != told["sha256"]:
                raise BadArchive(f"{self._path} was altered or damaged: {name} is not what was written.")

    def names(self, folder: str) -> list[str]:
        """The members of a folder, in the order in which they were written."""
        return [name for name in self._found if name.startswith(f"{folder}/")]

    def read(self, name: str) -> bytes:
        """A member that fits into memory; empty where there is none."""
        return self._read(name) if name in self._found else b""

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a member of any size."""
        return iter(self._open(name))

    def _open(self, name: str) -> IO[bytes]:
        opened = self._tar.extractfile(self._found[name])
        assert opened is not None
        return opened

    def _read(self, name: str) -> bytes:
        return self._open(name).read()

    def _sum(self, name: str) -> str:
        summed = hashlib.sha256()
        with self._open(name) as source, suppress(tarfile.TarError):  # cut short: then the sum is another one
            while block := source.read(_BLOCK):
                summed.update(block)
        return summed.hexdigest()


def _seal(vault: Vault, text: str) -> str:
    return vault.hash("backup.manifest", "", "", text).hex()


def packed(value: Any) -> Any:
    """A value of a row as JSON; what JSON does not know says its kind."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            return {"b": base64.b64encode(value).decode("ascii")}
        case datetime():
            return {"at": value.isoformat()}
        case date():
            return {"on": value.isoformat()}
        case _:
            return {"json": value}


def unpacked(value: Any) -> Any:
    """The value again."""
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    match kind:
        case "b":
            return base64.b64decode(inner)
        case "at":
            return datetime.fromisoformat(inner)
        case "on":
            return date.fromisoformat(inner)
        case _:
            return inner
