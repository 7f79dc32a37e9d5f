"""Who is told of a case, and when: the rungs of the contract laid out on real calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.deadlines import Deadlines, History, Policy, compute, count
from domain.ladder import StepDue, after_handover, known_by, steps
from domain.region import Rung
from domain.vocabulary import Clock, Kind
from tests.domain.calendars import OFFICE, OFFICE_WIT, OFFICE_WITA, SATURDAY, SPLIT, wib

COMPLAINT = Policy(verify=3, first_response=5, resolve=14, statutory_days=60)
OVERSIGHT = Policy(verify=3, first_response=5, resolve=60, statutory_days=60)
INFORMATION = Policy(verify=3, first_response=3, resolve=5, statutory_days=None)
ASPIRATION = Policy(verify=3, first_response=14, resolve=None, statutory_days=None)

#: The default ladder of a complaint.
LADDER = (
    Rung("v0-officer", "verify", "at", 0, "officer"),
    Rung("v+0-head", "verify", "after", 0, "unit_head"),
    Rung("f0-officer", "first_response", "at", 0, "officer"),
    Rung("f+0-head", "first_response", "after", 0, "unit_head"),
    Rung("b-2-officer", "binding", "before", 2, "officer"),
    Rung("b0-officer", "binding", "at", 0, "officer"),
    Rung("b0-head", "binding", "at", 0, "unit_head"),
    Rung("b+00-office-head", "binding", "after", 0, "office_head"),
    Rung("b+02-kabag", "binding", "after", 2, "KABAG-ORGANISASI"),
    Rung("b+05-sekda", "binding", "after", 5, "SEKDA"),
    Rung("b+10-wali-kota", "binding", "after", 10, "WALI-KOTA"),
)


def complaint(received: str) -> Deadlines:
    return compute(Kind.COMPLAINT, wib(received), COMPLAINT, OFFICE)


def told(found: tuple[StepDue, ...]) -> list[tuple[str, datetime]]:
    return [(step.step, step.due_at) for step in found]


# -- the ladder of the contract


def test_a_complaint_climbs_from_its_officer_to_the_head_of_the_region() -> None:
    found = steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), LADDER, OFFICE, None)

    assert told(found) == [
        ("v0-officer", wib("2026-03-25T07:30")),
        ("v+0-head", wib("2026-03-26T07:30")),
        ("f0-officer", wib("2026-03-27T07:30")),
        ("f+0-head", wib("2026-03-30T07:30")),
        ("b-2-officer", wib("2026-04-08T07:30")),
        ("b0-head", wib("2026-04-10T07:30")),
        ("b0-officer", wib("2026-04-10T07:30")),
        ("b+00-office-head", wib("2026-04-13T07:30")),
        ("b+02-kabag", wib("2026-04-14T07:30")),
        ("b+05-sekda", wib("2026-04-17T07:30")),
        ("b+10-wali-kota", wib("2026-04-24T07:30")),
    ]


def test_a_step_says_its_clock_and_whom_it_tells() -> None:
    found = steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), LADDER[-2:-1], OFFICE, None)

    assert found == (StepDue(Clock.BINDING, "b+05-sekda", wib("2026-04-17T07:30"), "SEKDA"),)


def test_an_oversight_case_climbs_by_its_statutory_date() -> None:
    ladder = (
        Rung("b0-inspektur", "binding", "at", 0, "INSPEKTUR"),
        Rung("b+05-sekda", "binding", "after", 5, "SEKDA"),
    )
    due = compute(Kind.OVERSIGHT, wib("2026-09-16T10:00"), OVERSIGHT, OFFICE)

    found = steps(Kind.OVERSIGHT, due, ladder, OFFICE, None)

    # The sixtieth day is Sunday 15 November: told on Friday, and counted on from Monday.
    assert told(found) == [("b0-inspektur", wib("2026-11-13T07:30")), ("b+05-sekda", wib("2026-11-20T07:30"))]


def test_an_aspiration_is_reminded_of_its_first_response_only() -> None:
    due = compute(Kind.ASPIRATION, wib("2026-03-13T10:00"), ASPIRATION, OFFICE)
    ladder = tuple(rung for rung in LADDER if rung.clock != "verify")

    found = steps(Kind.ASPIRATION, due, ladder, OFFICE, None)

    assert told(found) == [("f0-officer", wib("2026-04-10T07:30")), ("f+0-head", wib("2026-04-13T07:30"))]


def test_an_aspiration_that_began_as_a_complaint_climbs_no_ladder() -> None:
    found = steps(Kind.ASPIRATION, complaint("2026-03-13T10:00"), LADDER, OFFICE, None)

    assert {step.clock for step in found} == {Clock.VERIFY, Clock.FIRST_RESPONSE}


def test_a_clock_without_a_date_reminds_nobody() -> None:
    sent_back = History(Kind.COMPLAINT, wib("2026-07-01T10:00"), reopened_at=wib("2026-07-10T10:00"))
    due = count(sent_back, Policy(3, 5, 14, None), OFFICE, OFFICE)

    assert {step.clock for step in steps(Kind.COMPLAINT, due, LADDER, OFFICE, None)} == {Clock.BINDING}


def test_resolve_and_statutory_may_carry_rungs_too() -> None:
    ladder = (Rung("r0", "resolve", "at", 0, "officer"), Rung("s0", "statutory", "at", 0, "SEKDA"))

    found = steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), ladder, OFFICE, None)

    assert told(found) == [("r0", wib("2026-04-10T07:30")), ("s0", wib("2026-05-12T07:30"))]


def test_a_case_without_a_ladder_reminds_nobody() -> None:
    assert steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), (), OFFICE, None) == ()


def test_an_unknown_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="lunch"):
        steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), (Rung("x", "lunch", "at", 0, "officer"),), OFFICE, None)


def test_a_reader_with_other_hours_is_told_in_them() -> None:
    due = compute(Kind.COMPLAINT, wib("2026-06-25T10:00"), COMPLAINT, SATURDAY)
    assert due.binding_by == wib("2026-07-11T13:00")
    ladder = (Rung("b0", "binding", "at", 0, "officer"), Rung("b+01", "binding", "after", 1, "SEKDA"))

    found = steps(Kind.COMPLAINT, due, ladder, SATURDAY, None, {"SEKDA": OFFICE})
    early = steps(Kind.COMPLAINT, due, ladder, SATURDAY, None, {"officer": OFFICE})

    assert told(found) == [("b0", wib("2026-07-11T07:30")), ("b+01", wib("2026-07-13T07:30"))]
    assert told(early)[0] == ("b0", wib("2026-07-10T07:30"))


# -- one moment, one voice


def test_a_first_response_due_with_verify_speaks_for_both() -> None:
    due = compute(Kind.INFORMATION, wib("2026-07-06T10:00"), INFORMATION, OFFICE)
    ladder = (Rung("v0", "verify", "at", 0, "officer"), Rung("f0", "first_response", "at", 0, "officer"))

    assert told(steps(Kind.INFORMATION, due, ladder, OFFICE, None)) == [("f0", wib("2026-07-09T07:30"))]


def test_a_binding_reminder_silences_the_others_of_its_moment_for_the_same_reader() -> None:
    # Information: day 3 is the last day of verify and of the first response, and two days before the promise.
    due = compute(Kind.INFORMATION, wib("2026-07-06T10:00"), INFORMATION, OFFICE)

    found = steps(Kind.INFORMATION, due, LADDER, OFFICE, None)

    assert [step.step for step in found if step.due_at == wib("2026-07-09T07:30")] == ["b-2-officer"]


def test_different_readers_are_each_told_at_one_moment() -> None:
    due = compute(Kind.INFORMATION, wib("2026-07-06T10:00"), INFORMATION, OFFICE)
    ladder = (Rung("v0", "verify", "at", 0, "officer"), Rung("b-2", "binding", "before", 2, "unit_head"))

    assert [step.step for step in steps(Kind.INFORMATION, due, ladder, OFFICE, None)] == ["b-2", "v0"]


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_rungs_at_one_opening_the_later_one_speaks_in_whatever_order_they_are_written(order: int) -> None:
    # +0 and +1 are the same opening wherever the unit and its reader keep the same hours.
    ladder = (Rung("z+0", "binding", "after", 0, "SEKDA"), Rung("a+1", "binding", "after", 1, "SEKDA"))

    found = steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), ladder[::order], OFFICE, None)

    assert told(found) == [("a+1", wib("2026-04-13T07:30"))]


# -- inside the reader's own hours


@pytest.mark.parametrize(
    ("received", "kept", "reader", "expected"),
    [
        # The due day is a Saturday at a desk that works on it; its head office is free and hears on Friday.
        ("2026-06-10T10:00", SATURDAY, SATURDAY, ["2026-06-25T07:30", "2026-06-27T07:30", "2026-06-29T07:30"]),
        ("2026-06-10T10:00", SATURDAY, OFFICE, ["2026-06-24T07:30", "2026-06-26T07:30", "2026-06-29T07:30"]),
        # A split day is one working day, and a reminder comes at its first opening.
        ("2026-06-29T10:00", SPLIT, SPLIT, ["2026-07-15T07:30", "2026-07-17T07:30", "2026-07-20T07:30"]),
        # A reader in another zone: the opening there, an hour or two before the town's.
        ("2026-06-29T10:00", OFFICE, OFFICE_WITA, ["2026-07-15T06:30", "2026-07-17T06:30", "2026-07-20T06:30"]),
        ("2026-06-29T10:00", OFFICE, OFFICE_WIT, ["2026-07-15T05:30", "2026-07-17T05:30", "2026-07-20T05:30"]),
    ],
    ids=["saturday desk", "saturday desk, weekday reader", "split days", "reader in WITA", "reader in WIT"],
)
def test_a_reader_is_reminded_at_the_openings_of_the_own_hours(
    received: str, kept: Calendar, reader: Calendar, expected: list[str]
) -> None:
    due = compute(Kind.COMPLAINT, wib(received), COMPLAINT, kept)
    ladder = (
        Rung("a-2", "binding", "before", 2, "SEKDA"),
        Rung("b0", "binding", "at", 0, "SEKDA"),
        Rung("c+0", "binding", "after", 0, "SEKDA"),
    )

    found = steps(Kind.COMPLAINT, due, ladder, kept, None, {"SEKDA": reader})

    assert [step.due_at for step in found] == [wib(moment) for moment in expected]
    assert all(reader.is_open(step.due_at) for step in found)


@pytest.mark.parametrize(
    ("told", "days", "hours", "expected"),
    [
        ("2026-07-09T07:30", 1, OFFICE, "2026-07-10T07:30"),  # Thursday, then Friday
        ("2026-07-09T07:30", 2, OFFICE, "2026-07-13T07:30"),  # over the weekend
        ("2026-07-09T07:30", 2, SATURDAY, "2026-07-11T07:30"),
        ("2026-03-17T07:30", 1, OFFICE, "2026-03-25T07:30"),  # over Nyepi, Lebaran and cuti bersama
    ],
)
def test_who_was_told_has_whole_days_of_the_own_hours_to_say_so(
    told: str, days: int, hours: Calendar, expected: str
) -> None:
    assert known_by(wib(told), days, hours) == wib(expected)


# -- after a handover


def test_of_rungs_that_waited_for_one_moment_the_one_that_came_due_last_speaks() -> None:
    ladder = (
        Rung("c-2", "binding", "before", 2, "officer"),
        Rung("b0", "binding", "at", 0, "officer"),
        Rung("a+0", "binding", "after", 0, "officer"),
    )

    found = steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), ladder, OFFICE, wib("2026-04-20T07:30"))

    assert told(found) == [("a+0", wib("2026-04-20T07:30"))]


def test_a_new_desk_has_until_the_opening_of_the_next_working_day() -> None:
    assert after_handover(wib("2026-07-06T10:00"), OFFICE) == wib("2026-07-07T07:30")
    assert after_handover(wib("2026-07-10T16:29"), OFFICE) == wib("2026-07-13T07:30")
    assert after_handover(wib("2026-03-17T15:00"), OFFICE) == wib("2026-03-25T07:30")


def test_rungs_that_came_due_before_the_handover_wait_and_are_told_once_a_reader() -> None:
    bound = after_handover(wib("2026-04-13T10:00"), OFFICE)

    found = steps(Kind.COMPLAINT, complaint("2026-03-13T10:00"), LADDER, OFFICE, bound)

    # The officer's four rungs and the head's three speak as the latest of each; what lies ahead stays where it is.
    assert told(found) == [
        ("b+00-office-head", wib("2026-04-14T07:30")),
        ("b+02-kabag", wib("2026-04-14T07:30")),
        ("b0-head", wib("2026-04-14T07:30")),
        ("b0-officer", wib("2026-04-14T07:30")),
        ("b+05-sekda", wib("2026-04-17T07:30")),
        ("b+10-wali-kota", wib("2026-04-24T07:30")),
    ]


def test_a_handover_long_before_the_deadline_changes_no_moment() -> None:
    due = complaint("2026-03-13T10:00")
    ladder = tuple(rung for rung in LADDER if rung.clock == "binding")

    bound = after_handover(wib("2026-03-16T10:00"), OFFICE)

    assert steps(Kind.COMPLAINT, due, ladder, OFFICE, bound) == steps(Kind.COMPLAINT, due, ladder, OFFICE, None)


# -- what always holds

any_rung = st.builds(
    Rung,
    st.uuids().map(str),
    st.sampled_from(("verify", "first_response", "resolve", "statutory", "binding")),
    st.sampled_from(("before", "at", "after")),
    st.integers(0, 12),
    st.sampled_from(("officer", "unit_head", "office_head", "SEKDA")),
)
any_ladder = st.lists(any_rung, max_size=12).map(tuple)
any_moment = st.integers(0, 4 * 365 * 86_400).map(lambda n: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
steady = settings(deadline=None, derandomize=True)


@steady
@given(any_moment, any_ladder, any_moment)
def test_steps_are_sorted_openings_that_nobody_hears_twice_and_none_is_too_early(
    received: datetime, ladder: tuple[Rung, ...], handover: datetime
) -> None:
    bound = after_handover(handover, OFFICE)

    found = steps(Kind.COMPLAINT, compute(Kind.COMPLAINT, received, COMPLAINT, OFFICE), ladder, OFFICE, bound)

    assert list(found) == sorted(found, key=lambda step: (step.due_at, step.step))
    assert len({(step.due_at, step.to) for step in found}) == len(found)
    assert all(step.due_at >= bound for step in found)
    assert all(step.due_at == OFFICE.opening(OFFICE.day_of(step.due_at)) for step in found)


@steady
@given(any_moment, any_ladder)
def test_the_order_of_the_file_does_not_matter(received: datetime, ladder: tuple[Rung, ...]) -> None:
    due = compute(Kind.COMPLAINT, received, COMPLAINT, OFFICE)

    assert steps(Kind.COMPLAINT, due, ladder, OFFICE, None) == steps(Kind.COMPLAINT, due, ladder[::-1], OFFICE, None)


@steady
@given(any_moment, any_ladder)
def test_every_reader_of_the_ladder_is_told(received: datetime, ladder: tuple[Rung, ...]) -> None:
    due = compute(Kind.COMPLAINT, received, COMPLAINT, OFFICE)

    assert {step.to for step in steps(Kind.COMPLAINT, due, ladder, OFFICE, None)} == {rung.to for rung in ladder}
