"""How numbers of shielded cases are printed: so that no two pages together tell of a single case.

A number is looked at once a week and moves only when it is `LEAST_CELL` cases or more away from the one that stands.
What stands is the same for every reader, and nothing below `LEAST_CELL` is printed as a number, nought included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.vocabulary import Identity, Kind

#: A number of fewer shielded cases is not printed, and the one that stands moves by no fewer.
LEAST_CELL = 3


def is_shielded(kind: Kind, identity: Identity) -> bool:
    """Whether a small number of such cases could point at who reported. A letter of the Ombudsman has no citizen.

    `storage.queries.digests.shielded` says the same.
    """
    return kind is not Kind.LETTER and (identity is not Identity.OPEN or kind is Kind.OVERSIGHT)


@dataclass(frozen=True, slots=True)
class Standing:
    """The count that stands for a cell, and the day on which it was looked at."""

    count: int
    looked_on: date

    @property
    def printed(self) -> int | None:
        """What a page may say; None stands for "fewer than `LEAST_CELL`", which says nothing of nought either."""
        return self.count if self.count >= LEAST_CELL else None


def is_due(looked_on: date | None, today: date) -> bool:
    """Whether the week of `today` has not been looked at yet."""
    return looked_on is None or looked_on < today - timedelta(days=today.weekday())


def renewed(standing: Standing | None, count: int, today: date) -> Standing:
    """What stands from `today` on, when there are `count` now."""
    known = standing.count if standing else 0
    if standing is not None and not is_due(standing.looked_on, today):
        return standing
    return Standing(count if abs(count - known) >= LEAST_CELL else known, today)


def are_due(standing: Mapping[str, Standing], today: date) -> bool:
    """Whether it is time to look at all of them."""
    return is_due(max((one.looked_on for one in standing.values()), default=None), today)


def all_renewed(standing: Mapping[str, Standing], counts: Mapping[str, int], today: date) -> dict[str, Standing]:
    """Every cell after a look. A cell that is new in the middle of a week waits for the next one."""
    if not are_due(standing, today):
        return dict(standing)
    return {name: renewed(standing.get(name), counts.get(name, 0), today) for name in (*standing, *counts)}


def total(cells: Iterable[Standing]) -> int | None:
    """The sum of what is printed, which adds no number of its own; None where nothing is."""
    return sum(cell.printed or 0 for cell in cells) or None
