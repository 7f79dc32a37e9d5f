"""How fast a bot may write: so many messages a second in all, and a rest between two for the same chat."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

#: What Telegram allows is 30 a second; a little less, because the way to it is not always equally long.
PER_SECOND = 27.0
PRIVATE_REST = 1.0
#: 20 a minute.
GROUP_REST = 60.0 / 20
#: So many chats are remembered before those that have rested are forgotten.
_MOST_CHATS = 5_000


class Pace:
    """The pace of one token. All times are seconds of `clock`; a chat is a group where its id is negative."""

    def __init__(
        self,
        *,
        per_second: float = PER_SECOND,
        private: float = PRIVATE_REST,
        group: float = GROUP_REST,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap = 1 / per_second
        self._private, self._group = private, group
        self._clock, self._sleep = clock, sleep
        self._free_at = -math.inf
        self._rests: dict[str, float] = {}
        self._line = asyncio.Lock()

    @classmethod
    def free(cls) -> Pace:
        """One that never waits."""
        return cls(per_second=math.inf, private=0.0, group=0.0)

    async def turn(self, chat: str, messages: int = 1) -> None:
        """Wait until so many messages may go to the chat, as one send.

        Those who wait stand in line and the gap is counted from the moment at which one really goes, so that nobody
        bunches up behind a stall.
        """
        while (rest := self.rest(chat)) > 0:
            await self._sleep(rest)
        self.went(chat, messages)  # before we stand in line: nobody else may take the chat meanwhile
        async with self._line:
            while (wait := self._free_at - self._clock()) > 0:
                await self._sleep(wait)
            self._free_at = self._clock() + self._gap * messages
        self.went(chat, messages)

    def went(self, chat: str, messages: int = 1) -> None:
        """Now so many messages went to the chat: it rests. Also called when the answer is there, as ways differ."""
        self.hold(chat, messages * (self._group if chat.startswith("-") else self._private))

    def hold(self, chat: str, seconds: float) -> None:
        """Leave a chat alone for at least so long."""
        if seconds <= 0:
            return
        now = self._clock()
        if len(self._rests) >= _MOST_CHATS:
            self._rests = {known: until for known, until in self._rests.items() if until > now}
        self._rests[chat] = max(self._rests.get(chat, now), now + seconds)

    def rest(self, chat: str) -> float:
        """How long the chat must still be left alone."""
        return max(0.0, self._rests.get(chat, -math.inf) - self._clock())
