"""How often something may happen for each of many: a burst at once, and then one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable

#: So many are remembered before those that have rested are forgotten.
_MOST = 5_000


class Rate:
    """`burst` at once, and in the long run one every `every` seconds, for each key. Seconds of `clock`."""

    def __init__(self, *, burst: int, every: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._slack = (burst - 1) * every
        self._every = every
        self._clock = clock
        self._paid_until: dict[str, float] = {}

    @classmethod
    def free(cls) -> Rate:
        """One that never waits."""
        return cls(burst=1, every=0.0)

    def rest(self, key: str) -> float:
        """How many seconds until the next one."""
        return max(0.0, self._paid_until.get(key, 0.0) - self._slack - self._clock())

    def take(self, key: str) -> None:
        """One has happened."""
        now = self._clock()
        if len(self._paid_until) >= _MOST:
            self._paid_until = {known: until for known, until in self._paid_until.items() if until > now}
        self._paid_until[key] = max(now, self._paid_until.get(key, now)) + self._every

    def hold(self, key: str, seconds: float) -> None:
        """None for so long, and then one at a time: whoever counts has said that the burst is used up."""
        until = self._clock() + seconds + self._slack
        self._paid_until[key] = max(until, self._paid_until.get(key, until))
