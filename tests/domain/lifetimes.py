"""Invented lives of cases, told hour by hour, with every figure counted while it happens: nothing is worked out later.

The recount knows moments and nothing of promises or turns: it keeps a case as a few flags, and writes a line into its
month's account when something changes.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from domain.lives import Life, Passed, promises
from domain.vocabulary import Identity, Kind, Turn

FIRST, LAST = date(2026, 1, 28), date(2026, 5, 12)
DAY = timedelta(days=1)
#: Hours (UTC) at which something may happen; promises are due at their turn of the hour between two of them.
_HOURS = (2, 4, 8, 10)
_DUE = time(9)


def month_of(moment: datetime) -> date:
    return moment.date().replace(day=1)


@dataclass
class Account:
    """What one month's page should say, as it was written down while it happened."""

    counts: Counter[str] = field(default_factory=Counter)
    open: int = 0
    late: int = 0
    stars: list[int] = field(default_factory=list)


@dataclass
class Case:
    """One case as it stands, and the two things that the record keeps of its past."""

    number: int
    received_at: datetime
    due: datetime
    unit: str = "A"
    open: bool = True
    broken: bool = False
    settled: bool = False
    closed: bool = False
    lapsed: bool = False
    waiting: datetime | None = None
    answered: datetime | None = None
    turns: list[Passed] = field(default_factory=list)
    stars: list[tuple[datetime, int]] = field(default_factory=list)

    @property
    def promised(self) -> datetime | None:
        """The date that holds: none while the citizen is asked, unless it was missed before."""
        return None if self.waiting is not None and not self.broken else self.due

    def life(self) -> Life:
        """The case as it would be read from the record now."""
        turns = tuple(self.turns)
        return Life(
            id=self.number,
            kind=Kind.COMPLAINT,
            identity=Identity.OPEN,
            unit=self.unit,
            received_at=self.received_at,
            first_response_by=None,
            first_response_at=self.answered,
            turns=turns,
            promises=promises(self.received_at, turns, self.unit, self.promised),
            stars=tuple(self.stars),
        )


@dataclass
class Story:
    """A town's cases from FIRST to LAST, what each month's page should say, and the record at each month's end."""

    seed: int
    cases: list[Case] = field(default_factory=list)
    months: dict[date, Account] = field(default_factory=lambda: defaultdict(Account))
    records: dict[date, list[Life]] = field(default_factory=dict)

    def tell(self) -> Story:
        chance = random.Random(self.seed)
        day = FIRST
        while day <= LAST:
            for hour in _HOURS:
                self._pass(datetime.combine(day, time(hour), UTC), chance)
            day += DAY
            if day.day == 1:
                self._close_books(day)
        self.records[LAST] = [case.life() for case in self.cases]
        return self

    def _pass(self, now: datetime, chance: random.Random) -> None:
        for case in self.cases:
            if case.open and not case.broken and case.waiting is None and now > case.due:
                case.broken = True
                self._note(case.due, "broken")
            if chance.random() < 0.06:
                self._happen(case, now, chance)
        if chance.random() < 0.1:
            self.cases.append(Case(len(self.cases) + 1, now, self._later(now, 12, chance)))
            self._note(now, "received")

    def _later(self, now: datetime, most: int, chance: random.Random) -> datetime:
        return datetime.combine(now.date() + chance.randint(1, most) * DAY, _DUE, UTC)

    def _note(self, at: datetime, what: str) -> None:
        self.months[month_of(at)].counts[what] += 1

    def _happen(self, case: Case, now: datetime, chance: random.Random) -> None:
        may = [what for what, possible in _possible(case).items() if possible]
        what = chance.choice(may)
        getattr(self, f"_{what}")(case, now, chance)

    def _turn(self, case: Case, turn: Turn, now: datetime) -> None:
        case.turns.append(Passed(turn, now, case.unit, case.promised))
        self._note(now, str(turn))

    def _rest(self, case: Case, now: datetime, chance: random.Random) -> None:
        """Who has taken a case back hears no more of it."""

    def _hand(self, case: Case, now: datetime, chance: random.Random) -> None:
        self._resume(case, now)
        self._turn(case, Turn.HANDED, now)
        case.unit = chance.choice("ABC")

    def _answer(self, case: Case, now: datetime, _: random.Random) -> None:
        self._resume(case, now)
        if case.answered is None:
            case.answered = now
            self._note(now, "answered")

    def _ask(self, case: Case, now: datetime, _: random.Random) -> None:
        case.waiting = now

    def _resume(self, case: Case, now: datetime) -> None:
        """A promise that was broken stays where it was; else each day on whose closing it waited is given back."""
        if case.waiting is not None and not case.broken:
            days = (case.waiting.date() + n * DAY for n in range((now - case.waiting).days + 2))
            case.due += sum(case.waiting <= datetime.combine(day, _DUE, UTC) < now for day in days) * DAY
        case.waiting = None

    def _settle(self, case: Case, now: datetime, chance: random.Random) -> None:
        self._resume(case, now)
        self._answer(case, now, chance)
        self._turn(case, Turn.SETTLED, now)
        if not case.broken:
            self._note(now, "kept")
        case.open, case.settled = False, True

    def _withdraw(self, case: Case, now: datetime, _: random.Random) -> None:
        if case.open:
            self._note(now, "gone")
        self._turn(case, Turn.WITHDRAWN, now)
        case.open, case.settled, case.closed, case.waiting = False, False, True, None

    def _lapse(self, case: Case, now: datetime, _: random.Random) -> None:
        self._turn(case, Turn.LAPSED, now)
        self._note(now, "gone")
        case.open, case.lapsed, case.waiting = False, True, None

    def _close(self, case: Case, now: datetime, chance: random.Random) -> None:
        self._turn(case, chance.choice((Turn.SILENCE, Turn.ACCEPTED)), now)
        case.closed = True

    def _refuse(self, case: Case, now: datetime, chance: random.Random) -> None:
        self._turn(case, Turn.REFUSED, now)
        self._again(case, now, chance)

    def _come_back(self, case: Case, now: datetime, chance: random.Random) -> None:
        self._turn(case, Turn.RESUMED, now)
        self._again(case, now, chance)

    def _again(self, case: Case, now: datetime, chance: random.Random) -> None:
        case.open, case.broken, case.settled, case.closed, case.lapsed = True, False, False, False, False
        case.due = self._later(now, 8, chance)

    def _rate(self, case: Case, now: datetime, chance: random.Random) -> None:
        stars = chance.randint(1, 4)
        case.stars.append((now, stars))
        self.months[month_of(now)].stars.append(stars)

    def _close_books(self, day: date) -> None:
        month = (day - DAY).replace(day=1)
        midnight = datetime.combine(day, time(0), UTC)
        for case in self.cases:  # what fell due after the day's last hour is late by midnight
            if case.open and not case.broken and case.waiting is None and midnight > case.due:
                case.broken = True
                self._note(case.due, "broken")
        self.months[month].open = sum(case.open for case in self.cases)
        self.months[month].late = sum(case.open and case.broken for case in self.cases)
        self.records[day] = [case.life() for case in self.cases]


def _possible(case: Case) -> dict[str, Any]:
    return {
        "hand": case.open,
        "answer": case.open,
        "ask": case.open and case.waiting is None,
        "settle": case.open,
        "withdraw": case.open or (case.settled and not case.closed),
        "lapse": case.waiting is not None,
        "close": case.settled and not case.closed,
        "refuse": case.settled,
        "come_back": case.lapsed,
        "rate": case.settled,
        "_": False,
    } if not _over(case) else {"rest": True}  # fmt: skip


def _over(case: Case) -> bool:
    return case.closed and not case.settled
