"""Where one job's time, randomness and ids come from: the same on a replay, so that a number or a PIN stays equal."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from storage.ids import new_id

T = TypeVar("T")


class Source:
    """Remembers what it handed out for each purpose; `rewind` hands the same out again (decision 2).

    Draws are kept by purpose, so that a replay which finds a row already there still draws the same number and PIN.
    """

    def __init__(self) -> None:
        self._drawn: defaultdict[str, list[Any]] = defaultdict(list)
        self._count: Counter[str] = Counter()
        self._moment: datetime | None = None

    def rewind(self) -> None:
        """Start over, for a replay."""
        self._count.clear()

    def id(self, purpose: str) -> int:
        """A new 64-bit id for a row of table `purpose`."""
        return self._draw(purpose, new_id)

    def bytes(self, purpose: str, count: int) -> bytes:
        """`count` random bytes."""
        return self._draw(purpose, secrets.token_bytes, count)

    def below(self, purpose: str, limit: int) -> int:
        """A random number from 0 up to, not including, `limit`."""
        return self._draw(purpose, secrets.randbelow, limit)

    def moment(self, now: datetime) -> datetime:
        """The job's time: the first `now` that it was given."""
        self._moment = self._moment or now
        return self._moment

    def _draw(self, purpose: str, make: Callable[..., T], *how: int) -> T:
        drawn, place = self._drawn[purpose], self._count[purpose]
        self._count[purpose] = place + 1
        if place == len(drawn):
            drawn.append(make(*how))
        one: T = drawn[place]
        return one
