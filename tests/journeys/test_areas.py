"""A pin or a name gives the kelurahan: what its citizen reads, and who answers there."""

from __future__ import annotations

import json

import pytest
from shapely.geometry import shape

from tests.journeys.stories import PLACELESS, PUNGLI
from tests.kit.town import Town, siantar

pytestmark = pytest.mark.anyio

#: Answered by a kelurahan, which the story does not name.
LETTER = "Surat pengantar untuk nikah sudah dua minggu belum selesai"
TOMUAN = "Kelurahan Tomuan, Kecamatan Siantar Timur"
SIMALUNGUN = "2.98000, 98.90000"


def pin(area: str) -> str:
    """A point in the middle of an area."""
    features = json.loads(siantar().borders.own)["features"]
    (border,) = [shape(one["geometry"]) for one in features if one["properties"]["code"] == area]
    point = border.representative_point()
    return f"{point.y:.5f}, {point.x:.5f}"


async def test_a_pin_says_in_which_kelurahan_it_lies_and_the_case_keeps_it(town: Town) -> None:
    await town.sari.sends_place(pin("12.72.01.1002"))
    assert TOMUAN in town.sari.page
    await town.sari.types(PLACELESS)
    assert town.sari.page_name == "citizen/confirm"
    assert TOMUAN in town.sari.page
    await town.sari.chooses("send")
    assert town.ticket().area_code == "12.72.01.1002"


async def test_a_pin_answers_which_kelurahan_is_meant(town: Town) -> None:
    await town.sari.types(LETTER)
    assert town.sari.page_name == "citizen/office"
    await town.sari.sends_place(pin("12.72.01.1002"))
    assert town.sari.page_name == "citizen/confirm"
    assert "Petugas pengaduan Kelurahan Tomuan" in town.sari.page


@pytest.mark.parametrize("typed", ["kel. tomuann", "tomuan", "Kelurahan Tomuan"])
async def test_a_name_answers_which_kelurahan_is_meant_also_with_a_slip(town: Town, typed: str) -> None:
    await town.sari.types(LETTER)
    await town.sari.types(typed)
    assert town.sari.page_name == "citizen/confirm"
    assert "Petugas pengaduan Kelurahan Tomuan" in town.sari.page
    assert f"“{LETTER}”" in town.sari.page


async def test_a_name_that_two_may_mean_is_asked_about_with_both(town: Town) -> None:
    await town.sari.types(LETTER)
    await town.sari.types("naga pit")
    assert town.sari.page_name == "citizen/office"
    assert town.sari.buttons[:2] == ("Kelurahan Naga Pita", "Kelurahan Naga Pitu")
    await town.sari.presses("Kelurahan Naga Pitu")
    assert "Petugas pengaduan Kelurahan Naga Pitu" in town.sari.page


async def test_a_place_that_is_not_ours_is_said_kindly_and_the_front_desk_reads(town: Town) -> None:
    await town.sari.types(PLACELESS)
    await town.sari.sends_place(SIMALUNGUN)
    assert "Kota Pematangsiantar" in town.sari.page
    assert "Bagian Organisasi" in town.sari.page
    await town.sari.chooses("send")
    assert (town.ticket().unit_code, town.ticket().area_code) == ("BAGIAN-ORGANISASI", None)


async def test_a_place_that_another_town_holds_is_called_by_that_towns_name(town: Town) -> None:
    await town.sari.sends_place("2.98000, 99.62000")
    assert "Kabupaten Asahan" in town.sari.page


async def test_the_place_of_an_accusation_changes_nothing_about_who_reads(town: Town) -> None:
    await town.sari.sends_place(SIMALUNGUN)
    await town.sari.types(PUNGLI)
    await town.sari.chooses("send")
    assert town.ticket().unit_code == "INSPEKTORAT"
    assert town.ticket().reported_unit == "DISDUKCAPIL"


async def test_a_typed_place_with_a_slip_is_the_area_of_the_case(town: Town) -> None:
    await town.sari.types(PLACELESS)
    assert town.sari.page_name == "citizen/place"
    await town.sari.types("bhkapul depan mesjid")
    assert "Kelurahan Bah Kapul, Kecamatan Siantar Sitalasari" in town.sari.page
    await town.sari.chooses("send")
    assert town.ticket().area_code == "12.72.07.1002"
