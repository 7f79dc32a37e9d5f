"""What must be true of a year, whatever happened in it: each from the rows and a recount of the test's own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
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
#: What says several of them at once.
LIST = "officer/reminders"
#: How the clock of a living town may run behind itself: a beat takes its time.
_SOON = timedelta(minutes=2)
#: Of the shielded, no smaller number is printed, and what is printed moves by no fewer.
LEAST = 3


class Town:
    """Who reads where, and when they work."""

    def __init__(self, region: Region, books: Books) -> None:
        self.region, self.books = region, books

    def reader(self, target: str, unit: str, at: datetime) -> Almanac:
        """The hours of whom a rung tells: the desk's and its head's are the unit's, everybody else has their own."""
        match target:
            case "officer" | "unit_head":
                return self.books.then(unit, at)
            case "office_head":
                return self.books.then(self.region.office_of(unit), at)
            case "head_of_region":
                return self.books.then(self.region.head_of_region, at)
        return self.at_post(target, at)

    def at_post(self, post: str, at: datetime) -> Almanac:
        return self.books.then(self.region.posts[post].unit, at)

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


def what_was_missed_is_a_fact(record: Record, town: Town) -> None:
    """Each date that passed while its clock ran has one row with that date, written once; and there is no other."""
    written = Counter((row.ticket_id, row.actor) for row in record.audit if row.action == "breach")
    assert written == Counter((row.ticket_id, f"clock:{row.clock}") for row in record.breaches), "a breach was removed"
    stored = {(row.ticket_id, row.cycle, row.clock): row for row in record.breaches}
    counted = {
        (ticket, *place): due
        for ticket, life in lives(record, town).items()
        for place, due in town.books.missed(life, _end(record)).items()
    }
    different = [(place, stored.get(place), counted.get(place)) for place in stored.keys() ^ counted.keys()]
    assert not different, f"{len(different)} missed dates are in one place only, the first {different[0]}"
    for place, row in stored.items():
        due = counted[place]
        assert row.due_at == due, f"{row.clock} of {row.ticket_id} was missed at {row.due_at}, counted {due}"
        assert due < row.at <= due + timedelta(minutes=1)


def an_answer_counts_when_the_platform_has_it(record: Record, town: Town) -> None:
    reached = record.reached
    first: dict[int, datetime] = {}
    for word in record.words:
        assert word.reached_at == reached[word.id], f"{word.kind}: {word.reached_at}, taken at {reached[word.id]}"
        first[word.ticket_id] = min(reached[word.id], first.get(word.ticket_id, reached[word.id]))
    for ticket in record.tickets:
        answered = ticket.first_response_at
        assert answered == first.get(ticket.id), f"{ticket.number} was answered {answered}"
        assert not ticket.unreached
    assert any(word.reached_at > word.town_at for word in record.words), "no outage held an answer up"


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
        hours = town.reader(row.target, case.unit, row.fired_at)
        assert hours.is_open(row.fired_at), f"{row.step} of {row.ticket_id} spoke at {row.fired_at}, outside hours"
        late = row.fired_at - row.due_at
        assert timedelta() <= late <= _SOON or _was_down(row.due_at), f"{row.step} of {row.ticket_id} was {late} late"


def no_page_of_a_step_goes_outside_hours(record: Record, town: Town) -> None:
    """Nor does its page, also when the platform is up again at night: in the hours of a post that it is for."""
    posts = {row.id: row.post_code for row in record.outbox if row.post_code is not None}
    pages: dict[int, set[str]] = defaultdict(set)
    for row in record.outbox:
        if row.step_id is not None and row.parent_id is not None and row.page in REMINDERS:
            pages[row.merged_into or row.id].add(posts[row.parent_id])
    several = {row.id for row in record.outbox if row.page == LIST and row.state == "sent"}
    assert several
    assert several <= pages.keys(), "a message of several reminders says none"
    late = 0
    for handed in record.handed:
        if handed.row in pages:
            open_at = [town.at_post(post, handed.at).is_open(handed.at) for post in pages[handed.row]]
            assert any(open_at), f"a reminder of {pages[handed.row]} went at {handed.at}"
            late += any(spell.holds(handed.at) for spell in OUTAGES)
    assert late, "no reminder met an outage"


def every_rung_that_came_due_was_told(record: Record, town: Town) -> None:
    """Of each cycle that was neither handed over nor paused: whom the ladder should have told, at that moment."""
    rows = defaultdict(list)
    for row in record.deadlines:
        if row.clock in LADDER and row.step != "breach" and (row.fired_at is not None or row.state == "merged"):
            rows[row.ticket_id, row.cycle].append(row)
    checked, end = 0, _end(record)
    for ticket_id, life in lives(record, town).items():
        for case, until, clocks in _plain_cycles(life, end):
            spoke = rows[ticket_id, case.cycle]
            for clock, rung, due in _came_due(town, case, until, clocks, spoke):
                mine = [row for row in spoke if abs(row.due_at - due) < _SOON]
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
        decree = min([case.since for case in mine[1:] if case.decreed and not mine[0].decreed] + [until])
        yield mine[0], decree, stops
        if decree < until:
            yield replace(mine[0], decreed=True, since=decree), until, stops


def _came_due(
    town: Town, case: Standing, until: datetime, stops: dict[str, datetime], spoke: list[Row]
) -> Iterable[tuple[str, Rung, datetime]]:
    dates = town.books.dates(case)
    for rung in town.rungs(case.kind):
        by = dates[f"{rung.clock}_by"]
        if by is None or (case.kind == "aspiration" and rung.clock == "binding"):
            continue
        due = town.books.moment(rung, by, town.reader(rung.to, case.unit, until if case.decreed else case.since))
        if _is_late(rung):
            due = min(due, _pressed(town, case.kind, rung, due, spoke))
        if case.since <= due < min(stops[rung.clock], until) and not _was_down(due):
            yield rung.clock, rung, due


def _is_late(rung: Rung) -> bool:
    return rung.clock == "binding" and rung.when == "after"


def _pressed(town: Town, kind: str, rung: Rung, due: datetime, spoke: list[Row]) -> datetime:
    """When a rung has to speak because who was told below it has not said "I know"; else its own moment."""
    late = [other.code for other in town.rungs(kind) if _is_late(other)]
    above = late[late.index(rung.code) :]
    below = [row for row in spoke if row.step in late and row.step not in above]  # also for whom another had spoken
    told = [row for row in below if row.post_code and row.fired_at]
    if not told or len(below) < late.index(rung.code):
        return due
    last = max(told, key=lambda row: row.fired_at)
    if last.state != "done":
        return due
    days = next(other.acknowledge for other in town.rungs(kind) if other.code == last.step)
    hours = town.at_post(last.post_code, last.fired_at)
    by = hours.opening(hours.nth(hours.day(last.fired_at), days))
    if any(last.due_at < row.due_at <= by for row in below):  # the next one was to speak by then anyhow, also in vain
        return due
    known = last.acknowledged_at is not None and last.acknowledged_at < by
    others = any((row.fired_at or row.due_at) >= by for row in below)  # it was theirs to speak then, or to be merged
    return due if known or others or hours.day(by) >= hours.day(due) else by


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
    said = {row.id: row.state for row in record.outbox}
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
                assert said[row.merged_into] in ("sent", "dropped"), f"{row.page} went with a page that did not go"
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
            assert told == real, f"{post} was told of {told} {name}, the register has {real}"
            seen += told
        for page in pages:
            told, real = page.facts["open"], _open_at(register, moment(page.facts["at"]))
            assert told == real, f"{post} on {page.facts['at']}: {told} open, the register has {real}"
    assert seen, "no digest said anything"


def numbers_of_accusations_give_nothing_away(record: Record, town: Town) -> None:
    """One number for all, which stands for a week, moves by three or not at all, and is not far from the register."""
    kinds = {ticket.id: ticket.kind for ticket in record.tickets}
    accusations = [life for ticket, life in lives(record, town).items() if kinds[ticket] == "oversight"]
    pages = [page for post in ("SEKDA", "KABAG-ORGANISASI", "WALI-KOTA") for page in _dailies(record, post)]
    numbers = {moment(page.facts["at"]): page.facts["oversight"] for page in pages}
    for page in pages:
        assert page.facts["oversight"] == numbers[moment(page.facts["at"])], f"{page.post_code} was told another number"
    assert any(number for found in numbers.values() for number in found.values()), "no number was ever printed"
    for late in (False, True):
        told = [(at, numbers[at]["late" if late else "running"]) for at in sorted(numbers)]
        assert all(number is None or number >= LEAST for _, number in told), "a small number was printed"
        for (one, before), (other, after) in pairwise(told):
            moved = abs((after or 0) - (before or 0))
            assert not moved or other.isocalendar()[1] != one.isocalendar()[1], "a number moved within a week"
            assert not moved or moved >= LEAST, f"a number moved by {moved}"
            if other.isocalendar()[1] != one.isocalendar()[1]:
                real = sum(_is_accused(town, life, other, late=late) for life in accusations)
                least = real - 2 * (LEAST - 1)
                assert least <= (after or 0) < real + LEAST, f"{after} told on {other}, there are {real}"


def _is_accused(town: Town, life: list[Standing], at: datetime, *, late: bool) -> bool:
    """Whether an accusation is open or waited for then, late or not."""
    if life[0].since > at or (case := _standing(life, at)).life not in ("open", "waiting"):
        return False
    by = town.books.dates(case)["binding_by"]
    return (case.life == "open" and by is not None and by + timedelta(minutes=1) <= at) is late


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
    what_was_missed_is_a_fact,
    an_answer_counts_when_the_platform_has_it,
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
    numbers_of_accusations_give_nothing_away,
)
