"""How people of a test's town reach it, and what reaches them: pretended phones, or a platform's stand-in."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import pytest

from bot.app import Program
from bot.channels.base import Channel, File, Later, NotFetchedError, Outcome, Outgoing, Sent, Template
from bot.channels.phone import PhoneChannel
from bot.settings import Settings
from handlers.messages import CITIZEN, Inbound, News, Remote
from storage.ids import new_id

#: For tests that need more of their channel than a carrier does.
ON_PHONES = pytest.mark.parametrize("carrier", ["phone"])
#: For tests of pages that take each other's place, of groups, of a file's size before it is fetched, of chats that were
#: left, of words below a voice, and of pages that are not worth their price: WhatsApp has and says nothing of these.
WITH_EDITS = WITH_GROUPS = WITH_SIZES = WITH_FAREWELLS = WITH_CAPTIONS = WITHOUT_PRICE = pytest.mark.carried_by(
    "phone", "polling", "webhook"
)

if TYPE_CHECKING:
    from tests.kit.town import GroupChat, Person


@dataclass(frozen=True, slots=True)
class Page:
    """One page on a phone. `edits` is the key of the earlier one whose place it took, `message` what a reply quotes."""

    key: str
    text: str
    buttons: tuple[str, ...]
    data: tuple[str, ...]
    files: tuple[File, ...]
    edits: str | None
    message: str
    opens: tuple[str | None, ...] = ()

    @classmethod
    def of(cls, outgoing: Outgoing) -> Page:
        return cls(
            message=outgoing.key,
            key=outgoing.key,
            text=outgoing.text,
            buttons=tuple(button.label for button in outgoing.buttons),
            opens=tuple(button.opens for button in outgoing.buttons),
            data=tuple(button.data for button in outgoing.buttons),
            files=outgoing.files,
            edits=outgoing.edits,
        )

    def __str__(self) -> str:
        return f"{self.text}\n{' '.join(f'[{name}]' for name in self.buttons)}".strip()


class Carrier(Protocol):
    """What a test's town asks of whatever carries its messages."""

    @property
    def name(self) -> str:
        """The channel's name in the record."""

    @property
    def channels(self) -> Sequence[Channel]:
        """The program's channels."""

    def settings(self, settings: Settings) -> Settings:
        """The program's settings, with what this carrier needs."""

    def hearing(self, program: Program) -> contextlib.AbstractAsyncContextManager[None]:
        """Let what people do arrive, as long as the block runs."""

    def address_of(self, person: Person) -> str:
        """The value of a person's address."""

    def received(self, person: Person) -> list[Page]:
        """Every page that ever arrived at a person, in order."""

    def seen(self, account: str) -> Mapping[str, Sequence[Page]]:
        """Every page that ever arrived through an account, by the value of the address."""

    async def hand_in(self, person: Person, message: dict[str, Any]) -> None:
        """Let a message of a person arrive, as `Person.does` describes it; returns when it is committed."""

    async def hear(self, group: GroupChat, person: Person, message: dict[str, Any]) -> None:
        """Let somebody say something in a group."""

    async def tell(self, person: Person, news: News) -> None:
        """Let the platform say what has become of a chat."""

    async def upload(self, person: Person, photo: bytes) -> Any:
        """Bytes that a message of the person will speak of among its `files`."""

    def attachment_of(self, uploaded: Any) -> int:
        """The attachment that an uploaded file has become."""

    async def keep(self, person: Person, kind: str, data: bytes, size: int, faults: Sequence[Exception]) -> Any:
        """A file that stays with the platform until it is fetched: what a message has among its `remote`.

        `size`: what the platform says of it; `faults`: how the first tries to fetch it end.
        """

    @property
    def fetches(self) -> int:
        """How often a file was asked for."""

    def answers(self, to: str, *outcomes: Outcome) -> None:
        """The next sends to a phone or group end like this; after that they arrive again.

        `Moved` to its own group: the topic is gone.
        """

    def ends_in_order(self) -> None:
        """What must hold of it at the end, whatever a test was about."""


class PretendChannel(PhoneChannel):
    """The phone channel with every screen always on: keeps what was sent, and misbehaves when it is told to.

    `name`: it is taken for another channel. `shared`: citizens and staff write to one number of it.
    """

    def __init__(self, name: str = "", *, shared: bool = False) -> None:
        super().__init__()
        if name:
            self.name = name  # type: ignore[misc]  # one class for every channel that is pretended
        self.shared = shared
        self.sent: dict[tuple[str, str], list[Page]] = {}
        self.asked: list[Outgoing] = []
        self.latency = 0.0
        self.remote: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.faults: dict[str, deque[Exception]] = {}
        self._outcomes: dict[str, deque[Outcome]] = {}
        self._program: Program | None = None

    # as a channel

    async def send(self, outgoing: Outgoing) -> Outcome:
        self.asked.append(outgoing)
        if self.latency:
            await asyncio.sleep(self.latency)
        if waiting := self._outcomes.get(outgoing.to):
            outcome = waiting.popleft()
            if not isinstance(outcome, Sent):
                return outcome
        account = CITIZEN if self.shared else outgoing.account
        self.sent.setdefault((account, outgoing.to), []).append(Page.of(outgoing))
        return Sent((outgoing.key,))

    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        """As a phone's message; `remote` are files that lie here until they are fetched."""
        remote = tuple(raw.get("remote", ()))
        if not remote:
            return super().parse(account, raw)
        return [replace(said, media=(), remote=remote) for said in super().parse(account, {**raw, "files": ["0"]})]

    async def fetch(self, ref: str) -> bytes:
        self.fetched.append(ref)
        if waiting := self.faults.get(ref):
            raise waiting.popleft()
        if ref not in self.remote:
            raise NotFetchedError("there is no such file", final=True)
        return self.remote[ref]

    # as a carrier

    @property
    def channels(self) -> Sequence[Channel]:
        return (self,)

    def settings(self, settings: Settings) -> Settings:
        return settings

    @contextlib.asynccontextmanager
    async def hearing(self, program: Program) -> AsyncIterator[None]:
        self._program = program
        yield

    @property
    def program(self) -> Program:
        assert self._program is not None, "the town is not open"
        return self._program

    def address_of(self, person: Person) -> str:
        return person.phone

    def received(self, person: Person) -> list[Page]:
        return self.sent.get((person.account, person.phone), [])

    def seen(self, account: str) -> Mapping[str, Sequence[Page]]:
        return {phone: pages for (through, phone), pages in self.sent.items() if through == account}

    async def hand_in(self, person: Person, message: dict[str, Any]) -> None:
        await self.program.receive(self.parse(person.account, {**message, "phone": person.phone}))

    async def hear(self, group: GroupChat, person: Person, message: dict[str, Any]) -> None:
        await self._arrives(group, person.phone, group=group.phone, **message)

    async def tell(self, person: Person, news: News) -> None:
        await self._arrives(person, person.phone.partition("/")[0], news=news)

    async def _arrives(self, chat: Person, sender: str, **said: Any) -> None:
        await self.program.receive([Inbound(str(uuid4()), self.name, chat.account, sender, **said)])

    async def upload(self, person: Person, photo: bytes) -> Any:
        key = new_id()
        await asyncio.to_thread(self.program.files.put, key, photo)
        return key

    def attachment_of(self, uploaded: Any) -> int:
        return int(uploaded)

    async def keep(self, person: Person, kind: str, data: bytes, size: int, faults: Sequence[Exception]) -> Remote:
        ref = f"{kind}-{uuid4()}"
        self.remote[ref] = data
        self.faults[ref] = deque(faults)
        return Remote(kind, ref, "text/plain", size)

    @property
    def fetches(self) -> int:
        return len(self.fetched)

    def answers(self, to: str, *outcomes: Outcome) -> None:
        self._outcomes.setdefault(to, deque()).extend(outcomes)

    def ends_in_order(self) -> None:
        pass


class OtherChannel(PretendChannel):
    """A second way to the same people, without a window."""

    name = "other"


class WindowedPhones(PretendChannel):
    """Pretended phones to which free words are closed a day after their person's last message; and a second way.

    `unlawful`: what was sent freely into a closed window, or as a message that nobody approved.
    """

    window = timedelta(days=1)

    def __init__(self) -> None:
        super().__init__()
        self.other = OtherChannel()
        self.open: set[tuple[str, str]] = set()
        self.approved: set[str] = set()
        self.unlawful: list[Outgoing] = []
        self.templates: list[tuple[str, Template]] = []
        self.silent: set[str] = set()

    @property
    def channels(self) -> Sequence[Channel]:
        return (self, self.other)

    async def send(self, outgoing: Outgoing) -> Outcome:
        template = outgoing.template
        lawful = template.name in self.approved if template else (outgoing.account, outgoing.to) in self.open
        outcome = await super().send(outgoing)
        if not isinstance(outcome, Sent):
            return outcome
        if not lawful:
            self.unlawful.append(outgoing)
        if template is not None:
            self.templates.append((outgoing.to, template))
        again = sum(asked.key == outgoing.key for asked in self.asked)
        return Later(3600.0, blameless=True) if outgoing.to in self.silent else Sent((f"{outgoing.key}-{again}",))

    async def hand_in(self, person: Person, message: dict[str, Any]) -> None:
        self.open.add((person.account, person.phone))
        await super().hand_in(person, message)

    def ends_in_order(self) -> None:
        assert not self.unlawful, f"sent against the platform's rules: {self.unlawful}"
