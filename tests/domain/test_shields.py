"""What the printed numbers of shielded cases give away: from no two pages can a single case be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shields import LEAST_CELL, Standing, all_renewed, is_shielded, renewed, total
from domain.vocabulary import Identity, Kind

DAY = timedelta(days=1)
#: A Monday.
BEGIN = date(2026, 9, 7)
CELLS = ("accusations", "accusations.late", "office:DLH")

Case = tuple[int, int, int, str]

days = st.integers(0, 69)
#: A case: the day on which it comes, on which it falls late, and on which it ends; in some cell.
cases = st.tuples(days, days, days, st.sampled_from(CELLS))
#: The days on which digests are written: any, for a town has free days.
written = st.sets(days, min_size=1, max_size=40)


def counts_on(day: int, history: list[Case]) -> dict[str, int]:
    """What the record would count on a day."""
    found = dict.fromkeys(CELLS, 0)
    for comes, late, ends, cell in history:
        if comes <= day < ends:
            in_late = cell == "accusations" and late <= day
            found["accusations.late" if in_late else cell] += 1
    return found


def printed(history: list[Case], on: set[int]) -> list[dict[str, int | None]]:
    """What the pages of these days print, whichever post they are for."""
    standing: dict[str, Standing] = {}
    pages = []
    for day in sorted(on):
        standing = all_renewed(standing, counts_on(day, history), BEGIN + day * DAY)
        pages.append({name: cell.printed for name, cell in standing.items()})
    return pages


@given(st.lists(cases, max_size=40), written)
def test_no_number_below_the_least_is_ever_printed(history: list[Case], on: set[int]) -> None:
    assert all(number is None or number >= LEAST_CELL for page in printed(history, on) for number in page.values())


@given(st.lists(cases, max_size=LEAST_CELL - 1), written)
def test_a_town_with_fewer_cases_prints_what_a_town_without_any_prints(history: list[Case], on: set[int]) -> None:
    assert printed(history, on) == printed([], on)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=30))
def test_a_number_moves_by_no_fewer_than_the_least(counts: list[int]) -> None:
    standing = Standing(0, BEGIN - DAY)
    for week, count in enumerate(counts):
        after = renewed(standing, count, BEGIN + week * 7 * DAY)
        assert after.count == standing.count or abs(after.count - standing.count) >= LEAST_CELL
        assert abs(after.count - count) < LEAST_CELL
        standing = after


@given(st.integers(0, 30), st.integers(-LEAST_CELL + 1, LEAST_CELL - 1))
def test_a_number_that_has_just_been_looked_at_tells_nothing_of_the_next_cases(count: int, moved: int) -> None:
    """Right after a look one case more or fewer, or two, change nothing, whatever stands."""
    standing = Standing(count, BEGIN)
    assert renewed(standing, max(0, count + moved), BEGIN + 7 * DAY).printed == standing.printed


@given(st.lists(cases, min_size=1, max_size=30), written, st.data())
def test_on_which_day_between_two_looks_something_happened_shows_on_no_page(
    history: list[Case], on: set[int], data: st.DataObject
) -> None:
    """All pages stay the same when a case comes, falls late or ends on another day between the same two looks."""
    looks = {min(day for day in on if day // 7 == week) for week in {day // 7 for day in on}}
    number = data.draw(st.integers(0, len(history) - 1))
    comes, late, ends, cell = history[number]

    def elsewhere(was: int) -> int:
        same = [day for day in range(70) if [look >= day for look in looks] == [look >= was for look in looks]]
        return data.draw(st.sampled_from(same))

    moved = (elsewhere(comes), elsewhere(late), elsewhere(ends), cell)
    other = [*history[:number], moved, *history[number + 1 :]]
    assert printed(history, on) == printed(other, on)


def test_a_number_is_looked_at_on_a_weeks_first_digest_only() -> None:
    standing = all_renewed({}, {"accusations": 4}, BEGIN)
    assert standing["accusations"].printed == 4
    assert all_renewed(standing, {"accusations": 9, "office:DLH": 5}, BEGIN + 4 * DAY) == standing
    later = all_renewed(standing, {"accusations": 9, "office:DLH": 5}, BEGIN + 8 * DAY)  # that Monday was a holiday
    assert {name: cell.printed for name, cell in later.items()} == {"accusations": 9, "office:DLH": 5}


@pytest.mark.parametrize(
    ("weeks", "pages"),
    [
        ([0, 1, 2, 2, 0], [None, None, None, None, None]),
        ([2, 3, 4, 5, 6], [None, 3, 3, 3, 6]),
        ([7, 6, 5, 4, 3], [7, 7, 7, 4, 4]),
        ([4, 1, 3, 4], [4, None, None, 4]),
        ([9, 0, 0], [9, None, None]),
    ],
)
def test_week_by_week(weeks: list[int], pages: list[int | None]) -> None:
    standing = Standing(0, BEGIN - DAY)
    found = []
    for week, count in enumerate(weeks):
        standing = renewed(standing, count, BEGIN + week * 7 * DAY)
        found.append(standing.printed)
    assert found == pages


def test_a_sum_is_one_of_what_is_printed() -> None:
    cells = [Standing(4, BEGIN), Standing(2, BEGIN), Standing(3, BEGIN)]
    assert total(cells) == 7
    assert total([replace(cells[1], count=1)]) is None


@pytest.mark.parametrize(
    ("identity", "shielded"),
    [
        (Identity.OPEN, {Kind.OVERSIGHT}),
        (Identity.CONFIDENTIAL, set(Kind) - {Kind.LETTER}),
        (Identity.ANONYMOUS, set(Kind) - {Kind.LETTER}),
    ],
)
def test_every_accusation_is_shielded_and_whoever_hides_but_no_letter(identity: Identity, shielded: set[Kind]) -> None:
    assert {kind for kind in Kind if is_shielded(kind, identity)} == shielded
