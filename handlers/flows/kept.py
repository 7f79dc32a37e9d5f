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
    """Everything that leads from this chat to something: cases (all of them, newest first), and how many files.

    `agreed`: they want to be written to in it, also when they have not written lately. `phone`: their number, where the
    platform tells it beside its own name of them.
    """

    cases: tuple[KeptCase, ...]
    files: int
    chats: int = 1
    agreed: bool = False
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for everybody's data: for how many days drafts and the words of our messages are kept, which channels
    are on, whom one may ask and where the data lies ("": not said)."""

    drafts: int
    sent: int
    channels: tuple[str, ...]
    contact: str
    place: str
