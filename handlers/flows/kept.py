"""What is kept of one citizen, as `/dataku` tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeptCase:
    """One own case."""

    number: str
    state: str
    identity: str
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that leads from this chat to something: cases (all of them, newest first), and how many files."""

    cases: tuple[KeptCase, ...]
    files: int
    chats: int = 1
