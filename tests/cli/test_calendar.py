"""`tanggap calendar`, and what `check` and `deadline` know of it: seen first, done with --yes, taken back."""

from __future__ import annotations

import json
import re

import pytest

from tests.cli.conftest import Run, Town

LOCAL = ("calendar", "local", "2026-06-19", "--basis", "SK Wali Kota 12/2026")


def resolve_by(run: Run, received: str = "2026-06-15", *more: str) -> str:
    ran = run("deadline", "--kind", "information", "--received", received, "--json", *more)
    assert ran.code == 0, ran.err
    return str(json.loads(ran.out)["resolve_by"])[:10]


def test_without_yes_it_is_only_shown_what_a_day_off_would_do(run: Run, town: Town) -> None:
    ran = run(*LOCAL)
    assert ran.code == 0
    assert "off here: 2026-06-19" in ran.out
    assert "Of 1 open cases" in ran.out
    assert ran.out.endswith("Nothing is changed yet: the same with --yes does it.\n")
    assert town.ask("SELECT count(*) FROM overrides") == [(0,)]


def test_a_day_off_counts_for_every_command_until_it_is_taken_back(run: Run, town: Town) -> None:
    before = resolve_by(run)
    ran = run(*LOCAL, "--yes")
    assert ran.code == 0, ran.err
    assert resolve_by(run) > before
    assert "off here: 2026-06-19 (SK Wali Kota 12/2026)" in run("calendar", "show").out
    (undo,) = re.findall(r"`tanggap (calendar undo \w+)`", ran.out)
    assert run(*undo.split()).out == "Taken back.\n"
    assert resolve_by(run) == before
    assert run(*undo.split()).code == 1


def test_a_change_for_one_calendar_leaves_the_others_alone(run: Run, town: Town) -> None:
    office, puskesmas = resolve_by(run), resolve_by(run, "2026-06-15", "--calendar", "puskesmas")
    assert run(*LOCAL, "--yes", "--calendar", "puskesmas").code == 0
    assert resolve_by(run) == office
    assert resolve_by(run, "2026-06-15", "--calendar", "puskesmas") > puskesmas


def test_a_change_moves_the_open_case_that_it_touches(run: Run, town: Town) -> None:
    ((received, before),) = town.ask("SELECT received_at, binding_by FROM tickets")
    first, last = str(received)[:10], str(before)[:10]
    assert run("calendar", "local", first, last, "--basis", "Bencana", "--yes").code == 0
    ((after, moved_from),) = town.ask("SELECT binding_by, moved_from FROM tickets")
    assert str(after) > str(before) == str(moved_from)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("calendar local 2026-06-19 --yes", "A decision needs its decree: --basis"),
        ("calendar local 2026-06-20 --basis x --calendar office", "The calendar says so already"),
        ("calendar add 2026-06-19 2026-06-18", "The last day lies before the first one."),
        ("calendar cancel 2026-06-19 --calendar beach", "There is no calendar beach; there are: office, puskesmas."),
        ("calendar undo U", "U is no id of a decision"),
        ("calendar undo 1", "No such decision is in force"),
    ],
)
def test_what_cannot_be_decided_is_one_line(run: Run, town: Town, typed: str, line: str) -> None:
    ran = run(*typed.split())
    assert ran.code == 1
    assert ran.line.startswith(line)


# --- check


@pytest.mark.parametrize(
    ("today", "code", "said"),
    [
        ("2026-06-01", 0, None),
        ("2026-09-02", 0, None),
        ("2026-09-03", 0, "warning: calendar office, puskesmas: the days off of 2027, which begins in 120 days"),
        ("2026-12-01", 0, "warning: calendar office, puskesmas: the days off of 2027, which begins in 31 days"),
        ("2026-12-02", 1, "calendar office, puskesmas: the days off of 2027, which begins in 30 days"),
        ("2027-03-01", 1, "calendar office, puskesmas: the days off of 2027, which has begun"),
    ],
)
def test_a_year_that_is_needed_is_asked_for_120_days_before_and_a_fault_from_30_days_on(
    run: Run, today: str, code: int, said: str | None
) -> None:
    ran = run("check", "--at", today)
    assert ran.code == code
    assert ran.line.startswith(said) if said else ran.err == "", ran.err
    assert not said or "tanggap calendar confirm 2027" in ran.line


def test_a_year_that_the_town_has_confirmed_is_not_asked_for(run: Run, town: Town) -> None:
    assert run("calendar", "confirm", "2027", "--basis", "SKB 3 Menteri", "--yes").code == 0
    ran = run("check", "--at", "2026-12-15")
    assert "2027" not in ran.err


def test_a_promise_over_new_year_is_an_estimate_until_its_year_is_confirmed(run: Run, town: Town) -> None:
    asked = ("deadline", "--kind", "complaint", "--received", "2026-12-21", "--json")
    assert json.loads(run(*asked).out)["provisional"] is True
    assert run("calendar", "confirm", "2027", "--basis", "SKB 3 Menteri", "--yes").code == 0
    assert json.loads(run(*asked).out)["provisional"] is False


# --- explain


def test_every_date_of_a_case_is_explained_with_its_rule_and_calendar(run: Run, town: Town) -> None:
    ((number, version),) = town.ask("SELECT number, calendar_version FROM tickets")
    ran = run("explain", str(number))
    assert ran.code == 0, ran.err
    assert "resolve_by" in ran.out
    assert "14 working days after" in ran.out
    assert f"Calendar office, version {version}" in ran.out
    assert "PermenPANRB" in ran.out
    assert "KK saya" not in ran.out, "no story"


def test_a_letter_is_explained_by_the_date_that_stands_in_it(run: Run, town: Town) -> None:
    ((number, ticket),) = town.ask("SELECT number, id FROM tickets")
    town.change("UPDATE tickets SET kind = 'letter', terms = NULL")
    columns = "(id, ticket_id, dated_on, due_on)"
    town.change(f"INSERT INTO incoming_letters {columns} VALUES (1, {ticket}, '2026-06-01', '2026-06-19')")
    ran = run("explain", str(number))
    assert ran.code == 0, ran.err
    assert "letter's own" in ran.out
    assert "would differ" in ran.out, "the row still has the dates of a complaint"


def test_a_case_of_which_there_is_none_is_one_line(run: Run, town: Town) -> None:
    assert run("explain", "TGP-26-000000").line.startswith("There is no ticket")


# --- files that changed


def test_an_update_of_the_files_moves_no_promise_until_somebody_counts_anew(run: Run, town: Town) -> None:
    town.change("UPDATE tickets SET calendar_version = 'older', binding_by = '2026-01-05 09:00:00.000000'")
    ran = run("check", "--at", "2026-06-01")
    assert "1 open cases were counted in another calendar than the present one" in ran.err
    assert "1 move" in run("calendar", "recount").out
    assert town.ask("SELECT calendar_version FROM tickets") == [("older",)]
    assert run("calendar", "recount", "--yes").out.endswith("Counted.\n")
    assert town.ask("SELECT calendar_version FROM tickets") != [("older",)]
    assert "another calendar" not in run("check", "--at", "2026-06-01").err
