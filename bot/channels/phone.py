"""The phones of the demo (and later the web chat): a real channel, with events out over SSE and acks back.

A page counts as sent when the client has acknowledged it; a phone that nobody looks at is offline, and its pages wait.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.channels.base import Channel, File, Later, Outcome, Outgoing, Sent
from bot.channels.characters import whole
from handlers.messages import CITIZEN, STAFF, Inbound

Event = dict[str, Any]

ACK_TIMEOUT = 10.0
#: How long an offline phone's pages rest before they are looked at again (a connecting phone wakes them at once).
OFFLINE_REST = 60.0
LONGEST_TEXT = 20_000
LONGEST_CHOICE = 100
MOST_FILES = 10
LANGUAGES = ("id", "en")
LONGEST_PLACE = 300
#: What a phone may send that nobody can read.
ODD = ("sticker", "contact", "unreadable", "too_large")


@dataclass(frozen=True, slots=True)
class _Flight:
    """An event on its way, and who waits for its ack."""

    event: Event
    acked: asyncio.Future[None]


class PhoneChannel(Channel):
    """Holds who listens to which phone, and which events still wait for their ack."""

    name = "phone"
    markup = "plain"
    accounts = (CITIZEN, STAFF)

    def __init__(self, *, on_arrival: Callable[[str], None] | None = None) -> None:
        self._listeners: dict[str, set[asyncio.Queue[Event | None]]] = {}
        self._flights: dict[tuple[str, str], _Flight] = {}
        self._closed = False
        self.on_arrival = on_arrival

    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        """A posted message: {"phone", "id" (UUID), "text"?, "choice"?, "reply_to"?, "files"?, "language"?}.

        Also "edits" (an earlier message of this phone), "place" and "odd", as a platform's channel would tell them.
        """
        text, choice = _words(raw, "text", LONGEST_TEXT), _words(raw, "choice", LONGEST_CHOICE)
        files = raw.get("files") or []
        if not isinstance(files, list) or len(files) > MOST_FILES:
            raise ValueError(f"files must be a list of at most {MOST_FILES}")
        place, odd = _words(raw, "place", LONGEST_PLACE).strip(), _words(raw, "odd", LONGEST_CHOICE)
        edits = _words(raw, "edits", LONGEST_CHOICE)
        if odd and odd not in ODD:
            raise ValueError(f"odd must be one of {', '.join(ODD)}")
        if not (text.strip() or choice or files or place or odd):
            raise ValueError("a message needs a text, a choice, a file or a place")
        return [
            Inbound(
                event=_event_id(raw),
                channel=self.name,
                account=account,
                sender=str(raw["phone"]),
                text=text,
                choice=choice or None,
                reply_to=_words(raw, "reply_to", LONGEST_CHOICE) or None,
                media=tuple(int(file) for file in files),
                language=raw.get("language") if raw.get("language") in LANGUAGES else None,
                message=edits or _event_id(raw),
                edited=bool(edits),
                place=place or None,
                odd=odd or None,
            )
        ]

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Show the page on every screen of the phone and wait for one ack."""
        listeners = self._listeners.get(outgoing.to)
        if not listeners or self._closed:
            return Later(OFFLINE_REST, blameless=True)
        flight = _Flight(_event(outgoing), asyncio.get_running_loop().create_future())
        self._flights[outgoing.to, outgoing.key] = flight
        try:
            for queue in list(listeners):
                queue.put_nowait(flight.event)
            await asyncio.wait_for(flight.acked, ACK_TIMEOUT)
        except TimeoutError:
            return Later(1.0, blameless=not self._listeners.get(outgoing.to))
        finally:
            self._flights.pop((outgoing.to, outgoing.key), None)
        return Sent((outgoing.key,))

    def ack(self, phone: str, message: str) -> bool:
        """The client has shown a message; False for one that nobody waits for any more."""
        flight = self._flights.get((phone, message))
        if flight is None or flight.acked.done():
            return False
        flight.acked.set_result(None)
        return True

    async def listen(self, phones: Iterable[str]) -> AsyncGenerator[Event, None]:
        """Events of these phones, for one screen; first the ones that still wait for their ack."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        watched = list(dict.fromkeys(phones))
        for phone in watched:
            self._listeners.setdefault(phone, set()).add(queue)
            for (to, _), flight in self._flights.items():
                if to == phone and not flight.acked.done():
                    queue.put_nowait(flight.event)
            if self.on_arrival:
                self.on_arrival(phone)
        try:
            while not self._closed and (event := await queue.get()) is not None:
                yield event
        finally:
            for phone in watched:
                self._listeners[phone].discard(queue)

    def announce(self, kind: str, data: Event) -> None:
        """Tell every screen something that is no message: the clock moved, a ticket changed."""
        for queue in self._screens():
            queue.put_nowait({"kind": kind, **data})

    def close(self) -> None:
        """End every stream and wait for no ack any more: the process ends, the pages stay in the outbox."""
        self._closed = True
        for queue in self._screens():
            queue.put_nowait(None)
        for flight in self._flights.values():
            if not flight.acked.done():
                flight.acked.set_exception(TimeoutError())

    def _screens(self) -> set[asyncio.Queue[Event | None]]:
        return {queue for queues in self._listeners.values() for queue in queues}


def _words(raw: dict[str, Any], name: str, longest: int) -> str:
    """A text of the message that can be kept; "" where there is none."""
    found = raw.get(name) or ""
    if not isinstance(found, str) or len(found) > longest:
        raise ValueError(f"{name} must be a string of at most {longest} characters")
    return whole(found)


def _event_id(raw: dict[str, Any]) -> str:
    try:
        return str(UUID(str(raw.get("id"))))
    except ValueError:
        raise ValueError("id must be a UUID that the client makes") from None


def _event(outgoing: Outgoing) -> Event:
    return {
        "kind": "message",
        "phone": outgoing.to,
        "id": outgoing.key,
        "text": outgoing.text,
        "choices": [{"label": button.label, "data": button.data} for button in outgoing.buttons],
        "files": [_shown(file) for file in outgoing.files],
        "edit_of": outgoing.edits,
    }


def _shown(file: File) -> dict[str, str]:
    found = {"name": file.name, "url": _data_url(file.mime, file.data)}
    return {**found, "alt": file.alt} if file.alt else found


def _data_url(mime: str, data: bytes) -> str:
    """Demo pictures travel inside the event, so that no address of a picture exists that somebody could guess."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
