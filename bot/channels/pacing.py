"""How fast a bot may write: so many messages in a second in all, and a rest between two for the same chat."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable

#: What Telegram allows is 30 in a second, as they arrive there.
MOST = 29
#: In so many seconds that many go: a second, and what the ways there may differ by.
WITHIN = 1.04
#: A stall of ours is made up for as far as this, in seconds; what a longer one cost is lost.
CATCH_UP = 0.25
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
        most: int = MOST,
        within: float = WITHIN,
        private: float = PRIVATE_REST,
        group: float = GROUP_REST,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._within, self._gap = within, within / most
        self._private, self._group = private, group
        self._clock, self._sleep = clock, sleep
        self._due = -math.inf
        self._last = deque([-math.inf] * most, maxlen=most)
        self._rests: dict[str, float] = {}
        self._line = asyncio.Lock()

    @classmethod
    def free(cls) -> Pace:
        """One that never waits."""
        return cls(most=1, within=0.0, private=0.0, group=0.0)

    async def turn(self, chat: str, messages: int = 1) -> None:
        """Wait until so many messages may go to the chat, as one send."""
        while (rest := self.rest(chat)) > 0:
            await self._sleep(rest)
        self.went(chat, messages)  # before we stand in line: nobody else may take the chat meanwhile
        async with self._line:
            await self._stand_in_line(messages)
        self.went(chat, messages)

    async def _stand_in_line(self, messages: int) -> None:
        """Evenly, by moments that do not move when we are late; but however late we are, the most is kept."""
        self._due = max(self._due, self._clock() - CATCH_UP)
        there_is_room = self._last[min(messages, len(self._last)) - 1] + self._within
        while (wait := max(self._due, there_is_room) - self._clock()) > 0:
            await self._sleep(wait)
        self._due += self._gap * messages
        self._last.extend([self._clock()] * messages)

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
