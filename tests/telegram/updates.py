"""What waits for a bot: updates in order, each until it is confirmed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.errors import conflict

Update = dict[str, Any]

#: What a bot gets when it did not say what it wants.
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
TAKEN_OVER = "terminated by other getUpdates request; make sure that only one bot instance is running"
HOOKED = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
MOST = 100
#: So long it may take to hear that a poller is gone, to whom nobody says that he is not the only one.
HANGING_UP = 0.02


def kind_of(update: Update) -> str:
    return next(name for name in update if name != "update_id")


def chat_of(update: Update) -> tuple[str, int]:
    """Updates with the same answer are handed over one after the other, as the platform does."""
    kind = kind_of(update)
    body = update[kind]
    if kind == "callback_query":
        return kind, int(body["from"]["id"])
    return "chat" if "message" in kind else kind, int(body.get("chat", {"id": 0})["id"])


@dataclass(slots=True)
class Waiting:
    """One update on its way to the bot."""

    update: Update
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    tries: int = 0
    not_before: float = 0.0

    @property
    def id(self) -> int:
        return int(self.update["update_id"])


class Queue:
    """The updates of one bot. `note` is told what becomes of each."""

    def __init__(self, note: Callable[..., None]) -> None:
        self.waiting: dict[int, Waiting] = {}
        self.allowed: tuple[str, ...] = ()
        self.hooked = False
        self.deaf = False
        self.conflicts = 0
        self.unwanted = 0
        self._note = note
        self._next = random.randrange(10**8, 9 * 10**8)
        self._news = asyncio.Event()
        self._poll: asyncio.Future[str] | None = None

    def allow(self, kinds: Any) -> None:
        if kinds is not None:
            self.allowed = tuple(kinds)

    def put(self, update: Update, *, same_id: bool = False) -> Waiting | None:
        """Queue an update under the next id (or, as a second copy, its own); None where the bot does not want it."""
        kind = kind_of(update)
        if kind not in self.allowed if self.allowed else kind in UNASKED:
            self.unwanted += 1
            return None
        if not same_id:
            self._next += 1
            update = {"update_id": self._next, **{name: body for name, body in update.items() if name != "update_id"}}
        waiting = Waiting(update)
        self.waiting[waiting.id] = waiting
        self._note("injected", update_id=waiting.id, kind=kind)
        self.wake()
        return waiting

    def wake(self) -> None:
        """Whoever waits for news looks again."""
        self._news.set()
        self._news = asyncio.Event()

    def news(self) -> asyncio.Event:
        return self._news

    def confirm(self, key: int) -> None:
        if waiting := self.waiting.pop(key, None):
            self._note("confirmed", update_id=key)
            waiting.confirmed.set()

    def _confirm_below(self, offset: int) -> None:
        for key in [key for key in self.waiting if key < offset]:
            self.confirm(key)

    def end_poll(self, why: str) -> None:
        """The poll that is open ends with a conflict."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(why)

    async def poll(self, offset: int, limit: int, seconds: float, gone: asyncio.Future[Any]) -> Sequence[Update]:
        """getUpdates: confirm what lies below the offset, then wait for something. `gone`: the poller hung up.

        Whoever is `deaf` does not hear what is confirmed.
        """
        if self.hooked:
            self.conflicts += 1
            raise conflict(HOOKED)
        self.end_poll(TAKEN_OVER)
        while self.deaf:
            await asyncio.sleep(HANGING_UP)
        if not gone.done():  # a deaf one hears nothing of the dead
            self._confirm_below(offset)
        mine = self._poll = asyncio.get_running_loop().create_future()
        try:
            await self._until_news(time.monotonic() + seconds, mine, gone)
            if mine.done():
                await asyncio.sleep(HANGING_UP)
                self.conflicts += not gone.done()
                raise conflict(mine.result())
        finally:
            mine.cancel()
        found = [self.waiting[key].update for key in sorted(self.waiting) if key >= offset]
        return found[: max(1, min(limit, MOST))]

    async def _until_news(self, end: float, *enders: asyncio.Future[Any]) -> None:
        while not self.waiting and (left := end - time.monotonic()) > 0 and not any(e.done() for e in enders):
            news = asyncio.ensure_future(self._news.wait())
            await asyncio.wait({news, *enders}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
