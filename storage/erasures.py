"""The log of erasures outside the database: an older backup knows the person still, so `restore` erases again by it.

A line says when, of what kind, and a keyed hash of the address: without the town's key it says nothing of anybody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from storage.queries.erasing import ERASURES

NAME = "erasures.log"


@dataclass(frozen=True, slots=True)
class Entry:
    """One erasure; `id` is that of its row in the database."""

    id: int
    kind: str
    subject: bytes
    at: datetime

    def line(self) -> str:
        shown = {"id": self.id, "kind": self.kind, "hash": self.subject.hex(), "at": self.at.isoformat()}
        return json.dumps(shown) + "\n"


def entry_of(line: str) -> Entry | None:
    """A line read back; None for one that was cut short."""
    try:
        read = json.loads(line)
        return Entry(int(read["id"]), read["kind"], bytes.fromhex(read["hash"]), datetime.fromisoformat(read["at"]))
    except (ValueError, KeyError, TypeError):
        return None


def entries_in(connection: Connection) -> list[Entry]:
    """Every erasure that the database knows."""
    return [Entry(row.id, row.kind, row.subject_hash, row.at) for row in connection.execute(ERASURES)]


class ErasureLog:
    """The file. Lines are only ever added; one that stands twice does no harm."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._known: set[int] | None = None

    def read(self) -> list[Entry]:
        """Every whole line."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [entry for line in lines if (entry := entry_of(line))]

    def add(self, entries: Iterable[Entry]) -> int:
        """Write what is not in the file yet; on disk when this returns. Returns how many lines that were."""
        if self._known is None:
            self._known = {entry.id for entry in self.read()}
        new = [entry for entry in entries if entry.id not in self._known]
        if new:
            self._append("".join(entry.line() for entry in new))
            self._known |= {entry.id for entry in new}
        return len(new)

    def _append(self, text: str) -> None:
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                text = "\n" + text  # the line before was cut short by a crash
            file.write(text.encode())
            os.fsync(file.fileno())
