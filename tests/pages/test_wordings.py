"""A town's own words on a page: the facts that they may say are the page's, and what people typed stays text."""

from __future__ import annotations

import pytest

from bot.rendering import MARKUPS
from domain.decisions import filled
from handlers.messages import Choice
from tests.kit.sample_facts import DUE, HOSTILE, NUMBER, SAMPLES
from tests.kit.town import siantar
from tests.pages.test_pages import LANGUAGES, RENDERER

PAGES = siantar().pages
EACH_PAGE = pytest.mark.parametrize("page", sorted(PAGES))
#: Facts beside those that may be said: they change the greeting, the files that follow, or a sentence of courtesy.
BESIDE = {"first", "photos_of", "unit"}


def own(page: str, words: str, markup: str = "plain", language: str = "id", **facts: object) -> str:
    rendered = RENDERER.render(page, facts, (), language=language, markup=markup, wordings={(page, "id"): words})
    return rendered.text


@EACH_PAGE
def test_a_page_that_may_be_put_otherwise_says_the_same_whatever_its_facts_are(page: str) -> None:
    for sample in SAMPLES[page]:
        said = {name: fact for name, fact in sample.facts.items() if name in PAGES[page].examples}
        assert sample.facts.keys() - said.keys() <= BESIDE
        assert all(isinstance(fact, str | int) and not isinstance(fact, bool) for fact in said.values())
        assert PAGES[page].needs.keys() <= said.keys(), "what has to be said is always known"


@EACH_PAGE
def test_the_examples_of_a_page_are_enough_to_show_it(page: str) -> None:
    for language in LANGUAGES:
        assert RENDERER.render(page, {"first": False, **PAGES[page].examples}, (), language=language, markup="plain")


@pytest.mark.parametrize("markup", MARKUPS)
def test_own_words_with_their_facts_stand_in_the_place_of_the_pages_own_and_its_choices_stay(markup: str) -> None:
    facts = {"number": NUMBER, "unit": "Dinas Sosial"}
    rendered = RENDERER.render(
        "citizen/taken",
        facts,
        (Choice("details", ("7",)),),
        language="id",
        markup=markup,
        wordings={("citizen/taken", "id"): "{unit} mengurus {number}."},
    )
    assert rendered.text == f"Dinas Sosial mengurus {NUMBER}."
    assert len(rendered.labels) == 1


def test_the_other_language_keeps_the_pages_own_words() -> None:
    assert "mengurus" not in own("citizen/taken", "{unit} mengurus {number}.", language="en", number=NUMBER, unit="X")


def test_a_moment_is_said_as_a_date() -> None:
    text = own("citizen/still_asked", "Jawab sebelum {by}", number=NUMBER, unit="X", question="?", by=DUE)
    assert text == "Jawab sebelum Jumat, 10 April 2026 pukul 16.30"


def test_nothing_that_the_town_or_people_typed_is_markup_or_code() -> None:
    facts = {"number": NUMBER, "unit": "X", "text": HOSTILE, "photos_of": "7"}
    plain, marked = (own("citizen/answer", f"{HOSTILE} {{text}}", markup, **facts) for markup in MARKUPS)
    assert plain == f"{HOSTILE} {HOSTILE}"
    assert "<" not in marked
    assert marked.count("&lt;script&gt;") == 2


def test_a_fact_that_reads_like_a_placeholder_is_not_filled_again() -> None:
    assert filled("{text} {number}", {"text": "{number}", "number": "7"}.__getitem__) == "{number} 7"


def test_the_pages_own_words_stand_where_it_is_not_told_a_fact_any_more() -> None:
    assert own("citizen/taken", "{gone} {number}", number=NUMBER, unit="X") == own(
        "citizen/taken", "", number=NUMBER, unit="X"
    )


def test_who_writes_for_the_first_time_is_greeted_above_own_words() -> None:
    first, later = (own("citizen/welcome", "Tulis saja.", first=first, unit=None, town="X") for first in (True, False))
    assert later == "Tulis saja."
    assert "/privasi" in first
    assert first.endswith("\nTulis saja.")
