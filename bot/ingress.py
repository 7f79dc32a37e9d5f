"""Raw updates of one account, on their way in: the same whether they were asked for or brought by a webhook."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from typing import Any

from bot.app import Program
from bot.channels.base import Channel
from handlers.messages import Inbound
from handlers.receive import Ending, keep_raw

log = logging.getLogger(__name__)

#: How long acknowledgements that are on their way may take when the process stops, in seconds.
LANDING = 5.0


class Ingress:
    """Takes updates of one account. `counts`: taken, ignored (of no concern), quarantined, failed (asked for again)."""

    def __init__(self, program: Program, channel: Channel, account: str) -> None:
        self.account = account
        self.counts = program.ingress_counts.setdefault((channel.name, account), Counter())
        self._program = program
        self._channel = channel
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, raw: dict[str, Any]) -> None:
        """One update; returns when it is committed, in quarantine, or of no concern. An error: hand it in again."""
        try:
            self.counts[await self._take(raw)] += 1
        except Exception:
            self.counts["failed"] += 1
            raise

    async def stop(self) -> None:
        """Let acknowledgements end that are on their way."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=LANDING)
            for task in late:
                task.cancel()

    async def _take(self, raw: dict[str, Any]) -> str:
        try:
            inbounds = self._channel.parse(self.account, raw)
        except Exception as error:
            # No update of ours, or a fault of the parser's: nothing vanishes, nothing is blocked.
            return await self._keep(raw, type(error).__name__)
        return await self._receive(raw, inbounds)

    async def _keep(self, raw: dict[str, Any], reason: str) -> str:
        body, channel = _text_of(raw), self._channel.name
        await self._program.errand(lambda session: keep_raw(session, channel, self.account, body, reason))
        return "quarantined"

    async def _receive(self, raw: dict[str, Any], inbounds: list[Inbound]) -> str:
        endings = await self._program.receive(inbounds)
        self._acknowledge(raw)
        if Ending.QUARANTINED in endings:
            return "quarantined"
        return "taken" if inbounds else "ignored"

    def _acknowledge(self, raw: dict[str, Any]) -> None:
        """Beside the answer, which must not wait for it."""
        task = asyncio.create_task(self._channel.acknowledge(raw))
        self._tasks.add(task)
        task.add_done_callback(self._acknowledged)

    def _acknowledged(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("a press was not acknowledged", extra={"kind": type(error).__name__})


def _text_of(raw: dict[str, Any]) -> str:
    """The body in one spelling, in ASCII: half of a character could not be sealed."""
    try:
        return json.dumps(raw, sort_keys=True, separators=(",", ":"))
    except RecursionError:  # only just readable, and from further in no longer writable
        return f"an update nested too deep to be written, with the keys {sorted(raw)!a}"
