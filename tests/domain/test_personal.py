"""What says who somebody is becomes a mark, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.understanding.personal import masked, personal_in

MASKED = [
    ("hubungi 081234567890 ya", "hubungi [phone] ya"),
    ("hub 0812-3456-7890", "hub [phone]"),
    ("wa +62 812 3456 7890 sore", "wa [phone] sore"),
    ("telepon (0622) 123456", "telepon [phone]"),
    ("NIK 1272010101900001", "NIK [nik]"),
    ("nik saya 1272 0101 0190 0001", "nik saya [nik]"),
    ("nik 127201.010190.0001", "nik [nik]"),
    ("kirim ke sari.purba@contoh.id segera", "kirim ke [email] segera"),
    ("lihat @sari_purba di instagram", "lihat [handle] di instagram"),
    ("transfer ke rekening BRI 0123 4567 8901 234", "transfer ke rekening BRI [account]"),
    ("no rek 1234567890", "no rek [account]"),
    ("dana 081234567890", "dana [phone]"),
    ("nomor pelanggan 123456789", "nomor pelanggan [number]"),
    ("mobil BK 1234 TA parkir di trotoar", "mobil [plate] parkir di trotoar"),
    ("kereta bk 4321 wxy", "kereta [plate]"),
    ("angkot nopol bb 12 c ngebut", "angkot nopol [plate] ngebut"),
    ("Pak Budi yang minta", "Pak [name] yang minta"),
    ("petugasnya Bu Rina Siregar, jutek", "petugasnya Bu [name], jutek"),
    ("a.n. Sari Purba", "a.n. [name]"),
    ("KK atas nama budi santoso", "KK atas nama [name]"),
    ("nama saya sari, mau lapor", "nama saya [name], mau lapor"),
    ("Saya Sari Purba dari Siantar", "Saya [name] dari Siantar"),
    ("petugas bernama Tono", "petugas bernama [name]"),
    ("Pak Lurah minta 50rb", "Pak Lurah minta 50rb"),
    ("Bu Camat tidak ada", "Bu Camat tidak ada"),
    ("Pak tolong lampu mati", "Pak tolong lampu mati"),
    ("SAYA MAU LAPOR PAK JALAN RUSAK", "SAYA MAU LAPOR PAK JALAN RUSAK"),
    ("Saya Warga Kelurahan Tomuan", "Saya Warga Kelurahan Tomuan"),
    ("diminta Rp 1.500.000 tanggal 12-03-2026", "diminta Rp 1.500.000 tanggal 12-03-2026"),
    ("RT 05 RW 02, Jalan Merdeka No 12", "RT 05 RW 02, Jalan Merdeka No 12"),
    ("tiket TGP-26-7K3QD8", "tiket TGP-26-7K3QD8"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "without"), MASKED)
def test_what_is_personal_is_masked_and_the_rest_stays(text: str, without: str) -> None:
    assert masked(text) == without


@given(st.text(max_size=300))
def test_whatever_is_typed_the_places_lie_in_it_and_never_over_each_other(text: str) -> None:
    found = personal_in(text)
    edges = [edge for one in found for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(0 <= one.start < one.end <= len(text) for one in found)


@pytest.mark.parametrize(
    "shape", ["0" * 50_000, "a@" * 50_000, "pak " * 25_000, "@" * 100_000, "08 " * 33_000, "A" * 100_000]
)
def test_no_shape_of_text_takes_long(shape: str) -> None:
    assert isinstance(masked(shape), str)
