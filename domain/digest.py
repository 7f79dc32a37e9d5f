"""What a supervisor's digest tells: what changed, which cases are listed and why, and how small numbers are hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.deadlines import breached
from domain.shields import is_shielded
from domain.vocabulary import OPEN_STATES, Identity, Kind, State

#: Cases that one message lists, each with a button.
MOST = 8

LATE, REFUSED, NEAR, SILENT, PAUSED = "late", "refused", "near", "silent", "paused"
SORTS = (LATE, REFUSED, NEAR, SILENT, PAUSED)
#: How many places stay for each other sort where many are late.
KEPT = 1
#: A case is near its deadline on so many last working days, and paused long after so much time.
NEAR_DAYS = 2
LONG = timedelta(days=10)
#: Nobody is called silent on the day on which the case came.
_A_WHILE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """One case as a digest looks at it: no word of what anybody wrote.

    `refused_at` are the moments of `belum`, `missed_at` is the stored fact that its promise was broken.
    """

    id: int
    number: str
    kind: Kind
    state: State
    identity: Identity
    unit: str
    head_only: bool
    matter: str | None
    reported: str | None
    taken: bool
    received_at: datetime
    binding_by: datetime | None
    first_response_by: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    waiting_since: datetime | None
    refusals: int = 0
    refused_at: tuple[datetime, ...] = ()
    high: bool = False
    missed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def owed_by(self) -> datetime | None:
        """The date that the citizen was promised; for a wish, which binds nobody, that of the first answer."""
        if self.binding_by is not None:
            return self.binding_by
        return self.first_response_by if self.first_response_at is None else None

    @property
    def is_shielded(self) -> bool:
        return is_shielded(self.kind, self.identity)

    def is_late(self, now: datetime) -> bool:
        return self.is_open and self.owed_by is not None and breached(self.owed_by, now)

    def fell_late(self, since: datetime, now: datetime) -> bool:
        """Whether it is late now and was not yet at `since`: by the fact, where there is one."""
        if self.missed_at is not None:
            return self.is_late(now) and since < self.missed_at <= now
        return self.is_late(now) and self.owed_by is not None and not breached(self.owed_by, since)


@dataclass(frozen=True, slots=True)
class Changes:
    """How many cases came, fell late, were answered, resolved, closed or refused since a moment."""

    new: int = 0
    late: int = 0
    answered: int = 0
    resolved: int = 0
    closed: int = 0
    refused: int = 0

    def __bool__(self) -> bool:
        return any((self.new, self.late, self.answered, self.resolved, self.closed, self.refused))


def changes(cases: Iterable[Seen], since: datetime, now: datetime) -> Changes:
    """What happened after `since`, up to `now`."""
    seen = list(cases)

    def within(at: datetime | None) -> bool:
        return at is not None and since < at <= now

    return Changes(
        new=sum(within(case.received_at) for case in seen),
        late=sum(case.fell_late(since, now) for case in seen),
        answered=sum(within(case.first_response_at) for case in seen),
        resolved=sum(within(case.resolved_at) for case in seen),
        closed=sum(within(case.closed_at) for case in seen),
        refused=sum(any(map(within, case.refused_at)) for case in seen),
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """The cases that a digest names, each once, and how many more there are of each sort."""

    cases: tuple[tuple[str, Seen], ...]
    more: dict[str, int]


def listed(cases: Iterable[Seen], now: datetime, *, near: NearBy, most: int = MOST) -> Listed:
    """Late cases first, then what was sent back, falls due, never had an answer, or is paused long.

    In each sort those of high priority come first, then the oldest.

    A long list of late cases leaves places for the others: they are what a list of late cases would hide. `near` says
    of a unit until when what falls due is near.
    """
    sorts = _sorted_out(cases, now, near)
    found: list[tuple[str, Seen]] = []
    for n, sort in enumerate(SORTS, start=1):
        kept = sum(min(KEPT, len(sorts[later])) for later in SORTS[n:])
        room = max(0, most - len(found) - kept)
        found += [(sort, case) for case in sorts[sort][:room]]
    shown = [sort for sort, _ in found]
    return Listed(tuple(found), {sort: len(sorts[sort]) - shown.count(sort) for sort in sorts})


#: Until when what falls due at a unit is near.
NearBy = Callable[[str], datetime]


def _sorted_out(cases: Iterable[Seen], now: datetime, near: NearBy) -> dict[str, list[Seen]]:
    sorts: dict[str, list[Seen]] = {sort: [] for sort in SORTS}
    for case in sorted(cases, key=lambda case: (not case.high, case.owed_by or case.received_at, case.id)):
        if sort := _sort_of(case, now, near):
            sorts[sort].append(case)
    sorts[SILENT].sort(key=lambda case: (not case.high, case.received_at, case.id))
    sorts[PAUSED].sort(key=lambda case: (not case.high, case.waiting_since or case.received_at, case.id))
    return sorts


def _sort_of(case: Seen, now: datetime, near: NearBy) -> str | None:
    if case.is_late(now):
        return LATE
    if case.is_open and case.refusals:
        return REFUSED
    if case.is_open and case.owed_by is not None and case.owed_by <= near(case.unit):
        return NEAR
    if case.is_open and case.first_response_at is None and now - case.received_at >= _A_WHILE:
        return SILENT
    long_ago = case.waiting_since is not None and now - case.waiting_since >= LONG
    return PAUSED if long_ago and case.state is State.WAITING_CITIZEN else None


def waiting(cases: Iterable[Seen]) -> Sequence[Seen]:
    """The cases whose clock stands still for a citizen's answer, the longest wait first."""
    found = [case for case in cases if case.state is State.WAITING_CITIZEN and case.waiting_since is not None]
    return sorted(found, key=lambda case: case.waiting_since or case.received_at)
