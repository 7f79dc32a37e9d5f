"""What must be true of a year, whatever happened in it: each from the rows and a recount of the test's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from domain.region import Region, Rung
from tests.kit.almanac import Almanac
from tests.year.life import DOWNTIMES, OUTAGES, Spell
from tests.year.record import Record, Row, moment
from tests.year.recount import Books, Standing

LADDER = ("verify", "first_response", "binding")
#: Pages that remind somebody of the staff.
REMINDERS = frozenset({"officer/reminder", "supervisor/late", "supervisor/late_count"})
#: How the clock of a living town may run behind itself: a beat takes its time.
_SOON = timedelta(minutes=2)
#: By how much a printed count may differ from the register (small changes may be held back so that nothing is given
#: away).
HELD_BACK = 0


class Town:
    """Who reads where, and when they work."""

    def __init__(self, region: Region, books: Books) -> None:
        self.region, self.books = region, books

    def reader(self, target: str, unit: str) -> Almanac:
        """The hours of whom a rung tells: the desk's and its head's are the unit's, everybody else has their own."""
        match target:
            case "officer" | "unit_head":
                return self.books.of(unit)
            case "office_head":
                return self.books.of(self.region.office_of(unit))
            case "head_of_region":
                return self.books.of(self.region.head_of_region)
        return self.books.of(self.region.posts[target].unit)

    def rungs(self, kind: str) -> tuple[Rung, ...]:
        return next(rungs for name, rungs in self.region.ladder.items() if name == kind)


def lives(record: Record, town: Town) -> dict[int, list[Standing]]:
    events = record.events
    return {ticket.id: town.books.life(ticket, events[ticket.id]) for ticket in record.tickets}


# --- dates


def every_date_is_the_recounted_one(record: Record, town: Town) -> None:
    found = lives(record, town)
    for ticket in record.tickets:
        last = found[ticket.id][-1]
        for name, due in town.books.dates(last).items():
            stored = getattr(ticket, name)
            assert stored == due, f"{ticket.number} {ticket.kind}: {name} is {stored}, counted {due}; {last}"


def a_date_is_provisional_where_it_needed_a_year_that_nobody_published(record: Record, town: Town) -> None:
    found = lives(record, town)
    for ticket in record.tickets:
        certain = town.books.is_certain(ticket, found[ticket.id][-1])
        assert ticket.provisional is not certain, f"{ticket.number}: provisional is {ticket.provisional}"
    assert {ticket.provisional for ticket in record.tickets} == {True, False}, "the year never needed the next one"


# --- the ladder


def every_step_speaks_once(record: Record, town: Town) -> None:
    places = Counter((row.ticket_id, row.cycle, row.clock, row.step) for row in record.deadlines)
    assert places.total() == len(places), f"twice in one cycle: {places.most_common(3)}"
    said = Counter((row.ticket_id, row.actor, row.payload["post"]) for row in record.audit if row.action == "step")
    spoken: Counter[tuple[int, str, str]] = Counter()
    told = _first_told(record)
    for row in record.steps(*LADDER, "postponed"):
        if row.state == "done" and row.post_code is not None:
            spoken[row.ticket_id, f"clock:{row.step}", told.get(row.id, row.post_code)] += 1
    assert said == spoken, f"said and recorded differ: {list((said - spoken) + (spoken - said))[:5]}"
    pages = Counter(row.dedupe_key for row in record.outbox)
    assert pages.total() == len(pages), "a page was written twice"


def _first_told(record: Record) -> dict[int, str]:
    """The post that each step told at first; a page that reached nobody goes to the next above afterwards."""
    rows = (row for row in reversed(record.outbox) if row.step_id and row.parent_id is None and row.post_code)
    return {row.step_id: row.post_code for row in rows}


def every_step_has_a_page(record: Record, town: Town) -> None:
    """Told, in a digest, or a dead letter: whoever should have heard of it, somebody did."""
    paged = {row.step_id for row in record.outbox if row.step_id is not None}
    dead = {int(row.dedupe_key.split(":")[1]) for row in record.outbox if row.dedupe_key.startswith("dead:")}
    in_digest = {rung.code for rungs in town.region.ladder.values() for rung in rungs if rung.in_digest}
    for row in record.steps(*LADDER, "postponed"):
        heard = row.id in paged or row.id in dead or row.step in in_digest
        assert heard or row.state in ("merged", "cancelled"), f"step {row.step} of {row.ticket_id} told nobody"


def no_step_speaks_outside_hours(record: Record, town: Town) -> None:
    """In the hours of whom it tells; and at its moment, or when a program ran again."""
    found = lives(record, town)
    for row in record.steps(*LADDER, "postponed"):
        case = _standing(found[row.ticket_id], row.fired_at)
        hours = town.reader(row.target, case.unit)
        assert hours.is_open(row.fired_at), f"{row.step} of {row.ticket_id} spoke at {row.fired_at}, outside hours"
        late = row.fired_at - row.due_at
        assert timedelta() <= late <= _SOON or _was_down(row.due_at), f"{row.step} of {row.ticket_id} was {late} late"


def no_page_of_a_step_goes_outside_hours(record: Record, town: Town) -> None:
    """Nor does its page; but what spoke while the platform was down goes when it is up again, whenever that is."""
    found = lives(record, town)
    steps = {row.id: row for row in record.deadlines}
    pages = {row.id: steps[row.step_id] for row in record.outbox if row.step_id is not None and row.page in REMINDERS}
    for handed in record.handed:
        step = pages.get(handed.row)
        if step is None or any(spell.holds(step.fired_at) for spell in OUTAGES):
            continue
        unit = _standing(found[step.ticket_id], step.fired_at).unit
        assert town.reader(step.target, unit).is_open(handed.at), f"the page of {step.step} went at {handed.at}"


def every_rung_that_came_due_was_told(record: Record, town: Town) -> None:
    """Of each cycle that was neither handed over nor paused: whom the ladder should have told, at that moment."""
    rows = defaultdict(list)
    for row in record.deadlines:
        if row.clock in LADDER and (row.fired_at is not None or row.state == "merged"):
            rows[row.ticket_id, row.cycle].append(row)
    checked, end = 0, _end(record)
    for ticket_id, life in lives(record, town).items():
        for case, until, clocks in _plain_cycles(life, end):
            for clock, rung, due in _came_due(town, case, until, clocks):
                mine = [row for row in rows[ticket_id, case.cycle] if abs(row.due_at - due) < _SOON]
                spoken = any(row.fired_at is not None for row in mine)
                told = [row for row in mine if _is_that(row, rung, clock)]
                assert told, f"{rung.code} of {ticket_id} in cycle {case.cycle} should have spoken at {due}"
                assert spoken, f"{rung.code} of {ticket_id} was merged into nothing at {due}"
                checked += 1
    assert checked > len(record.tickets), "hardly a rung was checked"


def _plain_cycles(life: list[Standing], end: datetime) -> Iterable[tuple[Standing, datetime, dict[str, datetime]]]:
    """Cycles without a handover or a pause: as they began, when they ended, and when each of their clocks stopped."""
    for cycle in sorted({case.cycle for case in life}):
        mine = [case for case in life if case.cycle == cycle]
        after = [case.since for case in life if case.cycle > cycle]
        if mine[0].handed or any(case.asked or case.resumed for case in mine):
            continue
        ends = [case.since for case in mine if case.life != "open"] + after
        until = min(ends, default=end)
        stops = {clock: min([case.since for case in mine if clock not in case.running] + [until]) for clock in LADDER}
        yield mine[0], until, stops


def _came_due(
    town: Town, case: Standing, until: datetime, stops: dict[str, datetime]
) -> Iterable[tuple[str, Rung, datetime]]:
    dates = town.books.dates(case)
    for rung in town.rungs(case.kind):
        by = dates[f"{rung.clock}_by"]
        if by is None or (case.kind == "aspiration" and rung.clock == "binding"):
            continue
        due = town.books.moment(rung, by, town.reader(rung.to, case.unit))
        if case.since <= due < min(stops[rung.clock], until) and not _was_down(due):
            yield rung.clock, rung, due


def _is_that(row: Row, rung: Rung, clock: str) -> bool:
    """The rung itself, or a later clock's for the same reader: at one moment one voice speaks for all."""
    return bool(row.target == rung.to and (row.step == rung.code or LADDER.index(row.clock) >= LADDER.index(clock)))


def _standing(life: list[Standing], at: datetime) -> Standing:
    return [case for case in life if case.since <= at][-1]


def _end(record: Record) -> datetime:
    return datetime.fromtimestamp(max(row.town_at for row in record.audit).timestamp(), UTC)


def _was_down(moment: datetime) -> bool:
    return any(Spell(spell.first, spell.last + timedelta(hours=12)).holds(moment) for spell in DOWNTIMES)


# --- closing, loss, exclusions


def nothing_closes_that_no_office_answered(record: Record, town: Town) -> None:
    events = record.events
    for ticket in record.tickets:
        said = {row.action for row in events[ticket.id]}
        if ticket.state == "closed":
            assert said & {"answer", "finish"}, f"{ticket.number} was closed and never answered"
            assert ticket.outcome in ("silence", "accepted")
        assert ticket.outcome != "silence" or "finish" in said


def nothing_is_lost(record: Record, town: Town) -> None:
    children = Counter(row.parent_id for row in record.outbox if row.parent_id is not None)
    for row in record.outbox:
        match row.state:
            case "sent":
                assert row.sent_at is not None
            case "dropped" | "refused":
                assert row.error, f"{row.page} was {row.state} and nobody knows why"
            case "opened":
                assert children[row.id], f"{row.page} was opened for nobody"
            case "cancelled":
                assert row.undo_of is not None or row.lane == 0, f"{row.page} was cancelled"
            case "merged":
                assert row.merged_into is not None
            case other:
                raise AssertionError(f"{row.page} is {other} at the end of the year ({row.error})")
    sent = {handed.row for handed in record.handed if handed.outcome == "Sent"}
    assert sent == {row.id for row in record.outbox if row.state == "sent"}
    assert record.inbox_states == {"done"}
    assert not record.quarantined
    assert not record.broken, "the audit trail does not hold together"


def no_step_waits_in_the_past(record: Record, town: Town) -> None:
    end = _end(record)
    late = [row for row in record.deadlines if row.state == "waiting" and row.due_at < end]
    assert not late, f"{len(late)} steps never spoke, the first {late[:1]}"


def the_reported_unit_heard_nothing(record: Record, town: Town) -> None:
    """Nobody who held a post there, when the case came or later, was sent a page of it, or one that offers it."""
    people = defaultdict(set)
    for row in record.holdings:
        people[town.region.posts[row.post_code].unit].add(row.person_id)
    accused = {t.id: t.reported_unit for t in record.tickets if t.kind == "oversight" and t.reported_unit}
    assert accused, "nobody was accused in this year"
    for row in record.outbox:
        named = {row.ticket_id, *(int(args[0]) for _, args in row.choices or () if args and args[0].isdigit())}
        for ticket in named & accused.keys():
            unit = accused[ticket]
            assert row.person_id not in people[unit], f"{row.page} of case {ticket} went to {unit}"
            assert row.post_code is None or town.region.posts[row.post_code].unit != unit, f"{row.page} went to {unit}"


# --- digests

_COUNTED = {"new": {"open"}, "resolved": {"finish"}, "closed": {"accept", "close", "withdraw", "lapse"}}
_LIVES = {
    **dict.fromkeys(("open", "answer", "complete", "unasked", "reopen", "forward", "hand_back"), "open"),
    **dict.fromkeys(("accept", "close", "withdraw", "lapse"), "over"),
    "ask": "waiting",
    "finish": "resolved",
}


def digests_add_up_to_the_register(record: Record, town: Town) -> None:
    """The dailies of those who look over everything: what they say together is what happened, and nothing twice."""
    seen = 0
    overseen = {ticket.id for ticket in record.tickets if ticket.kind != "oversight"}
    register = [rows for ticket, rows in record.events.items() if ticket in overseen]
    for post in ("SEKDA", "KABAG-ORGANISASI", "WALI-KOTA"):
        pages = _dailies(record, post)
        for one, other in pairwise(pages):
            assert one.facts["at"] == other.facts["since"], f"between two digests of {post} something is left out"
        for name, actions in _COUNTED.items():
            told = sum(page.facts["changes"][name] for page in pages)
            real = sum(_happened(register, page, actions) for page in pages)
            assert abs(told - real) <= HELD_BACK, f"{post} was told of {told} {name}, the register has {real}"
            seen += told
        for page in pages:
            told, real = page.facts["open"], _open_at(register, moment(page.facts["at"]))
            assert abs(told - real) <= HELD_BACK, f"{post} on {page.facts['at']}: {told} open, the register has {real}"
    assert seen, "no digest said anything"


def _dailies(record: Record, post: str) -> list[Row]:
    """Its dailies, one a day: each holder gets the same."""
    begins = f"digest:daily:{post}:"
    found = {row.dedupe_key.split(":")[3]: row for row in record.outbox if row.dedupe_key.startswith(begins)}
    return [found[day] for day in sorted(found)]


def _happened(register: list[list[Row]], page: Row, actions: set[str]) -> int:
    """How many cases something happened to in the time of a page that still held when it was written."""
    since, at = moment(page.facts["since"]), moment(page.facts["at"])
    return sum(_holds(events, since, at, actions) for events in register)


def _holds(events: list[Row], since: datetime, at: datetime, actions: set[str]) -> bool:
    known = [row for row in events if row.town_at <= at]
    found = [row.town_at for row in known if row.action in actions]
    undone = bool(found) and any(row.action == "reopen" and row.town_at > found[-1] for row in known)
    return bool(found) and since < found[-1] and not undone


def _open_at(register: list[list[Row]], at: datetime) -> int:
    lives = ([_LIVES[row.action] for row in rows if row.action in _LIVES and row.town_at <= at] for rows in register)
    return sum(life[-1] == "open" for life in lives if life)


ALL = (
    every_date_is_the_recounted_one,
    a_date_is_provisional_where_it_needed_a_year_that_nobody_published,
    every_step_speaks_once,
    every_step_has_a_page,
    no_step_speaks_outside_hours,
    no_page_of_a_step_goes_outside_hours,
    every_rung_that_came_due_was_told,
    nothing_closes_that_no_office_answered,
    nothing_is_lost,
    no_step_waits_in_the_past,
    the_reported_unit_heard_nothing,
    digests_add_up_to_the_register,
)
