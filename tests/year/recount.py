"""What a case's dates and reminders must have been, from what happened to it: counted one day at a time.

Takes nothing from the program but the rungs of the ladder, which are the town's data; the numbers of days are typed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from tests.kit.almanac import Almanac
from tests.year.record import Row
from tests.year.tempers import SATURDAY_DESKS

#: Working days to verify, answer first and resolve, and calendar days by the law.
DAYS = {
    "complaint": (3, 5, 14, 60),
    "oversight": (3, 5, 60, 60),
    "information": (3, 3, 5, None),
    "aspiration": (3, 14, None, None),
}
AGAIN = 5
#: Who is kept busy by which clock until when: the acts that stop it.
STOPS = {
    "verify": {"take", "answer", "ask", "finish"},
    "first_response": {"answer", "ask", "finish"},
    "binding": {"finish"},
}
_ENDS = {"accept", "close", "lapse", "withdraw"}
_WAKES = {"answer", "complete", "finish", "forward", "hand_back", "unasked"}
_PROMISED = frozenset({"resolve", "statutory", "binding"})
_MINUTE = timedelta(minutes=1)
_DATES = ("verify_by", "first_response_by", "resolve_by", "statutory_by", "binding_by")


@dataclass(frozen=True)
class Standing:
    """A case as it stood from `since` on."""

    since: datetime
    kind: str
    received: datetime
    unit: str
    promised_by: str
    cycle: int = 1
    life: str = "open"  # open, waiting, resolved or over
    running: frozenset[str] = frozenset(STOPS)
    unanswered: bool = True  # no words of the desk have reached the citizen
    reopened: datetime | None = None
    handed: datetime | None = None
    asked: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    resumed: datetime | None = None
    decreed: bool = False  # counted with the day off that the town signed in the middle of the year


class Books:
    """Recounts with a town's almanacs: of the offices, and of the desks that work on Saturday."""

    def __init__(self, office: Almanac, saturday: Almanac, signed: datetime, decreed: date) -> None:
        """`decreed`: a day off that nobody knew of until it was `signed`."""
        self.signed = signed
        now = (office.with_days(added=[decreed]), saturday.with_days(added=[decreed]))
        self._almanacs = {False: (office, saturday), True: now}

    def of(self, unit: str, *, decreed: bool) -> Almanac:
        office, saturday = self._almanacs[decreed]
        return saturday if unit in SATURDAY_DESKS else office

    def then(self, unit: str, at: datetime) -> Almanac:
        """The almanac of a unit as it was known at a moment."""
        return self.of(unit, decreed=at >= self.signed)

    def life(self, ticket: Row, events: list[Row]) -> list[Standing]:
        """Every state that a case was in, the oldest first."""
        decree = Row(action="decreed", town_at=self.signed)
        return list(self._replay(ticket, sorted([*events, decree], key=lambda row: row.town_at)))

    def _replay(self, ticket: Row, events: list[Row]) -> Iterator[Standing]:
        opened = next(row for row in events if row.action == "open")
        unit = opened.payload["unit"]
        decreed = opened.town_at >= self.signed
        now = Standing(opened.town_at, ticket.kind, ticket.received_at, unit, unit, decreed=decreed)
        yield now
        for row in events:
            changed = _after(now, row) if row.action != "decreed" else _counted_anew(now)
            if changed is not None:
                begins_anew = row.action == "reopen" and row.town_at >= self.signed
                now = replace(changed, since=row.town_at, decreed=changed.decreed or begins_anew)
                yield now

    def dates(self, case: Standing) -> dict[str, datetime | None]:
        """By when each clock is due."""
        verify, first, resolve, law = DAYS[case.kind]
        promise, desk = (self.of(unit, decreed=case.decreed) for unit in (case.promised_by, case.unit))
        zero = promise.day(case.reopened or case.received)
        paused = sum(
            promise.closings_in(*pause) for pause in case.pauses if pause[0] >= (case.reopened or case.received)
        )
        days = AGAIN if case.reopened and resolve is not None else resolve
        found: dict[str, datetime | None] = dict.fromkeys(_DATES)
        if days is not None:
            found["resolve_by"] = promise.due(zero, days + paused)
        if law is not None:
            found["statutory_by"] = promise.at(promise.day(case.received) + timedelta(days=law), "23:59:59")
        begins = case.handed or (None if case.reopened else case.received)
        if begins is not None:
            found["verify_by"] = desk.due(desk.day(begins), verify)
            found["first_response_by"] = desk.due(desk.day(begins), first)
        elif case.kind == "aspiration":
            found["first_response_by"] = promise.due(zero, AGAIN)
        found["binding_by"] = self._binding(case, found["resolve_by"], found["statutory_by"])
        return found

    def _binding(self, case: Standing, resolve: datetime | None, law: datetime | None) -> datetime | None:
        if resolve is None or law is None:
            return resolve
        almanac = self.of(case.promised_by, decreed=case.decreed)
        passed = case.reopened is not None and almanac.day(law) < almanac.day(case.reopened)
        slept = any(start <= law < end for start, end in case.pauses)
        return resolve if passed or slept else min(resolve, law)

    def missed(self, life: list[Standing], end: datetime) -> dict[tuple[int, str], datetime]:
        """The dates that were missed by the end, by cycle and clock: a promise once, a desk's date in each cycle."""
        found: dict[tuple[int, str], datetime] = {}
        given: set[tuple[str, datetime]] = set()
        for case, until in zip(life, [*(case.since for case in life[1:]), end + _MINUTE], strict=True):
            promise = case.reopened or case.received
            for name, due in self.dates(case).items():
                clock = name.removesuffix("_by")
                if due is None or not case.since <= (late := due.replace(second=0) + _MINUTE) < until:
                    continue
                place = (clock, promise if clock in _PROMISED else late)
                if promise < late and _runs(case, clock) and place not in given:
                    given.add(place)
                    found[case.cycle, clock] = due
        return found

    def moment(self, rung: Any, due: datetime, hours: Almanac) -> datetime:
        """When a rung speaks, by the hours of whom it tells."""
        day = hours.day(due)
        if rung.when == "before":
            return hours.opening(
                hours.nth(hours.on_or_before(day), -rung.days) if rung.days else hours.on_or_before(day)
            )
        if rung.when == "at":
            return hours.opening(hours.on_or_before(day))
        if rung.days == 0:
            return hours.next_opening(due.replace(second=0, microsecond=0) + timedelta(minutes=1))
        return hours.opening(hours.nth(day, rung.days))

    def is_certain(self, ticket: Row, case: Standing) -> bool:
        """Whether everything was counted inside 2026, whose days off are known."""
        dates = self.dates(case)
        counted = [dates[name] for name in ("verify_by", "first_response_by", "resolve_by")]
        return all(self.then(case.unit, due).day(due).year <= 2026 for due in counted if due is not None)


def _runs(case: Standing, clock: str) -> bool:
    """Whether a clock could be missed now; the law waits for no citizen, and closing words may not have arrived."""
    match clock:
        case "verify":
            return case.life == "open" and clock in case.running
        case "first_response":
            return case.unanswered
        case "statutory":
            return case.life in ("open", "waiting")
    return case.life == "open"


def _counted_anew(case: Standing) -> Standing | None:
    """What a decree makes of a case that is open; what has ended keeps its dates."""
    return replace(case, decreed=True) if case.life in ("open", "waiting") and not case.decreed else None


def _after(case: Standing, row: Row) -> Standing | None:
    """What an event made of a case; None where its clocks are as before."""
    running = frozenset(clock for clock in case.running if row.action not in STOPS[clock])
    awake = _awake(case, row) if case.asked and row.action != "ask" else case
    match row.action:
        case "take":
            return replace(case, running=running)
        case "answer":
            return replace(awake, running=running, life="open")
        case "ask":
            return replace(case, running=running, life="waiting", asked=case.asked or row.town_at)
        case "complete" | "unasked":
            return replace(awake, life="open")
        case "finish":
            return replace(awake, running=running, life="resolved")
        case "forward" | "hand_back":
            fresh = replace(awake, unit=row.payload["unit"], handed=row.town_at, cycle=case.cycle + 1, life="open")
            return replace(fresh, running=frozenset(STOPS), resumed=None, unanswered=True)
        case "reopen":
            back = replace(case, reopened=row.town_at, handed=None, promised_by=case.unit, cycle=case.cycle + 1)
            again = frozenset({"binding", "first_response"})
            return replace(back, life="open", running=again, resumed=None, unanswered=True)
        case "reached" if row.word.town_at >= max(filter(None, (case.received, case.reopened, case.handed))):
            return replace(case, unanswered=False)
        case action if action in _ENDS:
            settled = action in ("accept", "close")
            return replace(case, life="over", asked=None, unanswered=case.unanswered and settled)
    return None


def _awake(case: Standing, row: Row) -> Standing:
    """The time of waiting is over; a question that never arrived was none."""
    assert case.asked is not None
    if row.action in _ENDS or row.action not in _WAKES:
        return case
    spent = () if row.action == "unasked" else ((case.asked, row.town_at),)
    return replace(case, asked=None, pauses=(*case.pauses, *spent), resumed=row.town_at)
