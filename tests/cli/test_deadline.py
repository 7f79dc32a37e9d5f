"""`tanggap deadline`: a table of dates, each worked out a second time here by a plain loop over typed-in days off."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.commands import in_force
from domain.region import Region
from storage.regions import load_region
from tests.cli.conftest import Run
from tests.domain.calendars import HOLIDAYS_2026, HOLIDAYS_2027, JOINT_LEAVE_2026, JOINT_LEAVE_2027

WIB = ZoneInfo("Asia/Jakarta")
DAYS_OFF = {
    date.fromisoformat(f"{year}-{day}")
    for year, days in (
        (2026, f"{HOLIDAYS_2026} {JOINT_LEAVE_2026}"),
        (2027, f"{HOLIDAYS_2027} {JOINT_LEAVE_2027}"),
    )
    for day in days.split()
}
#: Closing times, Monday first; None = nobody works.
CLOSES = {
    "office": ["16:00", "16:00", "16:00", "16:00", "16:30", None, None],
    "puskesmas": ["14:30", "14:30", "14:30", "14:30", "12:00", "12:00", None],
}
#: Working days to verify, to answer first and to resolve; calendar days by the law.
DAYS = {
    "complaint": (3, 5, 14, 60),
    "oversight": (3, 5, 60, 60),
    "information": (3, 3, 5, None),
    "aspiration": (3, 14, None, None),
}
#: What somebody may write as the time of receipt, and the town's date that it means.
RECEIVED = {
    "2026-01-02": "2026-01-02",
    "2026-02-13T15:59": "2026-02-13",
    "2026-03-13T09:00": "2026-03-13",
    "2026-03-13T23:59:59": "2026-03-13",
    "2026-03-12T17:00:00+00:00": "2026-03-13",
    "2026-03-12T16:59:59Z": "2026-03-12",
    "2026-03-14T01:30:00+09:00": "2026-03-13",
    "2026-03-17T00:00:00+07:00": "2026-03-17",
    "2026-03-21T10:00": "2026-03-21",
    "2026-04-02": "2026-04-02",
    "2026-05-08T12:00:00-05:00": "2026-05-09",
    "2026-05-26": "2026-05-26",
    "2026-08-16": "2026-08-16",
    "2026-09-30T16:01": "2026-09-30",
    "2026-11-21T09:00": "2026-11-21",
    "2026-12-10": "2026-12-10",
    "2026-12-23T16:00": "2026-12-23",
    "2026-12-31": "2026-12-31",
}
KEYS = ["verify_by", "first_response_by", "resolve_by", "statutory_by", "binding_by", "provisional"]


@cache
def _read_once(folder: Path) -> Region:
    return load_region(folder)


@pytest.fixture(autouse=True)
def _one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """The region's files are the same for every row of the table: read once."""
    monkeypatch.setattr(in_force, "load_region", _read_once)


def counted(start: date, days: int, calendar: str) -> date:
    """The plain loop."""
    day, left = start, days
    while left:
        day += timedelta(days=1)
        if CLOSES[calendar][day.weekday()] and day not in DAYS_OFF:
            left -= 1
    return day


def closing(day: date, calendar: str) -> str:
    at = time.fromisoformat(CLOSES[calendar][day.weekday()] or "")
    return datetime.combine(day, at, tzinfo=WIB).isoformat()


def expected(kind: str, day: date, calendar: str) -> dict[str, object]:
    verify, first, resolve, statutory = DAYS[kind]
    last = [counted(day, days, calendar) for days in (verify, first, resolve) if days]
    resolve_by = closing(last[2], calendar) if resolve else None
    end = datetime.combine(day + timedelta(days=statutory or 0), time(23, 59, 59), tzinfo=WIB).isoformat()
    statutory_by = end if statutory else None
    bounds = [moment for moment in (resolve_by, statutory_by) if moment]
    return {
        "verify_by": closing(last[0], calendar),
        "first_response_by": closing(last[1], calendar),
        "resolve_by": resolve_by,
        "statutory_by": statutory_by,
        "binding_by": min(bounds, key=datetime.fromisoformat) if bounds else None,
        "provisional": max(last).year > 2026,
    }


@pytest.mark.parametrize(("kind", "received"), list(product(DAYS, RECEIVED)))
def test_the_dates_are_those_of_a_plain_count(run: Run, kind: str, received: str) -> None:
    ran = run("deadline", "--kind", kind, "--received", received, "--json")
    assert (ran.code, ran.err) == (0, "")
    shown = json.loads(ran.out)
    assert shown == expected(kind, date.fromisoformat(RECEIVED[received]), "office")
    assert list(shown) == KEYS


@pytest.mark.parametrize("received", ["2026-03-13", "2026-11-20T08:00", "2026-12-22"])
@pytest.mark.parametrize("kind", DAYS)
@pytest.mark.parametrize("named", [("--unit", "PKM-RAYA"), ("--unit", "pkm-raya"), ("--calendar", "puskesmas")])
def test_a_unit_s_own_hours_count(run: Run, kind: str, received: str, named: tuple[str, str]) -> None:
    shown = json.loads(run("deadline", "--kind", kind, "--received", received, *named, "--json").out)
    assert shown == expected(kind, date.fromisoformat(received[:10]), "puskesmas")


@pytest.mark.parametrize(
    "named", [("--matter", "identity_card"), ("--matter", "neighbourhood_letters"), ("--unit", "DISDUKCAPIL")]
)
def test_a_matter_or_unit_with_office_hours_changes_nothing(run: Run, named: tuple[str, str]) -> None:
    shown = json.loads(run("deadline", "--kind", "complaint", "--received", "2026-03-13", *named, "--json").out)
    assert shown == expected("complaint", date(2026, 3, 13), "office")


@pytest.mark.parametrize(
    ("kind", "received", "dates"),
    [
        ("complaint", "2026-03-13", {"resolve_by": "2026-04-10T16:30:00+07:00"}),
        (
            "oversight",
            "2026-11-21",
            {"resolve_by": "2027-02-19T16:30:00+07:00", "binding_by": "2027-01-20T23:59:59+07:00", "provisional": True},
        ),
    ],
)
def test_the_printed_examples_hold(run: Run, kind: str, received: str, dates: dict[str, object]) -> None:
    shown = json.loads(run("deadline", "--kind", kind, "--received", received, "--json").out)
    assert shown | dates == shown


def test_an_aspiration_binds_nobody(run: Run) -> None:
    shown = json.loads(run("deadline", "--kind", "aspiration", "--received", "2026-09-07", "--json").out)
    assert [shown[name] for name in ("resolve_by", "statutory_by", "binding_by")] == [None, None, None]


def test_without_json_the_same_is_for_people(run: Run) -> None:
    ran = run("deadline", "--kind", "complaint", "--received", "2026-03-13")
    assert [line.partition(": ")[0] for line in ran.out.splitlines()] == KEYS
    assert "resolve_by: 2026-04-10T16:30:00+07:00" in ran.out


@pytest.mark.parametrize(
    ("named", "line"),
    [
        ("--received kemarin", "kemarin is no ISO time, such as 2026-03-13T09:00"),
        ("--received 2026-02-30", "2026-02-30 is no ISO time"),
        ("--received 9999-12-31", "9999-12-31 lies outside the years 2000 to 2099."),
        ("--received 0001-01-01", "0001-01-01 lies outside the years 2000 to 2099."),
        ("--received 2026-03-13 --matter taxi", "There is no matter taxi; the codes stand in"),
        ("--received 2026-03-13 --unit PKM-JAKARTA", "There is no unit PKM-JAKARTA; the codes stand in"),
        ("--received 2026-03-13 --calendar ramadan", "There is no calendar ramadan; there are: office, puskesmas."),
    ],
)
def test_what_is_not_known_is_one_line(run: Run, named: str, line: str) -> None:
    ran = run("deadline", "--kind", "complaint", *named.split(), "--json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith(line)


def test_a_letter_brings_its_own_date(run: Run) -> None:
    ran = run("deadline", "--kind", "letter", "--received", "2026-03-13")
    assert (ran.code, ran.out) == (1, "")
    assert ran.line.startswith("A letter brings its own date")
