"""Which two stories are one: worked out by hand."""

from __future__ import annotations

import pytest

from domain.understanding.alike import Told, is_same, likeness
from tests.domain.regions import siantar

KTP = "KTP saya sudah tiga minggu belum jadi di capil, selalu disuruh kembali lagi"
HERE, THERE = "12.72.01.1002", "12.72.01.1003"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (KTP, "min ktp sy di capil blm jadi jg sampe skrg", True),
        (KTP, "KTP saya di capil masih belum jadi, disuruh kembali terus", True),
        (KTP, "Nama istri saya di KTP salah, mohon diperbaiki capil", False),
        (KTP, "Jalan di depan rumah saya rusak", False),
        (KTP, "ktp", False),
        ("Air pam mati tiga hari", "air pam mati lagi dari kemarin", True),
        ("lampu jalan mati dari lebaran di gang kami", "sudah dua bulan lampu jalan gang kami mati", True),
        ("bansos saya belum cair", "bansos tetangga saya dipotong", False),
        ("", "", False),
    ],
)
def test_words_about_one_matter(one: str, other: str, same: bool) -> None:
    lexicon = siantar().lexicon
    assert is_same(Told(one, "matter", None), Told(other, "matter", None), lexicon) is same


def test_one_place_and_one_matter_are_one_thing_whatever_the_words() -> None:
    lexicon = siantar().lexicon
    bad, worse = Told("sampah bau", "waste", HERE), Told("tumpukan makin tinggi", "waste", HERE)
    assert is_same(bad, worse, lexicon)
    assert not is_same(bad, Told("tumpukan makin tinggi", "waste", None), lexicon)


def test_two_places_are_two_things_though_every_word_is_the_same() -> None:
    assert not is_same(Told(KTP, "ktp", HERE), Told(KTP, "ktp", THERE), siantar().lexicon)


def test_of_unknown_or_different_matter_only_nearly_the_same_words_are_one() -> None:
    lexicon = siantar().lexicon
    assert is_same(Told(KTP, None, None), Told(f"min {KTP}", "ktp", None), lexicon)
    assert not is_same(Told(KTP, None, None), Told("min ktp sy di capil blm jadi jg sampe skrg", None, None), lexicon)


def test_the_order_of_two_stories_does_not_matter() -> None:
    lexicon = siantar().lexicon
    assert likeness(KTP, "ktp capil belum jadi", lexicon) == likeness("ktp capil belum jadi", KTP, lexicon)
