"""Phones that take whatever they are sent, as slowly as a platform would."""

from __future__ import annotations

import asyncio

from bot.channels.base import Outcome, Outgoing, Sent
from bot.channels.phone import PhoneChannel


class BenchPhones(PhoneChannel):
    """Every screen is on and every message is billed. `sent` counts; `latency` in seconds is that of each send."""

    billed = True

    def __init__(self, latency: float = 0.0) -> None:
        super().__init__()
        self.sent = 0
        self._latency = latency
        self._news = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Outcome:
        if self._latency:
            await asyncio.sleep(self._latency)
        self.sent += 1
        self._news.set()
        return Sent((outgoing.key,), "service")

    async def until_sent(self, number: int) -> None:
        """Wait until so many messages have gone."""
        while self.sent < number:
            self._news.clear()
            await self._news.wait()
