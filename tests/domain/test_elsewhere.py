"""Whose it is where it is not ours: own sentences of what goes to a body outside, and of what only sounds like it."""

from __future__ import annotations

import pytest

from domain.understanding.reading import read
from tests.domain.regions import region_of, siantar

THEIRS = {
    "PLN": ("mati lampu dari subuh", "listrik di rumah kami padam sejak tadi malam",
            "token listrik saya tidak bisa masuk",
            "listrik padam di kelurahan tomuan sudah 5 jam", "meteran listrik rusak, sudah lapor pln belum datang",
            "tagihan listrik bulan ini naik dua kali lipat", "power cut in our street since this morning"),
    "BPJS": ("antrean di kantor bpjs lama sekali", "mau turun kelas bpjs di aplikasi mobile jkn error terus"),
    "BPJSTK": ("klaim jht saya belum cair sudah 2 bulan",),
    "POLRI": ("mau perpanjang sim tapi antre terus di satpas", "laporan saya di polsek tidak ditindaklanjuti",
              "motor saya dicuri tadi malam di depan kos", "buat skck lama kali di polres"),
    "BPN": ("sertifikat tanah ptsl kami belum jadi dari 2023", "balik nama sertifikat di bpn sudah setahun"),
    "PENGADILAN": ("putusan cerai saya di pengadilan agama belum keluar",),
    "IMIGRASI": ("cara bikin paspor bagaimana ya",),
    "SAMSAT": ("stnk hilang urusnya ke mana",),
    "PROVINSI": ("anak saya tidak diterima di sma negeri 2 padahal dekat", "jalan provinsi di simpang dua rusak berat"),
    "KEMENAG": ("buku nikah saya hilang, urus di kua mana", "nomor porsi haji orang tua saya kapan berangkat"),
    "KEMENPU": ("jalan nasional menuju medan rusak parah", "jalan lintas sumatera berlubang besar di simpang"),
    "KEMENSOS": ("nama saya dicoret kemensos dari pkh",),
    "BGN": ("menu mbg di sekolah anak saya basi dan sedikit", "makan bergizi gratis belum sampai di sd kami"),
    "OJK": ("saya diteror debt collector pinjol",),
    "KOMDIGI": ("banyak sms penipuan masuk ke hp saya",),
    "DJP": ("npwp saya hilang, cara cetak ulang",),
    "DJBC": ("paket ditahan bea cukai sudah seminggu",),
    "BKN": ("akun sscasn saya error tidak bisa login",),
}  # fmt: skip
OURS = (
    "lampu jalan mati dari lebaran",
    "lampu jalan di depan sd padam",
    "petugas puskesmas raya tolak bpjs saya",
    "di rsud pasien bpjs disuruh menunggu 5 jam",
    "bpjs pbi saya dinonaktifkan, kami orang susah",
    "polisi tidur di gang kami terlalu tinggi",
    "surat tanah di kelurahan tomuan belum ditandatangani lurah",
    "lurah tomuan minta uang 1 juta untuk ptsl",
    "anak anak keracunan mbg di sd, banyak yang muntah",
    "elpiji 3 kg langka di pangkalan",
    "sampah di dekat pengadilan negeri tidak diangkut",
    "jalan berlubang di depan polsek",
    "parit tersumbat di depan kantor bpn",
    "lampu merah di simpang polres mati",
    "jalan di kampung kami rusak parah",
    "dana pip anak saya di smp negeri belum cair",
    "bansos pkh saya belum cair",
    "pajak bumi bangunan saya salah nama",
    "ktp saya belum jadi di capil",
    "suami saya memukul saya lagi, sudah lapor polisi di polsek",
    "petugas samsat minta uang 200 ribu",
)


@pytest.mark.parametrize(("body", "story"), [(body, story) for body, stories in THEIRS.items() for story in stories])
def test_what_is_theirs_is_referred(body: str, story: str) -> None:
    assert read(story, siantar()).referral == body


@pytest.mark.parametrize("story", OURS)
def test_what_only_sounds_like_theirs_is_not(story: str) -> None:
    assert read(story, siantar()).referral is None


@pytest.mark.parametrize("town", ["pematangsiantar", "payakumbuh", "dairi", "tanjungbalai", "asahan"])
def test_every_body_says_how_it_is_reached(town: str) -> None:
    bodies = region_of(town).bodies
    assert set(THEIRS) <= set(bodies)
    assert [body.code for body in bodies.values() if not (body.where or body.contact)] == []


def test_our_own_offices_are_as_likely_as_if_it_were_ours_times_that_it_is() -> None:
    reading = read("lampu di kampung kami mati terus dari pln", siantar())
    assert reading.elsewhere is not None
    assert sum(one.share for one in reading.candidates) + reading.elsewhere.share < 1
    assert reading.perhaps_elsewhere == "PLN"
    assert reading.referral is None
