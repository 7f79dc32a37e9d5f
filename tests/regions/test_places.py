"""Points and names of places in every shipped town: each area finds itself, and none another town's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from rapidfuzz.process import extract
from shapely import Point, make_valid
from shapely.geometry import shape

from domain.borders import NEAR, NOWHERE, Spot
from domain.placing import spot_of_place
from domain.region import Region
from domain.routing import is_clear, proposals, route, unit_for
from domain.understanding import naming
from domain.understanding.naming import areas_named, names_in, spot_named, unit_of
from domain.understanding.reading import read
from storage.regions import RegionFaults, load_region
from tests.kit.typing import typed_names
from tests.regions.test_towns import REGIONS, TOWNS, region_of

#: Names that are typed wrongly in each town: 300 in all.
TYPED = 60


def insides(region: Region) -> Iterator[tuple[str, Point]]:
    """Each area that has a border, and a point well inside it."""
    for feature in json.loads(region.borders.own)["features"]:
        yield feature["properties"]["code"], make_valid(shape(feature["geometry"])).representative_point()


def inside(town: str, code: str) -> tuple[float, float]:
    point = dict(insides(region_of(town)))[code]
    return point.y, point.x


# --- points


@pytest.mark.parametrize("town", TOWNS)
def test_every_areas_inner_point_is_in_that_area(town: str) -> None:
    borders = region_of(town).borders
    found = {code: borders.area_at(point.y, point.x) for code, point in insides(region_of(town))}
    assert found == {code: code for code in found}
    assert len(found) == sum(area.level != "kecamatan" for area in region_of(town).areas.values())


@pytest.mark.parametrize("town", TOWNS)
def test_no_point_of_another_town_becomes_ours(town: str) -> None:
    """What lies inside their border is theirs, by name, wherever they have one; ours is only what ours holds too."""
    region = region_of(town)
    for other in set(TOWNS) - {town}:
        for _, point in insides(region_of(other)):
            spot = region.borders.spot(point.y, point.x)
            assert spot == Spot(outside=True, whose=region_of(other).name)


def test_a_point_hardly_outside_a_simplified_border_is_in_the_nearest_area() -> None:
    region = region_of("pematangsiantar")
    shapes = [make_valid(shape(one["geometry"])) for one in json.loads(region.borders.own)["features"]]
    west = min((shape.bounds[0], shape) for shape in shapes)[1]
    east, north = min(west.exterior.coords)
    assert region.borders.area_at(north, east - NEAR * 0.9) is not None
    assert region.borders.spot(north, east - NEAR * 2) == Spot(outside=True)


def test_nobody_knows_whose_a_point_is_that_no_shipped_town_holds() -> None:
    spot = region_of("pematangsiantar").borders.spot(2.98, 98.9)  # in Kabupaten Simalungun
    assert spot == Spot(outside=True, whose=None)


@pytest.mark.parametrize(
    "place",
    [
        "{0:.5f}, {1:.5f}",
        "Warung Bu Ani, Jalan Merdeka ({0:.5f}, {1:.5f})",
        "https://maps.google.com/?q={0:.6f},{1:.6f}&z=17",
        "titik {0:.4f},{1:.4f} ya",
    ],
)
def test_a_point_is_read_as_channels_and_maps_write_it(place: str) -> None:
    region = region_of("pematangsiantar")
    written = place.format(*inside("pematangsiantar", "12.72.01.1002"))
    assert spot_of_place(written, region) == Spot("12.72.01.1002")


# --- names


def test_names_typed_with_a_slip_are_found_and_never_in_another_town() -> None:
    """At least 95 of 100, and the others are asked for: at most 1 of 100 is taken for another place of the town."""
    typed = [(region_of(town), one) for town in TOWNS for one in typed_names(region_of(town), TYPED)]
    found = [(spot_named(one.text, region), one) for region, one in typed]
    assert len(found) == 300
    missed = [(one, spot) for spot, one in found if spot.area != one.area]
    assert len(missed) <= 15, missed
    assert len([one for one, spot in missed if spot.area]) <= 3, missed
    assert [one for one, spot in missed if spot.outside] == []


@pytest.mark.parametrize("town", TOWNS)
def test_no_name_of_another_town_is_taken_for_one_of_ours(town: str) -> None:
    region = region_of(town)
    ours = {_plain(area.name) for area in region.areas.values()}
    for other in (region_of(other) for other in set(TOWNS) - {town}):
        for area in other.areas.values():
            if _plain(area.name) in ours:
                continue
            assert spot_named(area.name, region) == NOWHERE
            spot = spot_named(f"{area.level} {area.name}", region)
            assert spot.outside
            assert spot.area is None
            assert not spot.among


@pytest.mark.parametrize("town", TOWNS)
def test_hardly_a_name_of_another_town_that_is_typed_wrongly_becomes_ours(town: str) -> None:
    region = region_of(town)
    ours = {_plain(area.name) for area in region.areas.values()}
    for other in (region_of(other) for other in set(TOWNS) - {town}):
        typed = [one for one in typed_names(other, 100) if _plain(other.areas[one.area].name) not in ours]
        assert sum(spot_named(one.text, region).area is not None for one in typed) <= 2


def _plain(name: str) -> str:
    return name.lower().replace(" ", "").replace("sungai", "sei")


#: What was typed, the town, the area that it means; written by hand.
WRITTEN = [
    ("sigulang gulang", "pematangsiantar", "12.72.03.1006"),
    ("sigulang-gulang", "pematangsiantar", "12.72.03.1006"),
    ("Kel. Sipinggol pinggol, Kec. Siantar Barat", "pematangsiantar", "12.72.02.1006"),
    ("kelurhan tomuan", "pematangsiantar", "12.72.01.1002"),
    ("tomuaaan", "pematangsiantar", "12.72.01.1002"),
    ("dekat kantor lurah tomuan", "pematangsiantar", "12.72.01.1002"),
    ("bhkapul", "pematangsiantar", "12.72.07.1002"),
    ("KEL NAGAHUTA TIMUR", "pematangsiantar", "12.72.08.1004"),
    ("naga huta timr", "pematangsiantar", "12.72.08.1004"),
    ("naga huta", "pematangsiantar", "12.72.08.1003"),
    ("tj pinggir", "pematangsiantar", "12.72.06.1011"),
    ("kelurahan baru", "pematangsiantar", "12.72.03.1003"),
    ("lurah merdeka", "pematangsiantar", "12.72.01.1005"),
    ("kel toba", "pematangsiantar", "12.72.04.1001"),
    ("kelurahan simalungun", "pematangsiantar", "12.72.04.1003"),
    ("kec martoba", "pematangsiantar", "12.72.06"),
    ("camat siantar mariht", "pematangsiantar", "12.72.05"),
    ("kelurahan bane kecamatan siantar barat", "pematangsiantar", "12.72.03.1007"),  # it is in Siantar Utara
    ("Meranti", "asahan", "12.09.08"),  # the kecamatan, which holds the desa of the same name
    ("desa meranti", "asahan", "12.09.08.2002"),
    ("sei kepayang kiri", "asahan", "12.09.24.2006"),
    ("sungai kepayang kiri", "asahan", "12.09.24.2006"),
    ("desa sitinjo 2", "dairi", "12.11.15.2003"),
    ("sitinjoii", "dairi", "12.11.15.2003"),
    # nothing, or nothing that is sure
    ("baru", "pematangsiantar", None),
    ("merdeka", "pematangsiantar", None),
    ("toba", "pematangsiantar", None),
    ("jalan merdeka", "pematangsiantar", None),
    ("jl. tomuan no. 5", "pematangsiantar", None),
    ("pak bane", "pematangsiantar", None),
    ("kab. simalungun", "pematangsiantar", None),
    ("kota pematangsiantar", "pematangsiantar", None),
    ("kelurahan kami", "pematangsiantar", None),
    ("kelurahan banjir", "pematangsiantar", None),
    ("kisaran", "pematangsiantar", None),
    ("desa bangun", "pematangsiantar", None),
    ("", "pematangsiantar", None),
]


@pytest.mark.parametrize(("text", "town", "area"), WRITTEN)
def test_what_people_write_means_a_place_or_nothing(text: str, town: str, area: str | None) -> None:
    assert spot_named(text, region_of(town)).area == area


def test_a_name_that_two_kecamatan_have_is_both_until_the_kecamatan_is_named() -> None:
    region = region_of("asahan")
    two = [area for area in region.areas.values() if area.name == "Bangun Sari"]
    assert len(two) == 2
    assert set(spot_named("desa bangun sari", region).among) == {area.code for area in two}
    assert {one.area for one in areas_named("bangun sari", region)} == {area.code for area in two}
    for area in two:
        around = region.areas[area.parent or ""].name
        assert spot_named(f"desa bangunsari kec {around}", region) == Spot(area.code)


def test_two_names_that_are_as_near_are_both_meant() -> None:
    found = areas_named("naga pit", region_of("pematangsiantar"))
    assert [one.name for one in found] == ["Naga Pita", "Naga Pitu"]
    assert found[0].score == found[1].score < 90
    assert [one.score for one in areas_named("kel tomuan", region_of("pematangsiantar"))] == [100.0]


def test_another_town_is_named_where_somebody_says_so() -> None:
    region = region_of("pematangsiantar")
    assert spot_named("kab asahan", region) == Spot(outside=True, whose="Kabupaten Asahan")
    assert spot_named("kelurahan kisaran kota", region) == Spot(outside=True, whose="Kabupaten Asahan")
    assert spot_named("kel tomuan kab asahan", region) == NOWHERE


@pytest.mark.parametrize(
    ("text", "unit"),
    [("puskesms kartni", "PKM-KARTINI"), ("pkm bp nauli", "PKM-BP-NAULI"), ("Puskesmas bahkapul", "PKM-BAH-KAPUL")],
)
def test_a_puskesmas_is_found_by_its_name(text: str, unit: str) -> None:
    region = region_of("pematangsiantar")
    assert unit_of(names_in(text, region, loose=True), region) == unit


# --- in a story


@pytest.mark.parametrize(
    ("story", "area"),
    [
        ("Lampu jalan di tomuan mati sudah seminggu", "12.72.01.1002"),
        ("Sampah menumpuk di kelurhan bah kapul", "12.72.07.1002"),
        ("got tumpat di Sigulang Gulang", "12.72.03.1006"),
        ("lampu mati, kec siantar barat", "12.72.02"),
        ("Merdeka! KTP saya belum jadi", None),
        ("ibu saya menunggu lurah baru diganti", None),
        ("kantor kelurahan yang baru dibangun", None),
        ("kami orang toba dan karo", None),
        ("Jalan Tomuan rusak", None),
        ("Pak Bane minta maaf", None),
        ("lampu mati dari tomuan sampai di bane", None),
        ("tomat busuk di pinggir jalan", None),
    ],
)
def test_a_story_tells_its_area_only_where_it_names_a_place(story: str, area: str | None) -> None:
    assert read(story, region_of("pematangsiantar")).spot.area == area


@pytest.mark.parametrize(
    "text", ["kelurahan tomuann ", "a b c ", "kel ", "naga huta tim ", "1 ", "kecamatn siantr ", "x"], ids=str.strip
)
@pytest.mark.parametrize("loose", [False, True])
def test_however_long_a_text_is_only_so_much_of_it_is_guessed_at(text: str, loose: bool) -> None:
    region = region_of("asahan")
    long = (text * 100_000)[:100_000]
    with patch.object(naming, "extract", wraps=extract) as guess:
        names_in(long, region, loose=loose)
    assert guess.call_count <= naming.MOST_GUESSES * naming.MOST_WORDS
    assert len(names_in(long, region, loose=loose).mentions) <= 2


# --- the files


def town_with(tmp_path: Path, boundaries: str | None) -> Path:
    folder = tmp_path / "pematangsiantar"
    folder.mkdir()
    for file in (REGIONS / "pematangsiantar").glob("*.yaml"):
        (folder / file.name).write_text(file.read_text())
    if boundaries is not None:
        (folder / "boundaries.geojson").write_text(boundaries)
    return folder


def test_a_town_without_borders_or_with_some_places_what_it_can(tmp_path: Path) -> None:
    bare = load_region(town_with(tmp_path, None), base=REGIONS / "indonesia")
    assert bare.borders.spot(*inside("pematangsiantar", "12.72.01.1002")) == NOWHERE
    lines = (REGIONS / "pematangsiantar" / "boundaries.geojson").read_text().splitlines()
    (tmp_path / "pematangsiantar" / "boundaries.geojson").write_text(
        "\n".join([*lines[:-3], lines[-2].rstrip(","), lines[-1]])
    )
    some = load_region(tmp_path / "pematangsiantar", base=REGIONS / "indonesia")
    assert not some.borders.whole
    assert some.borders.area_at(*inside("pematangsiantar", "12.72.01.1002")) == "12.72.01.1002"
    assert some.borders.spot(2.98, 98.9) == NOWHERE
    assert some.borders.spot(*inside("asahan", "12.09.08.2002")).whose == "Kabupaten Asahan"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"features": [', "boundaries.geojson:1: this is no GeoJSON of areas"),
        (
            '{"features":[{"properties":{"code":"12.72.01.1002"},"geometry":{"type":"Point","coordinates":[99,2]}}]}',
            "geojson:1",
        ),
        (
            '{"features":[{"properties":{"code":"12.72.01.1002"},"geometry":{"type":"Polygon",'
            '"coordinates":[[[2.9,99.0],[2.9,99.1],[3.0,99.1],[2.9,99.0]]]}}]}',
            "longitude before latitude",
        ),
        (
            '{"features":[\n{"properties":{"code":"12.72.01.9999"},"geometry":{"type":"Polygon",'
            '"coordinates":[[[99.0,2.9],[99.1,2.9],[99.1,3.0],[99.0,2.9]]]}}]}',
            "boundaries.geojson:2: borders of area 12.72.01.9999, which areas.yaml does not have",
        ),
    ],
    ids=["no JSON", "no polygon", "wrong order", "no such area"],
)
def test_borders_that_are_none_are_a_fault_of_one_line(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(RegionFaults) as found:
        load_region(town_with(tmp_path, line), base=REGIONS / "indonesia")
    assert len(found.value.faults) == 1
    assert message in str(found.value)


def test_a_neighbour_whose_borders_are_broken_harms_nobody(tmp_path: Path) -> None:
    own = town_with(tmp_path, (REGIONS / "pematangsiantar" / "boundaries.geojson").read_text())
    broken = tmp_path / "asahan"
    broken.mkdir()
    (broken / "region.yaml").write_text((REGIONS / "asahan" / "region.yaml").read_text())
    (broken / "boundaries.geojson").write_text("{")
    borders = load_region(own, base=REGIONS / "indonesia").borders
    assert borders.spot(*inside("asahan", "12.09.08.2002")).whose == "Kabupaten Asahan"  # the shipped one


# --- who answers there


def test_a_kelurahan_or_desa_answers_where_it_lies_and_a_kecamatan_around_it() -> None:
    siantar, asahan = region_of("pematangsiantar"), region_of("asahan")
    assert siantar.unit_in("kelurahan", "12.72.01.1002") == "KEL-TOMUAN"
    assert siantar.unit_in("kecamatan", "12.72.01.1002") == "KEC-SIANTAR-TIMUR"
    assert siantar.unit_in("kelurahan", "12.72.01") is None
    assert asahan.unit_in("kelurahan", "12.09.08.2002") == "DESA-MERANTI"
    assert siantar.unit_in("dinas", "12.72.01.1002") is None
    assert siantar.unit_in(None, "12.72.01.1002") is None


def test_a_puskesmas_answers_for_its_kecamatan_where_it_is_the_only_one() -> None:
    """Siantar Timur has one that is known to lie there, Siantar Utara three."""
    siantar = region_of("pematangsiantar")
    assert siantar.unit_in("puskesmas", "12.72.01.1005") == "PKM-TOMUAN"
    assert siantar.unit_in("puskesmas", "12.72.03.1005") == "PKM-KAHEAN"
    assert siantar.unit_in("puskesmas", "12.72.03.1001") is None


def test_what_the_town_says_of_a_puskesmas_counts_before_where_it_lies(tmp_path: Path) -> None:
    folder = town_with(tmp_path, None)
    units = (folder / "units.yaml").read_text()
    said = units.replace("PKM-BANE:\n", "PKM-BANE:\n  serves: [12.72.03.1001, 12.72.03.1005, 12.72.01]\n")
    (folder / "units.yaml").write_text(said)
    region = load_region(folder, base=REGIONS / "indonesia")
    assert region.unit_in("puskesmas", "12.72.03.1001") == "PKM-BANE"
    assert region.unit_in("puskesmas", "12.72.03.1002") == "PKM-MARTOBA"
    (folder / "units.yaml").write_text(
        said.replace("PKM-KAHEAN:\n", "PKM-KAHEAN:\n  serves: [12.72.03.1001, 99.99.99]\n")
    )
    with pytest.raises(RegionFaults) as found:
        load_region(folder, base=REGIONS / "indonesia")
    assert [fault.message for fault in found.value.faults] == [
        "unit PKM-KAHEAN serves area 99.99.99, which no file defines",
        "unit PKM-BANE serves area 12.72.03.1001, which PKM-KAHEAN already serves",
    ]


LETTER = "Surat pengantar untuk nikah sudah dua minggu belum selesai"
HEALTH = "Antrean imunisasi bayi lama sekali di posyandu"
WASTE = "Sampah menumpuk di pinggir jalan, sudah lama tidak diangkut"


@pytest.mark.parametrize(
    ("story", "place", "unit"),
    [
        (LETTER, "kel tomuann", "KEL-TOMUAN"),
        (HEALTH, "kel tomuan", "PKM-TOMUAN"),
        (HEALTH, "kelurahan melayu", "DINKES"),  # three puskesmas may serve it
        (WASTE, "kel tomuan", "DLH"),
        (WASTE, "kab asahan", "BAGIAN-ORGANISASI"),
        (LETTER, "2.98000, 98.90000", "BAGIAN-ORGANISASI"),
        ("KTP saya belum jadi di capil", "2.98000, 98.90000", "DISDUKCAPIL"),
        ("Petugas kelurahan minta uang 50 ribu untuk surat pengantar nikah", "kel tomuan", "INSPEKTORAT"),
    ],
)
def test_matter_and_area_give_the_unit(story: str, place: str, unit: str) -> None:
    region = region_of("pematangsiantar")
    goes = route(read(story, region), region, spot=spot_of_place(place, region))
    assert goes.unit == unit
    assert goes.area == spot_of_place(place, region).area


@pytest.mark.parametrize(
    ("story", "unit"),
    [
        ("Puskesmas di kelurahan Tomuan tutup jam 10 pagi", "PKM-TOMUAN"),
        ("antri lama kali di pkm kel tomuan", "PKM-TOMUAN"),
    ],
)
def test_a_kelurahan_behind_a_puskesmas_says_which_one_is_meant(story: str, unit: str) -> None:
    region = region_of("pematangsiantar")
    reading = read(story, region)
    assert reading.spot == Spot("12.72.01.1002")
    assert unit_for(reading, region, area=reading.spot.area) == unit


def test_a_puskesmas_and_a_kelurahan_in_one_story_are_both_offered() -> None:
    region = region_of("pematangsiantar")
    reading = read("surat rujukan dari puskesmas ke kelurahan tomuan hilang", region)
    assert not is_clear(reading)
    assert set(proposals(reading, region, reading.spot)) >= {"PKM-TOMUAN", "KEL-TOMUAN"}


@pytest.mark.parametrize(
    "story",
    [
        "Di puskesmas kelurahan tomuan pegawai kelurahan tomuan minta uang 50 ribu",
        "Di puskesmas kelurahan tomuan lurahnya minta uang 50 ribu",
        "Pegawai kelurahan tomuan di puskesmas minta uang 50 ribu",
    ],
)
def test_a_kelurahan_that_is_accused_beside_is_accused(story: str) -> None:
    region = region_of("pematangsiantar")
    assert route(read(story, region), region).reported == "KEL-TOMUAN"


def test_where_somebody_stands_never_says_whom_they_accuse() -> None:
    region = region_of("pematangsiantar")
    for story in ("Petugas posyandu imunisasi minta uang 50 ribu", "Petugas imunisasi posyandu membentak saya, kasar"):
        goes = route(read(story, region), region, spot=Spot("12.72.01.1002"))
        assert goes.reported in (None, "DINKES")
        assert goes.unit not in region.within("DINKES") - {"DINKES"}
