"""What a story says beside what an office promises: the arithmetic, the reading of times, and the search by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from domain.region import Region
from domain.services import ALL, DELIVERY, INTERNAL, Component, Promise, Service, Tariff, compare
from domain.understanding.reading import read
from domain.understanding.services import differences, find, service_in
from domain.understanding.text import words_of
from domain.understanding.waits import days_waited
from tests.domain.regions import siantar

FREE = Promise("UU 24/2013 Ps 79A", tariffs=(Tariff(0),))
PARKING = Promise("Perda 1/2024", tariffs=(Tariff(2_000, "motor"), Tariff(3_000, "mobil")))
WEEKS = Promise("SK 1/2026", working_days=14)
LIST = Promise("SK 1/2026", text=("Surat pengantar lurah", "Fotokopi KTP"))


def service(**promises: Promise) -> Service:
    return Service("x", {"id": "X"}, promises={Component(name): promise for name, promise in promises.items()})


def said(found: Service, **story: object) -> Mapping[str, object]:
    return {str(one.component): one.said for one in compare(found, **story)}  # type: ignore[arg-type]


# --- comparing


def test_the_fourteen_are_six_and_eight() -> None:
    assert (len(ALL), len(DELIVERY), len(INTERNAL)) == (14, 6, 8)
    assert set(DELIVERY) | set(INTERNAL) == set(Component)


@pytest.mark.parametrize(
    ("promise", "amount", "differs"),
    [
        (FREE, 50_000, True),
        (FREE, None, False),
        (PARKING, 2_000, False),
        (PARKING, 3_000, False),
        (PARKING, 2_500, True),
        (PARKING, 10_000, True),
        (PARKING, 1_000, False),
        (Promise("SK", text=("menurut luas",)), 50_000, False),
    ],
)
def test_an_amount_beside_the_official_ones(promise: Promise, amount: int | None, differs: bool) -> None:
    assert said(service(fee=promise), amount=amount) == ({"fee": amount} if differs else {})


@pytest.mark.parametrize(
    ("days", "differs"), [(None, False), (14, False), (20, False), (21, True), (22, True), (90, True)]
)
def test_days_of_the_calendar_beside_working_days(days: int | None, differs: bool) -> None:
    """Of 21 days at most 15 are worked on; of 20 at most 14, as promised."""
    assert said(service(duration=WEEKS), days=days) == ({"duration": days} if differs else {})


def test_what_was_asked_for_beside_the_list() -> None:
    assert said(service(requirements=LIST), asked=("bukti lunas pbb", "surat pengantar")) == {
        "requirements": ("bukti lunas pbb",)
    }
    assert said(service(requirements=LIST), asked=("fotokopi ktp",)) == {}


def test_what_is_missing_is_compared_with_nothing() -> None:
    assert said(service(), amount=50_000, days=400, asked=("bukti lunas pbb",)) == {}
    assert service().missing == ALL


def test_a_story_may_differ_in_all_three() -> None:
    whole = service(fee=FREE, duration=WEEKS, requirements=LIST)
    assert set(said(whole, amount=50_000, days=60, asked=("ijazah",))) == {"fee", "duration", "requirements"}


# --- how long


@pytest.mark.parametrize(
    ("story", "days"),
    [
        ("KK saya sudah 3 minggu belum jadi", 21),
        ("udh 2 bln blm ada kabar", 60),
        ("hampir sebulan menunggu", 30),
        ("tiga minggu belum jadi", 21),
        ("katanya 3 hari jadi, ini sudah dua minggu", 14),
        ("dari setahun lalu", 365),
        ("saya menunggu seminggu lebih", 7),
        ("sudah setengah bulan", 15),
        ("my family card is three weeks late", 21),
        ("I have waited for 2 months", 60),
        ("anak umur 3 bulan", None),
        ("sudah disuruh datang 3 hari lagi", None),
        ("buka 5 hari kerja", None),
        ("sudah lama sekali", None),
        ("sudah berbulan bulan", None),
        ("sudah 999 tahun", None),
        ("", None),
    ],
)
def test_a_wait_is_read_as_people_tell_it(story: str, days: int | None) -> None:
    lexicon = siantar().lexicon
    assert days_waited(words_of(story, lexicon), lexicon.waiting) == days


# --- by name


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("kk", ["family_card"]),
        ("Kartu Keluarga", ["family_card"]),
        ("kartu kluarga", ["family_card"]),
        ("kartukeluarga", ["family_card"]),
        ("KTP-el", ["identity_card"]),
        ("ktp elektornik", ["identity_card"]),
        ("akte klahiran", ["birth_certificate"]),
        ("berapa biaya bikin ktp?", ["identity_card"]),
        ("syarat akta lahir anak saya apa aja", ["birth_certificate"]),
        ("akta", ["birth_certificate", "death_certificate", "divorce_certificate", "marriage_certificate"]),
        ("parkir", ["street_parking"]),
        ("parkir bulanan", ["monthly_parking"]),
        ("birth certificate", ["birth_certificate"]),
        ("kk dan ktp", ["family_card", "identity_card"]),
        ("kkk", []),
        ("sepatu", []),
        ("", []),
        ("?!", []),
    ],
)
def test_a_service_is_found_by_what_people_call_it(typed: str, codes: list[str]) -> None:
    assert sorted(found.code for found in find(typed, siantar())) == codes


def test_every_service_is_found_by_each_of_its_names() -> None:
    region = siantar()
    for one in region.services.values():
        for name in (*one.name.values(), *one.aliases):
            assert one in find(name, region), name


@pytest.mark.parametrize(
    ("story", "code"),
    [
        ("Petugas capil minta uang 50 ribu supaya KTP saya cepat jadi", "identity_card"),
        ("Akta kelahiran anak saya belum jadi di capil", "birth_certificate"),
        ("Tukang parkir minta 5 ribu di Jalan Sutomo", "street_parking"),
        ("Sampah menumpuk di depan rumah KK Pak Budi", "waste_collection"),
        ("Pak tolong ada masalah di tempat kami", None),
        ("Jembatan di kampung kami rusak", None),
    ],
)
def test_a_story_is_about_the_service_of_its_own_field(story: str, code: str | None) -> None:
    region = siantar()
    found = service_in(story, region, read(story, region).matter)
    assert (found.code if found else None) == code


def test_where_no_name_is_said_the_only_service_of_the_matter_is_meant() -> None:
    region = siantar()
    found = service_in("sudah dua minggu belum jadi", region, "family_card")
    assert found is region.services["family_card"]
    assert service_in("sudah dua minggu belum jadi", region, "civil_certificate") is None


# --- a story beside a standard


def filled(region: Region) -> Region:
    """The town once its registry has supplied days and requirements."""
    card = region.services["family_card"]
    written = {Component.DURATION: Promise("SK 1/2026", working_days=3), Component.REQUIREMENTS: LIST}
    more = replace(card, promises={**card.promises, **written})
    return replace(region, services={**region.services, card.code: more})


@pytest.mark.parametrize(
    ("story", "differs"),
    [
        ("Petugas capil minta 50rb untuk KK saya", {"fee": 50_000}),
        ("KK saya di capil sudah 3 minggu belum jadi", {"duration": 21}),
        ("KK saya di capil baru 3 hari, sudah saya cek", {}),
        (
            "Mengurus KK di capil syaratnya ditambah terus, tidak ada di daftar syarat: diminta bukti lunas PBB dan"
            " fotokopi KTP",
            {"requirements": ("bukti lunas pbb",)},
        ),
        ("Antrean KK di capil panjang sekali", {}),
        ("Jalan di depan rumah rusak sudah 3 bulan, perbaikan butuh 50 juta", {}),
    ],
)
def test_a_story_and_a_standard_side_by_side(story: str, differs: Mapping[str, object]) -> None:
    region = filled(siantar())
    found = differences(story, read(story, region).matter, region)
    assert {str(one.component): one.said for one in (found[1] if found else ())} == differs
