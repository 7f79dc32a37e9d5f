"""What every channel promises: verified messages in, one of five outcomes out, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from handlers.messages import Inbound


@dataclass(frozen=True, slots=True)
class Button:
    """A choice as a channel shows it: its label, and the data that comes back when it is pressed."""

    label: str
    data: str


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent; its name says nothing about who sent it first."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered page for one recipient. `key` is the same on every try; `edits` the message it replaces."""

    key: str
    account: str
    to: str
    text: str
    buttons: tuple[Button, ...] = ()
    files: tuple[File, ...] = ()
    edits: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it, as these messages of its own."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: try again after so many seconds (None: as we think best). `offline`: the reader is just not there."""

    after: float | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the message is wrong for this channel."""

    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The address is dead: a blocked bot, a closed account."""

    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The chat has a new address."""

    to: str


Outcome = Sent | Later | Refused | Gone | Moved


class Channel(Protocol):
    """A way to reach people. `markup` names its macros in templates/markup/."""

    name: str
    markup: str

    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        """One verified raw update as messages; ValueError where it is none of ours."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand a page to the platform. Never raises for what the platform does."""
