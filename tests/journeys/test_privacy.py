"""/privasi and /dataku say what holds here: what is set, what the town's files say, and what the beat forgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.app import rules_of
from domain.vocabulary import Role
from storage import tidying
from tests.journeys.stories import SLOW
from tests.kit.carriers import ON_PHONES
from tests.kit.town import Town

pytestmark = pytest.mark.anyio


@pytest.fixture
def short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release that keeps drafts and our own words for other times."""
    monkeypatch.setattr(tidying, "DRAFTS", timedelta(days=3))
    monkeypatch.setattr(tidying, "SEEN", timedelta(days=11))


def sets(town: Town, **rules: Any) -> None:
    """The operator has set something else, and started anew."""
    house = town.program.house
    house.rules = replace(house.rules, **rules)


async def test_the_page_about_privacy_names_the_towns_own_readers(town: Town) -> None:
    await town.sari.types("/privasi")
    page = town.sari.page
    for post in town.region.posts.values():
        assert (post.title in page) or post.role is not Role.SUPERVISOR
    assert town.region.units[town.region.inspectorate].name in page
    assert town.region.units[town.region.front_desk].name in page


async def test_what_is_kept_for_other_times_is_said_so_on_both_pages(town: Town, short_memory: None) -> None:
    await town.sari.types(SLOW)
    for command, days in (("/privasi", ("3", "11")), ("/dataku", ("3", "11"))):
        await town.sari.types(command)
        unit = {"id": "hari", "en": "days"}[town.language]
        assert all(f" {day} {unit}" in town.sari.page for day in days), town.sari.page
        assert f" 7 {unit}" not in town.sari.page
        assert f" 30 {unit}" not in town.sari.page


async def test_whom_to_ask_and_where_the_data_lies_are_what_is_set(town: Town) -> None:
    await town.sari.types("/privasi")
    before = town.sari.page
    sets(town, privacy_contact="Diskominfo, lantai 2", privacy_place="server Diskominfo di Pematangsiantar")
    await town.sari.types("/privasi")
    assert town.sari.page != before
    assert "Diskominfo, lantai 2" in town.sari.page
    assert "server Diskominfo di Pematangsiantar" in town.sari.page
    assert "Diskominfo" not in before


async def test_the_apps_that_are_named_are_those_that_are_on(town: Town) -> None:
    for channels, named, missing in ((("telegram",), "Telegram", "WhatsApp"), (("whatsapp",), "WhatsApp", "Telegram")):
        sets(town, channels=channels)
        await town.sari.types("/privasi")
        assert named in town.sari.page
        assert missing not in town.sari.page


@ON_PHONES
async def test_the_rules_name_the_channels_that_the_program_has(town: Town) -> None:
    settings = town.program.settings.model_copy(update={"privacy_contact": "Diskominfo"})
    rules = rules_of(settings, town.program.channels)
    assert rules.channels == ("phone",)
    assert rules.privacy_contact == "Diskominfo"
