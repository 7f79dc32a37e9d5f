"""What a supervisor's digest tells: what changed, which cases are listed and why, and how small numbers are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.deadlines import breached
from domain.vocabulary import OPEN_STATES, Identity, Kind, State

#: Cases that one message lists, each with a button; and how many of them are kept for what is not late.
MOST, KEPT = 8, 2

LATE, REFUSED, SILENT = "late", "refused", "silent"
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
        """Whether a small number of such cases could point at who reported."""
        return self.identity is not Identity.OPEN or self.kind is Kind.OVERSIGHT

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


def listed(cases: Iterable[Seen], now: datetime, *, most: int = MOST) -> Listed:
    """Late cases first, then those that the citizen sent back, then those that never had an answer; oldest first.

    A long list of late cases leaves places for the others: they are what a list of late cases would hide.
    """
    sorts = _sorted_out(cases, now)
    kept = {sort: min(KEPT, len(sorts[sort])) for sort in (REFUSED, SILENT)}
    found: list[tuple[str, Seen]] = []
    for sort in (LATE, REFUSED, SILENT):
        kept.pop(sort, None)
        room = max(0, most - len(found) - sum(kept.values()))
        found += [(sort, case) for case in sorts[sort][:room]]
    shown = [sort for sort, _ in found]
    return Listed(tuple(found), {sort: len(sorts[sort]) - shown.count(sort) for sort in sorts})


def _sorted_out(cases: Iterable[Seen], now: datetime) -> dict[str, list[Seen]]:
    sorts: dict[str, list[Seen]] = {LATE: [], REFUSED: [], SILENT: []}
    for case in sorted(cases, key=lambda case: (case.owed_by or case.received_at, case.id)):
        if sort := _sort_of(case, now):
            sorts[sort].append(case)
    sorts[SILENT].sort(key=lambda case: (case.received_at, case.id))
    return sorts


def _sort_of(case: Seen, now: datetime) -> str | None:
    if case.is_late(now):
        return LATE
    if case.is_open and case.refusals:
        return REFUSED
    unanswered = case.is_open and case.first_response_at is None
    return SILENT if unanswered and now - case.received_at >= _A_WHILE else None


def waiting(cases: Iterable[Seen]) -> Sequence[Seen]:
    """The cases whose clock stands still for a citizen's answer, the longest wait first."""
    found = [case for case in cases if case.state is State.WAITING_CITIZEN and case.waiting_since is not None]
    return sorted(found, key=lambda case: case.waiting_since or case.received_at)
