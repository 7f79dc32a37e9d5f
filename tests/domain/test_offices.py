"""The scorer that finds the office, on three invented matters: what weighs, what does not, and how sure it may be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.region import Matter, Region
from domain.understanding.offices import Offices, forms
from domain.understanding.text import words_of
from tests.domain.regions import siantar

LAMPS, ROADS, WASTE = "DISHUB", "DPUPR", "DLH"


def _town() -> Region:
    def matter(code: str, group: str, words: str, **more: object) -> Matter:
        made = Matter(code, {"id": code}, group, tuple(words.split(", ")), asks_place=True)
        return replace(made, **more)  # type: ignore[arg-type]

    matters = (
        matter("lamp", LAMPS, "lampu jalan, lampu padam, tiang lampu, gelap", also={"DISPERKIM": 0.4}),
        matter("road", ROADS, "jalan berlubang, aspal, lubang, trotoar", hints=("kendaraan",)),
        matter("waste", WASTE, "sampah, tumpukan sampah, bau", never=("sampah masyarakat",)),
    )
    return replace(siantar(), matters={one.code: one for one in matters}, bodies={})


TOWN = _town()
OFFICES = Offices(TOWN)


def _shares(story: str, unit: str | None = None) -> dict[str, float]:
    words = words_of(story, TOWN.lexicon)
    found = OFFICES.candidates(words, OFFICES.said(words, unit))
    return {one.group: one.share for one in found}


def _best(story: str) -> str | None:
    return next(iter(_shares(story)), None)


@pytest.mark.parametrize(
    ("story", "group"),
    [
        ("lampu jalan di gang kami mati", LAMPS),
        ("jalan berlubang besar", ROADS),
        ("jalan di depan rumah saya berlubang", ROADS),
        ("jalannya berlobang lobang, aspalnya habis", ROADS),
        ("sampahnya bertumpuk", WASTE),
        ("tummpukan sampahh", WASTE),
        ("nama saya salah tulis", None),
    ],
)
def test_the_office_is_found_by_its_words_however_they_are_bent(story: str, group: str | None) -> None:
    assert _best(story) == group


def test_the_longest_phrase_wins_its_words() -> None:
    assert "lamp" in OFFICES.evidence(words_of("lampu jalan", TOWN.lexicon))
    assert "road" not in OFFICES.evidence(words_of("lampu jalan", TOWN.lexicon))


def test_words_that_stand_apart_say_less_than_a_phrase_and_more_than_one_word() -> None:
    whole, apart, alone = (
        OFFICES.evidence(words_of(story, TOWN.lexicon))["lamp"]
        for story in ("lampu padam", "lampu yang itu padam", "padam")
    )
    assert whole > apart > alone > 0


def test_in_some_phrases_a_word_means_nothing() -> None:
    assert _best("dia itu sampah masyarakat") is None


def test_what_only_says_where_hardly_counts() -> None:
    assert _best("aspal rusak dekat tumpukan sampah") == ROADS


def test_a_hint_tilts_but_does_not_decide() -> None:
    assert _shares("kendaraan").get(ROADS, 0.0) < 0.5
    assert _best("sampah di jalur kendaraan") == WASTE


def test_an_office_that_carries_a_matter_elsewhere_has_its_part_of_it() -> None:
    shares = _shares("lampu jalan padam")
    assert shares["DISPERKIM"] == pytest.approx(shares[LAMPS] * 0.4 / 0.6)


def test_a_named_office_speaks_for_what_it_is_there_for() -> None:
    assert _shares("bagaimana ini", "DISHUB")[LAMPS] > 0.8
    assert _shares("sampah dan lampu jalan", "DLH")[WASTE] > _shares("sampah dan lampu jalan")[WASTE]


def test_the_same_word_again_counts_less_each_time() -> None:
    once, thrice = (OFFICES.evidence(["sampah"] * times)["waste"] for times in (1, 3))
    assert once < thrice < 2 * once


def test_what_comes_late_in_a_long_letter_counts_less() -> None:
    early, late = (OFFICES.evidence(["dan"] * before + ["sampah"])["waste"] for before in (0, 400))
    assert late < early / 2


SAID = ["lampu", "jalan", "padam", "aspal", "lubang", "sampah", "bau", "dan", "saya", "kendaraan", "dekat"]
WORDS = st.lists(st.sampled_from(SAID), max_size=30)


@given(WORDS)
def test_probabilities_are_probabilities(words: list[str]) -> None:
    shares = [one.share for one in OFFICES.candidates(words, OFFICES.said(words))]
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) < 1


@given(WORDS)
def test_a_clear_phrase_put_first_never_makes_its_office_less_likely(words: list[str]) -> None:
    def share(said: list[str]) -> float:
        return OFFICES.said(said).groups.get(WASTE, 0.0)

    assert share(["tumpukan", "sampah", "itu", *words]) >= share(words) * 0.99


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("jalannya", "jalan"),
        ("menebang", "tebang"),
        ("menyapu", "sapu"),
        ("ditebangi", "tebang"),
        ("berlubang", "lubang"),
    ],
)
def test_a_word_loses_what_indonesian_hangs_on_it(word: str, root: str) -> None:
    assert root in forms(word)
