"""The region files: what ships is whole, and what is wrong is one line that names its file and line."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from domain.calendar import Calendar, Frame
from domain.region import Region
from domain.services import Component
from domain.understanding.text import normalise
from domain.vocabulary import Clock, Conduct, Kind, Role
from storage.regions import Fault, RegionFaults, answering_unit, coverage_faults, load_region
from tests.kit.breaks import Break, append, swap

REGIONS = Path(__file__).parents[2] / "regions"
TOWN = "pematangsiantar"
CONTRACT_GROUPS = {
    "BAPENDA",
    "BAPPEDA",
    "BKPSDM",
    "BPBD",
    "BPKAD",
    "DAMKAR",
    "DINSOS",
    "DISDIK",
    "DISDUKCAPIL",
    "DISHUB",
    "DISKOMINFO",
    "DISKOPDAG",
    "DISNAKER",
    "DISPERKIM",
    "DISPORAPARBUD",
    "DISTANPANGAN",
    "DLH",
    "DP3AP2KB",
    "DPMD",
    "DPMPTSP",
    "DPUPR",
    "INSPEKTORAT",
    "KECAMATAN_KELURAHAN",
    "KESBANGPOL",
    "PDAM",
    "PUSKESMAS_DINKES",
    "RSUD",
    "SATPOLPP",
    "SETDA",
}


@pytest.fixture(scope="module")
def siantar() -> Region:
    return load_region(REGIONS / TOWN)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REGIONS, tmp_path / "regions"))


def faults_of(regions: Path) -> tuple[Fault, ...]:
    with pytest.raises(RegionFaults) as raised:
        load_region(regions / TOWN)
    return raised.value.faults


# --- what ships


def test_the_town_has_all_its_units(siantar: Region) -> None:
    kinds = Counter(unit.kind for unit in siantar.units.values())
    assert (kinds["kecamatan"], kinds["kelurahan"], kinds["puskesmas"]) == (8, 53, 19)
    assert Counter(area.level for area in siantar.areas.values()) == {"kecamatan": 8, "kelurahan": 53}
    assert len(siantar.units) == 97
    assert all(unit.source for unit in siantar.units.values())


def test_the_groups_are_those_of_the_contract(siantar: Region) -> None:
    assert set(siantar.groups) == CONTRACT_GROUPS


def test_the_first_matters_are_many_and_have_words(siantar: Region) -> None:
    matters = siantar.matters.values()
    assert len(matters) >= 30
    assert len({matter.group for matter in matters}) >= 20
    assert all(len(matter.keywords) >= 8 for matter in matters)
    assert all(matter.name["id"] and matter.name["en"] for matter in matters)


def test_no_word_means_two_matters(siantar: Region) -> None:
    words = Counter(word for matter in siantar.matters.values() for word in matter.keywords)
    assert [word for word, count in words.items() if count > 1] == []


def test_every_conduct_has_phrases_and_none_is_strong_and_weak(siantar: Region) -> None:
    lexicon = siantar.lexicon
    assert set(lexicon.conduct) == set(Conduct)
    assert all(len(phrases) >= 20 for phrases in lexicon.conduct.values())
    assert not any(set(lexicon.conduct[code]) & set(lexicon.conduct_weak[code]) for code in Conduct)


def test_slang_is_read_once_and_ends_in_plain_words(siantar: Region) -> None:
    slang = siantar.lexicon.slang
    assert len(slang) >= 250
    assert slang["pajak"] == "pasar"
    assert slang["bayar pajak"] == "bayar pajak"
    assert slang["pajak bumi dan bangunan"] == "pajak bumi dan bangunan"
    assert [w for w in slang.values() if slang.get(w, w) != w and len(w.split()) == 1] == []


def test_slang_is_in_order_of_reading(siantar: Region) -> None:
    lengths = [len(spelling.split()) for spelling in siantar.lexicon.slang]
    assert lengths == sorted(lengths, reverse=True)


def test_words_that_yaml_calls_booleans_stay_words(siantar: Region) -> None:
    answers = siantar.lexicon.answers
    assert "ya" in answers["yes"]
    assert "no" in answers["no"]
    assert {"send", "cancel", "skip", "unknown", "continue", "discard", "take", "finish", "undo"} <= set(answers)


def test_emergency_numbers_are_national_and_112_is_not_claimed(siantar: Region) -> None:
    assert set(siantar.emergency_numbers.values()) == {"110", "113", "119"}


def test_greetings_and_thanks(siantar: Region) -> None:
    assert {"p", "halo", "horas", "assalamualaikum"} <= siantar.lexicon.greetings
    assert "mauliate" in siantar.lexicon.thanks


def test_the_office_calendar_is_the_contract_s(siantar: Region) -> None:
    office = siantar.calendars["office"]
    long, friday = (Frame(time(7, 30), time(16)),), (Frame(time(7, 30), time(16, 30)),)
    assert office == Calendar(
        "Asia/Jakarta", (long, long, long, long, friday, (), ()), confirmed_years=frozenset({2024, 2025, 2026})
    )


def test_the_pilot_puskesmas_keep_a_saturday_desk(siantar: Region) -> None:
    saturday = date(2026, 11, 21)
    for code in ("PKM-RAYA", "PKM-SINGOSARI", "PKM-KARTINI"):
        assert siantar.calendar_of(code).is_working(saturday)
        assert siantar.office_of(code) == "DINKES"
    assert not siantar.calendar_of("PKM-RAMI").is_working(saturday)


def test_the_policies_are_the_contract_s(siantar: Region) -> None:
    numbers = {
        kind: (policy.verify, policy.first_response, policy.resolve, policy.statutory_days)
        for kind, (policy,) in siantar.policies.items()
    }
    assert numbers == {
        Kind.COMPLAINT: (3, 5, 14, 60),
        Kind.OVERSIGHT: (3, 5, 60, 60),
        Kind.INFORMATION: (3, 3, 5, None),
        Kind.ASPIRATION: (3, 14, None, None),
    }
    assert all(policy.basis for (policy,) in siantar.policies.values())


def test_the_ladder_ends_at_the_head_of_region(siantar: Region) -> None:
    binding = [rung for rung in siantar.ladder[Kind.COMPLAINT] if rung.clock == Clock.BINDING]
    assert [(rung.when, rung.days, rung.to) for rung in binding] == [
        ("before", 2, "officer"),
        ("at", 0, "officer"),
        ("at", 0, "unit_head"),
        ("after", 0, "office_head"),
        ("after", 2, "KABAG-ORGANISASI"),
        ("after", 5, "SEKDA"),
        ("after", 10, "WALI-KOTA"),
    ]
    beyond = {"INSPEKTUR", "SEKDA", "WALI-KOTA"}
    assert {rung.to for rung in siantar.ladder[Kind.OVERSIGHT]} == {"officer", "unit_head", *beyond}
    assert {rung.clock for rung in siantar.ladder[Kind.ASPIRATION]} == {Clock.FIRST_RESPONSE}


@pytest.mark.parametrize(
    ("post", "title", "unit", "role"),
    [
        ("WALI-KOTA", "Wali Kota Pematangsiantar", "WALIKOTA", Role.SUPERVISOR),
        ("SEKDA", "Sekretaris Daerah", "SETDA", Role.SUPERVISOR),
        ("INSPEKTUR", "Inspektur", "INSPEKTORAT", Role.HEAD),
        ("PETUGAS-INSPEKTORAT", "Petugas pengaduan Inspektorat", "INSPEKTORAT", Role.INSPECTOR),
        ("KABAG-ORGANISASI", "Kepala Bagian Organisasi", "BAGIAN-ORGANISASI", Role.SUPERVISOR),
        ("PETUGAS-MEJA-DEPAN", "Petugas meja depan Bagian Organisasi", "BAGIAN-ORGANISASI", Role.FRONTDESK),
        ("KEPALA-PKM-RAYA", "Kepala Puskesmas Raya", "PKM-RAYA", Role.HEAD),
        ("LURAH-TOMUAN", "Lurah Tomuan", "KEL-TOMUAN", Role.HEAD),
        ("CAMAT-SIANTAR-TIMUR", "Camat Siantar Timur", "KEC-SIANTAR-TIMUR", Role.HEAD),
        ("DIREKTUR-RSUD", "Direktur RSUD Dr. Djasamen Saragih", "RSUD", Role.HEAD),
        (
            "PETUGAS-DISDUKCAPIL",
            "Petugas pengaduan Dinas Kependudukan dan Pencatatan Sipil",
            "DISDUKCAPIL",
            Role.OFFICER,
        ),
    ],
)
def test_posts(siantar: Region, post: str, title: str, unit: str, role: Role) -> None:
    found = siantar.posts[post]
    assert (found.title, found.unit, found.role) == (title, unit, role)


def test_an_area_lies_in_the_one_its_code_begins_with(siantar: Region) -> None:
    assert siantar.areas["12.72.01.1002"].parent == "12.72.01"
    assert siantar.areas["12.72.01"].parent is None


def test_every_matter_is_answered_in_every_area(siantar: Region) -> None:
    assert coverage_faults(siantar) == []


@pytest.mark.parametrize(
    ("matter", "area", "unit"),
    [
        ("identity_card", "12.72.01.1002", "DISDUKCAPIL"),
        ("neighbourhood_letters", "12.72.01.1002", "KEL-TOMUAN"),
        ("district_service", "12.72.01.1002", "KEC-SIANTAR-TIMUR"),
        ("health_centre", "12.72.01.1002", "PKM-TOMUAN"),
        ("health_centre", "12.72.02.1003", "DINKES"),
        ("road_damage", "12.72.01.1002", "BAGIAN-ORGANISASI"),
        ("neighbourhood_letters", None, "BAGIAN-ORGANISASI"),
    ],
)
def test_who_answers(siantar: Region, matter: str, area: str | None, unit: str) -> None:
    assert answering_unit(siantar, siantar.matters[matter], area) == unit


def test_no_front_desk_leaves_matters_uncovered(siantar: Region) -> None:
    found = coverage_faults(replace(siantar, front_desk="NOBODY"))
    assert any(
        re.fullmatch(r"regions/indonesia/matters\.yaml:\d+: matter road_damage has no unit in 61 of 61 areas.*", str(f))
        for f in found
    )


def test_an_override_that_drops_a_post_is_found(siantar: Region) -> None:
    posts = {code: post for code, post in siantar.posts.items() if code not in ("SEKDA", "LURAH-TOMUAN")}
    found = [str(fault) for fault in coverage_faults(replace(siantar, posts=posts))]
    assert len(found) == 5
    assert sum("tells post SEKDA, which no unit has" in line for line in found) == 4
    assert sum("unit KEL-TOMUAN has no post that leads it" in line for line in found) == 1


# --- services and their standards


CIVIL_PAPERS = (
    "identity_card", "family_card", "birth_certificate", "death_certificate", "marriage_certificate",
    "divorce_certificate", "moving_letter", "child_card",
)  # fmt: skip


@pytest.mark.parametrize("code", CIVIL_PAPERS)
def test_civil_papers_are_free_by_law_and_nobody_invents_their_days(siantar: Region, code: str) -> None:
    service = siantar.services[code]
    fee = service.promises[Component.FEE]
    assert ([tariff.rupiah for tariff in fee.tariffs], fee.source) == ([0], "UU 24/2013 Ps 79A")
    assert service.missing == tuple(component for component in Component if component is not Component.FEE)
    assert siantar.giver_of(service) == "DISDUKCAPIL"


def test_parking_in_siantar_costs_what_its_perda_says(siantar: Region) -> None:
    each, month = (siantar.services[code].promises[Component.FEE] for code in ("street_parking", "monthly_parking"))
    assert [tariff.rupiah for tariff in each.tariffs] == [2000, 3000, 4000, 6000, 8000]
    assert [tariff.rupiah for tariff in month.tariffs] == [50_000, 100_000, 150_000, 200_000, 250_000]
    assert all("Perda Kota Pematangsiantar 1/2024" in promise.source for promise in (each, month))


def test_nothing_but_what_has_a_source_is_promised(siantar: Region) -> None:
    known = {code: set(service.promises) for code, service in siantar.services.items() if service.promises}
    assert known == {code: {Component.FEE} for code in (*CIVIL_PAPERS, "street_parking", "monthly_parking")}


def test_a_word_of_a_service_means_no_other_when_it_is_spelled_out(siantar: Region) -> None:
    owner: dict[str, str] = {}
    for service in siantar.services.values():
        for word in service.aliases:
            assert owner.setdefault(normalise(word, siantar.lexicon), service.code) == service.code, word


def test_every_office_field_that_serves_citizens_has_services_to_be_filled_in(siantar: Region) -> None:
    inward = {"BAPPEDA", "BKPSDM", "DPMD", "INSPEKTORAT", "SETDA"}
    assert {service.group for service in siantar.services.values()} == CONTRACT_GROUPS - inward


def test_who_gives_a_service(siantar: Region) -> None:
    def given(unit: str) -> set[str]:
        return {service.code for service in siantar.services_of(unit)}

    assert set(CIVIL_PAPERS) == given("DISDUKCAPIL")
    assert given("PKM-RAYA") == given("DINKES") >= {"referral_letter", "child_immunisation"}
    assert "poverty_letter" in given("KEL-TOMUAN")
    assert given("KEC-SIANTAR-TIMUR") == {"marriage_dispensation", "district_stamp"}
    assert given("INSPEKTORAT") == set()


def test_a_town_says_more_of_a_service_key_by_key(copy: Path) -> None:
    file = copy / TOWN / "services.yaml"
    file.write_text(
        file.read_text(encoding="utf-8")
        + """
family_card:
  aliases: [kartu warga]
  duration: {working_days: 3, source: SK Kepala Dinas 1/2026}
  requirements: {text: [Surat pengantar, KTP], source: SK Kepala Dinas 1/2026}
  product: {text: Kartu keluarga, source: SK Kepala Dinas 1/2026}
  places: [MPP-TELADAN]
child_card: {fee: missing}
road_repair: {offered: false}
mayors_letter: {name: {id: Surat wali kota, en: Letter of the mayor}, unit: BAGIAN-ORGANISASI}
""",
        encoding="utf-8",
    )
    (copy / TOWN / "places.yaml").write_text("MPP-TELADAN: {name: MPP Teladan, address: Jalan A 1, source: SK}\n")
    region = load_region(copy / TOWN)
    card = region.services["family_card"]
    assert {"kk", "kartu warga"} <= set(card.aliases)
    assert card.name["en"] == "Family card (KK)"
    assert card.promises[Component.FEE].tariffs[0].rupiah == 0
    assert card.promises[Component.DURATION].working_days == 3
    assert card.promises[Component.REQUIREMENTS].text == ("Surat pengantar", "KTP")
    assert card.promises[Component.PRODUCT].text == ("Kartu keluarga",)
    assert [region.places[code].address for code in card.places] == ["Jalan A 1"]
    assert "MPP-TELADAN" not in region.units, "a place is not an office"
    assert not region.services["child_card"].promises
    assert "road_repair" not in region.services
    assert [service.code for service in region.services_of("BAGIAN-ORGANISASI")] == ["mayors_letter"]


# --- what is refused


SURAT = "{name: {id: Surat, en: Letter}, group: SETDA, keywords: %s}"
#: One more rule for the last kind in the file.
RULE = "  - {{verify: 3, first_response: 9, resolve: ~, statutory_days: ~, basis: Perwal, since: {0}}}\n"
BROKEN = {
    "unknown key": Break(
        f"{TOWN}/units.yaml", swap("  area: 12.72.01.1001\n", "  aera: 12.72.01.1001\n"), "unknown key `aera`"
    ),
    "missing key": Break(
        f"{TOWN}/offices.yaml", append("DINAS-X: {name: X, kind: dinas, source: missing}"), "`parent`"
    ),
    "wrong type": Break(f"{TOWN}/region.yaml", swap("emergency_numbers: {}", "emergency_numbers: {x: 112}"), "quotes"),
    "unknown level": Break(f"{TOWN}/areas.yaml", swap("level: kelurahan", "level: dusun"), "kecamatan"),
    "bad area code": Break(
        f"{TOWN}/areas.yaml",
        append("12.72.1.1: {name: X, level: kelurahan}"),
        "`12.72.1.1` is not written as it should be",
    ),
    "area of another town": Break(
        f"{TOWN}/areas.yaml", append("12.09.01: {name: X, level: kecamatan}"), "area 12.09.01 is not of region 12.72"
    ),
    "area in no kecamatan": Break(
        f"{TOWN}/areas.yaml", append("12.72.09.1001: {name: X, level: kelurahan}"), "lies in 12.72.09, which no file"
    ),
    "duplicate unit": Break(
        f"{TOWN}/units.yaml",
        append("DINKES: {name: Lain, kind: dinas, parent: SETDA, source: missing}"),
        "unit DINKES is already written in regions/pematangsiantar/offices.yaml:",
    ),
    "duplicate key": Break(
        f"{TOWN}/areas.yaml", append("12.72.01: {name: X, level: kecamatan}"), "`12.72.01` is written twice (first in"
    ),
    "unknown parent": Break(
        f"{TOWN}/units.yaml",
        swap(
            "PKM-RAYA:\n  name: Puskesmas Raya\n  kind: puskesmas\n  parent: DINKES\n",
            "PKM-RAYA:\n  name: Puskesmas Raya\n  kind: puskesmas\n  parent: DINKESS\n",
        ),
        "unit PKM-RAYA names parent DINKESS, which no file defines",
    ),
    "parent cycle": Break(
        f"{TOWN}/offices.yaml",
        swap(
            "SETDA:\n  name: Sekretariat Daerah\n  kind: setda\n  parent: WALIKOTA",
            "SETDA:\n  name: Sekretariat Daerah\n  kind: setda\n  parent: DINKES",
        ),
        "unit DINKES stands above itself: DINKES < SETDA < DINKES",
    ),
    "unknown kind": Break(f"{TOWN}/units.yaml", swap("kind: kelurahan", "kind: kelurahn"), "is of kind kelurahn"),
    "kind that stands for an unknown one": Break(
        "indonesia/unit_kinds.yaml",
        swap("stands_for: kelurahan", "stands_for: kelurahn"),
        "kind desa stands for kelurahn, which no file defines",
    ),
    "alias used twice": Break(
        f"{TOWN}/units.yaml", swap("[puskesmas raya,", "[capil, puskesmas raya,"), "alias `capil` of unit PKM-RAYA"
    ),
    "alias not in lower case": Break(
        f"{TOWN}/units.yaml", swap("[puskesmas raya,", "[Puskesmas Raya,"), "`Puskesmas Raya` must be in lower case"
    ),
    "unknown area": Break(
        f"{TOWN}/units.yaml", swap("area: 12.72.01.1001", "area: 12.72.01.9999"), "lies in area 12.72.01.9999"
    ),
    "unknown calendar": Break(
        f"{TOWN}/units.yaml", swap("calendar: puskesmas", "calendar: pasar"), "keeps calendar pasar"
    ),
    "unknown group of a unit": Break(
        f"{TOWN}/offices.yaml", swap("groups: [DLH]", "groups: [DLHH]"), "unit DLH carries group DLHH"
    ),
    "group carried twice": Break(
        f"{TOWN}/offices.yaml", swap("groups: [DLH]", "groups: [DLH, DISHUB]"), "which DLH already carries"
    ),
    "unknown group of a matter": Break(
        "indonesia/matters.yaml", swap("group: RSUD", "group: RSUDD"), "matter hospital_emergency names group RSUDD"
    ),
    "unknown set of words in danger": Break(
        "indonesia/emergency.yaml", swap("  - $building|", "  - $bilding|"), "names the set $bilding"
    ),
    "unknown list of words in conduct": Break(
        "indonesia/conduct.yaml", swap("beside: [$officials]", "beside: [$oficials]"), "names the list $oficials"
    ),
    "unknown unit kind of a matter": Break(
        "indonesia/matters.yaml", swap("unit_kind: kecamatan", "unit_kind: distrik"), "names unit kind distrik"
    ),
    "matter with no keywords": Break(
        "indonesia/matters.yaml", append(f"surat: {SURAT % '[]'}"), "surat: `keywords` needs at least one entry"
    ),
    "keyword twice": Break(
        "indonesia/matters.yaml", append(f"surat: {SURAT % '[surat, surat]'}"), "`surat` stands in the list twice"
    ),
    "rung with unknown post": Break(
        "indonesia/ladder.yaml", swap("to: SEKDA", "to: SEKKDA"), "rung late_secretary of complaint tells post SEKKDA"
    ),
    "rung twice": Break("indonesia/ladder.yaml", swap("code: due_officer", "code: soon_officer"), "is written twice"),
    "rung on no clock": Break("indonesia/ladder.yaml", swap("clock: verify", "clock: verfy"), "complaint.0.clock"),
    "rung at a day": Break("indonesia/ladder.yaml", swap("when: at, days: 0", "when: at, days: 1"), "`at` is the due"),
    "no ladder for a kind": Break(
        "indonesia/ladder.yaml", lambda text: text[: text.index("letter:")], "nothing is written for `letter`"
    ),
    "deadline of no days": Break("indonesia/deadlines.yaml", swap("verify: 3", "verify: 0"), "complaint.0.verify"),
    "two rules from one day on": Break(
        "indonesia/deadlines.yaml",
        append(RULE.format("2026-01-01")),
        "two rules of aspiration begin on 2026-01-01 (the other one in line 28)",
    ),
    "rule for an unknown matter": Break(
        "indonesia/deadlines.yaml",
        append(RULE.format("2027-01-01, matter: wishes")),
        "a rule of aspiration is for matter wishes, which no file defines",
    ),
    "rule for an unknown unit": Break(
        "indonesia/deadlines.yaml",
        append(RULE.format("2027-01-01, unit: DLHH")),
        "a rule of aspiration is for unit DLHH, which no file defines",
    ),
    "no rule for everybody": Break(
        "indonesia/deadlines.yaml",
        swap("since: 2026-01-01", "since: 2026-01-01\n    unit: DLH"),
        "aspiration has no rule for every matter and unit",
    ),
    "kind without any rule": Break(
        "indonesia/deadlines.yaml",
        lambda text: text[: text.index("aspiration:")] + "aspiration: []\n",
        "there must be at least one entry",
    ),
    "rule of a month that does not exist": Break(
        "indonesia/deadlines.yaml", append(RULE.format("2026-13-01")), "aspiration.1.since"
    ),
    "deadline in words": Break("indonesia/deadlines.yaml", swap("verify: 3", "verify: '3'"), "valid integer"),
    "unknown conduct": Break(
        "indonesia/conduct.yaml", append("impolite: {strong: [kasar sekali]}"), "`impolite` is not known here"
    ),
    "bad zone": Break(
        f"{TOWN}/region.yaml", swap("zone: Asia/Jakarta", "zone: Asia/Medan"), "there is no time zone `Asia/Medan`"
    ),
    "closing before opening": Break(
        "indonesia/calendar.yaml", swap("07:30-16:00", "16:00-07:30"), "16:00-07:30 close before they open"
    ),
    "hours in words": Break("indonesia/calendar.yaml", swap("07:30-16:00", "7.30-16"), "is not written like"),
    "no default calendar": Break("indonesia/calendar.yaml", swap("  office:", "  kantor:"), "the calendar `office`"),
    "day of a number": Break(f"{TOWN}/holidays.yaml", swap("added_off: []", "added_off: [20260424]"), "2026-04-24"),
    "day both ways": Break(
        f"{TOWN}/holidays.yaml",
        lambda text: text.replace("_off: []", "_off: [2026-04-24]"),
        "2026-04-24 is both added and removed",
    ),
    "front desk missing": Break(
        f"{TOWN}/region.yaml", swap("front_desk: BAGIAN-ORGANISASI\n", ""), "key `front_desk` is missing"
    ),
    "front desk unknown": Break(
        f"{TOWN}/region.yaml",
        swap("front_desk: BAGIAN-ORGANISASI", "front_desk: BAGIAN-UMUM"),
        "front_desk names unit BAGIAN-UMUM, which no file defines",
    ),
    "front desk without its post": Break(
        f"{TOWN}/offices.yaml", swap("role: frontdesk", "role: officer"), "is the front_desk and has no post of role"
    ),
    "unknown role": Break(f"{TOWN}/offices.yaml", swap("role: frontdesk", "role: clerk"), "posts.1.role"),
    "service without a name": Break(
        f"{TOWN}/services.yaml", append("passport: {group: SETDA}"), "service passport has no name"
    ),
    "service of nobody": Break(
        f"{TOWN}/services.yaml", append("passport: {name: {id: Paspor, en: Passport}}"), "neither a group nor a unit"
    ),
    "service of an unknown group": Break(
        "indonesia/services.yaml",
        swap("group: DISDUKCAPIL", "group: DUKCAPIL"),
        "service identity_card names group DUKCAPIL",
    ),
    "service of an unknown unit": Break(
        f"{TOWN}/services.yaml", append("kir: {name: {id: A, en: B}, unit: DISHUBB}"), "names unit DISHUBB"
    ),
    "service of an unknown kind of unit": Break(
        "indonesia/services.yaml", swap("unit_kind: puskesmas", "unit_kind: poskesmas"), "names unit kind poskesmas"
    ),
    "service about an unknown matter": Break(
        "indonesia/services.yaml", swap("matter: family_card", "matter: family"), "names matter family, which no file"
    ),
    "service at an unknown place": Break(
        f"{TOWN}/services.yaml", append("family_card: {places: [MPP]}"), "service family_card names place MPP"
    ),
    "word of two services": Break(
        f"{TOWN}/services.yaml",
        append("family_card: {aliases: [ktp]}"),
        "alias `ktp` of service family_card already means identity_card",
    ),
    "component without a source": Break(
        f"{TOWN}/services.yaml", append("family_card: {product: {text: KK}}"), "key `source` is missing"
    ),
    "component that says nothing": Break(
        f"{TOWN}/services.yaml", append("family_card: {product: {source: Perwal}}"), "what nobody knows is `missing`"
    ),
    "fifteenth component": Break(
        f"{TOWN}/services.yaml", append("family_card: {motto: {text: X, source: Y}}"), "unknown key `motto`"
    ),
    "fee in words": Break(
        f"{TOWN}/services.yaml", append("family_card: {fee: {rupiah: gratis, source: Y}}"), "valid integer"
    ),
    "fee of less than nothing": Break(
        f"{TOWN}/services.yaml", append("family_card: {fee: {rupiah: -1, source: Y}}"), "family_card.fee.rupiah"
    ),
    "two sorts of fee": Break(
        f"{TOWN}/services.yaml",
        append("family_card: {fee: {rupiah: 1, tariffs: [{what: A, rupiah: 2}], source: Y}}"),
        "one amount (`rupiah`) or several",
    ),
    "time of no days": Break(
        f"{TOWN}/services.yaml", append("family_card: {duration: {working_days: 0, source: Y}}"), "working_days"
    ),
    "unknown name in a pattern": Break(
        "indonesia/unit_kinds.yaml", swap("'Camat {short}'", "'Camat {shrt}'"), "`Camat {shrt}` is no pattern"
    ),
    "post twice": Break(f"{TOWN}/offices.yaml", swap("code: WALI-KOTA", "code: KEPALA-DLH"), "post KEPALA-DLH of unit"),
    "base that is not there": Break(f"{TOWN}/region.yaml", swap("base: indonesia", "base: malaysia"), "malaysia"),
    "missing file of the country": Break("indonesia/groups.yaml", None, "this file is missing"),
    "missing file of the town": Break(f"{TOWN}/areas.yaml", None, "this file is missing"),
    "broken YAML": Break(f"{TOWN}/words.yaml", append("words: [a, b"), "not valid YAML"),
    "empty file": Break(f"{TOWN}/holidays.yaml", lambda text: "", "this file is empty"),
    "alias of YAML": Break(
        f"{TOWN}/holidays.yaml",
        lambda text: "added_off: &days []\nremoved_off: *days\n",
        "anchors with aliases, and tags, are not used here",
    ),
    "file nobody reads": Break(f"{TOWN}/unit.yaml", lambda text: "x: 1\n", "no file of this name is read here"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_one_line_that_says_where(copy: Path, broken: Break) -> None:
    broken.happens(copy)
    (fault,) = faults_of(copy)
    assert broken.says in fault.message
    assert fault.file.startswith("regions/")
    assert re.fullmatch(r"regions/\w+/\w+\.yaml:\d+: [^\n]+", str(fault))
    if broken.says.startswith(("unknown key", "unit PKM-RAYA")):
        assert fault.file == f"regions/{broken.file}"


def test_the_line_is_the_line(copy: Path) -> None:
    path = copy / TOWN / "units.yaml"
    lines = path.read_text().splitlines()
    number = lines.index("PKM-RAYA:") + 3
    lines[number] = "  parent: DINKESS"
    path.write_text("\n".join(lines))
    assert str(faults_of(copy)[0]) == (
        f"regions/{TOWN}/units.yaml:{number + 1}: unit PKM-RAYA names parent DINKESS, which no file defines:"
        " perhaps DINKES"
    )


def test_all_faults_are_told_at_once(copy: Path) -> None:
    (copy / "indonesia" / "groups.yaml").unlink()
    (copy / TOWN / "areas.yaml").write_text("12.72.01: {name: X, level: dusun}\n12.72.02: {nama: X}\n")
    found = faults_of(copy)
    assert len(found) == 4
    assert list(found) == sorted(found)


def test_a_town_may_overrule_the_country(copy: Path) -> None:
    (copy / TOWN / "deadlines.yaml").write_text(
        "information:\n"
        "  - {verify: 1, first_response: 2, resolve: 3, statutory_days: ~, basis: Perwal, since: 2026-01-02}\n"
    )
    (copy / TOWN / "emergency.yaml").write_text("now: [galodo]\nnumbers: {fire: '0622113'}\n")
    region = load_region(copy / TOWN)
    assert [policy.resolve for policy in region.policies[Kind.INFORMATION]] == [3]
    assert [policy.resolve for policy in region.policies[Kind.COMPLAINT]] == [14]
    assert {"galodo", "banjir bandang|air bah|flash flood"} <= set(region.lexicon.emergency_now)
    assert region.emergency_numbers == {"police": "110", "fire": "0622113", "ambulance": "119"}


def test_holidays_reach_every_calendar(copy: Path) -> None:
    (copy / TOWN / "holidays.yaml").write_text("added_off: [2026-04-24]\nremoved_off: [2026-05-15]\n")
    for calendar in load_region(copy / TOWN).calendars.values():
        assert not calendar.is_working(date(2026, 4, 24))
        assert calendar.is_working(date(2026, 5, 15))


def test_a_calendar_may_lie_in_another_zone_than_the_town(copy: Path) -> None:
    file = copy / "indonesia/calendar.yaml"
    file.write_text(file.read_text().replace("  puskesmas:\n", "  puskesmas:\n    zone: Asia/Makassar\n"))
    calendars = load_region(copy / TOWN).calendars
    monday = date(2026, 9, 7)
    assert (calendars["office"].opening(monday) - calendars["puskesmas"].opening(monday)).seconds == 3600
    assert calendars["puskesmas"].day_of(datetime(2026, 9, 6, 16, 30, tzinfo=UTC)) == monday


def test_the_country_may_lie_elsewhere(copy: Path, tmp_path: Path) -> None:
    elsewhere = shutil.move(copy / "indonesia", tmp_path / "nusantara")
    assert load_region(copy / TOWN, base=Path(elsewhere)).code == "12.72"
