"""Sentences that name a unit, of each town: how often the unit is found that a human reader would say is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.commands.town import routed
from domain.routing import route
from domain.understanding.measuring import Tally
from domain.understanding.reading import read
from tests.domain.regions import region_of

HERE = Path(__file__).parent / "units"
TOWNS = ("pematangsiantar", "asahan", "tanjungbalai", "dairi", "payakumbuh")


def sentences(town: str, part: str) -> list[tuple[str, str]]:
    """Each sentence of a part with the unit that is meant."""
    found = yaml.safe_load((HERE / f"{town}.yaml").read_text(encoding="utf-8"))[part]
    return [next(iter(entry.items())) for entry in found]


def is_found(text: str, unit: str, town: str) -> bool:
    """Whether `tanggap evaluate` would count the unit of a sentence as right."""
    tally = Tally(threshold=1)
    tally.add({"unit": unit}, routed(text, region_of(town)))
    return bool(tally.units[True])


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize(("part", "least"), [("tuned", 0.97), ("held_out", 0.93)])
def test_the_unit_that_is_meant_is_found(town: str, part: str, least: float) -> None:
    all_of_them = sentences(town, part)
    missed = [(text, unit) for text, unit in all_of_them if not is_found(text, unit, town)]
    assert len(missed) <= (1 - least) * len(all_of_them), missed


def test_every_town_has_its_sixty_sentences_and_half_of_them_were_never_looked_at() -> None:
    for town in TOWNS:
        assert len(sentences(town, "held_out")) >= 30
        assert len(sentences(town, "tuned")) >= 30


@pytest.mark.parametrize(
    ("town", "text", "unit"),
    [
        ("asahan", "guru sd di kelurahan teladan minta uang les 50rb", "DISDIK"),
        ("asahan", "kepsek smp negeri 3 di kecamatan air batu jual lks wajib, minta 200rb", "DISDIK"),
        ("pematangsiantar", "petugas puskesmas di kelurahan tomuan minta uang 20rb", "PKM-TOMUAN"),
        ("pematangsiantar", "petugas puskesmas di kelurahan melayu minta uang 20rb", "DINKES"),  # three may serve it
        ("asahan", "bidan pustu di desa tanjung asri minta 50rb", "PKM-SEI-DADAP"),
        ("asahan", "petugas dishub minta uang parkir dua kali di kelurahan teladan", "DISHUB"),
    ],
)
def test_who_works_in_a_kelurahan_is_not_its_lurah(town: str, text: str, unit: str) -> None:
    assert is_found(text, unit, town)


@pytest.mark.parametrize(
    "text",
    [
        "sampah menumpuk di depan kantor lurah tomuan",
        "ada tumpukan sampah di belakang puskesmas kartini",
        "sampah berserak dekat kantor dishub",
    ],
)
def test_what_lies_beside_an_office_is_not_about_it(text: str) -> None:
    assert is_found(text, "DLH", "pematangsiantar")


@pytest.mark.parametrize(
    ("town", "text"),
    [
        ("pematangsiantar", "lurah baru belum turun ke warga kami"),
        ("dairi", "kades janji mau bantu tapi tidak ada"),
        ("pematangsiantar", "saya beli barang diskon, kembang api dan buku didik"),
    ],
)
def test_ordinary_words_name_no_unit(town: str, text: str) -> None:
    assert read(text, region_of(town)).unit is None


@pytest.mark.parametrize(
    ("text", "post"),
    [
        ("pak lurah tomuan sendiri yg minta 50rb", "LURAH-TOMUAN"),
        ("seklur tomuan minta uang 50rb", "LURAH-TOMUAN"),
        ("lurahnya minta uang 50rb, di kelurahan bane", "LURAH-BANE"),
        ("bu kadis capil nya yg minta uang 1 juta", "KEPALA-DISDUKCAPIL"),
        ("kasatpol pp minta uang 1 juta", "KEPALA-SATPOLPP"),
        ("kapus bane minta uang ke bidan", "KEPALA-PKM-BANE"),
        ("loket 3 disdukcapil minta uang 50rb", None),
    ],
)
def test_a_title_tells_the_post(text: str, post: str | None) -> None:
    goes = route(read(text, region_of("pematangsiantar")), region_of("pematangsiantar"))
    assert goes.reported
    assert goes.post == post


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("lampu jalan mati di kel. aek nauli", "12.72.04.1006"),
        ("parit tumpat di sekitar simarito", "12.72.02.1005"),
        ("parkir liar di siantar barat dekat pajak horas", "12.72.02"),
        ("petugas puskesmas di kelurahan tomuan minta uang", "12.72.01.1002"),
        ("petugas dishub minta uang di kelurahan tomuan", "12.72.01.1002"),
    ],
)
def test_where_it_was_is_kept_beside_the_unit(text: str, area: str) -> None:
    assert read(text, region_of("pematangsiantar")).spot.area == area


def test_what_is_broken_for_long_in_a_kelurahan_is_not_the_delay_of_its_lurah() -> None:
    assert is_found(
        "lubang jalan di kelurahan sijambi sudah lama dibiarkan, lambat sekali ditangani", "DPUPR", "tanjungbalai"
    )
    assert is_found("surat domisili saya di kelurahan sijambi lambat sekali", "KEL-SIJAMBI", "tanjungbalai")
