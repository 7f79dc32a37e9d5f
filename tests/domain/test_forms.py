"""How a verb is found in all its forms, and a word of a region's language in the Indonesian one."""

from __future__ import annotations

import pytest

from domain.understanding.phrases import Finder
from domain.understanding.sounds import Sounds
from domain.understanding.text import words_of
from tests.domain.regions import siantar


@pytest.mark.parametrize("form", ["dipukul", "kepukul", "dipukulin", "kena pukul", "memukul", "mukulin", "mamukul"])
def test_a_verb_that_is_named_once_is_found_in_every_voice(form: str) -> None:
    sets = siantar().lexicon.emergency_sets
    assert form in (*sets["beaten"], *sets["beats"])


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("hanyuik", "hanyut"), ("jatuah", "jatuh"), ("tonggolam", "tenggelam"), ("tabaka", "terbakar"), ("apinyo", "api")],
)
def test_a_word_is_heard_as_the_regions_say_it_where_only_so_it_is_one_of_ours(heard: str, meant: str) -> None:
    sounds = siantar().lexicon.sounds
    assert Finder([meant], sounds).places([heard]) == {meant: [0]}
    assert Finder(["lain"], sounds).places([heard]) == {}


def test_a_short_word_and_one_without_sounds_stay_as_they_are() -> None:
    assert list(siantar().lexicon.sounds.said("uik")) == []
    assert list(Sounds().said("hanyuik")) == []


def test_a_doubled_word_may_have_an_ending() -> None:
    assert words_of("lempar2an batu", siantar().lexicon) == ["lempar", "lemparan", "batu"]
