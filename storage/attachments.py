"""Photos and files that people sent, encrypted, one file each; its name is the attachment's id and says nothing more.

A file is written before the transaction that names it and removed after the one that forgets it, so that a row never
points at nothing; what is left without a row is swept later.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from storage.encryption import Vault
from storage.ids import from_text, made_at, to_text

_COLUMN = "attachments.file"
_UNFINISHED = ".part"


class AttachmentStore:
    """The attachments of one installation. Blocking file work: never call it inside a transaction."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        """Take the folder (made when it is missing, for this user alone) and the vault that seals its files."""
        self._folder = folder
        self.vault = vault
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, attachment_id: int, data: bytes | Iterable[bytes]) -> None:
        """Encrypt and keep an attachment, whole or in chunks; on disk when this returns, or nothing of it.

        An id that is kept already is replaced, so a repeated upload does no harm. Raises OSError when the disk refuses.
        """
        whole = data if isinstance(data, bytes) else b"".join(data)
        self._write(attachment_id, self.vault.seal(_COLUMN, attachment_id, whole))

    def get(self, attachment_id: int) -> bytes:
        """Return an attachment; raises FileNotFoundError, or Unreadable when the file was altered or renamed."""
        return self.vault.open(_COLUMN, attachment_id, self._path(attachment_id).read_bytes())

    def sealed(self, attachment_id: int) -> bytes:
        """Return an attachment as it lies on the disk, for a backup; raises FileNotFoundError."""
        return self._path(attachment_id).read_bytes()

    def put_sealed(self, attachment_id: int, sealed: bytes) -> None:
        """Put an attachment of a backup back as it was."""
        self._write(attachment_id, sealed)

    def delete(self, attachment_id: int) -> None:
        """Remove an attachment; one that is gone already is as good."""
        self._path(attachment_id).unlink(missing_ok=True)

    def reseal(self, attachment_id: int) -> bool:
        """Encrypt an attachment again under the first key, for a change of key; tell whether it was needed."""
        sealed = self._path(attachment_id).read_bytes()
        if not self.vault.needs_rotation(sealed):
            return False
        self._write(attachment_id, self.vault.reseal(_COLUMN, attachment_id, sealed))
        return True

    def stored(self) -> Iterator[int]:
        """Return the ids that have a file, in order."""
        return iter(sorted(number for path, number in self._files() if path.suffix != _UNFINISHED))

    def sweep(self, keep: Callable[[int], bool], older_than: timedelta, now: datetime) -> list[int]:
        """Remove what nobody knows and no upload in progress can still want; return the ids removed, in order.

        `keep` tells whether an id has a row; an id's age is in the id, in real time, so `now` is real too. Unfinished
        files of that age go without asking or counting.
        """
        old = [(path, number) for path, number in self._files() if now - made_at(number) > older_than]
        removed = []
        for path, number in sorted(old):
            if path.suffix == _UNFINISHED:
                path.unlink(missing_ok=True)
            elif not keep(number):
                path.unlink(missing_ok=True)
                removed.append(number)
        return sorted(removed)

    def _write(self, attachment_id: int, sealed: bytes) -> None:
        # mkstemp: for this user alone (0600), and a name that no other attempt has.
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=f"{to_text(attachment_id)}.", suffix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path(attachment_id))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._flush_folder()

    def _flush_folder(self) -> None:
        """Make the new name durable too: without it a power cut may lose the file of a committed row."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _path(self, attachment_id: int) -> Path:
        return self._folder / to_text(attachment_id)

    def _files(self) -> Iterator[tuple[Path, int]]:
        """Return our files, finished or not, with the id in their name; whatever else lies here is not ours."""
        for path in self._folder.iterdir():
            name, _, rest = path.name.partition(".")
            with suppress(ValueError):
                number = from_text(name)
                if name == to_text(number) and (not rest or rest.endswith(_UNFINISHED)):
                    yield path, number
