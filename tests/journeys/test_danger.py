"""Who is in danger reads first who helps, and nothing comes later that the wrong person could read."""

from __future__ import annotations

import pytest

from tests.kit.town import Town

pytestmark = pytest.mark.anyio

AT_HOME = "Suami saya memukul saya lagi, saya takut. Sudah lapor ke kelurahan tomuan"
CARELESS = "Rumah tetangga terbakar sekarang, parit di kelurahan tomuan kering"


async def test_violence_at_home_has_a_page_of_its_own_and_stays_confidential(town: Town) -> None:
    await town.sari.types(AT_HOME)
    assert town.sari.page_names[0] == "citizen/care"
    assert "129" in town.sari.pages[0]
    assert town.sari.page_name == "citizen/confirm", "whoever is in danger is asked nothing"
    await town.sari.chooses("send")
    assert town.ticket().identity == "confidential"
    assert town.ticket().unit_code == "DPPKB", "those who protect women and children, not the kelurahan that is named"


async def test_after_a_story_of_violence_at_home_no_reminder_comes(town: Town) -> None:
    await town.sari.complains(AT_HOME)
    before = len(town.sari.received)
    await town.travels(working_days=30)
    assert len(town.sari.received) == before


async def test_a_story_of_danger_at_this_moment_goes_before_the_others(town: Town) -> None:
    await town.sari.types(CARELESS)
    assert town.sari.page_names[0] == "citizen/emergency"
    while town.sari.page_name != "citizen/confirm":
        await town.sari.chooses("unknown" if town.sari.page_name == "citizen/office" else "skip")
    await town.sari.chooses("send")
    assert town.ticket().priority == "high"
