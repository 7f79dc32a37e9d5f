"""What is left of a month's messages, and when the town hears of it."""

from __future__ import annotations

import pytest

from domain.spending import FREE, Limit, limits, reached


@pytest.mark.parametrize(
    ("used", "most", "stage"),
    [(0, 10, 0), (7, 10, 0), (8, 10, 80), (9, 10, 80), (10, 10, 100), (99, 10, 100), (799, 1000, 0), (0, 0, 100)],
)
def test_a_limit_comes_near_at_eighty_percent_and_is_reached_at_a_hundred(used: int, most: int, stage: int) -> None:
    assert Limit("budget", used, most).stage == stage


def test_only_service_messages_are_free_and_all_count_for_the_budget() -> None:
    counts = [("service", 500), ("utility", 70), ("service", 30), ("marketing", 1)]
    assert limits(counts, 1000) == (Limit("free", 530, FREE), Limit("budget", 601, 1000))
    assert limits(counts, None) == (Limit("free", 530, FREE),)


def test_a_stage_is_told_once_also_when_it_is_jumped_over() -> None:
    told = [
        [limit.stage for limit in reached(limits([("service", before)], None), limits([("service", now)], None))]
        for before, now in [(0, 799), (799, 800), (800, 801), (801, 999), (999, 1000), (0, 5000), (1000, 1001)]
    ]
    assert told == [[], [80], [], [], [100], [100], []]
