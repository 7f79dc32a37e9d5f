"""What both Telegram bots share: reading updates, sending pages, fetching files. It knows neither library.

The libraries' methods and their arguments have the names of the Bot API, so the same calls serve both; what differs
(types of files and keyboards, timeouts, errors) a bot's own file says.
"""

from __future__ import annotations

import asyncio
import logging
import time
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.channels.base import (
    Channel,
    File,
    Later,
    NotFetchedError,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    TooLargeError,
)
from bot.channels.characters import clean
from bot.channels.faults import CallError, Condition
from bot.channels.pacing import Pace
from bot.channels.parts import Key, Part, has_a_wrong_button, keys_of, parts_of
from bot.channels.updates import MOST_BYTES, Me, read_update
from handlers.messages import Inbound

log = logging.getLogger(__name__)

OFFICIAL_API = "https://api.telegram.org"
#: Seconds that a call may take, and one that carries files.
PATIENCE, PATIENCE_WITH_FILES = 30, 120
ACKNOWLEDGE_WITHIN = 5
CONNECTIONS = 32
#: A chat that must rest longer than this is not waited for inside a send.
_SHORT_REST = 5.0
#: So many pages that stopped between two of their messages are remembered.
_MOST_UNFINISHED = 1_000


class TelegramChannel(Channel):
    """One bot. `username` may be set when it becomes known: links into its private chat need it."""

    name = "telegram"
    markup = "html"

    def __init__(
        self, token: str, *, api_url: str = OFFICIAL_API, username: str = "", pace: Pace | None = None
    ) -> None:
        """ValueError where the token can't be one; its sentence does not hold the token."""
        number, _, secret = token.partition(":")
        if not (number.isascii() and number.isdigit() and secret) or any(symbol.isspace() for symbol in token):
            raise ValueError(f"the token of the {self.accounts[0]} bot is not one: @BotFather gives 123456789:AA...")
        self.username = username
        self.pace = pace or Pace()
        self._id = int(number)
        self._token = token
        self._api_url = api_url.rstrip("/")
        self._condition = Condition(self.accounts[0])
        self._unfinished: OrderedDict[tuple[str, str], list[tuple[int, tuple[str, ...]]]] = OrderedDict()
        self._bot: Any = None

    # what the library differs in

    @abstractmethod
    def _read(self, raw: dict[str, Any]) -> Any:
        """The raw update as the library's Update; raises what it likes."""

    @abstractmethod
    def _open(self) -> Any:
        """The library's Bot, without a word to the network."""

    @abstractmethod
    async def _close(self, bot: Any) -> None: ...

    @abstractmethod
    def _fault(self, error: Exception) -> CallError:
        """What went wrong in a call."""

    @abstractmethod
    def _within(self, seconds: int) -> dict[str, Any]:
        """Arguments of a call that say how long it may take."""

    @abstractmethod
    def _file(self, file: File) -> Any: ...

    @abstractmethod
    def _album(self, kind: str, files: Sequence[File]) -> list[Any]: ...

    @abstractmethod
    def _keyboard(self, keys: list[list[Key]]) -> Any: ...

    @abstractmethod
    def _no_preview(self) -> Any: ...

    @abstractmethod
    async def _download(self, path: str) -> bytes: ...

    # life

    async def start(self) -> None:
        if self._bot is None:
            self._bot = self._open()

    async def stop(self) -> None:
        bot, self._bot = self._bot, None
        if bot is not None:
            await self._close(bot)

    # in

    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        if account not in self.accounts:
            raise ValueError("an update for another bot")
        try:
            mended = clean(raw)
            return read_update(self._read(mended), mended, Me(account, self._id, self.username))
        except Exception as error:  # whatever a library or an odd shape raises; its words may quote what was typed
            raise ValueError(f"not an update that can be read: {type(error).__name__}") from None

    async def acknowledge(self, raw: dict[str, Any]) -> None:
        query = raw.get("callback_query")
        if self._bot is None or not isinstance(query, dict) or not isinstance(query.get("id"), str):
            return
        try:
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                await self._bot.answer_callback_query(query["id"], **self._within(ACKNOWLEDGE_WITHIN))
        except Exception as error:
            log.debug("a press was not acknowledged", extra={"kind": type(error).__name__})

    # out

    def rest(self, to: str) -> float:
        return self.pace.rest(_chat(to))

    async def send(self, outgoing: Outgoing) -> Outcome:
        if self._bot is None:
            return Later(1.0, blameless=True)
        if has_a_wrong_button(outgoing):
            return Refused("button")
        wait = max(self._condition.held(), self.rest(outgoing.to))
        if wait > _SHORT_REST or self._condition.held():
            return Later(wait, blameless=True)
        parts = parts_of(outgoing)
        return await self._send_parts(outgoing, parts) if parts else Refused("empty")

    async def _send_parts(self, outgoing: Outgoing, parts: Sequence[Part]) -> Outcome:
        """Part by part; a page that stopped in the middle goes on where it did, if its parts are still the same."""
        place = (outgoing.to, outgoing.key)
        done = self._unfinished.pop(place, [])
        for n, part in enumerate(parts):
            if n < len(done) and done[n][0] == hash(part):
                continue
            sent = await self._send_part(outgoing.to, part)
            if not isinstance(sent, Sent):
                self._remember(place, done[:n])
                return sent
            done = [*done[:n], (hash(part), sent.parts)]
        above = outgoing.stands[:-1] if parts[0].edits is not None else ()
        return Sent((*above, *(message for _, messages in done for message in messages)))

    def _remember(self, place: tuple[str, str], done: list[tuple[int, tuple[str, ...]]]) -> None:
        if done:
            self._unfinished[place] = done
        while len(self._unfinished) > _MOST_UNFINISHED:
            self._unfinished.popitem(last=False)

    async def _send_part(self, to: str, part: Part) -> Outcome:
        """One part, in another form where the platform takes it so: without markup, as a document, as a new message."""
        chat = _chat(to)
        await self.pace.turn(chat, len(part.files) or 1)
        began = time.monotonic()
        try:
            messages = await self._call(self._deliver(to, part))
        except CallError as fault:
            if fault.changes_nothing and part.edits is not None:
                return Sent((part.edits,))
            if (other := part.instead(fault)) is not None:
                log.warning("a message was refused and goes in another form", extra={"bot": self.accounts[0]})
                return await self._send_part(to, other)
            return self._judge(fault, to, began)
        finally:
            self.pace.went(chat, len(part.files) or 1)
        self._condition.arrived()
        return Sent(messages)

    def _judge(self, fault: CallError, to: str, began: float) -> Outcome:
        if fault.trouble == "flood":
            self.pace.hold(_chat(to), fault.after)
        if fault.trouble == "strange":
            log.error("a send failed in a way of its own", extra={"bot": self.accounts[0], "kind": fault.text})
        return self._condition.judge(fault, _chat(to) if fault.trouble == "flood" else to, began=began)

    async def _call(self, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except Exception as error:
            raise self._fault(error) from None

    async def _deliver(self, to: str, part: Part) -> tuple[str, ...]:
        """The one call that sends a part; returns the ids of its messages."""
        chat, _, topic = to.partition("/")
        where: dict[str, Any] = {"chat_id": int(chat), **self._within(PATIENCE_WITH_FILES if part.files else PATIENCE)}
        if topic and part.edits is None:
            where["message_thread_id"] = int(topic)
        if len(part.files) > 1:
            sent = await self._bot.send_media_group(media=self._album(part.kind, part.files), **where)
            return tuple(str(message.message_id) for message in sent)
        keys = keys_of(part.buttons, self.username)
        where |= {
            "parse_mode": "HTML" if part.marked_up else None,
            "reply_markup": self._keyboard(keys) if keys else None,
        }
        return (str(await (self._show_file(part, where) if part.files else self._show_text(part, where))),)

    async def _show_file(self, part: Part, where: dict[str, Any]) -> int:
        if part.edits is not None:
            await self._bot.edit_message_caption(message_id=int(part.edits), caption=part.text or None, **where)
            return int(part.edits)
        method = getattr(self._bot, f"send_{part.kind}")
        sent = await method(caption=part.text or None, **{part.kind: self._file(part.files[0])}, **where)
        return int(sent.message_id)

    async def _show_text(self, part: Part, where: dict[str, Any]) -> int:
        where |= {"text": part.text, "link_preview_options": self._no_preview()}
        if part.edits is None:
            return int((await self._bot.send_message(**where)).message_id)
        await self._bot.edit_message_text(message_id=int(part.edits), **where)
        return int(part.edits)

    # files

    async def fetch(self, ref: str) -> bytes:
        """At most 20 MB."""
        if self._bot is None:
            raise NotFetchedError("the bot is not running", final=False)
        try:
            data = await self._fetch(ref)
        except CallError as fault:
            if fault.trouble == "too_large" or fault.says("too big"):
                raise TooLargeError from None
            final = fault.trouble in ("bad", "missing")
            raise NotFetchedError(f"the platform did not give the file: {fault.trouble}", final=final) from None
        if len(data) > MOST_BYTES:
            raise TooLargeError
        return data

    async def _fetch(self, ref: str) -> bytes:
        found = await self._call(self._bot.get_file(ref, **self._within(PATIENCE)))
        path = str(found.file_path or "").removeprefix(self._file_url())
        if not path:
            raise CallError("missing")
        if (found.file_size or 0) > MOST_BYTES:
            raise TooLargeError
        if path.startswith("/"):
            return await self._read_from_disk(Path(path))
        data: bytes = await self._call(self._download(path))
        return data

    def _file_url(self) -> str:
        return f"{self._api_url}/file/bot{self._token}/"

    async def _read_from_disk(self, path: Path) -> bytes:
        """A server of our own (--local) names a file on its disk. Telegram's must never make us read one of ours."""
        if urlsplit(self._api_url).hostname == urlsplit(OFFICIAL_API).hostname:
            raise NotFetchedError("the platform named a file of this machine", final=True)
        try:
            return await asyncio.to_thread(_beginning, path)
        except OSError as error:
            log.error("a file of the Bot API server can't be read", extra={"kind": type(error).__name__})
            raise NotFetchedError("the Bot API server's file can't be read here", final=False) from None


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _chat(to: str) -> str:
    """The chat of an address, without its topic: the platform counts by chat."""
    return to.partition("/")[0]
