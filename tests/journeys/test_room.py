"""A case has room for so many files: whoever sends more is told, and what was there before stays."""

from __future__ import annotations

import pytest

from handlers.actions import room
from storage.tables import Attachment, Message
from tests.journeys.stories import SLOW
from tests.kit.carriers import WITH_CAPTIONS, WITH_SIZES, Page
from tests.kit.recordings import voice
from tests.kit.town import Person, Town, words

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _two_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_FILES", 2)


def told(somebody: Person, language: str, reader: str = "citizen") -> int:
    """How often somebody has read that there was no room."""
    page = words(f"{reader}/odd", language, what="too_many", first=False)
    return sum(shown.text == page for shown in somebody.shown)


def clean(town: Town) -> int:
    return sum(row.state == "clean" and row.ticket_id is not None for row in town.rows(Attachment))


async def test_a_draft_takes_no_more_files_than_there_is_room_for(town: Town, language: str) -> None:
    await town.sari.types(SLOW)
    for n in range(4):
        await town.sari.sends_voice(voice())
        assert told(town.sari, language) == max(0, n - 1)
    await town.sari.chooses("send", on=town.sari.sees(SLOW))
    assert len(town.rows(Attachment)) == clean(town) == 2


async def test_words_that_come_with_a_file_too_many_are_taken(town: Town, language: str) -> None:
    for _ in range(2):
        await town.sari.sends_voice(voice())
    await town.sari.sends_voice(voice(), SLOW)
    assert told(town.sari, language) == 1
    await town.sari.chooses("send")
    assert clean(town) == 2


@WITH_SIZES
async def test_what_is_large_fills_the_room_sooner(town: Town, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", len(voice()))
    for _ in range(2):
        await town.sari.sends_voice(voice(), SLOW)
    assert told(town.sari, language) == 1


async def _adds_a_voice(town: Town, page: Page, text: str = "") -> None:
    data = voice()
    kept = await town.channel.keep(town.sari, "voice", data, len(data), ())
    await town.sari.does(text=text, reply_to=page.message, remote=[kept])


@WITH_CAPTIONS
async def test_a_case_takes_no_more_of_its_citizen_and_still_some_of_the_office(town: Town, language: str) -> None:
    ticket = await town.sari.complains(SLOW)
    receipt = town.sari.sees(ticket.number)
    for n in range(4):
        await _adds_a_voice(town, receipt)
        assert told(town.sari, language) == max(0, n - 1)
    assert clean(town) == 2
    assert len(town.rows(Message, kind="addition")) == 2, "a file that is not kept is no news to an office"
    await _adds_a_voice(town, receipt, "Ini suaranya")
    assert (told(town.sari, language), len(town.rows(Message, kind="addition"))) == (3, 3)
    await town.budi.types(f"/tiket {ticket.number}")
    await town.budi.chooses("answer")
    await town.budi.sends_voice(voice(), "Sudah jadi.")
    await town.budi.chooses("send")
    assert clean(town) == 3
    assert not told(town.budi, language, "officer")
