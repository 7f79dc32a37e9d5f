"""The webhook side: each update posted, in order within a chat, again and again until it is taken with 2xx."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import httpx

from bot.tls import trusted
from tests.telegram.updates import Queue, Waiting, chat_of

TIMEOUT = 60.0
HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Hook:
    """Where a bot's updates are posted to. `pause`: seconds before a failed one is posted again."""

    def __init__(self, queue: Queue, note: Callable[..., None]) -> None:
        self.pause = 0.05
        self.redeliveries = 0
        self.most_at_once = 0
        self._queue = queue
        self._note = note
        self._task: asyncio.Task[None] | None = None
        self._busy: dict[tuple[str, int], int] = {}
        self.set("", "", 40)

    def set(self, url: str, secret: str, connections: int) -> None:
        self.url, self._secret, self.connections = url, secret, connections
        self.error_at: int | None = None
        self.error = ""
        self._queue.hooked = bool(url)
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if url:
            self._task = asyncio.ensure_future(self._run())

    def info(self) -> dict[str, Any]:
        """The documented WebhookInfo."""
        told = {"last_error_date": self.error_at, "last_error_message": self.error} if self.error_at else {}
        limits = {"max_connections": self.connections, "ip_address": "127.0.0.1"} if self.url else {}
        allowed = {"allowed_updates": list(self._queue.allowed)} if self._queue.allowed else {}
        return {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._queue.waiting),
            **limits,
            **allowed,
            **told,
        }

    async def _run(self) -> None:
        async with httpx.AsyncClient(
            timeout=TIMEOUT, limits=httpx.Limits(max_connections=None), verify=trusted()
        ) as client:
            posting: set[asyncio.Task[None]] = set()
            self._busy.clear()
            try:
                while True:
                    news = self._queue.news()
                    for waiting in self._ready():
                        posting.add(task := asyncio.ensure_future(self._post(client, waiting)))
                        task.add_done_callback(posting.discard)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(news.wait(), self._until_next())
            finally:
                for task in posting:
                    task.cancel()

    def _heads(self) -> list[Waiting]:
        """The oldest update of each chat of which none is on its way."""
        heads: dict[tuple[str, int], Waiting] = {}
        for key in sorted(self._queue.waiting):
            waiting = self._queue.waiting[key]
            heads.setdefault(chat_of(waiting.update), waiting)
        return [waiting for chat, waiting in heads.items() if chat not in self._busy]

    def _ready(self) -> list[Waiting]:
        now = time.monotonic()
        room = self.connections - len(self._busy)
        ready = [waiting for waiting in self._heads() if waiting.not_before <= now][: max(0, room)]
        for waiting in ready:
            self._busy[chat_of(waiting.update)] = waiting.id
        self.most_at_once = max(self.most_at_once, len(self._busy))
        return ready

    def _until_next(self) -> float | None:
        """How long to sleep without news: until the first failed one may go again."""
        moments = [waiting.not_before for waiting in self._heads() if waiting.not_before]
        return max(0.001, min(moments) - time.monotonic()) if moments else None

    async def _post(self, client: httpx.AsyncClient, waiting: Waiting) -> None:
        self.redeliveries += waiting.tries > 0
        waiting.tries += 1
        status, why = await self._status(client, waiting)
        self._note("delivered", update_id=waiting.id, status=status)
        self._busy.pop(chat_of(waiting.update), None)
        if 200 <= status < 300:
            self._queue.confirm(waiting.id)
        else:
            self.error_at, self.error = int(time.time()), why
            waiting.not_before = time.monotonic() + self.pause
        self._queue.wake()

    async def _status(self, client: httpx.AsyncClient, waiting: Waiting) -> tuple[int, str]:
        """What the bot answered, 0 for nothing, and how the platform puts it."""
        headers = {HEADER: self._secret} if self._secret else {}
        try:
            answer = await client.post(self.url, json=waiting.update, headers=headers)
        except httpx.TimeoutException:
            return 0, "Connection timed out"
        except httpx.TransportError:
            return 0, "Connection refused"
        if self._queue.deaf:
            return 0, "Connection timed out"
        return answer.status_code, f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
