"""Files that people write, broken in one place: what is broken, and what has to be said of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Break(NamedTuple):
    """One thing broken: the file, what becomes of its text (None: it is deleted), and what has to be said of it."""

    file: str
    change: Callable[[str], str] | None
    says: str

    def happens(self, folder: Path) -> None:
        """Break it in a folder, which is a copy."""
        path = folder / self.file
        if self.change is None:
            path.unlink()
        else:
            path.write_text(self.change(path.read_text("utf-8") if path.exists() else ""), "utf-8")


def swap(old: str, new: str) -> Callable[[str], str]:
    """The first such place reads otherwise."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


def append(more: str) -> Callable[[str], str]:
    """One line more at the end."""
    return lambda text: f"{text.rstrip()}\n{more}\n"
