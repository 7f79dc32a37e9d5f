"""Own sentences, read one by one: what share of each field has to be right, and which ones are not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import yaml

from domain.routing import route
from domain.understanding.money import amount_in
from domain.understanding.reading import read
from domain.understanding.services import service_in
from domain.vocabulary import Conduct
from tests.domain.regions import REGIONS, region_of

HERE = Path(__file__).parent
#: Field -> the share of the sentences naming it that has to be read rightly.
WANTED = {
    "kind": 0.93,
    "conduct": 0.93,
    "signals": 0.95,
    "reported": 0.93,
    "post": 0.95,
    "unit": 0.90,
    "amount": 0.97,
    "identity": 0.97,
    "emergency": 0.98,
    "care": 0.95,
    "service": 0.80,
}
#: Of stories of danger: what share is noticed, of those that nothing was changed for too, and what share of harmless
#: ones may be asked about, of those that are full of the words of danger too.
NOTICED, NOTICED_UNSEEN, ASKED, ASKED_UNSEEN = 0.98, 0.93, 0.04, 0.15
#: Of stories of money: what share of those in which somebody asked who serves is noticed, and how many of them are so.
RECALL, PRECISION = 0.95, 0.85


def sentences() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each story with what is true of it."""
    for block in yaml.safe_load((HERE / "sentences.yaml").read_text(encoding="utf-8")):
        shared = {key: value for key, value in block.items() if key != "texts"}
        for entry in block["texts"]:
            text, own = next(iter(entry.items())) if isinstance(entry, dict) else (entry, {})
            yield text, {**shared, **own}


@lru_cache(maxsize=1)
def _all() -> tuple[tuple[str, dict[str, Any], dict[str, Any]], ...]:
    return tuple((text, truth, _found(text, truth["town"])) for text, truth in sentences())


def _found(text: str, town: str) -> dict[str, Any]:
    region = region_of(town)
    reading = read(text, region)
    goes = route(reading, region)
    service = service_in(text, region, reading.matter)
    return {
        "kind": goes.kind,
        "conduct": {str(code) for code in reading.conduct},
        "signals": reading.others,
        "reported": goes.reported,
        "post": goes.post,
        "unit": reading.unit or goes.unit,
        "amount": amount_in(text),
        "identity": goes.identity,
        "emergency": reading.emergency,
        "care": reading.care,
        "service": service.code if service else None,
    }


def _is_right(field: str, truth: Any, found: Any) -> bool:
    if field in ("conduct", "signals"):
        return set(truth) <= set(found) if truth else not found
    return bool(truth == found)


@pytest.mark.parametrize("field", WANTED)
def test_own_sentences_are_read_as_a_clerk_would(field: str) -> None:
    said = [(text, truth[field], found[field]) for text, truth, found in _all() if field in truth]
    misses = [
        f"{text} | wanted {truth} | found {found}" for text, truth, found in said if not _is_right(field, truth, found)
    ]
    share = 1 - len(misses) / len(said)
    assert share >= WANTED[field], f"{field}: {share:.3f} of {len(said)}\n" + "\n".join(misses)


def test_every_sentence_is_told_once_and_there_are_enough_of_them_for_every_town() -> None:
    texts = [text for text, _ in sentences()]
    assert len(set(texts)) == len(texts) >= 400
    assert {truth["town"] for _, truth in sentences()} == {path.parent.name for path in REGIONS.glob("*/region.yaml")}


@pytest.mark.parametrize(
    "kind", ["unseen", "tuned", "regional", "fresh", "fresh_again", "last", "held_out2", "held_out3", "held_out4"]
)
def test_danger_is_noticed_in_every_language_of_the_towns(kind: str) -> None:
    stories = _dangers()[kind]
    missed = [story for story in stories if read(story, region_of("pematangsiantar")).emergency == "no"]
    assert len(missed) <= len(stories) * (1 - NOTICED), "\n".join(missed)


def test_danger_in_words_that_nothing_was_changed_for_is_mostly_noticed() -> None:
    stories = _dangers()["last2"]
    missed = [story for story in stories if read(story, region_of("pematangsiantar")).emergency == "no"]
    assert len(missed) <= len(stories) * (1 - NOTICED_UNSEEN), "\n".join(missed)


@pytest.mark.parametrize(("kind", "asked"), [("ordinary", ASKED), ("ordinary2", ASKED_UNSEEN)])
def test_harmless_stories_with_the_words_of_danger_raise_no_alarm(kind: str, asked: float) -> None:
    stories = _dangers()[kind]
    found = {story: read(story, region_of("pematangsiantar")).emergency for story in stories}
    alarms = [story for story in stories if found[story] != "no"]
    assert len(alarms) <= len(stories) * asked, "\n".join(alarms)
    assert "now" not in found.values(), found


@pytest.mark.parametrize("kind", ["", "_last"])
def test_money_asked_by_who_serves_is_told_from_what_others_take(kind: str) -> None:
    stories = dict(yaml.safe_load((HERE / "askings.yaml").read_text(encoding="utf-8")))
    missed = [story for story in stories[f"asked{kind}"] if not _asks_for_money(story)]
    wrong = [story for story in stories[f"not_asked{kind}"] if _asks_for_money(story)]
    right = len(stories[f"asked{kind}"]) - len(missed)
    assert right >= len(stories[f"asked{kind}"]) * RECALL, "\n".join(missed)
    assert right >= (right + len(wrong)) * PRECISION, "\n".join(wrong)


def _asks_for_money(story: str) -> bool:
    return Conduct.MONEY_ASKED in read(story, region_of("pematangsiantar")).conduct


def _dangers() -> dict[str, list[str]]:
    return dict(yaml.safe_load((HERE / "emergencies.yaml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "shape", ["pingsan ", "a" * 24 + " ", "diminta uang ", "\u202e\x00", "🔥", "0812", "kebakaran tolong anak "]
)
def test_a_flood_of_any_shape_is_read_in_bounded_time(shape: str) -> None:
    began = perf_counter()
    read((shape * 100_000)[:100_000], region_of("pematangsiantar"))
    assert perf_counter() - began < 5
