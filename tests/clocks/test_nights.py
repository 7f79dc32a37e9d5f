"""What came due while nobody could say it is said at work, not at the hour of the night at which it is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import update

from domain.vocabulary import Clock
from storage.plan import table_of
from storage.tables import Address
from tests.clocks.case import Case

#: A complaint of Monday 7 September 2026 is verified by Thursday, and the promise is Friday 25 September.
FRIDAY_NIGHT = datetime(2026, 9, 11, 15, 0, tzinfo=UTC)
MONDAY_OPENING = datetime(2026, 9, 14, 0, 30, tzinfo=UTC)
WEDNESDAY_NIGHT = datetime(2026, 9, 16, 15, 0, tzinfo=UTC)
THURSDAY_OPENING = datetime(2026, 9, 17, 0, 30, tzinfo=UTC)
Cases = Callable[..., Case]


def _stands_still_until(case: Case, moment: datetime) -> None:
    case.goes_on(minutes=int((moment - case.at).total_seconds() // 60))
    case.beats()


def _ladder(case: Case) -> list[datetime]:
    return sorted(row.fired_at for row in case.every_step() if row.post_code)


def test_what_a_clock_missed_until_friday_night_is_said_on_monday_one_rung_an_hour(case: Cases) -> None:
    story = case().opens()
    _stands_still_until(story, FRIDAY_NIGHT)
    assert not _ladder(story)
    assert not story.told("officer/reminder")
    story.lives_until(MONDAY_OPENING + timedelta(hours=1))
    assert _ladder(story) == [MONDAY_OPENING, MONDAY_OPENING + timedelta(hours=1)]


def test_a_day_until_which_a_case_was_put_off_is_said_in_the_morning(case: Cases) -> None:
    story = case().opens()
    story.takes()
    story.postpones()
    _stands_still_until(story, WEDNESDAY_NIGHT)
    (step,) = story.steps(Clock.POSTPONED)
    assert step.due_at == THURSDAY_OPENING
    assert step.fired_at is None
    story.lives_until(THURSDAY_OPENING)
    said = [row for row in story.every_step() if row.clock == Clock.POSTPONED]
    assert [(row.fired_at, row.state) for row in said] == [(THURSDAY_OPENING, "done")]


def test_the_front_desk_is_not_rung_at_night_because_nobody_is_there(case: Cases) -> None:
    story = case().opens()
    addresses = table_of(Address)
    story.connection.execute(update(addresses).where(addresses.c.account == "staff").values(state="dead"))
    _stands_still_until(story, FRIDAY_NIGHT)
    assert not story.told("officer/dead_letter")
    story.lives_until(MONDAY_OPENING)
    assert story.told("officer/dead_letter")


def test_a_step_that_a_new_day_off_moves_into_the_past_at_night_speaks_in_the_morning(case: Cases) -> None:
    story = case().opens()
    story.lives_until(WEDNESDAY_NIGHT)
    calendars = {
        name: replace(calendar, removed_off=frozenset(), added_off=frozenset({date(2026, 9, 25)}))
        for name, calendar in story.region.calendars.items()
    }
    story.recounts(replace(story.region, calendars=calendars))  # the promise is Monday 28 September now
    _stands_still_until(story, datetime(2026, 9, 23, 15, 0, tzinfo=UTC))
    before = story.region
    story.recounts(replace(before, calendars={n: replace(c, added_off=frozenset()) for n, c in calendars.items()}))
    soon = next(row for row in story.every_step() if row.step == "soon_officer")
    assert soon.due_at == datetime(2026, 9, 24, 0, 30, tzinfo=UTC)


def test_a_page_that_the_platform_did_not_take_by_day_waits_at_night_for_its_reader(case: Cases) -> None:
    story = case().opens()
    story.lives_until(datetime(2026, 9, 10, 0, 30, tzinfo=UTC))
    story.opens_post("officer/reminder")
    story.goes_on(hours=1)
    assert story.may_go("officer/reminder")
    story.goes_on(hours=13)
    assert not story.may_go("officer/reminder")
    (page,) = story.waiting("officer/reminder")
    assert page.due_at == datetime(2026, 9, 11, 0, 30, tzinfo=UTC)
    story.at = page.due_at
    assert story.may_go("officer/reminder")
