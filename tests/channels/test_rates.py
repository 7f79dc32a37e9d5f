"""A burst at once, and then one at a time, for each key."""

from __future__ import annotations

import pytest

from bot.channels import rates
from bot.channels.rates import Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_goes_at_once_and_then_one_at_a_time() -> None:
    clock = Clock()
    rate = Rate(burst=3, every=6.0, clock=clock)
    for _ in range(3):
        assert rate.rest("a") == 0
        rate.take("a")
    assert rate.rest("a") == 6
    assert rate.rest("b") == 0
    clock.now += 6
    assert rate.rest("a") == 0
    rate.take("a")
    assert rate.rest("a") == 6
    clock.now += 18
    waits = []
    for _ in range(3):
        rate.take("a")
        waits.append(rate.rest("a"))
    assert waits == [0, 0, 6]


def test_turns_that_are_taken_ahead_stand_in_line() -> None:
    rate = Rate(burst=1, every=2.0, clock=Clock())
    waits = []
    for _ in range(3):
        waits.append(rate.rest("a"))
        rate.take("a")
    assert waits == [0, 2, 4]


def test_who_was_told_to_wait_has_no_burst_left() -> None:
    clock = Clock()
    rate = Rate(burst=3, every=6.0, clock=clock)
    rate.hold("a", 30.0)
    assert rate.rest("a") == 30
    clock.now += 30
    rate.take("a")
    assert rate.rest("a") == 6
    rate.hold("a", 1.0)
    assert rate.rest("a") == 6


def test_who_has_rested_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_MOST", 2)
    clock = Clock()
    rate = Rate(burst=1, every=6.0, clock=clock)
    rate.take("a")
    rate.take("b")
    clock.now += 7
    rate.take("c")
    assert list(rate._paid_until) == ["c"]


def test_one_may_be_free() -> None:
    rate = Rate.free()
    for _ in range(100):
        rate.take("a")
    assert rate.rest("a") == 0
