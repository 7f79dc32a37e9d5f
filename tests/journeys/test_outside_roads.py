"""Who reports the Inspektorat, the Sekda or the head of region is shown a road outside, before sending and after."""

from __future__ import annotations

import pytest

from tests.journeys.stories import PUNGLI, SLOW
from tests.kit.town import LANGUAGES, Town

pytestmark = pytest.mark.anyio

ROADS = ("Ombudsman RI", "SP4N-LAPOR!", "KPK", "Inspektorat Provinsi")
#: Those whom the reader stands below, or is.
ABOVE = (
    "Petugas Inspektorat minta uang 5 juta supaya kasus saya ditutup",
    "Pak Sekda minta uang 10 juta supaya saya diterima honorer",
    "Wali Kota Pematangsiantar minta uang 50 juta supaya izin usaha saya keluar",
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", ABOVE)
async def test_the_confirmation_and_the_receipt_name_every_road(town: Town, story: str) -> None:
    await town.sari.types(story)
    while town.sari.page_name != "citizen/confirm":
        await town.sari.chooses("unknown")
    assert all(road in town.sari.page for road in ROADS)
    assert "lapor.go.id" in town.sari.page
    await town.sari.chooses("send")
    assert town.sari.page_name == "citizen/receipt"
    assert all(road in town.sari.page for road in ROADS)
    assert "citizen/case" not in town.sari.page_names
    await town.sari.types("/status")
    await town.sari.presses(town.ticket().number)
    assert all(road in town.sari.page for road in ROADS)


async def test_the_inspektorat_does_not_read_what_is_said_of_it(town: Town) -> None:
    await town.sari.types(ABOVE[0])
    while town.sari.page_name != "citizen/confirm":
        await town.sari.chooses("unknown")
    await town.sari.chooses("send")
    town.officer("PETUGAS-INSPEKTORAT").saw_nothing()
    for officer in (town.budi, town.ratna, town.outsider):
        officer.saw_nothing()


async def test_who_accuses_a_desk_below_sees_the_roads_once_it_is_sent(town: Town) -> None:
    await town.sari.types(PUNGLI)
    assert "Ombudsman" not in town.sari.page
    await town.sari.chooses("send")
    assert "Ombudsman" in town.sari.page


async def test_a_slow_counter_needs_no_road_outside(town: Town) -> None:
    await town.sari.complains(SLOW)
    town.sari.never_saw("Ombudsman")
