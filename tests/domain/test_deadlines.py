"""The dates owed to a citizen, row by row, and the moments of the ladder that hang on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.deadlines import (
    Deadlines,
    History,
    Policy,
    breach,
    breached,
    broken_since,
    compute,
    count,
    days_paused,
    missed_before,
    policy_for,
    rung_moment,
    stated,
)
from domain.vocabulary import CITIZEN_KINDS, Clock, Kind
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
    week,
    wib,
)

#: The defaults of the contract.
POLICIES = {
    Kind.COMPLAINT: Policy(verify=3, first_response=5, resolve=14, statutory_days=60),
    Kind.OVERSIGHT: Policy(verify=3, first_response=5, resolve=60, statutory_days=60),
    Kind.INFORMATION: Policy(verify=3, first_response=3, resolve=5, statutory_days=None),
    Kind.ASPIRATION: Policy(verify=3, first_response=14, resolve=None, statutory_days=None),
}
CALENDARS = {
    "WIB": OFFICE,
    "WITA": OFFICE_WITA,
    "WIT": OFFICE_WIT,
    "SATURDAY": SATURDAY,
    "FRAMES": SPLIT,
    "ADDED": replace(OFFICE, added_off=frozenset({day("2026-04-24"), day("2026-12-09")})),
    "CANCELLED": replace(OFFICE, removed_off=frozenset(map(day, ("2026-03-18", "2026-03-20", "2026-05-15")))),
}

#: Received | verify | first response | resolve | statutory (its last second), in town time; the starred date binds.
TABLE = """
@ WIB complaint
# the contract's example, through Nyepi and Lebaran; the hour of day 0 does not matter
2026-03-13T10:00+07:00    | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Tue 2026-05-12
2026-03-13T23:59:59+07:00 | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Tue 2026-05-12
# Saturday one minute before midnight, and Sunday one minute later
2026-03-14T23:59+07:00    | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Wed 2026-05-13
2026-03-15T00:00+07:00    | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Thu 2026-05-14
# the last working day before Lebaran, days off in it, the first working day after it
2026-03-17T08:00+07:00    | Fri 2026-03-27 16:30 | Tue 2026-03-31 16:00 | Tue 2026-04-14 16:00* | Sat 2026-05-16
2026-03-18T09:00+07:00    | Fri 2026-03-27 16:30 | Tue 2026-03-31 16:00 | Tue 2026-04-14 16:00* | Sun 2026-05-17
2026-03-21T09:00+07:00    | Fri 2026-03-27 16:30 | Tue 2026-03-31 16:00 | Tue 2026-04-14 16:00* | Wed 2026-05-20
2026-03-24T09:00+07:00    | Fri 2026-03-27 16:30 | Tue 2026-03-31 16:00 | Tue 2026-04-14 16:00* | Sat 2026-05-23
2026-03-25T07:29+07:00    | Mon 2026-03-30 16:00 | Wed 2026-04-01 16:00 | Wed 2026-04-15 16:00* | Sun 2026-05-24
# New Year from both sides
2026-01-01T00:00+07:00    | Tue 2026-01-06 16:00 | Thu 2026-01-08 16:00 | Thu 2026-01-22 16:00* | Mon 2026-03-02
2025-12-31T23:59+07:00    | Tue 2026-01-06 16:00 | Thu 2026-01-08 16:00 | Thu 2026-01-22 16:00* | Sun 2026-03-01
# Imlek, Ascension, Idul Adha, Independence Day (which takes day 14 of 28 July)
2026-02-13T16:31+07:00    | Fri 2026-02-20 16:30 | Tue 2026-02-24 16:00 | Mon 2026-03-09 16:00* | Tue 2026-04-14
2026-02-16T09:00+07:00    | Fri 2026-02-20 16:30 | Tue 2026-02-24 16:00 | Mon 2026-03-09 16:00* | Fri 2026-04-17
2026-05-13T10:00+07:00    | Wed 2026-05-20 16:00 | Fri 2026-05-22 16:30 | Tue 2026-06-09 16:00* | Sun 2026-07-12
2026-05-26T15:59+07:00    | Wed 2026-06-03 16:00 | Fri 2026-06-05 16:30 | Fri 2026-06-19 16:30* | Sat 2026-07-25
2026-07-28T12:00+07:00    | Fri 2026-07-31 16:30 | Tue 2026-08-04 16:00 | Tue 2026-08-18 16:00* | Sat 2026-09-26
2026-08-14T17:00+07:00    | Thu 2026-08-20 16:00 | Mon 2026-08-24 16:00 | Mon 2026-09-07 16:00* | Tue 2026-10-13
# year-end, then Lebaran and Waisak of 2027
2026-12-10T10:00+07:00    | Tue 2026-12-15 16:00 | Thu 2026-12-17 16:00 | Mon 2027-01-04 16:00* | Mon 2027-02-08
2026-12-23T10:00+07:00    | Wed 2026-12-30 16:00 | Mon 2027-01-04 16:00 | Mon 2027-01-18 16:00* | Sun 2027-02-21
2026-12-24T10:00+07:00    | Wed 2026-12-30 16:00 | Mon 2027-01-04 16:00 | Mon 2027-01-18 16:00* | Mon 2027-02-22
2026-12-31T23:59+07:00    | Thu 2027-01-07 16:00 | Mon 2027-01-11 16:00 | Fri 2027-01-22 16:30* | Mon 2027-03-01
2027-03-05T10:00+07:00    | Thu 2027-03-18 16:00 | Mon 2027-03-22 16:00 | Tue 2027-04-06 16:00* | Tue 2027-05-04
2027-05-14T10:00+07:00    | Tue 2027-05-25 16:00 | Thu 2027-05-27 16:00 | Thu 2027-06-10 16:00* | Tue 2027-07-13
# written with another offset, on another date than the town's
2026-03-13T17:00+00:00    | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Wed 2026-05-13
2026-03-13T16:59:59+00:00 | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Tue 2026-05-12
2026-12-31T17:00+00:00    | Thu 2027-01-07 16:00 | Mon 2027-01-11 16:00 | Fri 2027-01-22 16:30* | Tue 2027-03-02
2026-07-10T00:30+09:00    | Tue 2026-07-14 16:00 | Thu 2026-07-16 16:00 | Wed 2026-07-29 16:00* | Mon 2026-09-07
2026-07-09T20:00-05:00    | Wed 2026-07-15 16:00 | Fri 2026-07-17 16:30 | Thu 2026-07-30 16:00* | Tue 2026-09-08
2026-07-12T20:00-12:00    | Thu 2026-07-16 16:00 | Mon 2026-07-20 16:00 | Fri 2026-07-31 16:30* | Fri 2026-09-11
@ WIB oversight
# the contract's example
2026-11-21T08:00+07:00    | Wed 2026-11-25 16:00 | Fri 2026-11-27 16:30 | Fri 2027-02-19 16:30  | Wed 2027-01-20*
# the statutory date always comes first: also on a Sunday and on New Year's Day
2026-01-02T08:00+07:00    | Wed 2026-01-07 16:00 | Fri 2026-01-09 16:30 | Thu 2026-04-09 16:00  | Tue 2026-03-03*
2026-03-13T10:00+07:00    | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Wed 2026-06-24 16:00  | Tue 2026-05-12*
2026-03-21T10:00+07:00    | Fri 2026-03-27 16:30 | Tue 2026-03-31 16:00 | Fri 2026-06-26 16:30  | Wed 2026-05-20*
2026-07-04T23:59+07:00    | Wed 2026-07-08 16:00 | Fri 2026-07-10 16:30 | Tue 2026-09-29 16:00  | Wed 2026-09-02*
2026-09-16T08:00+07:00    | Mon 2026-09-21 16:00 | Wed 2026-09-23 16:00 | Wed 2026-12-09 16:00  | Sun 2026-11-15*
2026-09-18T08:00+07:00    | Wed 2026-09-23 16:00 | Fri 2026-09-25 16:30 | Fri 2026-12-11 16:30  | Tue 2026-11-17*
2026-10-15T08:00+07:00    | Tue 2026-10-20 16:00 | Thu 2026-10-22 16:00 | Wed 2027-01-13 16:00  | Mon 2026-12-14*
2026-11-02T08:00+07:00    | Thu 2026-11-05 16:00 | Mon 2026-11-09 16:00 | Fri 2027-01-29 16:30  | Fri 2027-01-01*
2026-12-31T17:00+00:00    | Thu 2027-01-07 16:00 | Mon 2027-01-11 16:00 | Fri 2027-04-09 16:30  | Tue 2027-03-02*
@ WIB information
2026-03-13T10:00+07:00    | Wed 2026-03-25 16:00 | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30* | -
2026-03-16T08:00+07:00    | Thu 2026-03-26 16:00 | Thu 2026-03-26 16:00 | Mon 2026-03-30 16:00* | -
2026-06-12T16:30+07:00    | Thu 2026-06-18 16:00 | Thu 2026-06-18 16:00 | Mon 2026-06-22 16:00* | -
2026-08-14T10:00+07:00    | Thu 2026-08-20 16:00 | Thu 2026-08-20 16:00 | Mon 2026-08-24 16:00* | -
2026-08-20T10:00+07:00    | Wed 2026-08-26 16:00 | Wed 2026-08-26 16:00 | Fri 2026-08-28 16:30* | -
2026-05-29T10:00+07:00    | Thu 2026-06-04 16:00 | Thu 2026-06-04 16:00 | Mon 2026-06-08 16:00* | -
2026-07-04T23:59+07:00    | Wed 2026-07-08 16:00 | Wed 2026-07-08 16:00 | Fri 2026-07-10 16:30* | -
2026-12-22T10:00+07:00    | Tue 2026-12-29 16:00 | Tue 2026-12-29 16:00 | Thu 2026-12-31 16:00* | -
2026-12-28T10:00+07:00    | Thu 2026-12-31 16:00 | Thu 2026-12-31 16:00 | Wed 2027-01-06 16:00* | -
@ WIB aspiration
2026-03-13T10:00+07:00    | Wed 2026-03-25 16:00 | Fri 2026-04-10 16:30 | -                     | -
2026-06-15T10:00+07:00    | Fri 2026-06-19 16:30 | Mon 2026-07-06 16:00 | -                     | -
2026-08-17T10:00+07:00    | Thu 2026-08-20 16:00 | Mon 2026-09-07 16:00 | -                     | -
2026-12-20T10:00+07:00    | Wed 2026-12-23 16:00 | Wed 2027-01-13 16:00 | -                     | -
@ WITA complaint
2026-03-13T23:30+07:00    | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Wed 2026-05-13
2026-06-30T16:00+00:00    | Mon 2026-07-06 16:00 | Wed 2026-07-08 16:00 | Tue 2026-07-21 16:00* | Sun 2026-08-30
2026-06-30T15:59+00:00    | Fri 2026-07-03 16:30 | Tue 2026-07-07 16:00 | Mon 2026-07-20 16:00* | Sat 2026-08-29
@ WITA oversight
2026-08-31T23:30+08:00    | Thu 2026-09-03 16:00 | Mon 2026-09-07 16:00 | Mon 2026-11-23 16:00  | Fri 2026-10-30*
@ WITA information
2026-12-23T23:30+07:00    | Wed 2026-12-30 16:00 | Wed 2026-12-30 16:00 | Mon 2027-01-04 16:00* | -
@ WIT complaint
2026-06-30T15:00+00:00    | Mon 2026-07-06 16:00 | Wed 2026-07-08 16:00 | Tue 2026-07-21 16:00* | Sun 2026-08-30
2026-06-30T14:59+00:00    | Fri 2026-07-03 16:30 | Tue 2026-07-07 16:00 | Mon 2026-07-20 16:00* | Sat 2026-08-29
2026-03-13T22:00+07:00    | Wed 2026-03-25 16:00 | Fri 2026-03-27 16:30 | Fri 2026-04-10 16:30* | Wed 2026-05-13
@ WIT aspiration
2026-06-30T22:30+07:00    | Mon 2026-07-06 16:00 | Tue 2026-07-21 16:00 | -                     | -
@ SATURDAY complaint
2026-03-13T10:00+07:00    | Tue 2026-03-17 14:30 | Thu 2026-03-26 14:30 | Tue 2026-04-07 14:30* | Tue 2026-05-12
2026-07-04T10:00+07:00    | Wed 2026-07-08 14:30 | Fri 2026-07-10 11:30 | Tue 2026-07-21 14:30* | Wed 2026-09-02
2026-07-05T10:00+07:00    | Wed 2026-07-08 14:30 | Fri 2026-07-10 11:30 | Tue 2026-07-21 14:30* | Thu 2026-09-03
2026-05-13T10:00+07:00    | Tue 2026-05-19 14:30 | Thu 2026-05-21 14:30 | Thu 2026-06-04 14:30* | Sun 2026-07-12
@ SATURDAY oversight
2026-11-21T08:00+07:00    | Wed 2026-11-25 14:30 | Fri 2026-11-27 11:30 | Thu 2027-02-04 14:30  | Wed 2027-01-20*
@ SATURDAY information
2026-07-06T10:00+07:00    | Thu 2026-07-09 14:30 | Thu 2026-07-09 14:30 | Sat 2026-07-11 13:00* | -
@ FRAMES complaint
2026-07-10T12:30+07:00    | Wed 2026-07-15 16:00 | Fri 2026-07-17 16:30 | Thu 2026-07-30 16:00* | Tue 2026-09-08
2026-07-10T11:31+07:00    | Wed 2026-07-15 16:00 | Fri 2026-07-17 16:30 | Thu 2026-07-30 16:00* | Tue 2026-09-08
@ FRAMES information
2026-07-06T12:01+07:00    | Thu 2026-07-09 16:00 | Thu 2026-07-09 16:00 | Mon 2026-07-13 16:00* | -
@ ADDED complaint
2026-04-06T10:00+07:00    | Thu 2026-04-09 16:00 | Mon 2026-04-13 16:00 | Mon 2026-04-27 16:00* | Fri 2026-06-05
2026-04-24T10:00+07:00    | Wed 2026-04-29 16:00 | Mon 2026-05-04 16:00 | Tue 2026-05-19 16:00* | Tue 2026-06-23
2026-11-20T10:00+07:00    | Wed 2026-11-25 16:00 | Fri 2026-11-27 16:30 | Fri 2026-12-11 16:30* | Tue 2027-01-19
@ ADDED information
2026-12-07T10:00+07:00    | Fri 2026-12-11 16:30 | Fri 2026-12-11 16:30 | Tue 2026-12-15 16:00* | -
@ CANCELLED complaint
2026-03-13T10:00+07:00    | Wed 2026-03-18 16:00 | Wed 2026-03-25 16:00 | Wed 2026-04-08 16:00* | Tue 2026-05-12
2026-03-18T10:00+07:00    | Thu 2026-03-26 16:00 | Mon 2026-03-30 16:00 | Mon 2026-04-13 16:00* | Sun 2026-05-17
@ CANCELLED information
2026-05-12T10:00+07:00    | Mon 2026-05-18 16:00 | Mon 2026-05-18 16:00 | Wed 2026-05-20 16:00* | -
"""


class Row(NamedTuple):
    """One line of the table: what came in, and the five dates as town time (None = no such clock)."""

    kind: Kind
    calendar: str
    received: str
    dates: tuple[str | None, ...]


def rows() -> Iterator[Row]:
    calendar = kind = ""
    for line in TABLE.strip().splitlines():
        if line.startswith("@"):
            _, calendar, kind = line.split()
        elif not line.startswith("#"):
            received, verify, first, resolve, statutory = (cell.strip() for cell in line.split("|"))
            statutory = statutory.replace("*", " 23:59:59*") if "*" in statutory else f"{statutory} 23:59:59"
            cells = [verify, first, resolve, "-" if statutory.startswith("-") else statutory]
            binds = next((cell for cell in cells if cell.endswith("*")), "-")
            dates = tuple(None if cell == "-" else cell.rstrip("*") for cell in [*cells, binds])
            yield Row(Kind(kind), calendar, received, dates)


ROWS = tuple(rows())
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}-{row.calendar}-{row.received}")


def computed(row: Row) -> Deadlines:
    return compute(row.kind, datetime.fromisoformat(row.received), POLICIES[row.kind], CALENDARS[row.calendar])


def printed(due: datetime | None, zone: str) -> str | None:
    """A moment as the table writes it: with its weekday, and with seconds only where there are any."""
    if due is None:
        return None
    local = due.astimezone(ZoneInfo(zone))
    return local.strftime("%a %Y-%m-%d %H:%M:%S" if local.second else "%a %Y-%m-%d %H:%M")


# -- the table


def test_the_table_holds_at_least_sixty_rows_and_every_kind_and_calendar() -> None:
    assert len(ROWS) >= 60
    assert {row.kind for row in ROWS} == set(CITIZEN_KINDS)
    assert {row.calendar for row in ROWS} == set(CALENDARS)


@each_row
def test_a_case_has_the_dates_of_the_table(row: Row) -> None:
    due = computed(row)
    moments = (due.verify_by, due.first_response_by, due.resolve_by, due.statutory_by, due.binding_by)

    assert tuple(printed(moment, CALENDARS[row.calendar].zone) for moment in moments) == row.dates


# A second opinion that shares nothing with the code under test: a typed list of days off, printed closing times, fixed
# offsets instead of zones, and one day counted at a time.

DAYS_OFF = {
    f"{year}-{text}"
    for year, texts in (
        (2026, f"{HOLIDAYS_2026} {JOINT_LEAVE_2026}"),
        (2027, f"{HOLIDAYS_2027} {JOINT_LEAVE_2027}"),
    )
    for text in texts.split()
}
OFFICE_CLOSES = ("16:00", "16:00", "16:00", "16:00", "16:30", None, None)
SATURDAY_CLOSES = ("14:30", "14:30", "14:30", "14:30", "11:30", "13:00", None)
NAIVE_OFFSETS = {"WITA": 8, "WIT": 9}
NAIVE_DAYS = {
    Kind.COMPLAINT: (3, 5, 14, 60),
    Kind.OVERSIGHT: (3, 5, 60, 60),
    Kind.INFORMATION: (3, 3, 5, None),
    Kind.ASPIRATION: (3, 14, None, None),
}


def naive_date(start: date, working_days: int | None, calendar: str) -> str | None:
    if working_days is None:
        return None
    closes = SATURDAY_CLOSES if calendar == "SATURDAY" else OFFICE_CLOSES
    off = set(DAYS_OFF)
    if calendar == "ADDED":
        off |= {"2026-04-24", "2026-12-09"}
    if calendar == "CANCELLED":
        off -= {"2026-03-18", "2026-03-20", "2026-05-15"}
    today, counted = start, 0
    while counted < working_days:
        today = today + timedelta(days=1)
        if closes[today.weekday()] is not None and str(today) not in off:
            counted += 1
    return f"{today:%a %Y-%m-%d} {closes[today.weekday()]}"


def naive_dates(row: Row) -> tuple[str | None, ...]:
    hours = NAIVE_OFFSETS.get(row.calendar, 7)
    utc = datetime.fromisoformat(row.received).astimezone(UTC)
    start = (utc + timedelta(hours=hours)).date()
    verify, first, resolve, calendar_days = NAIVE_DAYS[row.kind]
    statutory = None
    if calendar_days is not None:
        statutory = f"{start + timedelta(days=calendar_days):%a %Y-%m-%d} 23:59:59"
    resolve_by = naive_date(start, resolve, row.calendar)
    dates = [text for text in (resolve_by, statutory) if text]
    return (
        naive_date(start, verify, row.calendar),
        naive_date(start, first, row.calendar),
        resolve_by,
        statutory,
        min(dates, key=lambda text: text[4:], default=None),
    )


@each_row
def test_a_day_by_day_count_with_its_own_list_of_days_off_finds_the_same_dates(row: Row) -> None:
    assert naive_dates(row) == row.dates


@pytest.mark.parametrize("kind", CITIZEN_KINDS)
def test_every_day_of_2026_agrees_with_the_day_by_day_count(kind: Kind) -> None:
    for n in range(365):
        row = Row(kind, "WIB", f"{date(2026, 1, 1) + timedelta(days=n)}T12:00+07:00", ())
        due = computed(row)
        moments = (due.verify_by, due.first_response_by, due.resolve_by, due.statutory_by, due.binding_by)
        assert tuple(printed(moment, "Asia/Jakarta") for moment in moments) == naive_dates(row)


# -- the contract's examples


def test_a_complaint_of_13_march_2026_is_due_on_10_april_at_closing_time() -> None:
    due = compute(Kind.COMPLAINT, wib("2026-03-13T09:12"), POLICIES[Kind.COMPLAINT], OFFICE)

    assert due.resolve_by == wib("2026-04-10T16:30")
    assert due.binding_by == due.resolve_by


def test_an_oversight_case_of_21_november_2026_binds_by_the_law_before_it_is_due_by_practice() -> None:
    due = compute(Kind.OVERSIGHT, wib("2026-11-21T09:12"), POLICIES[Kind.OVERSIGHT], OFFICE)

    assert due.resolve_by == wib("2027-02-19T16:30")
    assert due.binding_by == due.statutory_by == wib("2027-01-20T23:59:59")


def test_every_date_is_told_in_utc() -> None:
    due = compute(Kind.OVERSIGHT, wib("2026-11-21T09:12"), POLICIES[Kind.OVERSIGHT], OFFICE)

    moments = [getattr(due, one.name) for one in fields(due) if one.name != "provisional"]
    assert {moment.tzinfo for moment in moments} == {UTC}


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        compute(Kind.COMPLAINT, datetime.fromisoformat("2026-03-13T09:12"), POLICIES[Kind.COMPLAINT], OFFICE)


@pytest.mark.parametrize("kind", [Kind.INFORMATION, Kind.ASPIRATION])
def test_the_law_limits_complaints_and_oversight_only(kind: Kind) -> None:
    generous = Policy(verify=3, first_response=5, resolve=14, statutory_days=60)

    assert compute(kind, wib("2026-03-13T09:12"), generous, OFFICE).statutory_by is None


def test_an_aspiration_binds_nobody_even_where_a_town_gives_it_a_date() -> None:
    generous = Policy(verify=3, first_response=5, resolve=14, statutory_days=None)

    due = compute(Kind.ASPIRATION, wib("2026-03-13T09:12"), generous, OFFICE)

    assert due.resolve_by == wib("2026-04-10T16:30")
    assert due.binding_by is None


def test_a_town_that_sets_no_statutory_days_is_bound_by_its_own_date() -> None:
    due = compute(
        Kind.OVERSIGHT, wib("2026-03-13T09:12"), replace(POLICIES[Kind.OVERSIGHT], statutory_days=None), OFFICE
    )

    assert due.statutory_by is None
    assert due.binding_by == due.resolve_by


# -- provisional


@pytest.mark.parametrize(
    ("kind", "received", "expected"),
    [
        (Kind.COMPLAINT, "2026-03-13T10:00", False),
        (Kind.COMPLAINT, "2026-12-09T10:00", False),
        (Kind.COMPLAINT, "2026-12-10T10:00", True),
        (Kind.INFORMATION, "2026-12-22T10:00", False),
        (Kind.INFORMATION, "2026-12-28T10:00", True),
        (Kind.OVERSIGHT, "2026-10-15T10:00", True),
        (Kind.COMPLAINT, "2027-05-14T10:00", True),
        (Kind.ASPIRATION, "2026-12-20T10:00", True),
        # The statutory date is counted in calendar days and needs nobody's list.
        (Kind.COMPLAINT, "2026-11-20T10:00", False),
        # Day 0 never counts, so its own year is not needed.
        (Kind.COMPLAINT, "2023-12-31T10:00", False),
    ],
)
def test_a_date_is_provisional_while_it_needs_days_off_not_yet_published(
    kind: Kind, received: str, expected: bool
) -> None:
    assert compute(kind, wib(received), POLICIES[kind], OFFICE).provisional is expected


# -- too late


def test_the_printed_minute_is_still_in_time() -> None:
    due = wib("2026-04-10T16:30")

    assert not breached(due, wib("2026-04-10T16:30:59.999999"))
    assert breached(due, wib("2026-04-10T16:31"))


def test_a_statutory_date_is_in_time_until_the_day_is_over() -> None:
    due = wib("2027-01-20T23:59:59")

    assert not breached(due, wib("2027-01-20T23:59:59.999999"))
    assert breached(due, wib("2027-01-21T00:00"))
    assert breach(due) == wib("2027-01-21T00:00")


@pytest.mark.parametrize(
    ("missed", "binds", "sent_back", "broken"),
    [
        ([], True, None, None),
        ([(Clock.VERIFY, "2026-03-25"), (Clock.FIRST_RESPONSE, "2026-03-27")], True, None, None),
        ([(Clock.FIRST_RESPONSE, "2026-03-27"), (Clock.BINDING, "2026-04-10")], True, None, "2026-04-10"),
        # a wish binds nobody: it is the first answer that is owed
        ([(Clock.VERIFY, "2026-03-25"), (Clock.FIRST_RESPONSE, "2026-03-27")], False, None, "2026-03-27"),
        # what was missed before the citizen sent it back is another promise
        ([(Clock.BINDING, "2026-04-10")], True, "2026-04-20", None),
        ([(Clock.BINDING, "2026-04-29"), (Clock.BINDING, "2026-04-10")], True, "2026-04-20", "2026-04-29"),
    ],
)
def test_a_promise_is_broken_since_its_own_clock_was_missed(
    missed: list[tuple[Clock, str]], binds: bool, sent_back: str | None, broken: str | None
) -> None:
    def late(day: str | None) -> datetime | None:
        return wib(f"{day}T16:31") if day else None

    facts = [(str(clock), wib(f"{at}T16:31")) for clock, at in missed]
    due = wib("2026-04-10T16:30") if binds else None
    assert broken_since(facts, due, wib("2026-03-13T10:00"), late(sent_back)) == late(broken)


# -- pauses


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2026-07-06T08:00", "2026-07-06T15:59", 0),
        ("2026-07-06T15:59", "2026-07-06T16:01", 1),
        ("2026-07-06T16:00", "2026-07-06T17:00", 1),
        ("2026-07-06T10:00", "2026-07-06T16:00", 0),
        ("2026-07-06T16:01", "2026-07-07T15:59", 0),
        ("2026-07-06T10:00", "2026-07-09T10:00", 3),
        ("2026-07-10T17:00", "2026-07-13T07:00", 0),
        ("2026-07-11T10:00", "2026-07-14T17:00", 2),
        ("2026-03-17T10:00", "2026-03-25T10:00", 1),
        ("2026-07-09T10:00", "2026-07-06T10:00", 0),
    ],
)
def test_a_pause_counts_the_days_that_closed_while_it_lasted(since: str, until: str, days: int) -> None:
    assert days_paused(wib(since), wib(until), OFFICE) == days


RECEIVED = wib("2026-07-01T10:00")
OVER_A_WEEK = (wib("2026-07-06T10:00"), wib("2026-07-13T10:00"))


def counted(history: History, calendar: Calendar = OFFICE, desk: Calendar | None = None) -> Deadlines:
    return count(history, POLICIES[history.kind], calendar, desk or calendar)


@pytest.mark.parametrize(
    ("received", "pauses", "expected"),
    [
        ("2026-03-13T10:00", (), "2026-04-10T16:30"),
        ("2026-07-01T10:00", (("2026-07-06T08:00", "2026-07-06T15:00"),), "2026-07-21T16:00"),
        ("2026-07-01T10:00", (("2026-07-06T10:00", "2026-07-07T10:00"),), "2026-07-22T16:00"),
        ("2026-07-01T10:00", (("2026-07-06T10:00", "2026-07-13T10:00"),), "2026-07-28T16:00"),
        # over Lebaran two working days close, not ten days
        ("2026-03-13T10:00", (("2026-03-16T10:00", "2026-03-25T10:00"),), "2026-04-14T16:00"),
        # twice: the days add up
        (
            "2026-07-01T10:00",
            (("2026-07-06T10:00", "2026-07-07T10:00"), ("2026-07-08T10:00", "2026-07-10T10:00")),
            "2026-07-24T16:30",
        ),
    ],
)
def test_a_pause_moves_the_due_day_by_its_working_days(
    received: str, pauses: tuple[tuple[str, str], ...], expected: str
) -> None:
    spent = tuple((wib(since), wib(until)) for since, until in pauses)
    assert counted(History(Kind.COMPLAINT, wib(received), pauses=spent)).resolve_by == wib(expected)


def test_a_holiday_that_is_added_afterwards_moves_what_was_promised_across_it() -> None:
    history = History(Kind.COMPLAINT, wib("2026-04-20T10:00"))

    assert counted(history).resolve_by == wib("2026-05-11T16:00")
    assert counted(history, CALENDARS["ADDED"]).resolve_by == wib("2026-05-12T16:00")


def test_a_day_of_waiting_that_has_become_free_since_is_no_lost_day_any_more() -> None:
    over = (wib("2026-04-23T10:00"), wib("2026-04-25T10:00"))
    history = History(Kind.COMPLAINT, wib("2026-04-20T10:00"), pauses=(over,))

    assert counted(history).resolve_by == wib("2026-05-13T16:00")
    assert counted(history, CALENDARS["ADDED"]).resolve_by == wib("2026-05-13T16:00")


def test_a_pause_moves_neither_the_statutory_date_nor_the_desk_s() -> None:
    plain, paused = (counted(History(Kind.COMPLAINT, RECEIVED, pauses=spent)) for spent in ((), (OVER_A_WEEK,)))
    assert paused.statutory_by == plain.statutory_by
    assert (paused.verify_by, paused.first_response_by) == (plain.verify_by, plain.first_response_by)


def test_a_long_pause_leaves_the_statutory_date_to_bind() -> None:
    long = (wib("2026-03-16T10:00"), wib("2026-05-04T10:00"))
    due = counted(History(Kind.COMPLAINT, wib("2026-03-13T09:12"), pauses=(long,)))

    assert due.resolve_by
    assert due.statutory_by
    assert due.resolve_by > due.statutory_by
    assert due.binding_by == due.statutory_by


def test_a_statutory_date_that_passed_while_the_citizen_was_asked_binds_no_more() -> None:
    long = (wib("2026-03-16T10:00"), wib("2026-06-01T10:00"))
    due = counted(History(Kind.COMPLAINT, wib("2026-03-13T09:12"), pauses=(long,)))

    assert due.statutory_by == wib("2026-05-12T23:59:59")
    assert due.binding_by == due.resolve_by


# -- cycles


def test_a_handover_gives_the_new_desk_its_days_and_leaves_the_citizens_dates() -> None:
    before = counted(History(Kind.COMPLAINT, RECEIVED))

    after = counted(History(Kind.COMPLAINT, RECEIVED, desk_since=wib("2026-07-06T10:00")))

    assert after.verify_by == wib("2026-07-09T16:00")
    assert after.first_response_by == wib("2026-07-13T16:00")
    assert replace(after, verify_by=before.verify_by, first_response_by=before.first_response_by) == before


def test_the_new_desk_s_days_are_its_own_and_the_promise_keeps_the_hours_it_was_given_in() -> None:
    handed = History(Kind.COMPLAINT, wib("2026-07-01T10:00"), desk_since=wib("2026-07-10T10:00"))

    due = counted(handed, OFFICE, SATURDAY)

    assert due.verify_by == wib("2026-07-14T14:30")
    assert due.resolve_by == wib("2026-07-21T16:00")


def test_handed_over_and_back_it_is_the_last_handover_that_counts() -> None:
    due = counted(History(Kind.COMPLAINT, RECEIVED, desk_since=wib("2026-07-08T10:00")))

    assert due.verify_by == wib("2026-07-13T16:00")
    assert due.resolve_by == counted(History(Kind.COMPLAINT, RECEIVED)).resolve_by


def test_a_handover_into_an_unpublished_year_makes_the_dates_provisional() -> None:
    early = History(Kind.COMPLAINT, wib("2026-12-08T10:00"))

    assert not counted(early).provisional
    assert counted(replace(early, desk_since=wib("2026-12-29T10:00"))).provisional


def test_a_handover_does_not_make_provisional_dates_certain() -> None:
    late = History(Kind.COMPLAINT, wib("2026-12-10T10:00"))

    assert counted(late).provisional
    assert counted(replace(late, desk_since=wib("2026-12-14T10:00"))).provisional


def test_a_year_that_is_published_makes_provisional_dates_certain() -> None:
    published = replace(OFFICE, confirmed_years=OFFICE.confirmed_years | {2027})
    late = History(Kind.COMPLAINT, wib("2026-12-10T10:00"))

    assert counted(late).provisional
    assert not counted(late, published).provisional


SENT_BACK = wib("2026-07-10T10:00")


def test_belum_opens_five_working_days_that_start_on_the_next() -> None:
    due = counted(History(Kind.INFORMATION, RECEIVED, reopened_at=SENT_BACK))

    assert due == Deadlines(
        verify_by=None,
        first_response_by=None,
        resolve_by=wib("2026-07-17T16:30"),
        statutory_by=None,
        binding_by=wib("2026-07-17T16:30"),
        provisional=False,
    )


@pytest.mark.parametrize(
    ("received", "statutory", "binds"),
    [
        ("2026-08-01T10:00", "2026-09-30T23:59:59", "2026-09-07T16:00"),
        ("2026-07-04T10:00", "2026-09-02T23:59:59", "2026-09-02T23:59:59"),
        ("2026-07-02T10:00", "2026-08-31T23:59:59", "2026-08-31T23:59:59"),
        ("2026-07-01T10:00", "2026-08-30T23:59:59", "2026-09-07T16:00"),
    ],
)
def test_after_belum_the_statutory_date_binds_only_while_it_is_ahead_and_earlier(
    received: str, statutory: str, binds: str
) -> None:
    due = counted(History(Kind.COMPLAINT, wib(received), reopened_at=wib("2026-08-31T10:00")))

    assert due.resolve_by == wib("2026-09-07T16:00")
    assert due.statutory_by == wib(statutory)
    assert due.binding_by == wib(binds)


def test_belum_on_an_aspiration_asks_for_an_answer_and_binds_nobody() -> None:
    due = counted(History(Kind.ASPIRATION, RECEIVED, reopened_at=SENT_BACK))

    assert due.first_response_by == wib("2026-07-17T16:30")
    assert (due.resolve_by, due.binding_by) == (None, None)


def test_the_second_belum_counts_from_its_own_day_and_forgets_the_pauses_before_it() -> None:
    again = History(Kind.COMPLAINT, RECEIVED, reopened_at=wib("2026-07-20T10:00"), pauses=(OVER_A_WEEK,))

    assert counted(again).resolve_by == wib("2026-07-27T16:00")
    in_it = (wib("2026-07-21T10:00"), wib("2026-07-23T10:00"))
    assert counted(replace(again, pauses=(OVER_A_WEEK, in_it))).resolve_by == wib("2026-07-29T16:00")


def test_a_case_that_was_sent_back_and_then_handed_over_is_verified_anew() -> None:
    due = counted(History(Kind.COMPLAINT, RECEIVED, reopened_at=SENT_BACK, desk_since=wib("2026-07-13T10:00")))

    assert due.verify_by == wib("2026-07-16T16:00")
    assert due.resolve_by == wib("2026-07-17T16:30")


def test_the_town_decides_how_many_days_belum_opens() -> None:
    policy = replace(POLICIES[Kind.COMPLAINT], reopened=3)
    history = History(Kind.COMPLAINT, RECEIVED, reopened_at=SENT_BACK)

    assert count(history, policy, OFFICE, OFFICE).resolve_by == wib("2026-07-15T16:00")


def test_belum_at_the_end_of_the_published_years_is_provisional() -> None:
    assert counted(History(Kind.COMPLAINT, RECEIVED, reopened_at=wib("2026-12-28T10:00"))).provisional


# -- rules with a date

OLD, NEW = Policy(3, 5, 14, 60, since=day("2018-12-31")), Policy(2, 3, 10, 60, since=day("2026-07-01"))
ROADS = Policy(3, 5, 30, 60, since=day("2020-01-01"), matter="road")
CLINIC = Policy(1, 1, 3, 60, since=day("2020-01-01"), unit="PKM-RAYA")


@pytest.mark.parametrize(
    ("received", "matter", "unit", "expected"),
    [
        ("2026-06-30", None, None, OLD),
        ("2026-07-01", None, None, NEW),
        ("2010-01-01", None, None, OLD),
        ("2026-07-01", "road", None, ROADS),
        ("2026-07-01", "waste", "PKM-RAYA", CLINIC),
        ("2026-07-01", "road", "PKM-RAYA", ROADS),
        ("2019-07-01", "road", "PKM-RAYA", OLD),
    ],
)
def test_the_rule_in_force_on_the_day_of_receipt_counts(
    received: str, matter: str | None, unit: str | None, expected: Policy
) -> None:
    assert policy_for((NEW, ROADS, OLD, CLINIC), day(received), matter, unit) == expected


def test_a_kind_without_any_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="no policy"):
        policy_for((ROADS,), day("2026-07-01"))


# -- rungs

OFFICE_DUE = "2026-04-10T16:30"
STATUTORY_ON_WEDNESDAY = "2027-01-20T23:59:59"
STATUTORY_ON_SUNDAY = "2026-11-15T23:59:59"
STATUTORY_IN_LEBARAN = "2026-03-21T23:59:59"


@pytest.mark.parametrize(
    ("when", "days", "due", "expected"),
    [
        ("before", 2, OFFICE_DUE, "2026-04-08T07:30"),
        ("before", 5, OFFICE_DUE, "2026-04-02T07:30"),
        ("at", 0, OFFICE_DUE, "2026-04-10T07:30"),
        ("after", 0, OFFICE_DUE, "2026-04-13T07:30"),
        ("after", 1, OFFICE_DUE, "2026-04-13T07:30"),
        ("after", 2, OFFICE_DUE, "2026-04-14T07:30"),
        ("after", 10, OFFICE_DUE, "2026-04-24T07:30"),
        ("before", 2, STATUTORY_ON_WEDNESDAY, "2027-01-18T07:30"),
        ("at", 0, STATUTORY_ON_WEDNESDAY, "2027-01-20T07:30"),
        ("after", 0, STATUTORY_ON_WEDNESDAY, "2027-01-21T07:30"),
        ("after", 5, STATUTORY_ON_WEDNESDAY, "2027-01-27T07:30"),
        ("before", 2, STATUTORY_ON_SUNDAY, "2026-11-11T07:30"),
        ("at", 0, STATUTORY_ON_SUNDAY, "2026-11-13T07:30"),
        ("after", 0, STATUTORY_ON_SUNDAY, "2026-11-16T07:30"),
        ("after", 1, STATUTORY_ON_SUNDAY, "2026-11-16T07:30"),
        ("after", 2, STATUTORY_ON_SUNDAY, "2026-11-17T07:30"),
        ("before", 1, STATUTORY_IN_LEBARAN, "2026-03-16T07:30"),
        ("at", 0, STATUTORY_IN_LEBARAN, "2026-03-17T07:30"),
        ("after", 0, STATUTORY_IN_LEBARAN, "2026-03-25T07:30"),
        ("after", 2, STATUTORY_IN_LEBARAN, "2026-03-26T07:30"),
    ],
)
def test_a_rung_speaks_when_its_reader_opens(when: str, days: int, due: str, expected: str) -> None:
    assert rung_moment(when, days, wib(due), OFFICE) == wib(expected)


def test_a_reader_who_is_free_on_saturday_is_told_on_friday_and_on_monday() -> None:
    due = wib("2026-07-11T13:00")

    assert rung_moment("at", 0, due, SATURDAY) == wib("2026-07-11T07:30")
    assert rung_moment("at", 0, due, OFFICE) == wib("2026-07-10T07:30")
    assert rung_moment("after", 0, due, OFFICE) == wib("2026-07-13T07:30")
    assert rung_moment("after", 1, due, OFFICE) == wib("2026-07-13T07:30")


def test_after_zero_waits_for_an_office_that_is_still_open_at_the_breach() -> None:
    assert rung_moment("after", 0, wib("2026-07-10T11:30"), OFFICE) == wib("2026-07-13T07:30")
    assert rung_moment("after", 0, wib("2026-07-10T11:30"), SPLIT) == wib("2026-07-10T13:00")


def test_after_zero_is_later_than_the_first_late_minute_even_where_somebody_opens_in_it() -> None:
    round_the_clock = replace(OFFICE, week=week("00:00-23:59", "00:00-23:59", "00:00-23:59"))

    assert rung_moment("after", 0, wib(STATUTORY_ON_WEDNESDAY), round_the_clock) == wib("2027-01-22T00:00")


def test_an_unknown_word_for_a_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="'during'"):
        rung_moment("during", 1, wib(OFFICE_DUE), OFFICE)


# -- what always holds

any_calendar = st.sampled_from(tuple(CALENDARS.values()))
any_kind = st.sampled_from(CITIZEN_KINDS)
any_moment = st.integers(0, 4 * 365 * 86_400).map(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
steady = settings(deadline=None, derandomize=True)


@steady
@given(any_moment, st.integers(-200, 200))
def test_many_dates_are_late_by_the_same_rule_as_one(due: datetime, seconds: int) -> None:
    now = due + timedelta(seconds=seconds)
    assert (due < missed_before(now)) == breached(due, now)


@steady
@given(any_kind, any_moment, any_calendar)
def test_every_date_lies_ahead_and_an_office_date_is_a_closing_time(
    kind: Kind, received: datetime, calendar: Calendar
) -> None:
    due = compute(kind, received, POLICIES[kind], calendar)

    for moment in filter(None, (due.verify_by, due.first_response_by, due.resolve_by)):
        assert moment > received
        assert moment == calendar.closing(calendar.day_of(moment))
    assert due.statutory_by is None or due.statutory_by > received
    assert due.binding_by == (
        None if kind is Kind.ASPIRATION else min(filter(None, (due.resolve_by, due.statutory_by)))
    )


@steady
@given(any_kind, any_moment, any_moment, any_calendar)
def test_a_later_receipt_is_never_due_earlier(kind: Kind, one: datetime, other: datetime, calendar: Calendar) -> None:
    first, second = (compute(kind, moment, POLICIES[kind], calendar) for moment in sorted((one, other)))

    for name in ("verify_by", "first_response_by", "resolve_by", "statutory_by", "binding_by"):
        earlier, later = getattr(first, name), getattr(second, name)
        assert (earlier is None) == (later is None)
        assert earlier is None or earlier <= later


@steady
@given(any_kind, any_moment, any_calendar)
def test_the_hour_of_receipt_does_not_matter(kind: Kind, received: datetime, calendar: Calendar) -> None:
    midnight = received.astimezone(ZoneInfo(calendar.zone)).replace(hour=0, minute=0, second=0)

    assert compute(kind, received, POLICIES[kind], calendar) == compute(kind, midnight, POLICIES[kind], calendar)


@steady
@given(any_moment, st.lists(st.integers(0, 20 * 1440), min_size=4, max_size=4), any_calendar)
def test_a_pause_never_moves_a_date_earlier_and_pauses_add_up(
    received: datetime, minutes: list[int], calendar: Calendar
) -> None:
    one, two, three, four = (received + timedelta(minutes=n) for n in sorted(minutes))

    def due(*pauses: tuple[datetime, datetime]) -> datetime:
        found = counted(History(Kind.COMPLAINT, received, pauses=pauses), calendar).resolve_by
        assert found
        return found

    day_of = calendar.day_of
    apart = due((one, two), (three, four))
    given_back = days_paused(one, two, calendar) + days_paused(three, four, calendar)
    assert due() <= due((one, two)) <= apart
    assert calendar.working_days_between(day_of(due()), day_of(apart)) == given_back
    assert due((one, two), (two, three)) == due((one, three))


@steady
@given(any_moment, st.integers(1, 30), any_calendar)
def test_rungs_keep_their_order_around_the_deadline(due: datetime, n: int, calendar: Calendar) -> None:
    def moment(when: str, days: int) -> datetime:
        return rung_moment(when, days, due, calendar)

    assert moment("before", n + 1) < moment("before", n) < moment("at", 0) < moment("after", n) < moment("after", n + 1)
    assert not breached(due, moment("before", n))
    assert breached(due, moment("after", 0))
    assert breached(due, moment("after", n))


# -- a date that somebody else has set


@pytest.mark.parametrize(
    ("on", "received", "due"),
    [
        ("2026-09-21", "2026-09-07T09:00", "2026-09-21T16:00"),  # a Monday
        ("2026-09-25", "2026-09-07T09:00", "2026-09-25T16:30"),  # a Friday closes later
        ("2026-09-26", "2026-09-07T09:00", "2026-09-25T16:30"),  # a Saturday: the Friday before
        ("2026-09-07", "2026-09-07T09:00", "2026-09-07T16:00"),  # today
        ("2026-09-07", "2026-09-07T17:00", "2026-09-07T23:59:59"),  # today, after hours
        ("2026-09-13", "2026-09-12T09:00", "2026-09-13T23:59:59"),  # a Sunday, and the Friday before is over
    ],
)
def test_a_letter_is_due_at_the_close_of_its_day_and_never_later(on: str, received: str, due: str) -> None:
    dates = stated(day(on), wib(received), OFFICE)
    assert dates == Deadlines(None, None, wib(due), None, wib(due), provisional=False)
