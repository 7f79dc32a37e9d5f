"""What a case was at any moment of the past: the promises that were made to its citizen, and how each ended.

A moment belongs to what has happened up to it, itself included. Nothing that happens later changes the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.deadlines import breach, breached
from domain.shields import is_shielded
from domain.vocabulary import Identity, Kind, Turn

#: What ends a promise, and what begins another one.
_ENDS = frozenset({Turn.SETTLED, Turn.WITHDRAWN, Turn.LAPSED, Turn.REFERRED})
#: Turns after which nobody here owes an answer to what nobody has answered.
_OWED_NOTHING = frozenset({Turn.WITHDRAWN, Turn.REFERRED})
_BEGINS = frozenset({Turn.REFUSED, Turn.RESUMED})


@dataclass(frozen=True, slots=True)
class Passed:
    """A turn that a case took, the unit that had it until then, and the date that was promised until then."""

    turn: Turn
    at: datetime
    unit: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What a citizen was owed from the receipt, or from sending the case back, until the office was done with it.

    `unit` is who had it at its end, or has it; `due` is empty where no date stood (see `standing`). `missed_at` is the
    written fact that its date was missed: no pause and no calendar that comes later changes it.
    """

    began_at: datetime
    unit: str
    due: datetime | None
    over_at: datetime | None = None
    over_by: Turn | None = None
    missed_at: datetime | None = None

    @property
    def broken_at(self) -> datetime | None:
        """The first late moment, if it came before the end. It may lie ahead. The one place that says what is late."""
        if self.missed_at is not None:
            return self.missed_at
        if self.due is None or (self.over_at is not None and not breached(self.due, self.over_at)):
            return None
        return breach(self.due)

    @property
    def kept(self) -> bool:
        """Whether it was fulfilled on time."""
        return self.over_by is Turn.SETTLED and self.due is not None and self.broken_at is None

    def runs(self, moment: datetime) -> bool:
        return self.began_at <= moment and (self.over_at is None or self.over_at > moment)

    def is_broken(self, moment: datetime) -> bool:
        return self.broken_at is not None and self.broken_at <= moment


@dataclass(frozen=True, slots=True)
class Life:
    """One case as figures look at it: no word of what anybody wrote. `stars` are the ratings that were given."""

    id: int
    kind: Kind
    identity: Identity
    unit: str
    received_at: datetime
    first_response_by: datetime | None
    first_response_at: datetime | None
    turns: tuple[Passed, ...]
    promises: tuple[Promise, ...]
    stars: tuple[tuple[datetime, int], ...] = ()

    @property
    def is_shielded(self) -> bool:
        return is_shielded(self.kind, self.identity)

    def promise_at(self, moment: datetime) -> Promise | None:
        """The promise that runs at a moment; None where the case has not come, or owes nothing."""
        return next((promise for promise in reversed(self.promises) if promise.runs(moment)), None)

    def unit_at(self, moment: datetime) -> str:
        """Who has the case at a moment."""
        return next((passed.unit for passed in self.turns if passed.at > moment), self.unit)

    def is_late(self, moment: datetime) -> bool:
        """Whether the office still owes what it has promised for earlier; of a wish that is the first answer."""
        promise = self.promise_at(moment)
        if promise is None:
            return False
        if self.kind is not Kind.ASPIRATION:
            return promise.is_broken(moment)
        return self.first_response_by is not None and breached(self.first_response_by, moment) and self.waits(moment)

    def waits(self, moment: datetime) -> bool:
        """Whether nobody has answered in words up to a moment."""
        return self.first_response_at is None or self.first_response_at > moment

    def is_unanswered(self, moment: datetime) -> bool:
        """Whether it waits for a first answer, or ended by silence after the office had only asked (decision 17)."""
        last = [promise for promise in self.promises if promise.began_at <= moment][-1:]
        lapsed = any(promise.over_by is Turn.LAPSED and not promise.runs(moment) for promise in last)
        return lapsed or self.waits(moment)

    def is_taken_back(self, moment: datetime) -> bool:
        """Whether the citizen took it back before anybody had answered, or it was somebody else's: then nobody owes an
        answer."""
        went = any(passed.turn in _OWED_NOTHING and passed.at <= moment for passed in self.turns)
        return went and self.waits(moment) and self.promise_at(moment) is None


def standing(due: datetime | None, waiting_since: datetime | None) -> datetime | None:
    """The date that is promised now: none while the clock stands still for the citizen, unless it had passed before."""
    if due is None or waiting_since is None or breached(due, waiting_since):
        return due
    return None


def promises(
    received_at: datetime, turns: Iterable[Passed], unit: str, due: datetime | None, missed: Sequence[datetime] = ()
) -> tuple[Promise, ...]:
    """The promises of a case from its turns, the oldest first; `unit` and `due` are as they stand now.

    `missed` are the moments that were written down as the first late ones.
    """
    found: list[Promise] = []
    began: datetime | None = received_at
    for passed in turns:
        if began is not None and passed.turn in _ENDS:
            found.append(Promise(began, passed.unit, passed.due, passed.at, passed.turn))
            began = None
        elif began is None and passed.turn in _BEGINS:
            began = passed.at
    if began is not None:
        found.append(Promise(began, unit, due))
    return tuple(replace(promise, missed_at=_first_in(missed, promise)) for promise in found)


def _first_in(missed: Sequence[datetime], promise: Promise) -> datetime | None:
    return min((at for at in missed if promise.runs(at)), default=None)
