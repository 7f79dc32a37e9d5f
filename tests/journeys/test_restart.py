"""The program ends and begins again: drafts, undelivered pages and due steps are all still there."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.base import Later
from tests.journeys.stories import SLOW
from tests.kit.carriers import PretendChannel
from tests.kit.town import open_town

pytestmark = pytest.mark.anyio


async def test_a_draft_and_its_buttons_survive(town_url: str, tmp_path: Path, language: str) -> None:
    phones = PretendChannel()
    async with open_town(town_url, tmp_path, language=language, channel=phones) as town:
        await town.sari.types(SLOW)
    async with open_town(town_url, tmp_path, language=language, channel=phones) as town:
        await town.sari.chooses("send")
        assert SLOW in town.budi.page
        await town.budi.chooses("answer")
    async with open_town(town_url, tmp_path, language=language, channel=phones) as town:
        await town.budi.types("Sudah kami cetak.")
        await town.budi.chooses("send")
        assert "Sudah kami cetak." in town.sari.page
        await town.ends_in_order()


async def test_what_could_not_be_delivered_goes_after_the_restart(town_url: str, tmp_path: Path, language: str) -> None:
    phones = PretendChannel()
    async with open_town(town_url, tmp_path, language=language, channel=phones) as town:
        phones.answers(town.budi.phone, Later(0.0, blameless=True))
        await town.sari.complains(SLOW)
    async with open_town(town_url, tmp_path, language=language, channel=phones) as town:
        await town.idle()
        assert town.budi.page_names == ["officer/card"]
        await town.ends_in_order()


async def test_what_fell_due_meanwhile_is_said_after_the_restart_once(
    town_url: str, tmp_path: Path, language: str
) -> None:
    phones = PretendChannel()
    async with open_town(town_url, tmp_path, language=language, channel=phones) as town:
        await town.sari.complains(SLOW)
        due = await town.program.next_due()
        assert due is not None
        clock = town.program.house.clock
        await town.program.errand(lambda session: clock.move_to(session.plan.connection, due))
        assert town.budi.page_name == "officer/card"
    async with open_town(town_url, tmp_path, language=language, channel=phones) as town:
        for _ in range(2):
            await town.program.beats.deadlines()
            await town.idle()
        assert town.budi.page_names == ["officer/card", "officer/reminder"]
        await town.ends_in_order()
