"""What every channel promises: verified messages in, one of five outcomes out, never an exception."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from handlers.messages import Inbound


@dataclass(frozen=True, slots=True)
class Button:
    """A choice as a channel shows it: its label, and the data that comes back when it is pressed.

    `opens`: instead it opens the private chat with the bot, which then says `/start <opens>` (from a group's bell).
    """

    label: str
    data: str
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent; its name says nothing about who sent it first."""

    name: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Template:
    """A message that the platform has approved beforehand, and what stands in its gaps. No gap holds a line break.

    `payloads`: the data of its quick-reply buttons, in order.
    """

    name: str
    language: str
    category: str
    variables: tuple[str, ...] = ()
    payloads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered page for one recipient. `key` is the same on every try; `edits` the message it replaces.

    `stands`: all messages of the page that it replaces, in order, the last of which is `edits`: its files are there.
    `template`: it goes as this approved message instead, because the recipient's window is closed. `opener`: a word
    on the button behind which a channel hides the choices, where it does ("" = a sign).
    """

    key: str
    account: str
    to: str
    text: str
    buttons: tuple[Button, ...] = ()
    files: tuple[File, ...] = ()
    edits: str | None = None
    stands: tuple[str, ...] = ()
    template: Template | None = None
    opener: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it, as these messages of its own. `category`: what each of them is billed as, if anything."""

    parts: tuple[str, ...]
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: try again after so many seconds (None: as we think best).

    `blameless`: it costs no attempt, because the reader is just not there, or the platform is busy or ill.
    """

    after: float | None = None
    blameless: bool = False


#: Why a page is refused whose reader's window is closed after all: it goes another way.
CLOSED = "window"


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the message is wrong for this channel. CLOSED: not freely, until the reader writes again."""

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


class NotFetchedError(Exception):
    """A file could not be had from the platform. `final`: nor will it ever be; the sentence holds no secret."""

    def __init__(self, why: str, *, final: bool) -> None:
        super().__init__(why)
        self.final = final


class TooLargeError(NotFetchedError):
    """The platform does not give a bot a file of this size."""

    def __init__(self) -> None:
        super().__init__("the file is larger than a bot may fetch", final=True)


class Channel(ABC):
    """A way to reach people, by one or more accounts. `markup` names its macros in templates/markup/.

    `username` is the name under which people find it, where it has one; it may become known only while we run.
    `billed`: each message costs money, so fewer are sent (`handlers.actions.thrift`).
    `window`: how long after somebody's last message they may be written to freely; None where there is no such rule.
    `receipts`: it tells later what became of a message, so that taking one says little yet.
    `shared`: one number serves both accounts: what comes in is parsed as a citizen's, and receiving tells.
    """

    name: ClassVar[str]
    markup: ClassVar[str]
    billed: ClassVar[bool] = False
    window: ClassVar[timedelta | None] = None
    receipts: ClassVar[bool] = False
    accounts: tuple[str, ...]
    username: str = ""
    shared: bool = False

    @abstractmethod
    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        """One verified raw update as messages, none for what concerns nobody; ValueError where it is none of ours."""

    @abstractmethod
    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand a page to the platform. Never raises for what the platform does."""

    async def start(self) -> None:
        """Make ready to send and to fetch; called in the loop that it will run in."""

    async def stop(self) -> None:
        """Let go of connections."""

    async def acknowledge(self, raw: dict[str, Any]) -> None:
        """After the commit: tell the platform that a press was taken. Best effort, never raises."""

    async def fetch(self, ref: str) -> bytes:
        """A file that a person sent (`handlers.messages.Remote.ref`). NotFetchedError where it can't be had."""
        raise NotFetchedError("this channel keeps no files", final=True)

    def rest(self, to: str) -> float:
        """How many seconds a chat must be left alone between two pages."""
        return 0.0
