"""Stickers, contacts and what else we can't read: answered kindly, and nothing else changes."""

from __future__ import annotations

import pytest

from bot.channels.phone import ODD
from tests.journeys.stories import SLOW
from tests.kit.carriers import WITH_SIZES
from tests.kit.town import Town, words

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("what", [pytest.param(what, marks=WITH_SIZES if what == "too_large" else ()) for what in ODD])
async def test_an_odd_thing_is_answered_and_the_draft_is_still_there(town: Town, language: str, what: str) -> None:
    await town.sari.types(SLOW)
    draft = town.sari.shown[-1]
    await town.sari.sends_odd(what)
    assert town.sari.page == words("citizen/odd", language, what=what, first=False)
    await town.sari.chooses("send", on=draft)
    assert len(town.tickets()) == 1


async def test_who_begins_with_a_sticker_is_welcomed_with_the_privacy_notice(town: Town) -> None:
    await town.sari.sends_sticker()
    assert town.sari.page_name == "citizen/odd"
    assert "/privasi" in town.sari.page
    await town.sari.sends_sticker()
    assert "/privasi" not in town.sari.page


async def test_a_sticker_answers_no_offices_question(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    await town.budi.chooses("ask_citizen")
    await town.budi.types("Boleh tahu nomor antreannya?")
    await town.budi.chooses("send")
    await town.sari.chooses("reply")
    await town.sari.sends_sticker()
    assert town.sari.page_name == "citizen/odd"
    await town.sari.types("45")
    assert town.sari.page_name == "citizen/added"
    assert town.ticket(ticket.number).state == "in_progress"


@WITH_SIZES
async def test_ten_videos_that_are_too_large_are_answered_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        await town.sari.sends_odd("too_large")
    assert len(town.sari.received) == 2, "they are only silenced within the seconds of a burst"
    object.__setattr__(town.program.house.rules, "album_seconds", 60)
    for _ in range(10):
        await town.sari.sends_odd("too_large")
        await town.sari.sends_sticker()
    assert town.sari.page_names == ["citizen/odd"] * 3


async def test_an_officers_sticker_keeps_what_is_being_written(town: Town) -> None:
    await town.sari.complains(SLOW)
    await town.budi.chooses("answer")
    await town.budi.sends_sticker()
    assert town.budi.page_name == "officer/odd"
    await town.budi.types("Silakan datang hari Senin")
    assert town.budi.page_name == "officer/confirm_answer"


@WITH_SIZES
async def test_a_stranger_among_the_staff_learns_nothing_by_a_sticker(town: Town) -> None:
    stranger = town.stranger("tamu")
    for what in ODD:
        await stranger.sends_odd(what)
    await stranger.sends_place()
    assert set(stranger.page_names) == {"officer/stranger"}
