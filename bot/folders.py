"""Where templates and regions lie: in the working directory when they exist there, else in the installed program."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_PLACES = (_PACKAGE / "_data", _PACKAGE.parent)


def find(path: Path) -> Path:
    """`path` itself where it exists (from the working directory), else the shipped one of the same name."""
    if path.is_absolute() or path.exists():
        return path
    return next((place / path for place in _PLACES if (place / path).exists()), path)
