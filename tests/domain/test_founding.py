"""A new town's units from lists: codes and aliases that are theirs alone, and that ordinary speech does not hit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.founding import (
    Founding,
    Listed,
    NewUnit,
    Wording,
    Words,
    folder_name,
    full_name,
    level_of,
    proper,
    says_sort,
    sort_of,
    units_of,
)

WORDS = Words(
    kinds={
        "kecamatan": Wording("Kecamatan", "KEC-", ("kecamatan", "kec"), ("camat",)),
        "kelurahan": Wording("Kelurahan", "KEL-", ("kelurahan", "kel"), ("lurah",)),
        "desa": Wording("Desa", "DESA-", ("desa",), ("kades",)),
        "puskesmas": Wording("Puskesmas", "PKM-", ("puskesmas", "pkm")),
        "rsud": Wording("", "", ("rsud", "rs")),
    },
    plain=frozenset({"harapan", "karo", "timur"}),
    ordinary=frozenset({"baru"}),
)
RSUD = NewUnit("RSUD", "Rumah Sakit Umum Daerah", "rsud", "DINKES", "missing", ("rsud",), ("RSUD",))


def founded(*areas: tuple[str, str], name: str = "Kabupaten Contoh", code: str = "12.01") -> dict[str, NewUnit]:
    town = Founding(code, name, tuple(Listed(*area) for area in areas), words=WORDS, area_source="a list")
    return {unit.area or unit.code: unit for unit in units_of(town)}


TIMUR, BARAT = ("12.01.01", "Mawar Timur"), ("12.01.02", "Mawar Barat")


def test_a_name_that_is_alone_is_called_in_every_way() -> None:
    unit = founded(TIMUR, ("12.01.01.1001", "Suka Tani"))["12.01.01.1001"]
    assert (unit.code, unit.name, unit.kind, unit.parent) == (
        "KEL-SUKA-TANI",
        "Kelurahan Suka Tani",
        "kelurahan",
        "KEC-MAWAR-TIMUR",
    )
    assert unit.source == "a list"
    assert unit.aliases == (
        *("kelurahan suka tani", "kel suka tani", "lurah suka tani"),
        *("kelurahan sukatani", "kel sukatani", "lurah sukatani"),
    )


def test_a_desa_has_a_kepala_desa() -> None:
    unit = founded(TIMUR, ("12.01.01.2001", "Anggrek"))["12.01.01.2001"]
    assert (unit.code, unit.kind, unit.aliases) == ("DESA-ANGGREK", "desa", ("desa anggrek", "kades anggrek"))


@pytest.mark.parametrize("name", ["Harapan", "Karo", "Harapan II"])
def test_a_name_that_is_a_plain_word_or_a_people_has_the_long_form_only(name: str) -> None:
    unit = founded(TIMUR, ("12.01.01.1001", name))["12.01.01.1001"]
    assert unit.aliases == (f"kelurahan {name.lower()}", f"kel {name.lower()}")


def test_a_plain_word_beside_another_one_is_a_name() -> None:
    assert "lurah harapan jaya" in founded(TIMUR, ("12.01.01.1001", "Harapan Jaya"))["12.01.01.1001"].aliases


def test_a_name_that_says_something_of_any_desa_has_its_kecamatan() -> None:
    unit = founded(TIMUR, ("12.01.01.2001", "Baru"))["12.01.01.2001"]
    assert (unit.code, unit.name) == ("DESA-BARU-MAWAR-TIMUR", "Desa Baru Kecamatan Mawar Timur")
    assert all("mawar timur" in alias for alias in unit.aliases)


def test_two_desa_of_one_name_have_their_kecamatan() -> None:
    units = founded(TIMUR, BARAT, ("12.01.01.2001", "Anggrek"), ("12.01.02.2001", "Anggrek"))
    east, west = units["12.01.01.2001"], units["12.01.02.2001"]
    assert (east.code, west.code) == ("DESA-ANGGREK-MAWAR-TIMUR", "DESA-ANGGREK-MAWAR-BARAT")
    assert (east.name, west.name) == ("Desa Anggrek Kecamatan Mawar Timur", "Desa Anggrek Kecamatan Mawar Barat")
    assert not set(east.aliases) & set(west.aliases)
    assert "desa anggrek" not in {*east.aliases, *west.aliases}
    assert "kades anggrek mawar timur" in east.aliases


def test_a_name_that_a_shared_name_begins_with_has_its_kecamatan_too() -> None:
    """Else "desa anggrek putih", which means neither of two, would be found as Desa Anggrek."""
    units = founded(
        TIMUR,
        BARAT,
        ("12.01.01.2001", "Anggrek"),
        ("12.01.01.2002", "Anggrek Putih"),
        ("12.01.02.2001", "Anggrek Putih"),
    )
    assert units["12.01.01.2001"].name == "Desa Anggrek Kecamatan Mawar Timur"
    assert "desa anggrek" not in units["12.01.01.2001"].aliases


def test_a_kelurahan_and_a_desa_of_one_name_are_told_apart_by_what_they_are() -> None:
    units = founded(TIMUR, ("12.01.01.1001", "Anggrek"), ("12.01.01.2001", "Anggrek"))
    assert {unit.code for unit in units.values()} == {"KEC-MAWAR-TIMUR", "KEL-ANGGREK", "DESA-ANGGREK"}


def test_two_desa_of_one_name_in_one_kecamatan_have_codes_of_their_own() -> None:
    units = founded(TIMUR, ("12.01.01.2001", "Anggrek"), ("12.01.01.2002", "Anggrek"))
    codes = [unit.code for unit in units.values()]
    assert len(codes) == len(set(codes)) == 3
    aliases = [alias for unit in units.values() for alias in unit.aliases]
    assert len(aliases) == len(set(aliases))


def test_a_kecamatan_that_begins_with_the_town_is_called_without_it() -> None:
    unit = founded(("12.01.01", "Contoh Barat"), name="Kota Contoh")["12.01.01"]
    assert {"camat contoh barat", "camat barat", "kecamatan barat"} <= set(unit.aliases)


def test_a_name_with_strokes_and_hyphens_has_a_code_and_an_alias() -> None:
    unit = founded(TIMUR, ("12.01.01.2001", "Kebun Air-air I/II"))["12.01.01.2001"]
    assert unit.code == "DESA-KEBUN-AIR-AIR-I-II"
    assert "desa kebun air air i ii" in unit.aliases


def test_the_hospital_has_its_own_name() -> None:
    town = Founding(
        "12.01",
        "Kabupaten Contoh",
        offices=(RSUD,),
        hospitals=(Listed("1", "RS Umum Daerah Dr. Mawar Melati"), Listed("2", "RS Umum Daerah Anggrek")),
        health=(Listed("7", "Anggrek II", "12.01.01.2001"),),
        health_source="a list",
        words=WORDS,
    )
    first, second, centre = units_of(town)
    assert (first.code, first.name, first.groups) == ("RSUD", "RSUD Dr. Mawar Melati", ("RSUD",))
    assert first.source == "a list, rumah sakit 1"
    assert {"rsud", "rsud mawar melati", "rsud dr mawar melati"} <= set(first.aliases)
    assert (second.code, second.name, second.groups) == ("RSUD-ANGGREK", "RSUD Anggrek", ())
    assert (centre.code, centre.name, centre.area) == ("PKM-ANGGREK-II", "Puskesmas Anggrek II", "12.01.01.2001")
    assert centre.source == "a list, puskesmas 7"


def test_without_a_public_hospital_the_usual_office_stays() -> None:
    (unit,) = units_of(Founding("12.01", "Kabupaten Contoh", offices=(RSUD,), words=WORDS))
    assert unit == RSUD


def test_an_alias_that_two_units_wish_is_nobody_s() -> None:
    other = replace(RSUD, code="KLINIK", name="Klinik Daerah", aliases=("rsud", "klinik"), groups=())
    first, second = units_of(Founding("12.01", "Kabupaten Contoh", offices=(RSUD, other), words=WORDS))
    assert (first.aliases, second.aliases) == ((), ("klinik",))


@pytest.mark.parametrize(
    ("name", "code", "full"),
    [
        ("payakumbuh", "13.76", "Kota Payakumbuh"),
        ("KOTA PAYAKUMBUH", "13.76", "Kota Payakumbuh"),
        ("KAB. ASAHAN", "12.09", "Kabupaten Asahan"),
        ("Kabupaten Lima Puluh Kota", "13.07", "Kabupaten Lima Puluh Kota"),
        ("Kotawaringin Barat", "62.01", "Kabupaten Kotawaringin Barat"),
    ],
)
def test_a_region_s_full_name(name: str, code: str, full: str) -> None:
    assert full_name(name, code) == full


def test_what_a_region_is_stands_in_its_code() -> None:
    assert [sort_of(code) for code in ("12.01", "12.33", "12.71", "13.76")] == [
        "kabupaten",
        "kabupaten",
        "kota",
        "kota",
    ]
    assert [says_sort(name) for name in ("Kab. Dairi", "KOTA X", "Dairi", "Kotabaru")] == [
        "kabupaten",
        "kota",
        None,
        None,
    ]


def test_what_an_area_is_stands_in_its_code() -> None:
    assert [level_of(code) for code in ("12.01.01", "12.01.01.1001", "12.01.01.2001")] == [
        "kecamatan",
        "kelurahan",
        "desa",
    ]


def test_lists_in_capitals_are_written_as_signs_are() -> None:
    assert proper("PEGAGAN  JULU II") == "Pegagan Julu II"
    assert proper("AIR BATU III/IX") == "Air Batu III/IX"
    assert proper("Balai nan Duo") == "Balai nan Duo"


def test_a_folder_is_called_as_the_town() -> None:
    assert folder_name("Kabupaten Lima Puluh Kota") == "lima_puluh_kota"
