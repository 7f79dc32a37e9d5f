"""What a town decides over its files' calendars, row by row, and by which name a calendar is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar, Season
from domain.overrides import (
    CalendarChange,
    ChangeKind,
    changed,
    content_of,
    days_off,
    says_nothing,
    spans_of,
    unsure_in,
    unsure_years,
    version_of,
)
from domain.vocabulary import Span
from tests.domain.calendars import (
    HOLIDAYS_2026,
    JOINT_LEAVE_2026,
    OFFICE,
    OFFICE_WITA,
    SATURDAY,
    SPLIT,
    day,
    week,
)
from tests.domain.regions import siantar

ADDED, CANCELLED, LOCAL, CONFIRMED = ChangeKind
TOWN = {"office": OFFICE, "puskesmas": replace(SATURDAY, confirmed_years=OFFICE.confirmed_years)}
#: Friday 24 April 2026: no day off. Friday 15 May 2026: cuti bersama. Saturday 25 April: only the puskesmas works.
WORKED, FREE, SATURDAYS = day("2026-04-24"), day("2026-05-15"), day("2026-04-25")


def on(kind: ChangeKind, first: date, last: date | None = None, calendar: str | None = None) -> CalendarChange:
    return CalendarChange(kind, first, last or first, calendar)


@pytest.mark.parametrize(
    ("changes", "office", "puskesmas"),
    [
        ((), True, True),
        ((on(LOCAL, WORKED),), False, False),
        ((on(ADDED, WORKED),), False, False),
        ((on(LOCAL, WORKED, calendar="puskesmas"),), True, False),
        ((on(LOCAL, WORKED, calendar="nowhere"),), True, True),
        ((on(LOCAL, WORKED), on(CANCELLED, WORKED)), True, True),
        ((on(CANCELLED, WORKED), on(LOCAL, WORKED)), False, False),
        ((on(LOCAL, WORKED), on(CANCELLED, WORKED, calendar="office")), True, False),
        ((on(LOCAL, day("2026-04-20"), day("2026-04-30")),), False, False),
        ((on(CONFIRMED, day("2026-01-01"), day("2026-12-31")),), True, True),
    ],
)
def test_of_several_decisions_about_friday_24_april_the_last_holds(
    changes: tuple[CalendarChange, ...], office: bool, puskesmas: bool
) -> None:
    found = changed(TOWN, changes)
    assert [found[name].is_working(WORKED) for name in TOWN] == [office, puskesmas]


def test_cuti_bersama_that_is_cancelled_is_a_working_friday_and_no_saturday_opens_by_it() -> None:
    found = changed(TOWN, [on(CANCELLED, FREE), on(CANCELLED, SATURDAYS)])
    assert found["office"].is_working(FREE)
    assert not found["office"].is_working(SATURDAYS)
    assert found["puskesmas"].is_working(SATURDAYS)


def test_a_day_that_the_files_free_is_worked_again_when_the_town_says_so() -> None:
    files = {"office": replace(OFFICE, added_off=frozenset({WORKED}))}
    assert not files["office"].is_working(WORKED)
    assert changed(files, [on(CANCELLED, WORKED)])["office"].is_working(WORKED)


def test_a_year_is_confirmed_beside_those_of_the_files() -> None:
    found = changed(TOWN, [on(CONFIRMED, day("2027-01-01"), day("2027-12-31"))])
    assert found["office"].confirmed_years == {2024, 2025, 2026, 2027}
    assert found["office"].confirmed(day("2026-12-01"), day("2027-03-01"))


def test_days_that_run_backwards_are_no_change() -> None:
    with pytest.raises(ValueError, match="ends before it begins"):
        on(LOCAL, WORKED, day("2026-04-23"))


@pytest.mark.parametrize(
    ("change", "nothing"),
    [
        (on(LOCAL, WORKED), False),
        (on(LOCAL, SATURDAYS), False),
        (on(LOCAL, SATURDAYS, calendar="office"), True),
        (on(LOCAL, FREE), True),
        (on(CANCELLED, FREE), False),
        (on(CANCELLED, WORKED), True),
        (on(ADDED, day("2026-05-14"), FREE), True),
        (on(ADDED, FREE, day("2026-05-18")), False),
        (on(CONFIRMED, day("2026-01-01"), day("2026-12-31")), True),
        (on(CONFIRMED, day("2027-01-01"), day("2027-12-31")), False),
    ],
)
def test_what_would_change_no_day_is_told_from_what_would(change: CalendarChange, nothing: bool) -> None:
    assert says_nothing(change, TOWN) is nothing


def test_the_days_off_of_2026_are_those_of_the_decree_that_fall_on_working_days() -> None:
    decree = {day(f"2026-{one}") for one in f"{HOLIDAYS_2026} {JOINT_LEAVE_2026}".split()}
    assert set(days_off(OFFICE, 2026)) == {one for one in decree if one.weekday() < 5}
    assert set(days_off(SATURDAY, 2026)) == {one for one in decree if one.weekday() < 6}


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 3, 31))))
def test_stretches_hold_exactly_the_days_and_never_touch(days: set[date]) -> None:
    spans = list(spans_of(days))
    held = [first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)]
    assert held == sorted(days)
    assert all((later[0] - earlier[1]).days > 1 for earlier, later in pairwise(spans))


# --- years that are needed


@pytest.mark.parametrize(
    ("today", "found"),
    [
        ("2026-06-01", []),
        ("2026-08-01", []),
        ("2026-09-02", []),
        ("2026-09-03", [(2027, 120, False)]),
        ("2026-12-01", [(2027, 31, False)]),
        ("2026-12-02", [(2027, 30, True)]),
        ("2026-12-31", [(2027, 1, True)]),
        ("2027-01-01", [(2027, 0, True)]),
        ("2027-11-30", [(2027, -333, True), (2028, 32, False)]),
    ],
)
def test_a_year_is_asked_for_120_days_before_it_begins_and_missed_30_days_before(
    today: str, found: list[tuple[int, int, bool]]
) -> None:
    unsure = unsure_years(OFFICE, day(today), 60)
    assert [(one.year, one.days, one.is_fault) for one in unsure] == found


def test_a_promise_that_reaches_further_than_120_days_asks_earlier() -> None:
    assert [one.year for one in unsure_years(OFFICE, day("2026-06-01"), 150)] == [2027]


def test_a_confirmed_year_is_not_asked_for() -> None:
    found = changed(TOWN, [on(CONFIRMED, day("2027-01-01"), day("2027-12-31"))])["office"]
    assert unsure_years(found, day("2026-12-15"), 60) == ()


def test_a_town_asks_once_for_a_year_and_names_the_calendars_of_its_units_that_need_it() -> None:
    region = siantar()
    used = {unit.calendar for unit in region.units.values()}
    calendars = {name: replace(one, confirmed_years=frozenset()) for name, one in region.calendars.items()}
    calendars |= {"office": replace(calendars["office"], confirmed_years=frozenset({2027})), "unused": SPLIT}
    asked = unsure_in(replace(region, calendars=calendars), date(2027, 12, 1))
    assert {year.year: set(names) for year, names in asked.items()} == {2027: used - {"office"}, 2028: used}
    assert [year.days for year in asked] == [-334, 31], "the nearest first"


# --- versions

RAMADAN = Season(Span(day("2026-02-18"), day("2026-03-19")), week("08:00-15:00", "08:00-15:30"))


@pytest.mark.parametrize(
    "other",
    [
        OFFICE_WITA,
        SATURDAY,
        SPLIT,
        replace(OFFICE, added_off=frozenset({WORKED})),
        replace(OFFICE, removed_off=frozenset({FREE})),
        replace(OFFICE, confirmed_years=frozenset({2026})),
        replace(OFFICE, seasons=(RAMADAN,)),
    ],
)
def test_another_zone_week_season_day_or_year_is_another_version(other: Calendar) -> None:
    assert version_of(other) != version_of(OFFICE)


def test_the_same_calendar_has_the_same_version_however_it_came_about() -> None:
    there = changed(TOWN, [on(LOCAL, WORKED)])["office"]
    back = replace(there, added_off=frozenset())
    assert version_of(back) == version_of(OFFICE)
    assert version_of(there) == version_of(replace(OFFICE, added_off=frozenset({WORKED})))


def test_what_is_kept_of_a_calendar_says_its_hours_and_every_day_off() -> None:
    kept = content_of(replace(OFFICE, added_off=frozenset({WORKED}), seasons=(RAMADAN,)))
    assert kept["week"][4] == ["07:30-16:30"]
    assert kept["added_off"] == ["2026-04-24"]
    assert kept["seasons"][0]["week"][0] == ["08:00-15:00"]
    assert "2026-05-15" in kept["national"]["2026"]
