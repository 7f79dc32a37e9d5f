"""What messages cost: how many of a month's are free, and when the town hears that they run out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: The category of messages that are not templates.
SERVICE = "service"
#: Service messages a month that cost nothing, for each number; two numbers are counted as one, to be on the safe side.
FREE = 1000
#: Percents at which the town is warned; nothing is ever held back.
STAGES = (80, 100)


class Limit(NamedTuple):
    """How much of something is used up: the free messages, or the budget that the operator has set."""

    what: str
    used: int
    most: int

    @property
    def stage(self) -> int:
        """The highest percent of `STAGES` that is reached; 0 for none."""
        return max((stage for stage in STAGES if self.used * 100 >= self.most * stage), default=0)


def limits(counts: Iterable[tuple[str, int]], budget: int | None) -> tuple[Limit, ...]:
    """The limits of a month, given its counts by category (which may come several times)."""
    found = list(counts)
    free = Limit("free", sum(count for category, count in found if category == SERVICE), FREE)
    if budget is None:
        return (free,)
    return (free, Limit("budget", sum(count for _, count in found), budget))


def reached(before: Iterable[Limit], now: Iterable[Limit]) -> tuple[Limit, ...]:
    """The limits that have come to a new stage."""
    return tuple(new for old, new in zip(before, now, strict=True) if new.stage > old.stage)
