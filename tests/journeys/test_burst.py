"""Several messages within seconds are one draft, and its writer is not asked after each of them."""

from __future__ import annotations

import pytest

from tests.journeys.stories import SLOW
from tests.journeys.test_photos import photo
from tests.kit.town import Town

pytestmark = pytest.mark.anyio

BURST = 60
MORE = ("Sudah tiga kali saya ke sana", "Selalu disuruh pulang", "Mohon dibantu ya")


@pytest.fixture
def undo_seconds() -> int:
    """As long as a burst is waited for here: pages are let go by hand."""
    return BURST


@pytest.fixture(autouse=True)
def _waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.app.ALBUM_SECONDS", BURST)


async def test_the_first_words_are_confirmed_at_once(town: Town) -> None:
    await town.sari.types(SLOW)
    assert town.sari.page_names == ["citizen/confirm"]


async def test_a_burst_is_one_draft_confirmed_once_more_at_the_bottom(town: Town) -> None:
    await town.sari.types(SLOW)
    for words in MORE:
        await town.sari.types(words)
    assert len(town.sari.received) == 1
    await town.undo_time_passes()
    first, second = town.sari.received
    assert second.edits is None
    assert all(words in second.text for words in (SLOW, *MORE))
    await town.sari.chooses("send", on=second)
    assert len(town.tickets()) == 1
    await town.sari.chooses("send", on=first)
    assert len(town.tickets()) == 1


async def test_the_confirmation_before_the_burst_is_stale_and_shows_all_of_it(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types(MORE[0])
    await town.sari.chooses("send")
    assert not town.tickets()
    assert MORE[0] in town.sari.page
    await town.sari.chooses("send")
    await town.undo_time_passes()
    assert town.sari.page_name == "citizen/receipt"
    assert town.sari.page_names.count("citizen/confirm") == 2


async def test_a_case_that_is_sent_is_not_asked_about_any_more(town: Town) -> None:
    await town.sari.types(SLOW)
    await town.sari.types(MORE[0])
    await town.sari.types("ya")
    await town.undo_time_passes()
    assert town.sari.page_names == ["citizen/confirm", "citizen/receipt"]


async def test_words_behind_a_picture_are_confirmed_below_it(town: Town) -> None:
    await town.sari.sends_photo(photo(), SLOW)
    await town.undo_time_passes()
    await town.sari.types(MORE[0])
    await town.undo_time_passes()
    assert town.sari.page_names == ["citizen/confirm", "citizen/confirm"]


async def test_an_answer_to_a_question_is_confirmed_at_once(town: Town) -> None:
    await town.sari.types("Sampah menumpuk di pinggir jalan, sudah lama tidak diangkut")
    assert town.sari.page_name == "citizen/place"
    await town.sari.types("Jalan Sutomo")
    assert town.sari.page_name == "citizen/confirm"
