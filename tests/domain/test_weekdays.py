"""Days that go wrong elsewhere, each by its weekday; and the dates of any history, recounted one day at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.deadlines import Deadlines, History, Policy, count, rung_moment
from domain.ladder import after_handover, steps
from domain.region import Rung
from domain.vocabulary import Kind
from tests.domain.calendars import OFFICE, OFFICE_WIT, OFFICE_WITA, SATURDAY, SPLIT, day, week, wib
from tests.kit.almanac import DAYS_OFF, OFFICE_ALMANAC, OFFICE_HOURS, Almanac

POLICIES = {
    Kind.COMPLAINT: Policy(verify=3, first_response=5, resolve=14, statutory_days=60),
    Kind.OVERSIGHT: Policy(verify=3, first_response=5, resolve=60, statutory_days=60),
    Kind.INFORMATION: Policy(verify=3, first_response=3, resolve=5, statutory_days=None),
    Kind.ASPIRATION: Policy(verify=3, first_response=14, resolve=None, statutory_days=None),
}
Span = tuple[str, str]


def moments(*spans: Span) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((wib(since), wib(until)) for since, until in spans)


def dates(history: History, calendar: Calendar = OFFICE, desk: Calendar | None = None) -> Deadlines:
    return count(history, POLICIES[history.kind], calendar, desk or calendar)


def told(due: datetime | None, hours: int = 7) -> str | None:
    """A moment as people say it: with its weekday."""
    return None if due is None else (due.astimezone(UTC) + timedelta(hours=hours)).strftime("%a %d %b %Y %H:%M")


@dataclass(frozen=True)
class Told:
    """One row: what happened, and by when a complaint is then resolved."""

    name: str
    received: str
    resolved_by: str
    calendar: Calendar = OFFICE
    reopened: str | None = None
    handed: str | None = None
    pauses: tuple[Span, ...] = ()
    kind: Kind = Kind.COMPLAINT
    hours: int = 7

    @property
    def history(self) -> History:
        reopened = wib(self.reopened) if self.reopened else None
        handed = wib(self.handed) if self.handed else None
        return History(self.kind, wib(self.received), reopened, handed, moments(*self.pauses))


ADDED_FRIDAY = replace(OFFICE, added_off=frozenset({day("2026-04-10")}))
CANCELLED_WEDNESDAY = replace(OFFICE, removed_off=frozenset({day("2026-03-18")}))
ADDED_AND_CANCELLED = replace(ADDED_FRIDAY, removed_off=frozenset({day("2026-04-10")}))
#: The break of Friday is the prayer's.
ROWS = (
    Told("Friday before Lebaran, over Nyepi and cuti bersama", "2026-03-13T10:00", "Fri 10 Apr 2026 16:30"),
    Told("Tuesday, the last day before Lebaran", "2026-03-17T15:59", "Tue 14 Apr 2026 16:00"),
    Told("Wednesday of cuti bersama", "2026-03-18T09:00", "Tue 14 Apr 2026 16:00"),
    Told("Thursday of Nyepi", "2026-03-19T09:00", "Tue 14 Apr 2026 16:00"),
    Told("Wednesday after Lebaran", "2026-03-25T09:00", "Wed 15 Apr 2026 16:00"),
    Told("Monday whose due Monday is Independence Day", "2026-07-27T10:00", "Fri 14 Aug 2026 16:30"),
    Told("Tuesday whose fourteenth day would be a holiday on Monday", "2026-07-28T10:00", "Tue 18 Aug 2026 16:00"),
    Told("Friday 16:59, after closing", "2026-07-10T16:59", "Thu 30 Jul 2026 16:00"),
    Told("Friday 16:30, the closing minute", "2026-07-10T16:30", "Thu 30 Jul 2026 16:00"),
    Told("Friday 00:00, before anybody is up", "2026-07-10T00:00", "Thu 30 Jul 2026 16:00"),
    Told("Saturday at noon", "2026-07-11T12:00", "Thu 30 Jul 2026 16:00"),
    Told("Sunday 23:59", "2026-07-12T23:59", "Thu 30 Jul 2026 16:00"),
    Told("Saturday at a Saturday desk", "2026-07-11T12:00", "Tue 28 Jul 2026 14:30", SATURDAY),
    Told("Thursday, due on a Saturday at a Saturday desk", "2026-06-25T10:00", "Sat 11 Jul 2026 13:00", SATURDAY),
    Told("Friday in the break of a split day", "2026-07-10T12:10", "Thu 30 Jul 2026 16:00", SPLIT),
    Told("Monday, due on a Friday of split hours", "2026-07-06T10:00", "Fri 24 Jul 2026 16:30", SPLIT),
    Told(
        "Friday 23:30 in the west is Saturday in WITA",
        "2026-07-10T23:30",
        "Thu 30 Jul 2026 16:00",
        OFFICE_WITA,
        hours=8,
    ),
    Told(
        "Thursday 23:30 in the west is Friday in WITA",
        "2026-07-09T23:30",
        "Thu 30 Jul 2026 16:00",
        OFFICE_WITA,
        hours=8,
    ),
    Told("Thursday 23:30 here is still Thursday", "2026-07-09T23:30", "Wed 29 Jul 2026 16:00"),
    Told(
        "Thursday 22:00 in the west is Friday in WIT", "2026-07-09T22:00", "Thu 30 Jul 2026 16:00", OFFICE_WIT, hours=9
    ),
    Told("Friday, a holiday added on the due Friday", "2026-03-13T10:00", "Mon 13 Apr 2026 16:00", ADDED_FRIDAY),
    Told(
        "Friday, a Wednesday of cuti bersama cancelled",
        "2026-03-13T10:00",
        "Thu 09 Apr 2026 16:00",
        CANCELLED_WEDNESDAY,
    ),
    Told(
        "Friday, added and called off: what is added stays",
        "2026-03-13T10:00",
        "Mon 13 Apr 2026 16:00",
        ADDED_AND_CANCELLED,
    ),
    Told(
        "Friday, paused from Monday to the Wednesday after Lebaran",
        "2026-03-13T10:00",
        "Tue 14 Apr 2026 16:00",
        pauses=(("2026-03-16T10:00", "2026-03-25T10:00"),),
    ),
    Told(
        "Friday, paused only while all were free",
        "2026-03-13T10:00",
        "Fri 10 Apr 2026 16:30",
        pauses=(("2026-03-17T16:01", "2026-03-25T07:29"),),
    ),
    Told(
        "Wednesday, paused Monday to Tuesday and Wednesday to Friday",
        "2026-07-01T10:00",
        "Fri 24 Jul 2026 16:30",
        pauses=(("2026-07-06T10:00", "2026-07-07T10:00"), ("2026-07-08T10:00", "2026-07-10T10:00")),
    ),
    Told(
        "Wednesday, asked twice on one Monday",
        "2026-07-01T10:00",
        "Tue 21 Jul 2026 16:00",
        pauses=(("2026-07-06T08:00", "2026-07-06T09:00"), ("2026-07-06T10:00", "2026-07-06T15:59")),
    ),
    Told("Wednesday, sent back on a Friday", "2026-07-01T10:00", "Fri 24 Jul 2026 16:30", reopened="2026-07-17T10:00"),
    Told(
        "Wednesday, sent back again on a Saturday",
        "2026-07-01T10:00",
        "Fri 31 Jul 2026 16:30",
        reopened="2026-07-25T10:00",
    ),
    Told(
        "Wednesday, handed on and back on Thursday",
        "2026-07-01T10:00",
        "Tue 21 Jul 2026 16:00",
        handed="2026-07-09T10:00",
    ),
    Told("Thursday, over New Year's Friday and a Tuesday of Isra Mikraj", "2026-12-17T10:00", "Tue 12 Jan 2027 16:00"),
    Told(
        "Friday, an accusation of sixty working days", "2026-11-20T10:00", "Fri 19 Feb 2027 16:30", kind=Kind.OVERSIGHT
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_is_resolved_by(row: Told) -> None:
    assert told(dates(row.history, row.calendar).resolve_by, row.hours) == row.resolved_by


@pytest.mark.parametrize(
    ("name", "received", "provisional"),
    [
        ("Wednesday, due on Thursday 31 December", "2026-12-09T10:00", False),
        ("Thursday, due on Monday 4 January", "2026-12-10T10:00", True),
        ("Thursday 31 December itself", "2026-12-31T10:00", True),
    ],
)
def test_a_promise_into_the_year_that_nobody_has_published_is_provisional(
    name: str, received: str, provisional: bool
) -> None:
    published = replace(OFFICE, confirmed_years=OFFICE.confirmed_years | {2027})
    history = History(Kind.COMPLAINT, wib(received))

    assert dates(history).provisional is provisional, name
    assert not dates(history, published).provisional


def test_a_monday_that_is_free_in_the_published_list_moves_a_promise_of_tuesday_to_wednesday() -> None:
    history = History(Kind.COMPLAINT, wib("2026-12-17T10:00"))
    moved = replace(OFFICE, confirmed_years=frozenset({2026, 2027}), added_off=frozenset({day("2027-01-11")}))

    assert told(dates(history).resolve_by) == "Tue 12 Jan 2027 16:00"
    assert told(dates(history, moved).resolve_by) == "Wed 13 Jan 2027 16:00"


def test_a_friday_that_becomes_free_under_a_rung_is_told_on_the_thursday_before() -> None:
    due = wib("2026-04-10T16:30")

    assert told(rung_moment("at", 0, due, OFFICE)) == "Fri 10 Apr 2026 07:30"
    assert told(rung_moment("at", 0, due, ADDED_FRIDAY)) == "Thu 09 Apr 2026 07:30"
    assert told(rung_moment("before", 2, due, ADDED_FRIDAY)) == "Tue 07 Apr 2026 07:30"


LATE = (Rung("late", "binding", "after", 0, "office_head"), Rung("later", "binding", "after", 2, "SEKDA"))


def test_each_cycle_of_a_case_that_is_sent_back_on_two_fridays_has_every_rung_anew() -> None:
    cycles = [
        History(Kind.COMPLAINT, wib("2026-07-01T10:00"), wib(back) if back else None)
        for back in (None, "2026-07-24T10:00", "2026-08-07T10:00")
    ]
    found = [[(s.step, told(s.due_at)) for s in steps(c.kind, dates(c), LATE, OFFICE, None)] for c in cycles]

    assert found == [
        [("late", "Wed 22 Jul 2026 07:30"), ("later", "Thu 23 Jul 2026 07:30")],
        [("late", "Mon 03 Aug 2026 07:30"), ("later", "Tue 04 Aug 2026 07:30")],
        [("late", "Tue 18 Aug 2026 07:30"), ("later", "Wed 19 Aug 2026 07:30")],
    ]


def test_a_case_handed_on_at_a_late_monday_and_back_on_tuesday_rests_until_wednesday() -> None:
    history = History(Kind.COMPLAINT, wib("2026-07-01T10:00"), desk_since=wib("2026-07-28T10:00"))
    bound = after_handover(wib("2026-07-28T10:00"), OFFICE)

    found = steps(history.kind, dates(history), LATE, OFFICE, bound)

    assert {told(step.due_at) for step in found} == {"Wed 29 Jul 2026 07:30"}


# -- the dates of any history, by another way

_SATURDAY_HOURS = (*(("07:30-14:30",),) * 4, ("07:30-11:30",), ("07:30-13:00",), ())
_SPLIT_HOURS = (*(("07:30-12:00", "13:00-16:00"),) * 4, ("07:30-11:30", "13:00-16:30"), (), ())
_TOWN_DAYS = {"added": [date(2026, 4, 24), date(2026, 12, 9)], "cancelled": [date(2026, 3, 18), date(2026, 12, 24)]}
PAIRS: tuple[tuple[Calendar, Almanac], ...] = (
    (OFFICE, OFFICE_ALMANAC),
    (OFFICE_WITA, Almanac(OFFICE_HOURS, offset=8)),
    (OFFICE_WIT, Almanac(OFFICE_HOURS, offset=9)),
    (SATURDAY, Almanac(_SATURDAY_HOURS)),
    (SPLIT, Almanac(_SPLIT_HOURS)),
    (
        replace(OFFICE, added_off=frozenset(_TOWN_DAYS["added"]), removed_off=frozenset(_TOWN_DAYS["cancelled"])),
        OFFICE_ALMANAC.with_days(**_TOWN_DAYS),
    ),
)
any_pair = st.sampled_from(PAIRS)
#: Moments of 2026; whatever is counted from them ends inside the typed lists.
any_moment = st.integers(0, 364 * 1440).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
steady = settings(deadline=None, derandomize=True)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Received, and then perhaps sent back, handed over and paused, in any order that can happen."""
    hours = st.integers(1, 40 * 24).map(lambda n: timedelta(hours=n))
    received = draw(any_moment)
    reopened = received + draw(hours) if draw(st.booleans()) else None
    handed = (reopened or received) + draw(hours) if draw(st.booleans()) else None
    pauses, now = [], received
    for _ in range(draw(st.integers(0, 3))):
        since = now + draw(hours)
        now = since + draw(hours)
        pauses.append((since, now))
    return History(draw(st.sampled_from(Kind)), received, reopened, handed, tuple(pauses))


@steady
@given(histories(), any_pair, any_pair)
def test_a_day_by_day_recount_finds_the_dates_of_any_history(
    history: History, promise: tuple[Calendar, Almanac], desk: tuple[Calendar, Almanac]
) -> None:
    policy = POLICIES[history.kind]
    found = count(history, policy, promise[0], desk[0])

    days, here = promise[1], desk[1]
    began = history.reopened_at or history.received_at
    paused = sum(days.closings_in(*pause) for pause in history.pauses if pause[0] >= began)
    allowed = None if policy.resolve is None else (policy.reopened if history.reopened_at else policy.resolve)
    assert found.resolve_by == (None if allowed is None else days.due(days.day(began), allowed + paused))
    since = history.desk_since or (None if history.reopened_at else history.received_at)
    assert found.verify_by == (None if since is None else here.due(here.day(since), policy.verify))
    if since is not None:
        assert found.first_response_by == here.due(here.day(since), policy.first_response)
    law = days.at(days.day(history.received_at) + timedelta(days=60), "23:59:59")
    assert found.statutory_by == (law if policy.statutory_days else None)
    _binds(found, history, law, days)


def _binds(found: Deadlines, history: History, law: datetime, days: Almanac) -> None:
    """The promise binds, and the law where it is earlier; but not once it had passed when the case was sent back or
    while its citizen was asked."""
    if history.kind is Kind.ASPIRATION:
        assert found.binding_by is None
        return
    passed = history.reopened_at is not None and days.day(law) < days.day(history.reopened_at)
    asked = any(since <= law < until for since, until in history.pauses)
    assert found.resolve_by is not None
    bound = found.statutory_by is not None and not passed and not asked
    assert found.binding_by == (min(found.resolve_by, law) if bound else found.resolve_by)


# -- days have laws

any_day = st.dates(date(2026, 1, 1), date(2027, 6, 30))
any_count = st.integers(1, 40)


@steady
@given(any_pair, any_day, any_count)
def test_the_calendar_and_the_almanac_count_alike(pair: tuple[Calendar, Almanac], start: date, n: int) -> None:
    calendar, almanac = pair

    assert calendar.after(start, n) == almanac.nth(start, n)
    assert calendar.before(start, n) == almanac.nth(start, -n) or almanac.nth(start, -n).year < 2026
    assert calendar.is_working(start) is almanac.works(start)


@steady
@given(any_pair, any_day, any_count, any_count)
def test_n_days_and_then_m_are_n_and_m_days(pair: tuple[Calendar, Almanac], start: date, n: int, m: int) -> None:
    calendar, _ = pair

    assert calendar.after(calendar.after(start, n), m) == calendar.after(start, n + m)
    assert calendar.before(calendar.before(start, n), m) == calendar.before(start, n + m)


# -- and minutes have their own four

minutes_on = st.integers(0, 20 * 1440).map(lambda n: timedelta(minutes=n))


@steady
@given(any_pair, any_moment, minutes_on, minutes_on)
def test_minutes_first_law_a_span_is_the_sum_of_its_parts(
    pair: tuple[Calendar, Almanac], start: datetime, one: timedelta, other: timedelta
) -> None:
    calendar, middle = pair[0], start + one
    end = middle + other

    parts = calendar.working_minutes(start, middle) + calendar.working_minutes(middle, end)
    assert calendar.working_minutes(start, end) == parts


@steady
@given(any_pair, any_moment, minutes_on, minutes_on)
def test_minutes_second_law_a_wider_span_never_has_fewer(
    pair: tuple[Calendar, Almanac], start: datetime, one: timedelta, other: timedelta
) -> None:
    calendar, end = pair[0], start + one

    inner = calendar.working_minutes(start, end)
    assert 0 <= inner <= calendar.working_minutes(start - other, end)
    assert inner <= calendar.working_minutes(start, end + other)
    assert inner <= one // timedelta(minutes=1)
    assert calendar.working_minutes(end, start) == 0


@steady
@given(any_pair, any_moment)
def test_minutes_third_law_a_day_has_its_opening_hours_and_a_closed_time_none(
    pair: tuple[Calendar, Almanac], moment: datetime
) -> None:
    calendar, almanac = pair
    today = almanac.day(moment)
    midnight = almanac.at(today, "00:00")
    frames = almanac.hours[today.weekday()] if almanac.works(today) else ()
    printed = sum(_length(frame) for frame in frames)

    assert calendar.working_minutes(midnight, midnight + timedelta(days=1)) == printed
    opens = calendar.next_opening(moment)
    if not calendar.is_open(moment):
        assert calendar.working_minutes(moment, opens) == 0
    assert calendar.working_minutes(opens, opens + timedelta(minutes=1)) == 1


def _length(frame: str) -> int:
    opens, _, closes = frame.partition("-")
    one, other = (datetime.fromisoformat(f"2026-01-01T{clock}") for clock in (opens, closes))
    return (other - one) // timedelta(minutes=1)


@settings(deadline=None, derandomize=True, max_examples=25)
@given(any_pair, any_moment, st.integers(0, 4 * 1440))
def test_minutes_fourth_law_they_are_the_minutes_that_somebody_counts_one_by_one(
    pair: tuple[Calendar, Almanac], start: datetime, span: int
) -> None:
    calendar, almanac = pair
    end = start + timedelta(minutes=span)

    assert calendar.working_minutes(start, end) == almanac.minutes(start, end)


@steady
@given(any_pair, any_moment)
def test_an_office_is_open_when_its_printed_hours_say_so(pair: tuple[Calendar, Almanac], moment: datetime) -> None:
    calendar, almanac = pair

    assert calendar.is_open(moment) is almanac.is_open(moment)
    assert calendar.next_opening(moment) == almanac.next_opening(moment)


def test_the_almanac_can_disagree() -> None:
    """What the recounts above rest on: another list, and they differ."""
    forgot = Almanac(off=DAYS_OFF - {date(2026, 3, 18)})

    assert forgot.nth(date(2026, 3, 13), 14) != OFFICE.after(date(2026, 3, 13), 14)
    assert replace(OFFICE, week=week("07:30-15:00", "07:30-16:30")).closing(date(2026, 4, 9)) != forgot.closing(
        date(2026, 4, 9)
    )
