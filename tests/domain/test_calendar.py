"""Working days and hours: what is free, what is open, and how days are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar, Frame, NotAWorkingDayError, Season, Week, national_days_off
from domain.vocabulary import Span
from tests.domain.calendars import (
    HOLIDAYS_2026,
    HOLIDAYS_2027,
    JOINT_LEAVE_2026,
    JOINT_LEAVE_2027,
    OFFICE,
    OFFICE_WIT,
    OFFICE_WITA,
    SATURDAY,
    SPLIT,
    day,
    frame,
    week,
    wib,
)

CALENDAR_FILE = Path(__file__).parents[2] / "regions" / "indonesia" / "calendar.yaml"

any_calendar = st.sampled_from((OFFICE, OFFICE_WITA, OFFICE_WIT, SATURDAY, SPLIT))
any_day = st.dates(date(2024, 1, 1), date(2028, 12, 31))
any_moment = st.integers(0, 5 * 365 * 86_400).map(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
any_count = st.integers(0, 70)
steady = settings(deadline=None, derandomize=True)


# -- days off


@pytest.mark.parametrize(
    ("year", "public", "joint"),
    [(2026, HOLIDAYS_2026, JOINT_LEAVE_2026), (2027, HOLIDAYS_2027, JOINT_LEAVE_2027)],
)
def test_the_days_off_of_a_year_are_its_holidays_and_its_joint_leave(year: int, public: str, joint: str) -> None:
    printed = {day(f"{year}-{text}") for text in f"{public} {joint}".split()}

    assert national_days_off(year) == printed


def test_2026_has_17_holidays_and_8_days_of_joint_leave() -> None:
    assert (len(HOLIDAYS_2026.split()), len(JOINT_LEAVE_2026.split())) == (17, 8)


def test_the_region_files_confirm_the_years_that_promises_are_made_for() -> None:
    if not CALENDAR_FILE.exists():
        pytest.skip("regions/indonesia/calendar.yaml has not been written yet")

    years = yaml.safe_load(CALENDAR_FILE.read_text(encoding="utf-8")).get("confirmed_years") or []

    assert 2026 in years, (
        "regions/indonesia/calendar.yaml does not confirm 2026, so every date promised to a citizen is provisional. "
        "Compare the holidays and cuti bersama of the joint ministers' decree (SKB 3 Menteri) with what "
        "domain.calendar.national_days_off(2026) returns, write differences under the overrides, then add 2026 to "
        "`confirmed_years`. Do the same for the next year as soon as its decree is published."
    )


def test_joint_leave_is_free_although_it_is_no_national_holiday() -> None:
    assert not OFFICE.is_working(day("2026-03-18"))


def test_a_weekend_is_free() -> None:
    assert not OFFICE.is_working(day("2026-03-14"))
    assert not OFFICE.is_working(day("2026-03-15"))


def test_a_saturday_desk_works_on_saturday_and_not_on_sunday() -> None:
    assert SATURDAY.is_working(day("2026-03-14"))
    assert not SATURDAY.is_working(day("2026-03-15"))


def test_a_saturday_desk_is_free_on_a_holiday_that_falls_on_saturday() -> None:
    assert not SATURDAY.is_working(day("2026-03-21"))


def test_a_day_that_the_town_adds_is_free() -> None:
    assert not replace(OFFICE, added_off=frozenset({day("2026-04-24")})).is_working(day("2026-04-24"))


def test_joint_leave_that_was_cancelled_is_worked() -> None:
    assert replace(OFFICE, removed_off=frozenset({day("2026-03-18")})).is_working(day("2026-03-18"))


def test_a_day_both_added_and_cancelled_is_free() -> None:
    both = frozenset({day("2026-03-18")})

    assert not replace(OFFICE, added_off=both, removed_off=both).is_working(day("2026-03-18"))


def test_cancelling_a_holiday_on_a_sunday_makes_nobody_work_on_sunday() -> None:
    assert not replace(OFFICE, removed_off=frozenset({day("2026-03-22")})).is_working(day("2026-03-22"))


def test_a_date_is_confirmed_only_if_every_year_it_needed_is() -> None:
    assert OFFICE.confirmed(day("2025-12-30"), day("2026-12-31"))
    assert not OFFICE.confirmed(day("2026-12-31"), day("2027-01-01"))
    assert not OFFICE.confirmed(day("2023-12-31"), day("2024-01-02"))


# -- dates and moments


@pytest.mark.parametrize(
    ("zone", "last_of_the_13th", "first_of_the_14th"),
    [
        ("Asia/Jakarta", "2026-03-13T16:59:59+00:00", "2026-03-13T17:00:00+00:00"),
        ("Asia/Pontianak", "2026-03-13T16:59:59+00:00", "2026-03-13T17:00:00+00:00"),
        ("Asia/Makassar", "2026-03-13T15:59:59+00:00", "2026-03-13T16:00:00+00:00"),
        ("Asia/Jayapura", "2026-03-13T14:59:59+00:00", "2026-03-13T15:00:00+00:00"),
    ],
)
def test_a_day_turns_at_midnight_of_the_town(zone: str, last_of_the_13th: str, first_of_the_14th: str) -> None:
    calendar = replace(OFFICE, zone=zone)

    assert calendar.day_of(datetime.fromisoformat(last_of_the_13th)) == day("2026-03-13")
    assert calendar.day_of(datetime.fromisoformat(first_of_the_14th)) == day("2026-03-14")


def test_the_same_moment_has_one_town_date_whatever_offset_it_is_written_with() -> None:
    assert OFFICE.day_of(datetime.fromisoformat("2026-07-10T00:30+09:00")) == day("2026-07-09")
    assert OFFICE.day_of(datetime.fromisoformat("2026-07-09T20:00-05:00")) == day("2026-07-10")


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        OFFICE.day_of(datetime.fromisoformat("2026-03-13T10:00"))


@pytest.mark.parametrize(
    ("zone", "opens", "closes"),
    [
        ("Asia/Jakarta", "2026-03-13T00:30+00:00", "2026-03-13T09:30+00:00"),
        ("Asia/Makassar", "2026-03-12T23:30+00:00", "2026-03-13T08:30+00:00"),
        ("Asia/Jayapura", "2026-03-12T22:30+00:00", "2026-03-13T07:30+00:00"),
    ],
)
def test_opening_and_closing_are_the_towns_hours_told_in_utc(zone: str, opens: str, closes: str) -> None:
    calendar, friday = replace(OFFICE, zone=zone), day("2026-03-13")

    assert calendar.opening(friday) == datetime.fromisoformat(opens)
    assert calendar.closing(friday) == datetime.fromisoformat(closes)
    assert calendar.opening(friday).tzinfo is UTC
    assert calendar.closing(friday).tzinfo is UTC


def test_a_day_of_several_frames_opens_with_the_first_and_closes_with_the_last() -> None:
    assert SPLIT.opening(day("2026-03-13")) == wib("2026-03-13T07:30")
    assert SPLIT.closing(day("2026-03-13")) == wib("2026-03-13T16:30")


@pytest.mark.parametrize("free", ["2026-03-14", "2026-03-18", "2026-03-19"])
def test_a_free_day_has_no_hours(free: str) -> None:
    with pytest.raises(NotAWorkingDayError, match=free):
        OFFICE.opening(day(free))
    with pytest.raises(NotAWorkingDayError, match=free):
        OFFICE.closing(day(free))


def test_a_season_replaces_the_hours_of_its_days_only() -> None:
    ramadan = Season(Span(day("2026-02-19"), day("2026-03-17")), week("08:00-15:00", "08:00-15:30"))
    calendar = replace(OFFICE, seasons=(ramadan,))

    assert calendar.closing(day("2026-02-18")) == wib("2026-02-18T16:00")
    assert calendar.opening(day("2026-02-19")) == wib("2026-02-19T08:00")
    assert calendar.closing(day("2026-03-17")) == wib("2026-03-17T15:00")
    assert calendar.closing(day("2026-03-25")) == wib("2026-03-25T16:00")


def test_a_season_may_free_a_day_of_the_week() -> None:
    short = Season(Span(day("2026-02-19"), day("2026-03-17")), week("08:00-15:00", "08:00-15:30"))

    assert not replace(SATURDAY, seasons=(short,)).is_working(day("2026-03-14"))


# -- counting


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-03-13", 1, "2026-03-16"),
        ("2026-03-13", 2, "2026-03-17"),
        ("2026-03-13", 3, "2026-03-25"),
        ("2026-03-13", 14, "2026-04-10"),
        ("2026-03-17", 1, "2026-03-25"),
        ("2026-03-20", 1, "2026-03-25"),
        ("2026-11-21", 60, "2027-02-19"),
        ("2026-12-23", 1, "2026-12-28"),
        ("2026-12-31", 1, "2027-01-04"),
        ("2026-12-31", 2, "2027-01-06"),
        ("2026-03-13", 0, "2026-03-13"),
        ("2026-03-14", 0, "2026-03-16"),
        ("2026-03-18", 0, "2026-03-25"),
    ],
)
def test_the_nth_working_day_after_a_day(start: str, n: int, expected: str) -> None:
    assert OFFICE.after(day(start), n) == day(expected)


@pytest.mark.parametrize(
    ("start", "n", "expected"),
    [
        ("2026-04-10", 2, "2026-04-08"),
        ("2026-04-06", 1, "2026-04-02"),
        ("2026-03-25", 1, "2026-03-17"),
        ("2026-03-25", 2, "2026-03-16"),
        ("2027-01-04", 1, "2026-12-31"),
        ("2026-03-17", 0, "2026-03-17"),
        ("2026-03-24", 0, "2026-03-17"),
        ("2026-03-15", 0, "2026-03-13"),
    ],
)
def test_the_nth_working_day_before_a_day(start: str, n: int, expected: str) -> None:
    assert OFFICE.before(day(start), n) == day(expected)


def test_a_saturday_desk_counts_saturdays() -> None:
    assert SATURDAY.after(day("2026-03-13"), 1) == day("2026-03-14")
    assert SATURDAY.before(day("2026-03-16"), 1) == day("2026-03-14")


def test_working_days_are_not_counted_backwards_by_a_negative_number() -> None:
    with pytest.raises(ValueError, match="-1"):
        OFFICE.after(day("2026-03-13"), -1)
    with pytest.raises(ValueError, match="-1"):
        OFFICE.before(day("2026-03-13"), -1)


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2026-03-13", "2026-04-10", 14),
        ("2026-03-13", "2026-03-13", 0),
        ("2026-03-13", "2026-03-15", 0),
        ("2026-03-15", "2026-03-16", 1),
        ("2026-03-17", "2026-03-24", 0),
        ("2026-04-10", "2026-03-13", 0),
        ("2026-11-21", "2027-02-19", 60),
    ],
)
def test_working_days_between_leave_out_the_first_day_and_count_the_last(first: str, last: str, count: int) -> None:
    assert OFFICE.working_days_between(day(first), day(last)) == count


# -- hours


@pytest.mark.parametrize(
    ("calendar", "moment", "expected"),
    [
        (OFFICE, "2026-03-13T07:29:59", "2026-03-13T07:30"),
        (OFFICE, "2026-03-13T07:30", "2026-03-16T07:30"),
        (OFFICE, "2026-03-13T16:30", "2026-03-16T07:30"),
        (OFFICE, "2026-03-14T12:00", "2026-03-16T07:30"),
        (OFFICE, "2026-03-17T16:01", "2026-03-25T07:30"),
        (OFFICE, "2026-12-31T23:59", "2027-01-04T07:30"),
        (SPLIT, "2026-03-13T11:31", "2026-03-13T13:00"),
        (SPLIT, "2026-03-13T13:00", "2026-03-16T07:30"),
        (SATURDAY, "2026-03-13T11:31", "2026-03-14T07:30"),
    ],
)
def test_the_next_opening_is_strictly_later(calendar: Calendar, moment: str, expected: str) -> None:
    assert calendar.next_opening(wib(moment)) == wib(expected)


@pytest.mark.parametrize(
    ("calendar", "moment", "expected"),
    [
        (OFFICE, "2026-03-13T07:29:59", False),
        (OFFICE, "2026-03-13T07:30:00", True),
        (OFFICE, "2026-03-13T16:30:59", True),
        (OFFICE, "2026-03-13T16:31:00", False),
        (OFFICE, "2026-03-14T10:00:00", False),
        (OFFICE, "2026-03-18T10:00:00", False),
        (SPLIT, "2026-03-13T12:00:00", False),
        (SPLIT, "2026-03-13T13:00:00", True),
        (SATURDAY, "2026-03-14T12:59:00", True),
    ],
)
def test_an_office_is_open_in_its_frames_with_their_closing_minute(
    calendar: Calendar, moment: str, expected: bool
) -> None:
    assert calendar.is_open(wib(moment)) is expected


@pytest.mark.parametrize(
    ("calendar", "start", "end", "minutes"),
    [
        (OFFICE, "2026-03-13T07:30", "2026-03-13T16:30", 540),
        (OFFICE, "2026-03-12T07:30", "2026-03-12T16:00", 510),
        (OFFICE, "2026-03-13T16:00", "2026-03-16T08:00", 60),
        (OFFICE, "2026-03-17T15:59", "2026-03-25T07:31", 2),
        (OFFICE, "2026-03-14T00:00", "2026-03-15T23:59", 0),
        (OFFICE, "2026-03-13T12:00", "2026-03-13T10:00", 0),
        (OFFICE, "2026-03-16T10:00", "2026-03-13T10:00", 0),
        (OFFICE, "2026-03-13T10:00:00", "2026-03-13T10:00:59", 0),
        (OFFICE, "2026-03-12T15:59:30", "2026-03-13T07:30:30", 1),
        (SPLIT, "2026-03-13T11:00", "2026-03-13T13:30", 60),
        (SATURDAY, "2026-03-13T11:00", "2026-03-14T08:00", 60),
    ],
)
def test_working_minutes_count_office_hours_only(calendar: Calendar, start: str, end: str, minutes: int) -> None:
    assert calendar.working_minutes(wib(start), wib(end)) == minutes


# -- what is no calendar


@pytest.mark.parametrize("hours", ["16:00-07:30", "07:30-07:30"])
def test_a_frame_closes_after_it_opens(hours: str) -> None:
    with pytest.raises(ValueError, match="close before they open"):
        frame(hours)


def test_a_frame_names_no_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Frame(time(7, 30, tzinfo=UTC), time(16))


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (((),) * 6, "seven days"),
        (((),) * 7, "working day"),
        (week("13:00-16:00 07:30-12:00", "07:30-11:30"), "follow each other"),
        (week("07:30-13:00 12:00-16:00", "07:30-11:30"), "follow each other"),
        (week("07:30-12:00 12:00-16:00", "07:30-11:30"), "follow each other"),
    ],
)
def test_a_week_that_cannot_be_counted_on_is_refused(broken: Week, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Calendar("Asia/Jakarta", broken)
    with pytest.raises(ValueError, match=why):
        Season(Span(day("2026-02-19")), broken)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        replace(OFFICE, zone="Asia/Siantar")


def test_equal_calendars_are_one_key() -> None:
    assert len({OFFICE, replace(OFFICE), SATURDAY}) == 2


# -- what always holds


@steady
@given(any_calendar, any_day, any_count)
def test_a_counted_day_is_a_working_day_and_never_earlier(calendar: Calendar, start: date, n: int) -> None:
    found = calendar.after(start, n)

    assert calendar.is_working(found)
    assert found >= start + timedelta(days=n)


@steady
@given(any_calendar, any_day, st.integers(1, 70))
def test_one_day_more_is_always_a_later_day(calendar: Calendar, start: date, n: int) -> None:
    assert calendar.after(start, n) < calendar.after(start, n + 1)
    assert calendar.before(start, n) > calendar.before(start, n + 1)


@steady
@given(any_calendar, any_day)
def test_no_day_more_is_the_day_itself_where_somebody_works_on_it(calendar: Calendar, start: date) -> None:
    works = calendar.is_working(start)

    assert calendar.after(start, 0) == (start if works else calendar.after(start, 1))
    assert calendar.before(start, 0) == (start if works else calendar.before(start, 1))


@steady
@given(any_calendar, any_day, st.integers(1, 70))
def test_counting_there_and_back_agree(calendar: Calendar, start: date, n: int) -> None:
    assert calendar.working_days_between(start, calendar.after(start, n)) == n
    assert calendar.before(calendar.after(start, n), n) == calendar.before(start, 0)


@steady
@given(any_calendar, any_day, any_day, st.integers(1, 70))
def test_a_later_start_never_ends_earlier(calendar: Calendar, one: date, other: date, n: int) -> None:
    first, second = sorted((one, other))

    assert calendar.after(first, n) <= calendar.after(second, n)


@steady
@given(any_calendar, any_day, any_day, st.integers(1, 70))
def test_a_day_off_more_never_ends_earlier(calendar: Calendar, start: date, off: date, n: int) -> None:
    assert replace(calendar, added_off=frozenset({off})).after(start, n) >= calendar.after(start, n)


@steady
@given(any_calendar, any_day)
def test_opening_and_closing_lie_inside_their_working_day(calendar: Calendar, start: date) -> None:
    found = calendar.after(start, 0)
    opens, closes = calendar.opening(found), calendar.closing(found)

    assert opens < closes
    assert calendar.day_of(opens) == calendar.day_of(closes) == found
    assert calendar.is_open(opens)
    assert calendar.is_open(closes)


@steady
@given(any_calendar, any_moment)
def test_the_next_opening_is_open_and_a_second_earlier_is_not(calendar: Calendar, moment: datetime) -> None:
    found = calendar.next_opening(moment)

    assert found > moment
    assert calendar.is_open(found)
    assert not calendar.is_open(found - timedelta(seconds=1))


@steady
@given(any_calendar, any_moment, st.integers(0, 9000), st.integers(0, 9000))
def test_working_minutes_add_up_and_never_exceed_the_time_between(
    calendar: Calendar, moment: datetime, one: int, other: int
) -> None:
    start = moment.replace(second=0, microsecond=0)
    middle, end = start + timedelta(minutes=one), start + timedelta(minutes=one + other)

    whole = calendar.working_minutes(start, end)

    assert whole == calendar.working_minutes(start, middle) + calendar.working_minutes(middle, end)
    assert whole <= one + other
