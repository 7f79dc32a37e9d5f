"""The phones of the demo (and later the web chat): a real channel, with events out over SSE and acks back.

A page counts as sent when the client has acknowledged it; a phone that nobody looks at is offline, and its pages wait.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any
from uuid import UUID

from bot.channels.base import Later, Outcome, Outgoing, Sent
from handlers.messages import Inbound

Event = dict[str, Any]

ACK_TIMEOUT = 10.0
#: How long an offline phone's pages rest before they are looked at again (a connecting phone wakes them at once).
OFFLINE_REST = 60.0
LONGEST_TEXT = 20_000


class PhoneChannel:
    """Holds who listens to which phone, and which events still wait for their ack."""

    name = "phone"
    markup = "plain"

    def __init__(self, *, on_arrival: Callable[[str], None] | None = None) -> None:
        self._listeners: dict[str, set[asyncio.Queue[Event]]] = {}
        self._waiting: dict[tuple[str, str], asyncio.Future[None]] = {}
        self.on_arrival = on_arrival

    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        """A posted message: {"phone", "id" (UUID), "text"?, "choice"?, "reply_to"?, "files"?, "language"?}."""
        text, choice = raw.get("text") or "", raw.get("choice")
        if not isinstance(text, str) or len(text) > LONGEST_TEXT:
            raise ValueError(f"text must be a string of at most {LONGEST_TEXT} characters")
        files = raw.get("files") or []
        if not (text.strip() or choice or files):
            raise ValueError("a message needs a text, a choice or a file")
        return [
            Inbound(
                event=str(UUID(str(raw.get("id")))),
                channel=self.name,
                account=account,
                sender=str(raw["phone"]),
                text=text,
                choice=str(choice) if choice else None,
                reply_to=str(raw["reply_to"]) if raw.get("reply_to") else None,
                media=tuple(int(file) for file in files),
                language=raw.get("language"),
            )
        ]

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Show the page on every screen of the phone and wait for one ack."""
        listeners = self._listeners.get(outgoing.to)
        if not listeners:
            return Later(OFFLINE_REST, offline=True)
        event = _event(outgoing)
        acked = asyncio.get_running_loop().create_future()
        self._waiting[outgoing.to, outgoing.key] = acked
        try:
            for queue in list(listeners):
                queue.put_nowait(event)
            await asyncio.wait_for(acked, ACK_TIMEOUT)
        except TimeoutError:
            return Later(1.0, offline=not self._listeners.get(outgoing.to))
        finally:
            self._waiting.pop((outgoing.to, outgoing.key), None)
        return Sent((outgoing.key,))

    def ack(self, phone: str, message: str) -> bool:
        """The client has shown a message; False for one that nobody waits for any more."""
        waiting = self._waiting.get((phone, message))
        if waiting is None or waiting.done():
            return False
        waiting.set_result(None)
        return True

    async def listen(self, phones: Iterable[str]) -> AsyncGenerator[Event, None]:
        """Events of these phones, for one screen."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        watched = list(dict.fromkeys(phones))
        for phone in watched:
            self._listeners.setdefault(phone, set()).add(queue)
            if self.on_arrival:
                self.on_arrival(phone)
        try:
            while True:
                yield await queue.get()
        finally:
            for phone in watched:
                self._listeners[phone].discard(queue)

    def announce(self, kind: str, data: Event) -> None:
        """Tell every screen something that is no message: the clock moved, a ticket changed."""
        for queue in {queue for queues in self._listeners.values() for queue in queues}:
            queue.put_nowait({"kind": kind, **data})


def _event(outgoing: Outgoing) -> Event:
    return {
        "kind": "message",
        "phone": outgoing.to,
        "id": outgoing.key,
        "text": outgoing.text,
        "choices": [{"label": button.label, "data": button.data} for button in outgoing.buttons],
        "files": [{"name": file.name, "url": _data_url(file.mime, file.data)} for file in outgoing.files],
        "edit_of": outgoing.edits,
    }


def _data_url(mime: str, data: bytes) -> str:
    """Demo pictures travel inside the event, so that no address of a picture exists that somebody could guess."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
