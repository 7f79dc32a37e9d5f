"""One line of `tanggap doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. A fault hurts somebody now; a warning will, or is not as it should be."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about a part, and what to do where it is not well. Holds nothing secret and nobody's data."""

    level: Level
    about: str
    says: str


def ok(about: str, says: str) -> Finding:
    return Finding(Level.OK, about, says)


def warning(about: str, says: str) -> Finding:
    return Finding(Level.WARNING, about, says)


def fault(about: str, says: str) -> Finding:
    return Finding(Level.FAULT, about, says)


def span(length: timedelta) -> str:
    """A length of time for eyes: `40 seconds`, `12 minutes`, `5 hours`, `3 days`."""
    seconds = max(0, round(length.total_seconds()))
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}s"
    return f"{seconds} seconds"
