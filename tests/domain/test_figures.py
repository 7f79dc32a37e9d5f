"""Figures: each as its one sentence says, and those of a past month the same whenever they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar
from domain.figures import Figures, figures, office_days, spread
from domain.lives import Life, Passed, promises, standing
from domain.vocabulary import Identity, Kind, Turn
from tests.domain.calendars import OFFICE
from tests.domain.lifetimes import LAST, Story

DAY = timedelta(days=1)
MARCH, APRIL, MAY = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4, 5))


def offices(_: str) -> Calendar:
    return OFFICE


def at(day: int, hour: int = 3, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def life(*took: tuple[Turn, datetime], due: datetime | None = None, **values: Any) -> Life:
    """A complaint of 2 March at unit A; `due` is every promise's."""
    due = due or at(20, 9)
    received = values.pop("received_at", at(2))
    waiting = values.pop("waiting_since", None)
    passed = tuple(Passed(turn, moment, "A", due) for turn, moment in took)
    plain = Life(
        id=1,
        kind=Kind.COMPLAINT,
        identity=Identity.OPEN,
        unit="A",
        received_at=received,
        first_response_by=None,
        first_response_at=None,
        turns=passed,
        promises=promises(received, passed, "A", standing(due, waiting)),
    )
    return replace(plain, **values)


def of_march(*lives: Life) -> Figures:
    return figures(lives, MARCH, APRIL, offices)


SETTLED, REFUSED, SILENCE = Turn.SETTLED, Turn.REFUSED, Turn.SILENCE
IN_TIME = life((SETTLED, at(10)))


# --- each figure by its sentence


@pytest.mark.parametrize(
    ("case", "decided"),
    [
        (life((SETTLED, at(10))), (1, 1)),
        (life((SETTLED, at(20, 9))), (1, 1)),
        (life((SETTLED, at(20, 9) + timedelta(seconds=59))), (1, 1)),
        (life((SETTLED, at(20, 9) + timedelta(minutes=1))), (0, 1)),
        (life((SETTLED, at(25))), (0, 1)),
        (life(), (0, 1)),
        (life((SETTLED, at(10, month=4))), (0, 1)),
        (life(due=at(20, month=4)), (0, 0)),
        (life((SETTLED, at(10, month=4)), due=at(20, month=4)), (0, 0)),
        (life((SETTLED, at(10)), due=at(20, month=2), received_at=at(1, month=2)), (0, 0)),
        (life((Turn.WITHDRAWN, at(10))), (0, 0)),
        (life((Turn.WITHDRAWN, at(25))), (0, 1)),
        (life(waiting_since=at(19)), (0, 0)),
        (life(waiting_since=at(25)), (0, 1)),
        (life((SETTLED, at(10)), (REFUSED, at(12))), (1, 2)),
        (life((SETTLED, at(10)), (REFUSED, at(12)), (SETTLED, at(13))), (2, 2)),
    ],
)
def test_a_promise_counts_once_in_the_month_that_decides_it(case: Life, decided: tuple[int, int]) -> None:
    found = of_march(case)
    assert (found.in_time, found.counted) == decided


def test_what_was_written_down_as_missed_stays_missed_wherever_its_date_moves() -> None:
    settled = Passed(SETTLED, at(25), "A", at(30))
    again = (settled, Passed(REFUSED, at(26), "A", at(30)), Passed(SETTLED, at(27), "A", at(30)))
    cases = (((), (2, 2)), ((at(20),), (1, 2)), ((at(20), at(26, 9)), (0, 2)), ((at(9, month=1),), (2, 2)))
    for missed, decided in cases:
        found = of_march(life(promises=promises(at(2), again, "A", None, missed), turns=again))
        assert (found.in_time, found.counted) == decided


def test_what_promised_no_date_is_neither_in_time_nor_late() -> None:
    wish = life((SETTLED, at(10)), kind=Kind.ASPIRATION)
    wish = replace(wish, promises=tuple(replace(promise, due=None) for promise in wish.promises))
    found = of_march(wish)
    assert (found.settled, found.counted, found.late) == (1, 0, 0)


@pytest.mark.parametrize(
    ("due", "answered", "late"), [(at(9), None, 1), (at(9), at(8), 0), (at(9), at(3, month=4), 1), (None, None, 0)]
)
def test_a_wish_is_late_while_its_first_answer_is(due: datetime | None, answered: datetime | None, late: int) -> None:
    wish = life(kind=Kind.ASPIRATION, first_response_by=due, first_response_at=answered)
    assert of_march(wish).late == late


@pytest.mark.parametrize(
    ("case", "opened"),
    [
        (life(), True),
        (life(waiting_since=at(9)), True),
        (life((SETTLED, at(10))), False),
        (life((SETTLED, at(10)), (REFUSED, at(12))), True),
        (life((SETTLED, at(10)), (REFUSED, at(1, 0, month=4))), False),
        (life((SETTLED, at(1, 0, month=4))), True),
        (life((Turn.LAPSED, at(10))), False),
        (life((Turn.LAPSED, at(10)), (Turn.RESUMED, at(11))), True),
        (life(received_at=at(1, month=4)), False),
    ],
)
def test_open_at_the_months_end_is_what_an_office_then_owes(case: Life, opened: bool) -> None:
    assert of_march(case).open == opened


@pytest.mark.parametrize(
    ("case", "unanswered", "owed"),
    [
        (life(), 1, 1),
        (life(first_response_at=at(3)), 0, 1),
        (life(first_response_at=at(3, month=4)), 1, 1),
        (life((Turn.LAPSED, at(10)), first_response_at=at(3)), 1, 1),
        (life((Turn.LAPSED, at(10)), (Turn.RESUMED, at(12)), first_response_at=at(3)), 0, 1),
        (life((Turn.WITHDRAWN, at(10))), 0, 0),
        (life((Turn.WITHDRAWN, at(10)), first_response_at=at(3)), 0, 1),
        (life(received_at=at(3, month=2)), 0, 0),
    ],
)
def test_unanswered_is_what_came_and_had_no_answer_by_the_months_end(case: Life, unanswered: int, owed: int) -> None:
    found = of_march(case)
    assert (found.unanswered, found.owed) == (unanswered, owed)


def test_a_verdict_counts_in_the_month_in_which_it_is_given() -> None:
    settled = (SETTLED, at(30))
    cases = [
        life(settled, (REFUSED, at(31))),
        life(settled, (REFUSED, at(2, month=4))),
        life(settled, (SILENCE, at(31))),
        life(settled, (Turn.ACCEPTED, at(30, 4))),
    ]
    assert (of_march(*cases).refused, of_march(*cases).judged) == (1, 3)
    later = figures(cases, APRIL, MAY, offices)
    assert (later.refused, later.judged) == (1, 1)


def test_a_case_that_was_sent_back_is_measured_from_its_receipt_each_time() -> None:
    case = life((SETTLED, at(3)), (REFUSED, at(4)), (SETTLED, at(5)))
    minutes = [OFFICE.working_minutes(at(2), at(3)), OFFICE.working_minutes(at(2), at(5))]
    assert of_march(*[case] * 5).resolve.median == sum(minutes) / 2


@pytest.mark.parametrize(
    ("values", "median", "p90"),
    [
        ([], None, None),
        ([1, 2, 3, 4], None, None),
        ([9, 1, 2, 3, 4], 3, None),
        (range(1, 10), 5, None),
        (range(1, 11), 5.5, 9),
        (range(1, 12), 6, 10),
        (range(1, 101), 50.5, 90),
        ([5] * 20, 5, 5),
    ],
)
def test_a_median_needs_five_and_nine_of_ten_need_ten(
    values: list[int], median: float | None, p90: float | None
) -> None:
    found = spread(values)
    assert (found.median, found.p90, found.count) == (median, p90, len(values))


def test_an_office_day_is_the_mean_day_of_the_week() -> None:
    assert OFFICE.minutes_a_day() == (4 * 510 + 540) // 5
    assert office_days(3 * 516, OFFICE) == 3
    assert office_days(None, OFFICE) is None


def test_a_rating_that_nobody_gave_is_counted_apart() -> None:
    closed = life((SETTLED, at(5)), (SILENCE, at(20)))
    cases = [closed, replace(closed, stars=((at(6), 4),)), replace(closed, stars=((at(2, month=4), 1),))]
    found = of_march(*cases)
    assert (found.ratings.count, found.ratings.average, found.ratings.none) == (1, 4, 2)
    assert of_march().ratings.average is None


# --- the same whenever they are asked for, and as they were counted while it happened


@cache
def story(seed: int) -> Story:
    return Story(seed).tell()


SEEDS = st.integers(0, 10_000)
MONTHS = (date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))


def month(lives: list[Life], first: date) -> Figures:
    start = datetime.combine(first, time(0), UTC)
    end = (start + 31 * DAY).replace(day=1)
    return figures(lives, start, end, offices)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_figures_of_a_month_are_what_was_counted_day_by_day(seed: int) -> None:
    told = story(seed)
    for first in MONTHS:
        found, account = month(told.records[LAST], first), told.months[first]
        counts = account.counts
        for name, turn in (("settled", "settled"), ("refused", "refused"), ("resumed", "resumed")):
            assert getattr(found, name) == counts[turn], name
        assert found.received == counts["received"]
        assert (found.open, found.late) == (account.open, account.late)
        assert (found.in_time, found.counted) == (counts["kept"], counts["kept"] + counts["broken"])
        assert found.judged == counts["refused"] + counts["accepted"] + counts["silence"]
        assert found.withdrawn + found.lapsed == counts["gone"]
        assert found.answer.count == counts["answered"]
        assert found.ratings.count == len(account.stars)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_a_month_has_the_same_figures_at_its_end_and_long_after(seed: int) -> None:
    told = story(seed)
    for first in MONTHS:
        asked = [record for day, record in told.records.items() if day > first + 27 * DAY]
        assert len({repr(month(record, first)) for record in asked}) == 1
        assert len(asked) >= 2


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_what_was_open_and_what_came_is_what_went_and_what_is_open(seed: int) -> None:
    told = story(seed).records[LAST]
    before = month(told, MONTHS[0]).open
    for first in MONTHS[1:]:
        found = month(told, first)
        came = found.received + found.refused + found.resumed
        assert before + came - found.settled - found.withdrawn - found.lapsed - found.referred == found.open
        before = found.open


def test_the_invented_months_hold_everything_that_they_prove() -> None:
    """A law over stories in which nothing happens would hold by itself."""
    pages = [month(story(seed).records[LAST], first) for seed in range(5) for first in MONTHS]
    amounts: tuple[Callable[[Figures], int], ...] = (
        lambda page: page.late,
        lambda page: page.open,
        lambda page: page.resumed,
        lambda page: page.lapsed,
        lambda page: page.withdrawn,
        lambda page: page.refused,
        lambda page: page.counted - page.in_time,
        lambda page: page.in_time,
        lambda page: page.ratings.count,
    )
    assert [sum(map(amount, pages)) > 5 for amount in amounts] == [True] * len(amounts)
