"""Stories that were invented here, as people type them, and who should read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.routing import proposals, route
from domain.understanding.money import amount_in
from domain.understanding.reading import read, unit_named
from domain.understanding.text import normalise, words_of
from domain.vocabulary import Conduct, Desk, Emergency, Identity, Kind
from tests.domain.regions import siantar

INSPEKTORAT, FRONT_DESK = "INSPEKTORAT", "BAGIAN-ORGANISASI"


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("udh lamaaa blm jadi2", "sudah lama belum jadi jadi"),
        ("KK-nya", "kk nya"),
        ("desa Silalahi III, bukan Silalahi VIII", "desa silalahi iii bukan silalahi viii"),
        ("di pajak horas", "di pasar horas"),
        ("bayar pajak bumi dan bangunan", "bayar pajak bumi dan bangunan"),
        ("", ""),
    ],
)
def test_chat_words_are_spelled_out_and_local_words_keep_their_meaning(typed: str, spelled: str) -> None:
    assert " ".join(words_of(typed, siantar().lexicon)) == spelled


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("diminta 50rb", 50_000),
        ("minta Rp50.000", 50_000),
        ("Rp 1.500.000 katanya", 1_500_000),
        ("1,5 juta", 1_500_000),
        ("uang 20 ribu", 20_000),
        ("loket 3, antrean 12", None),
        ("tanpa angka", None),
        ("bayar 50000 katanya", 50_000),
        ("Rp 50.000,- per berkas", 50_000),
        ("parkir 2000, lalu 5rb", 5_000),
        ("sejak tahun 2024 dan 12.03.2026", None),
        ("hubungi 081234567800, NIK 1272010101900001", None),
        ("hubungi 0812 3456 7000 ya", None),
        ("mobil BK 1200 TA parkir di trotoar", None),
        ("daya 1300 watt, warga 1500 orang, tahun 2000", None),
        ("minta gocap", 50_000),
        ("kasih cepek aja katanya", 100_000),
        ("ceban per orang", 10_000),
        ("seratus ribu", 100_000),
        ("diminta lima puluh ribu rupiah", 50_000),
        ("seratus lima puluh ribu", 150_000),
        ("dua ratus dua puluh lima ribu", 225_000),
        ("lima belas ribu saja", 15_000),
        ("satu setengah juta", 1_500_000),
        ("setengah juta", 500_000),
        ("sejuta lebih", 1_000_000),
        ("100 ribuan per orang", 100_000),
        ("2 jutaan", 2_000_000),
        ("mintak pitih saratuih ribu", 100_000),
        ("dimintai seket ewu", 50_000),
        ("dipenta saratus rebu", 100_000),
        ("antara 50-100rb", 100_000),
        ("lima orang antre dua jam", None),
        ("Rp. 15.000", 15_000),
        ("2,5 juta", 2_500_000),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: int | None) -> None:
    assert amount_in(text) == amount


ROUTES = [
    # story, reader, desk, kind, reported
    ("min sy ngurus kk di capil udh 3 minggu blm jadi2", "DISDUKCAPIL", Desk.OFFICERS, Kind.COMPLAINT, None),
    ("KTP saya sudah 3 bulan belum jadi di disdukcapil", "DISDUKCAPIL", Desk.OFFICERS, Kind.COMPLAINT, None),
    ("Antrean di Puskesmas Kartini lama sekali", "PKM-KARTINI", Desk.OFFICERS, Kind.COMPLAINT, None),
    ("Surat domisili di Kelurahan Tomuan dua minggu belum selesai", "KEL-TOMUAN", Desk.OFFICERS, Kind.COMPLAINT, None),
    ("sampah numpuk dekat kelurahan pahlawan", "DLH", Desk.OFFICERS, Kind.COMPLAINT, None),
    ("Jalan di depan sekolah di Kelurahan Teladan berlubang", FRONT_DESK, Desk.OFFICERS, Kind.COMPLAINT, None),
    ("My family card at Disdukcapil is three weeks late", "DISDUKCAPIL", Desk.OFFICERS, Kind.COMPLAINT, None),
    ("jalan berlubang di depan rumah saya", FRONT_DESK, Desk.OFFICERS, Kind.COMPLAINT, None),
    ("pajak bumi dan bangunan saya salah hitung", FRONT_DESK, Desk.OFFICERS, Kind.COMPLAINT, None),
    ("Pak tolong ada masalah di tempat kami", FRONT_DESK, Desk.OFFICERS, Kind.COMPLAINT, None),
    ("ada yang aneh di kantor itu, pakai calo", INSPEKTORAT, Desk.OFFICERS, Kind.COMPLAINT, None),
    ("urus kk di capil dimintai 50rb katanya uang admin", INSPEKTORAT, Desk.OFFICERS, Kind.OVERSIGHT, "DISDUKCAPIL"),
    ("ambil KTP di Disdukcapil, petugas minta Rp50.000", INSPEKTORAT, Desk.OFFICERS, Kind.OVERSIGHT, "DISDUKCAPIL"),
    ("petugas puskesmas kartini narik 20rb", INSPEKTORAT, Desk.OFFICERS, Kind.OVERSIGHT, "PKM-KARTINI"),
    ("Clerk at Disdukcapil asked me for 50 thousand", INSPEKTORAT, Desk.OFFICERS, Kind.OVERSIGHT, "DISDUKCAPIL"),
    ("pungli di Inspektorat", "WALIKOTA", Desk.HEAD, Kind.OVERSIGHT, "INSPEKTORAT"),
    ("petugas puskesmas raya jutek, saya dibentak", "DINKES", Desk.HEAD, Kind.COMPLAINT, "PKM-RAYA"),
    ("pegawai Kelurahan Tomuan kasar sekali", "KEC-SIANTAR-TIMUR", Desk.HEAD, Kind.COMPLAINT, "KEL-TOMUAN"),
    ("petugas loket disdukcapil kasar dan membentak", "SETDA", Desk.HEAD, Kind.COMPLAINT, "DISDUKCAPIL"),
]


@pytest.mark.parametrize(("story", "reader", "desk", "kind", "reported"), ROUTES)
def test_a_story_reaches_who_should_read_it(
    story: str, reader: str, desk: Desk, kind: Kind, reported: str | None
) -> None:
    goes = route(read(story, siantar()), siantar())
    assert (goes.unit, goes.desk, goes.kind, goes.reported) == (reader, desk, kind, reported)


@pytest.mark.parametrize("story", [row[0] for row in ROUTES if row[4]])
def test_whoever_is_reported_is_excluded_with_everything_below_and_the_citizen_is_confidential(story: str) -> None:
    goes = route(read(story, siantar()), siantar())
    assert goes.reported is not None
    assert goes.excluded == siantar().within(goes.reported)
    assert goes.unit not in goes.excluded
    assert goes.identity is Identity.CONFIDENTIAL


@pytest.mark.parametrize(
    "story",
    [
        "saya minta uang kembali karena salah bayar retribusi sampah",
        "minta tolong lampu jalan diperbaiki sudah 3 minggu mati",
        "petugasnya baik, tidak minta uang, cuma lama sekali di disdukcapil",
    ],
)
def test_the_citizens_own_asking_and_a_denial_accuse_nobody(story: str) -> None:
    assert Conduct.MONEY_ASKED not in read(story, siantar()).conduct


def test_the_unit_that_the_citizen_chose_wins_over_the_programs_guess() -> None:
    reading = read("sampah numpuk", siantar())
    assert route(reading, siantar(), chosen="KEL-TOMUAN").unit == "KEL-TOMUAN"


def test_at_most_four_offices_are_proposed_and_only_real_ones() -> None:
    found = proposals(read("ktp kk sampah parkir puskesmas pasar air", siantar()), siantar())
    assert 1 <= len(found) <= 4
    assert set(found) <= set(siantar().units)


@pytest.mark.parametrize(
    ("typed", "unit"),
    [("capil", "DISDUKCAPIL"), ("Puskesmas Raya", "PKM-RAYA"), ("kelurahan tomuan", "KEL-TOMUAN"), ("entah", None)],
)
def test_a_typed_name_finds_its_unit(typed: str, unit: str | None) -> None:
    assert unit_named(typed, siantar()) == unit


@pytest.mark.parametrize(
    ("story", "emergency"),
    [
        ("anak saya kejang di igd belum ditangani", True),
        ("rumah tetangga kebakaran tolong", True),
        ("lampu merah mati", False),
    ],
)
def test_danger_is_noticed_before_anything_else(story: str, emergency: bool) -> None:
    assert (read(story, siantar()).emergency is not Emergency.NO) is emergency


@pytest.mark.parametrize(
    ("story", "matter"),
    [
        ("suami sy mukulin sy terus dari tadi malam", "women_children"),
        ("saya mau bunuh diri saja rasanya", "mental_health"),
    ],
)
def test_who_looks_after_those_in_danger_reads_without_a_question(story: str, matter: str) -> None:
    reading = read(story, siantar())
    assert (reading.matter, reading.sure) == (matter, True)


@pytest.mark.parametrize(
    ("story", "conduct"),
    [
        ("ngurus kk di capil udh 3 minggu, alasannya blangko kosong trs", {Conduct.LATE}),
        ("mintak pitih 100 ka urang kantua camat, indak ado kuitansi", {Conduct.MONEY_ASKED}),
        ("kantor lurah kosong jam 10, tidak ada kuitansi juga", {Conduct.ABSENT}),
    ],
)
def test_what_is_not_there_need_not_be_the_officer(story: str, conduct: set[Conduct]) -> None:
    assert read(story, siantar()).conduct & {*conduct, Conduct.ABSENT} == conduct


def test_a_share_of_a_project_is_money_that_an_official_asks_for() -> None:
    goes = route(read("bpk sekda yang minta proyek 10 persen", siantar()), siantar())
    assert (goes.kind, goes.post) == (Kind.OVERSIGHT, "SEKDA")


def test_an_official_who_is_accused_of_violence_is_not_read_as_a_family_matter() -> None:
    goes = route(read("keponakan saya dilecehkan gurunya di sekolah", siantar()), siantar())
    assert (goes.matter, goes.unit) == ("school_teaching", INSPEKTORAT)


@given(st.text(max_size=400))
def test_any_text_can_be_read_and_always_has_a_reader(text: str) -> None:
    goes = route(read(text, siantar()), siantar())
    assert goes.unit in siantar().units
    assert normalise(text, siantar().lexicon).startswith(" ")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Berapa biaya bikin KTP di capil?", Kind.INFORMATION),
        ("apa syarat pindah domisili ke kelurahan tomuan", Kind.INFORMATION),
        ("min mau tanya puskesmas raya jam buka nya", Kind.INFORMATION),
        ("gimana cara urus akta lahir", Kind.INFORMATION),
        ("What are the requirements for a birth certificate?", Kind.INFORMATION),
        ("Saya usul ada bangku di taman kota", Kind.ASPIRATION),
        ("Mohon dipertimbangkan lampu jalan di Jalan Kartini", Kind.ASPIRATION),
        ("Usul saya lampu jalan yang rusak diperbaiki", Kind.COMPLAINT),
        ("KTP saya sudah tiga minggu belum jadi, mau tanya kapan selesai", Kind.COMPLAINT),
        ("Mau tanya, kenapa sampah masih menumpuk?", Kind.COMPLAINT),
        ("Saya mau ke capil besok", Kind.COMPLAINT),
        ("", Kind.COMPLAINT),
    ],
)
def test_a_question_or_a_wish_is_one_only_where_nothing_is_wrong(text: str, kind: Kind) -> None:
    assert read(text, siantar()).kind is kind
    assert route(read(text, siantar()), siantar()).kind is kind


@pytest.mark.parametrize(
    ("text", "kind", "reader"),
    [
        ("Berapa biaya KTP? Petugas capil minta uang 50 ribu", Kind.OVERSIGHT, INSPEKTORAT),
        ("Saran saya, petugas Puskesmas Raya jangan membentak, dia membentak saya", Kind.COMPLAINT, "DINKES"),
    ],
)
def test_an_accusation_is_none_the_less_for_being_called_a_question(text: str, kind: Kind, reader: str) -> None:
    reading = read(text, siantar())
    for called in (None, Kind.INFORMATION, Kind.ASPIRATION, Kind.COMPLAINT):
        goes = route(reading, siantar(), kind=called)
        assert (goes.kind, goes.unit) == (kind, reader)


def test_what_the_citizen_calls_it_counts_where_nobody_is_accused() -> None:
    reading = read("Pembuatan KTP di capil hari Sabtu", siantar())
    for called in (Kind.INFORMATION, Kind.ASPIRATION, Kind.COMPLAINT):
        assert route(reading, siantar(), kind=called).kind is called
