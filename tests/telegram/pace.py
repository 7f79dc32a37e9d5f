"""How fast the platform lets a bot write: buckets of tokens, and a penalty that lasts once it is given."""

from __future__ import annotations

import math
import time

from tests.kit.platforms import Bucket
from tests.telegram.errors import ApiError, too_many

PER_TOKEN = (30.0, 30.0)
PER_GROUP = (20.0, 20 / 60)


class Pace:
    """The buckets of one bot. `burst`: how many messages a private chat takes at once."""

    def __init__(self) -> None:
        self.on = False
        self.burst = 1.0
        self.given = 0
        self._all = Bucket(*PER_TOKEN)
        self._chats: dict[int, Bucket] = {}

    def takes(self, chat: int, messages: int) -> ApiError | None:
        """Count messages to a chat; what to answer where they are too many."""
        if not self.on:
            return None
        now = time.monotonic()
        buckets = (self._all, self._bucket(chat))
        for bucket in buckets:
            if wait := bucket.waits(messages, now):
                seconds = math.ceil(wait)
                if bucket.closed_until <= now:
                    bucket.closed_until = now + seconds
                self.given += 1
                return too_many(seconds)
        for bucket in buckets:
            bucket.left -= messages
        return None

    def _bucket(self, chat: int) -> Bucket:
        if chat not in self._chats:
            self._chats[chat] = Bucket(self.burst, 1.0) if chat > 0 else Bucket(*PER_GROUP)
        return self._chats[chat]
