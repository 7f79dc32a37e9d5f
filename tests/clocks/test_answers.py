"""When an office has answered, and what it missed: the moments that the table of the clocks does not show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.vocabulary import Clock, Identity, Kind
from handlers.actions import breaches, promises
from handlers.session import Rules
from tests.clocks.case import START, Case
from tests.kit.town import siantar

New = Callable[..., Case]
TELLS_LATER = Rules(undo_seconds=60, receipts=frozenset({"phone"}))


# --- the moment that counts


def test_an_answer_counts_from_the_moment_at_which_the_platform_took_it(case: New) -> None:
    it = case().opens()
    it.goes_on(hours=1)
    it.answers()
    it.goes_on(hours=2)
    assert it.ticket.first_response_at is None
    it.arrives()
    assert it.ticket.first_response_at == START + timedelta(hours=3)
    assert (it.said("answer").reach, it.ticket.unreached) == ("there", False)


def test_the_first_of_several_answers_is_the_first_response(case: New) -> None:
    it = case().opens()
    it.answers()
    it.arrives()
    it.goes_on(days=1)
    it.asks()
    it.arrives()
    assert it.ticket.first_response_at == START


def test_a_platform_that_tells_later_is_waited_for_and_counts_since_it_took_the_words(case: New) -> None:
    it = case(rules=TELLS_LATER).opens()
    it.answers()
    it.arrives()
    assert it.ticket.first_response_at is None
    it.goes_on(hours=5)
    it.receipt("sent")
    assert it.ticket.first_response_at == START


def test_where_no_receipt_comes_what_the_platform_took_counts_when_the_answer_is_due(case: New) -> None:
    it = case(rules=TELLS_LATER).opens()
    it.answers()
    it.arrives()
    it.lives_until(it.ticket.first_response_by + timedelta(hours=1))
    assert it.ticket.first_response_at == START
    assert it.breaches() == []


def test_a_message_that_fails_after_it_was_accepted_takes_the_answer_back(case: New) -> None:
    it = case(rules=TELLS_LATER).opens()
    it.answers()
    it.arrives()
    it.receipt("sent")
    it.receipt("failed", "131000")
    assert (it.ticket.first_response_at, it.said("answer").reach) == (None, "failed")
    assert it.told("officer/undelivered") == 1
    it.lives_until(it.ticket.first_response_by + timedelta(hours=1))
    assert it.breaches() == [(1, "first_response")]


def test_an_answer_before_the_one_that_failed_still_counts(case: New) -> None:
    it = case().opens()
    for _ in range(2):
        it.answers()
        it.arrives()
        it.goes_on(days=1)
    it.receipt("failed", "131000")
    assert it.ticket.first_response_at == START


def test_where_the_address_is_gone_the_attempt_counts_and_is_marked(case: New) -> None:
    it = case().opens()
    it.answers()
    it.goes_on(minutes=5)
    it.blocks()
    assert (it.ticket.first_response_at, it.ticket.unreached) == (START + timedelta(minutes=5), True)
    assert it.said("answer").reach == "unreached"


def test_an_answer_that_reaches_somebody_after_all_takes_the_mark_away(case: New) -> None:
    it = case().opens()
    it.answers()
    it.blocks()
    it.answers()
    it.arrives()
    assert (it.ticket.first_response_at, it.ticket.unreached) == (START, False)


def test_a_pin_case_is_answered_when_the_words_stand_in_its_thread(case: New) -> None:
    it = case(identity=Identity.ANONYMOUS).opens()
    it.goes_on(hours=1)
    it.answers()
    assert (it.ticket.first_response_at, it.ticket.unreached) == (START + timedelta(hours=1), False)


def test_closing_words_in_a_pin_case_that_are_taken_back_were_no_answer(case: New) -> None:
    it = case(identity=Identity.ANONYMOUS).opens()
    it.finishes()
    assert it.ticket.first_response_at == START
    it.undoes()
    assert it.ticket.first_response_at is None
    assert {step.state for step in it.steps(Clock.FIRST_RESPONSE)} == {"waiting"}


# --- nobody is told off while words are on their way


def test_whoever_has_written_is_not_reminded_while_the_platform_is_down(case: New) -> None:
    it = case().opens()
    it.takes()
    it.answers()
    it.lives_until(it.ticket.first_response_by + timedelta(days=2))
    assert it.told("officer/reminder") == 0
    it.arrives("citizen/answer")
    assert it.ticket.first_response_at > it.ticket.first_response_by
    assert it.breaches() == [(1, "first_response")], "late answers stay late"


def test_what_was_refused_lets_the_reminders_run_at_the_next_opening(case: New) -> None:
    it = case().opens()
    it.answers()
    it.lives_until(it.ticket.first_response_by + timedelta(hours=5))
    it.fails()
    told = it.told("officer/reminder")
    opening = siantar().calendars["office"].next_opening(it.at)
    assert {step.due_at for step in it.steps(Clock.FIRST_RESPONSE) if step.step != "breach"} == {opening}
    it.lives_until(opening)
    assert it.told("officer/reminder") + it.told("supervisor/late") > told


def test_the_answer_of_the_desk_before_is_not_that_of_the_new_one(case: New) -> None:
    it = case().opens()
    it.answers()
    it.goes_on(minutes=1)
    it.forwards()
    it.arrives("citizen/answer")
    assert it.ticket.first_response_at == START + timedelta(minutes=1)
    assert {step.state for step in it.steps(Clock.FIRST_RESPONSE)} == {"waiting"}


# --- breaches are facts


def test_each_clock_that_is_missed_is_written_down_once_in_a_promise(case: New) -> None:
    it = case().opens()
    it.lives_until(START + timedelta(days=90))
    assert sorted(clock for _, clock in it.breaches()) == [
        "binding", "first_response", "resolve", "statutory", "verify",
    ]  # fmt: skip
    fact = it.breach(Clock.BINDING)
    assert (fact.due_at, fact.at) == (it.ticket.binding_by, it.ticket.binding_by + timedelta(minutes=1))
    assert (fact.unit_code, fact.post_code) == ("DISDUKCAPIL", "PETUGAS-DISDUKCAPIL")
    it.forwards()
    it.lives_until(it.at + timedelta(days=30))
    assert [clock for cycle, clock in it.breaches() if cycle == 2] == ["verify", "first_response"]


def test_the_closing_minute_is_still_in_time_and_the_next_one_is_not(case: New) -> None:
    for late in (0, 1):
        it = case().opens()
        it.at = it.ticket.verify_by + timedelta(seconds=59, minutes=late)
        it.takes()
        assert it.breaches() == [(1, "verify")] * late


def test_what_is_done_late_while_the_clock_stands_still_is_late_all_the_same(case: New) -> None:
    it = case().opens()
    it.at = it.ticket.binding_by + timedelta(days=1)
    it.finishes()
    it.beats()
    assert {"binding", "resolve"} < {clock for _, clock in it.breaches()}


def test_a_holiday_that_is_added_afterwards_takes_no_breach_away(case: New) -> None:
    it = case().opens()
    due = it.ticket.binding_by
    it.lives_until(due + timedelta(hours=1))
    region = siantar()
    office = replace(region.calendars["office"], added_off=frozenset({date(2026, 9, 8), date(2026, 9, 9)}))
    it.recounts(replace(region, calendars={**region.calendars, "office": office}))
    assert it.ticket.binding_by > due
    assert it.breach(Clock.BINDING).due_at == due
    it.lives_until(it.ticket.binding_by + timedelta(days=3))
    assert [clock for _, clock in it.breaches()].count("binding") == 1


def test_a_date_that_passed_while_nothing_ran_stays_missed_though_the_calendar_changes_first(case: New) -> None:
    it = case().opens()
    due = it.ticket.binding_by
    it.at = due + timedelta(hours=20)
    office = it.region.calendars["office"]
    closed = replace(office, added_off=frozenset({date(2026, 9, 14)}))
    it.recounts(replace(it.region, calendars={**it.region.calendars, "office": closed}))
    assert it.ticket.binding_by > due
    it.beats()
    assert (it.breach(Clock.BINDING).due_at, it.breach(Clock.BINDING).at) == (due, due + timedelta(minutes=1))


def test_a_tap_is_not_taken_back_once_the_calendar_has_moved_its_case(case: New) -> None:
    it = case().opens()
    it.takes()
    office = it.region.calendars["office"]
    closed = replace(office, added_off=frozenset({date(2026, 9, 14)}))
    it.recounts(replace(it.region, calendars={**it.region.calendars, "office": closed}))
    moved = it.ticket.binding_by
    it.undoes()
    assert (it.ticket.state, it.ticket.binding_by) == ("accepted", moved)


def test_a_holiday_that_is_added_before_moves_the_step_with_the_date(case: New) -> None:
    it = case().opens()
    due = it.ticket.binding_by
    region = siantar()
    office = replace(region.calendars["office"], added_off=frozenset({date(2026, 9, 8)}))
    it.recounts(replace(region, calendars={**region.calendars, "office": office}))
    it.lives_until(due + timedelta(hours=1))
    assert "binding" not in [clock for _, clock in it.breaches()]
    it.lives_until(it.ticket.binding_by + timedelta(minutes=1))
    assert "binding" in [clock for _, clock in it.breaches()]


def test_while_the_citizen_is_asked_only_the_law_s_own_limit_can_be_missed(case: New) -> None:
    it = case().opens()
    it.goes_on(days=15)
    it.asks()
    it.arrives()
    it.goes_on(days=20)
    it.adds()
    it.asks()
    it.arrives()
    it.lives_until(it.ticket.statutory_by + timedelta(hours=1))
    found = {clock for _, clock in it.breaches()}
    assert "statutory" in found
    assert not {"binding", "resolve"} & found


def test_a_limit_of_the_law_that_passed_while_nothing_was_open_is_no_breach(case: New) -> None:
    it = case().opens()
    it.finishes()
    it.arrives()
    it.at = it.ticket.statutory_by + timedelta(days=3)
    it.belum()
    it.beats()
    assert it.breaches() == []


def test_a_new_promise_can_be_missed_again(case: New) -> None:
    it = case().opens()
    it.lives_until(it.ticket.binding_by + timedelta(hours=1))
    it.finishes()
    it.arrives()
    it.belum()
    it.lives_until(it.ticket.binding_by + timedelta(hours=1))
    assert [cycle for cycle, clock in it.breaches() if clock == "binding"] == [1, 2]


def test_an_aspiration_can_miss_its_answer_and_binds_nobody(case: New) -> None:
    it = case(kind=Kind.ASPIRATION).opens()
    it.lives_until(START + timedelta(days=90))
    assert sorted(clock for _, clock in it.breaches()) == ["first_response", "verify"]


def test_a_case_that_was_taken_back_in_time_missed_nothing(case: New) -> None:
    it = case().opens()
    it.withdraws()
    it.lives_until(START + timedelta(days=90))
    assert it.breaches() == []


def test_since_when_the_promise_is_broken_is_said_of_the_promise_that_stands(case: New) -> None:
    it = case().opens()
    it.lives_until(it.ticket.binding_by + timedelta(hours=1))
    missed = it._does(lambda session: breaches.missed_at(session, it._ticket(session)))
    assert missed == it.ticket.binding_by + timedelta(minutes=1)
    it.finishes()
    it.arrives()
    it.belum()
    assert it._does(lambda session: breaches.missed_at(session, it._ticket(session))) is None


# --- pauses


@pytest.mark.parametrize("hours", [0, 7, 7.5, 7.51, 24, 24 * 20])
def test_no_answer_of_the_citizen_finds_the_case_late(case: New, hours: float) -> None:
    """Asked in the very last minute that was in time: 30 seconds into the closing minute of the due day."""
    it = case().opens()
    it.takes()
    it.answers()
    it.arrives()
    it.at = it.ticket.binding_by + timedelta(seconds=30)
    it.asks()
    it.arrives()
    it.lives_until(it.at + timedelta(hours=hours))
    it.adds()
    it.beats()
    assert it.breaches() == []
    assert it.ticket.binding_by + timedelta(minutes=1) > it.at


def test_a_case_stands_still_three_times(case: New) -> None:
    it = case().opens()
    for times in range(1, 5):
        it.asks()
        it.arrives()
        assert (it.ticket.state, it.ticket.waiting_since is not None) == (
            ("waiting_citizen", True) if times < 4 else ("in_progress", False)
        )
        it.goes_on(minutes=1)
        it.adds()


def test_questions_that_never_arrived_are_not_counted(case: New) -> None:
    it = case().opens()
    for _ in range(4):
        it.asks()
        it.fails()
    it.asks()
    assert it.ticket.state == "waiting_citizen"


def test_a_rule_may_say_that_nothing_stops_the_clock(case: New) -> None:
    it = case().opens()
    it._does(lambda session: setattr(it._ticket(session), "terms", {**it.ticket.terms, "pauses": 0}))
    it.asks()
    assert (it.ticket.state, it.ticket.waiting_since) == ("in_progress", None)


def test_after_sixty_days_of_waiting_the_clock_runs_and_the_desk_is_told(case: New) -> None:
    it = case().opens()
    for days in (29, 29):
        it.asks()
        it.arrives()
        it.goes_on(days=days)
        it.adds()
    it.asks()
    it.arrives()
    asked = it.at
    it.lives_until(asked + timedelta(days=3))
    assert (it.ticket.state, it.ticket.waiting_since) == ("in_progress", None)
    assert it.told("officer/run_again") == 1
    assert it.ticket.binding_by > asked + timedelta(days=2)


def test_days_in_which_a_question_seemed_to_have_arrived_are_given_back(case: New) -> None:
    it = case(rules=TELLS_LATER).opens()
    it.goes_on(days=17)
    before = it.ticket.binding_by
    it.asks()
    it.arrives()
    it.lives_until(before + timedelta(days=1))
    it.receipt("failed", "131000")
    it.beats()
    assert it.ticket.state == "in_progress"
    assert "binding" not in [clock for _, clock in it.breaches()]
    assert it.ticket.binding_by > it.at


def test_a_pause_says_why_and_how_long(case: New) -> None:
    it = case().opens()
    it.asks()
    it.arrives()
    it.goes_on(days=3)
    it.adds()
    (pause,) = it._does(lambda session: [row.values for row in promises.pauses_of(session, it._ticket(session))])
    assert (pause["reason"], pause["since"], pause["until"], pause["days"]) == (
        "asked", START, START + timedelta(days=3), 3,
    )  # fmt: skip
