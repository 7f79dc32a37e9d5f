"""The five towns that ship: whole, with what their public reports say of them and nothing more."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.commands.town import routed
from bot.founding import files_of
from domain.founding import units_of
from domain.region import Region
from domain.understanding.reading import unit_named
from domain.understanding.text import normalise
from domain.vocabulary import Conduct, Kind
from storage.regions import answering_unit, coverage_faults, load_region
from storage.regions.reference import MISSING, Reference
from storage.regions.schemas import SHAPES, schema_files
from storage.regions.sources import COUNTRY_FILES, OPTIONAL_FILES, TOWN_FILES
from storage.regions.unsaid import unsaid

REGIONS = Path(__file__).parents[2] / "regions"
#: Each town's code, and how many kecamatan, kelurahan, desa and puskesmas it has.
TOWNS = {
    "pematangsiantar": ("12.72", 8, 53, 0, 19),
    "asahan": ("12.09", 25, 27, 177, 29),
    "tanjungbalai": ("12.74", 6, 31, 0, 8),
    "dairi": ("12.11", 15, 8, 161, 18),
    "payakumbuh": ("13.76", 5, 47, 0, 8),
}
#: Areas that the source of the boundaries has no polygon for.
WITHOUT_POLYGON: dict[str, frozenset[str]] = {town: frozenset() for town in TOWNS}


@cache
def region_of(town: str) -> Region:
    return load_region(REGIONS / town)


def told(town: str, story: str) -> dict[str, object]:
    return routed(story, region_of(town))


@pytest.mark.parametrize("town", TOWNS)
def test_a_town_is_whole(town: str) -> None:
    region = region_of(town)
    code, *counts = TOWNS[town]
    kinds = Counter(unit.kind for unit in region.units.values())
    levels = Counter(area.level for area in region.areas.values())
    assert region.code == code
    assert [kinds[kind] for kind in ("kecamatan", "kelurahan", "desa", "puskesmas")] == counts
    assert [levels[level] for level in ("kecamatan", "kelurahan", "desa")] == counts[:3]
    assert coverage_faults(region) == []


@pytest.mark.parametrize("town", TOWNS)
def test_every_area_has_its_unit_under_the_unit_around_it(town: str) -> None:
    region = region_of(town)
    unit_at = {unit.area: unit for unit in region.units.values() if unit.area and unit.kind != "puskesmas"}
    assert set(unit_at) == set(region.areas)
    for code, area in region.areas.items():
        assert unit_at[code].parent == (unit_at[area.parent].code if area.parent else "SETDA")


@pytest.mark.parametrize("town", TOWNS)
def test_what_is_typed_means_one_unit(town: str) -> None:
    """Also after chat spelling is put right, which may make one of two."""
    region = region_of(town)
    owner: dict[str, str] = {}
    for unit in region.units.values():
        for name in (unit.name, *unit.aliases):
            assert owner.setdefault(normalise(name, region.lexicon), unit.code) == unit.code


@pytest.mark.parametrize("town", TOWNS)
def test_every_unit_is_found_by_its_own_name(town: str) -> None:
    region = region_of(town)
    assert [u.code for u in region.units.values() if unit_named(f"di {u.name} ada masalah", region) != u.code] == []


@pytest.mark.parametrize("town", TOWNS)
def test_boundaries_are_of_the_areas_and_of_all_of_them(town: str) -> None:
    shapes = json.loads((REGIONS / town / "boundaries.geojson").read_text())["features"]
    codes = [shape["properties"]["code"] for shape in shapes]
    below = {code for code, area in region_of(town).areas.items() if area.level != "kecamatan"}
    assert len(codes) == len(set(codes))
    assert set(codes) == below - WITHOUT_POLYGON[town]
    assert below >= WITHOUT_POLYGON[town]
    for shape in shapes:
        assert set(shape["properties"]) == {"code"}
        assert shape["geometry"]["type"] in ("Polygon", "MultiPolygon")
        many = shape["geometry"]["type"] == "MultiPolygon"
        for polygon in shape["geometry"]["coordinates"] if many else [shape["geometry"]["coordinates"]]:
            for ring in polygon:
                assert len(ring) >= 4
                assert ring[0] == ring[-1]
                assert all(95 < east < 141 and -11 < north < 6 for east, north in ring)
                assert all(round(number, 5) == number for point in ring for number in point)


@pytest.mark.parametrize("town", [town for town in TOWNS if town != "pematangsiantar"])
def test_areas_are_as_the_command_writes_them(town: str) -> None:
    """Areas are never corrected by hand in one place only: what ships is what `tanggap region new` makes."""
    reference = Reference(REGIONS / "indonesia")
    founding = reference.found(TOWNS[town][0], region_of(town).name)
    files = files_of(founding, units_of(founding), reference, schemas=True)
    assert files["areas.yaml"] == (REGIONS / town / "areas.yaml").read_text()


# --- what the reports say


def test_112_is_true_for_dairi_alone() -> None:
    assert [town for town in TOWNS if "112" in region_of(town).emergency_numbers.values()] == ["dairi"]


@pytest.mark.parametrize(
    ("town", "story", "unit"),
    [
        ("dairi", "akun perkebbas saya tidak bisa dibuka", "DISDUKCAPIL"),
        ("dairi", "kapan jempol siturang datang ke kampung kami", "DISDUKCAPIL"),
        ("dairi", "daftar ppdb online anak saya gagal terus", "DISDIK"),
        ("dairi", "sicantik cloud error, izin apotek saya tertahan", "DPMPTSPK"),
        ("dairi", "kartu kuning saya belum keluar", "DPMPTSPK"),
        ("dairi", "sidumasda tidak dibalas sudah sebulan", "BAGIAN-ORGANISASI"),
        ("dairi", "isi simparas gagal terus", "BAGIAN-ORGANISASI"),
        ("dairi", "antre di upt puskesmas sigalingging lama sekali", "PKM-SIGALINGGING"),
        ("dairi", "antre di puskesmas pegagan julu 2 lama sekali", "PKM-PEGAGAN-JULU-II"),
        ("dairi", "surat domisili di desa silalahi iii belum selesai", "DESA-SILALAHI-III"),
        ("dairi", "surat domisili di desa silalahi 1 belum selesai", "DESA-SILALAHI-I"),
        ("dairi", "surat domisili di desa maju kecamatan siempat nempu belum selesai", "DESA-MAJU"),
        ("dairi", "di pajak sidikalang banyak kali sampah berserak", "DLH"),
        ("tanjungbalai", "survei sipukat tidak bisa dibuka", "BAGIAN-ORGANISASI"),
        ("tanjungbalai", "bagian organisasi dan tata laksana belum menjawab", "BAGIAN-ORGANISASI"),
        ("tanjungbalai", "surat saya di kelurahan tanjung balai kota iii belum siap", "KEL-TANJUNGBALAI-KOTA-III"),
        ("tanjungbalai", "surat camat selatan belum siap", "KEC-TANJUNGBALAI-SELATAN"),
        ("asahan", "antre di puskesmas gambir baru lama sekali", "PKM-GAMBIR-BARU"),
        ("asahan", "surat kabag hukum belum ada", "BAGIAN-HUKUM"),
        ("asahan", "surat domisili di desa bangun sari silau laut belum selesai", "DESA-BANGUN-SARI-SILAU-LAUT"),
        ("payakumbuh", "sarok manumpuak di pasa ibuah", "DLH"),
        ("payakumbuh", "rumah sakik adnaan wd, obat indak ado", "RSUD"),
    ],
)
def test_what_people_say_there_is_understood(town: str, story: str, unit: str) -> None:
    assert told(town, story)["unit"] == unit


@pytest.mark.parametrize(
    ("town", "story", "reported"),
    [
        ("dairi", "kades pegagan julu ii minta uang 500rb untuk surat tanah", "DESA-PEGAGAN-JULU-II"),
        ("dairi", "lurah pegagan julu i minta uang 500rb", "KEL-PEGAGAN-JULU-I"),
        ("dairi", "kades sitinjo i minta uang 500rb", "DESA-SITINJO-I"),
        ("tanjungbalai", "lurah tanjungbalai kota i minta uang 100rb", "KEL-TANJUNGBALAI-KOTA-I"),
        ("payakumbuh", "camat payakumbuh barat mintak pitih 100 ribu", "KEC-PAYAKUMBUH-BARAT"),
    ],
)
def test_an_accusation_reaches_the_inspectorate_whatever_number_a_place_has(
    town: str, story: str, reported: str
) -> None:
    """The last `i` of a name is a number, and no English "I" of somebody who asks for himself."""
    found = told(town, story)
    assert Conduct.MONEY_ASKED in found["conduct"]  # type: ignore[operator]
    head = region_of(town).head_of(reported)
    assert found["reported"] == {"unit": reported, "post": head and head.code}
    assert found["reader"] == "INSPEKTORAT"


def test_a_name_that_two_places_have_means_neither() -> None:
    """Nor does it mean a third one whose name it begins with: Desa Bangun is not Desa Bangun Sari."""
    for story in ("surat di desa bangun sari belum selesai", "surat di desa mekar sari belum selesai"):
        assert told("asahan", story)["unit"] is None
    assert told("asahan", "surat di desa bangun pulau rakyat belum selesai")["unit"] == "DESA-BANGUN-PULAU-RAKYAT"


def test_a_desa_answers_what_a_kelurahan_answers_elsewhere() -> None:
    dairi = region_of("dairi")
    letters = dairi.matters["neighbourhood_letters"]
    assert answering_unit(dairi, letters, "12.11.02.2010") == "DESA-PEGAGAN-JULU-II"
    assert answering_unit(dairi, letters, "12.11.01.1010") == "KEL-SIDIKALANG"
    assert dairi.posts["KEPALA-DESA-PEGAGAN-JULU-II"].title == "Kepala Desa Pegagan Julu II"
    assert dairi.posts["LURAH-SIDIKALANG"].title == "Lurah Sidikalang"


def test_dairi_has_one_office_for_two_fields() -> None:
    dairi = region_of("dairi")
    assert dairi.unit_of_group["DPMPTSP"] == dairi.unit_of_group["DISNAKER"] == "DPMPTSPK"
    assert "DISNAKER" not in dairi.units


def test_payakumbuh_has_two_assistants_on_its_ladder() -> None:
    payakumbuh, siantar = region_of("payakumbuh"), region_of("pematangsiantar")
    for kind in (Kind.COMPLAINT, Kind.INFORMATION):
        own, base = ([rung.to for rung in town.ladder[kind]] for town in (payakumbuh, siantar))
        assert [to for to in own if to not in ("ASISTEN-II", "ASISTEN-III")] == base
        assert own.index("KABAG-ORGANISASI") < own.index("ASISTEN-II") < own.index("ASISTEN-III") < own.index("SEKDA")
    assert payakumbuh.ladder[Kind.OVERSIGHT] == siantar.ladder[Kind.OVERSIGHT]
    assert payakumbuh.head_of("SETDA") == payakumbuh.posts["SEKDA"]


@pytest.mark.parametrize("town", ["asahan", "dairi"])
def test_a_kabupaten_has_a_bupati(town: str) -> None:
    region = region_of(town)
    assert region.ladder[Kind.COMPLAINT][-1].to == "BUPATI"
    assert region.posts["BUPATI"].title == f"Bupati {region.name.removeprefix('Kabupaten ')}"


# --- what they still have to tell


@pytest.mark.parametrize("town", TOWNS)
def test_what_no_source_says_is_on_the_list(town: str) -> None:
    region, left = region_of(town), unsaid(REGIONS / town)
    asked = {one.fault.message.partition(" (")[0] for one in left if one.topic == "unit"}
    assert asked == {unit.code for unit in region.units.values() if unit.source == MISSING}
    for one in left:
        file, line = REGIONS.parent / one.fault.file, one.fault.line
        assert line <= len(file.read_text().splitlines())


def test_the_list_names_the_line_to_write() -> None:
    (one,) = [one for one in unsaid(REGIONS / "dairi") if one.fault.message.startswith("DISHUB ")]
    line = (REGIONS / "dairi" / "offices.yaml").read_text().splitlines()[one.fault.line - 1]
    assert line == "  source: missing"


def test_a_town_that_has_said_it_is_not_asked_again() -> None:
    assert "emergency" in {one.topic for one in unsaid(REGIONS / "asahan")}
    assert "emergency" not in {one.topic for one in unsaid(REGIONS / "dairi")}


# --- schemas for editors


def test_the_schemas_are_current() -> None:
    """`tanggap region schema` writes them anew."""
    shipped = {path.name: path.read_text() for path in (REGIONS / "schema").iterdir()}
    assert shipped == schema_files()


def test_every_file_that_is_read_has_a_schema() -> None:
    assert set(SHAPES) == {*COUNTRY_FILES, *TOWN_FILES, *OPTIONAL_FILES}


@pytest.mark.parametrize("town", TOWNS)
def test_the_files_of_a_town_name_their_schema(town: str) -> None:
    files = sorted((REGIONS / town).glob("*.yaml"))
    assert len(files) >= 6
    for file in files:
        first = file.read_text().splitlines()[0]
        assert first == f"# yaml-language-server: $schema=../schema/{file.stem}.json"
        assert (file.parent / "../schema" / f"{file.stem}.json").exists()
