"""How a page goes when free words may be closed to its reader: the rule by a table, and when a window is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from handlers.actions.windows import MARGIN, Terms, Way, is_open, way_of

NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = Terms({"whatsapp": DAY, "telegram": None})


@pytest.mark.parametrize(
    ("whole", "announced", "newer", "other", "way"),
    [
        # a message that stands for the page, one that says it waits, none that may be used
        (True, False, False, False, Way.STAND_IN),
        (True, False, False, True, Way.STAND_IN),
        (False, False, False, False, Way.ANNOUNCE),
        (False, False, False, True, Way.ANNOUNCE),
        (False, True, False, False, Way.REST),
        (False, True, False, True, Way.REST),
        (None, False, False, True, Way.ELSEWHERE),
        (None, False, False, False, Way.STUCK),
        # they wrote somewhere else since, and can be reached freely there
        (None, False, True, True, Way.ELSEWHERE),
        (True, False, True, True, Way.ELSEWHERE),
        (False, True, True, True, Way.ELSEWHERE),
    ],
)
def test_behind_a_closed_window(whole: bool | None, announced: bool, newer: bool, other: bool, way: Way) -> None:
    assert way_of(is_open=False, whole=whole, announced=announced, newer=newer, other=other) is way


def test_through_an_open_window_a_page_always_goes_freely() -> None:
    either = (True, False)
    for whole, announced, newer, other in product((None, True, False), either, either, either):
        assert way_of(is_open=True, whole=whole, announced=announced, newer=newer, other=other) is Way.FREE


@pytest.mark.parametrize(
    ("channel", "heard", "found"),
    [
        ("whatsapp", NOW, True),
        ("whatsapp", NOW - DAY + MARGIN + timedelta(seconds=1), True),
        ("whatsapp", NOW - DAY + MARGIN, False),
        ("whatsapp", NOW - DAY, False),
        ("whatsapp", None, False),
        ("telegram", None, True),
        ("telegram", NOW - 400 * DAY, True),
        ("unheard of", None, True),
    ],
)
def test_a_window_is_open_for_a_while_after_the_last_message(channel: str, heard: datetime | None, found: bool) -> None:
    assert is_open(TERMS, channel, heard, NOW) is found
