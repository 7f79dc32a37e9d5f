"""Pictures that belong together arrive one by one, in any order: one draft and one confirmation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from handlers.session import Rules
from storage.tables import Attachment
from tests.journeys.stories import SLOW
from tests.journeys.test_photos import photo
from tests.kit.carriers import WITH_EDITS
from tests.kit.town import Town

pytestmark = pytest.mark.anyio

ALBUM = 60


@pytest.fixture
def undo_seconds() -> int:
    """As long as an album is waited for here: pages are let go by hand."""
    return ALBUM


@pytest.fixture(autouse=True)
def _waits(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rules]:
    monkeypatch.setattr("bot.app.ALBUM_SECONDS", ALBUM)
    return Rules


async def _album(town: Town, parts: tuple[str, ...]) -> list[int]:
    colours = iter(("red", "green", "blue"))
    keys = []
    for part in parts:
        if part == "words":
            await town.sari.types(SLOW)
        else:
            keys.append(await town.sari.sends_photo(photo(next(colours)), SLOW if part == "both" else ""))
    await town.undo_time_passes()
    return keys


@WITH_EDITS
@pytest.mark.parametrize(
    "parts",
    sorted({*permutations(("photo", "photo", "both")), *permutations(("photo", "photo", "words"))}),
)
async def test_an_album_in_any_order_is_one_draft_and_one_confirmation(town: Town, parts: tuple[str, ...]) -> None:
    keys = await _album(town, parts)
    assert town.sari.page_names == ["citizen/confirm"]
    await town.sari.chooses("send")
    assert {row.id for row in town.rows(Attachment, ticket_id=town.ticket().id)} == set(keys)


async def test_pictures_alone_ask_once_for_their_words(town: Town) -> None:
    await _album(town, ("photo", "photo", "photo"))
    assert town.sari.page_names == ["citizen/photo_kept"]
    await town.sari.types(SLOW)
    await town.undo_time_passes()
    assert town.sari.page_names == ["citizen/photo_kept", "citizen/confirm"]


async def test_a_choice_of_the_page_that_waits_may_be_typed_at_once(town: Town) -> None:
    await town.sari.sends_photo(photo(), SLOW)
    await town.sari.types("1")
    assert len(town.tickets()) == 1
    await town.undo_time_passes()
    assert town.sari.page_names == ["citizen/receipt"]


async def test_a_draft_left_is_not_asked_about_any_more(town: Town) -> None:
    await town.sari.sends_photo(photo(), SLOW)
    await town.sari.types("/batal")
    await town.undo_time_passes()
    assert town.sari.page_names == ["citizen/parked"]


async def test_what_is_no_photo_is_said_kindly_and_the_story_goes_on(town: Town) -> None:
    await town.sari.sends_photo(b"%PDF-1.7 a letter", SLOW)
    await town.undo_time_passes()
    assert set(town.sari.page_names) == {"citizen/file_refused", "citizen/confirm"}
    await town.sari.chooses("send")
    assert len(town.tickets()) == 1
