"""What it takes to understand a story, and which part of it takes how much, over stories made of the region's words."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

from domain.region import Region
from domain.understanding.conduct import signals_in
from domain.understanding.danger import danger_in
from domain.understanding.naming import names_in
from domain.understanding.offices import offices
from domain.understanding.reading import read
from domain.understanding.text import plain_words, words_of

#: What the stories are drawn by, and in how many sentences each is told.
_SEED, _SENTENCES = 20260101, 4
_FRAMES = (
    "Selamat pagi, {what} di {where} {trouble}, tolong ditindaklanjuti",
    "min {what} kami {trouble} udh 3 minggu, {where} smua kena",
    "Saya warga {where}. {what} {trouble} dan petugasnya bilang tunggu saja",
    "{what} {trouble}, sudah lapor ke kantor tapi belum ada jawaban",
)


@dataclass(frozen=True, slots=True)
class Found:
    """Median seconds of one story: whole when its words are new and when they are known, each part, and what merely
    cutting it into words takes; and what 19 of 20 take at most."""

    stories: int
    words: int
    new: float
    known: float
    most: float
    parts: Mapping[str, float]
    floor: float


def measure(region: Region, count: int) -> Found:
    """Read every story twice: the first time its words are new."""
    stories = invented(region, count)
    read("", region)  # the words of the region are made comparable once in a process
    if region.learned:
        region.learned.load()
    new = [_seconds(read, story, region) for story in stories]
    # The whole beside its parts, story by story: what else the machine does then touches all alike.
    spent = [_parts(story, region) for story in stories]
    typical = {name: median(one[name] for one in spent) for name in spent[0]}
    length = round(median(len(story.split()) for story in stories))
    known, floor = typical.pop("whole"), typical.pop("floor")
    return Found(count, length, median(new), known, quantiles(new, n=20)[-1], typical, floor)


def invented(region: Region, count: int) -> Sequence[str]:
    """Stories of what people complain of and where they live, as the region's files have it."""
    dice = random.Random(_SEED)  # noqa: S311 - no secret, and the same stories every time
    whats = [word for matter in region.matters.values() for word in matter.keywords]
    wheres = [area.name for area in region.areas.values()]
    troubles = sorted(region.lexicon.troubles)

    def sentence(frame: str) -> str:
        return frame.format(what=dice.choice(whats), where=dice.choice(wheres), trouble=dice.choice(troubles))

    return [". ".join(sentence(dice.choice(_FRAMES)) for _ in range(_SENTENCES)) for _ in range(count)]


def _parts(story: str, region: Region) -> dict[str, float]:
    """The whole, and each part alone with what the parts before it give."""
    scorer, lexicon = offices(region), region.lexicon
    words = words_of(story, lexicon)
    spent = {
        "whole": _seconds(read, story, region),
        "floor": _seconds(plain_words, story),
        "normalise": _seconds(words_of, story, lexicon),
        "names": _seconds(names_in, story, region),
        "conduct": _seconds(signals_in, words, lexicon),
        "danger": _seconds(danger_in, words, lexicon),
        "office": _seconds(scorer.said, words),
    }
    if region.learned:
        said = scorer.said(words)
        spent["learned"] = _seconds(region.learned.model.probabilities, words, said.groups, said.evidence)
    return spent


def _seconds(work: Callable[..., object], *given: object) -> float:
    began = perf_counter()
    work(*given)
    return perf_counter() - began


def lines_of(found: Found) -> Iterator[str]:
    """The same for whoever reads a terminal."""
    yield f"{found.stories} invented stories of {found.words} words, median milliseconds for one:"
    yield f"  understood {found.new * 1000:7.2f}, of 20 stories 19 below {found.most * 1000:.2f}"
    known = f"{found.known / found.floor:.0f} times what cutting it into words takes"
    yield f"  once its words are known {found.known * 1000:.2f} = {known}"
    rest = max(0.0, found.known - sum(found.parts.values()))
    for name, spent in {**found.parts, "the rest": rest}.items():
        share = spent / found.known
        yield f"    {name:<10} {spent * 1000:7.3f} = {share:4.0%}  {'#' * round(30 * share)}".rstrip()
    if "learned" not in found.parts:
        yield "    (learned: the town has no model)"
