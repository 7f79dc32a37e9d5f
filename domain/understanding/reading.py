"""What a story says, by the region's words: matter, office, conduct, unit, amount, emergency. Pure and below 1 ms."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from domain.borders import NOWHERE, Spot
from domain.region import Region
from domain.understanding.accused import titles_accused
from domain.understanding.conduct import signals_in
from domain.understanding.danger import danger_in
from domain.understanding.money import amount_in
from domain.understanding.naming import AREA_KINDS, names_in, spot_of, unit_of
from domain.understanding.text import normalise
from domain.vocabulary import Care, Conduct, Emergency, Kind

#: At this share of all evidence the office is taken without a question (the citizen still sees it before sending).
SURE = 0.55
#: One keyword of one word is a hint, not evidence.
LEAST_EVIDENCE = 1.2
#: Evidence that nothing was understood; keeps a single weak word from looking certain.
DOUBT = 0.6
#: What stands before the place in which something lies.
_IN = "di"
#: What a unit's own name weighs: as much as two good keywords.
NAMED = 2.0
#: What a named area adds to a matter that happens somewhere.
LOCATED = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A matter that the story may be about, and its share of the evidence (0 to 1)."""

    matter: str
    share: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `conduct` is certain enough to act on; `hints` are the weak signals beside it.

    `unit` is the unit that the story names as the one it is about; `place` the one that only says where it happened.
    `kind` is a question or a wish only where nothing sounds like a complaint. `spot` is the kelurahan, desa or
    kecamatan that it speaks of, whatever else it is about. `care`: danger that wants a careful page. `others`: signals
    that are no conduct. `accused`: kinds of unit whose head is accused by a title.
    """

    candidates: tuple[Candidate, ...]
    conduct: frozenset[Conduct]
    hints: frozenset[Conduct]
    unit: str | None
    place: str | None
    amount: int | None
    emergency: Emergency
    kind: Kind = Kind.COMPLAINT
    spot: Spot = NOWHERE
    care: Care | None = None
    others: frozenset[str] = frozenset()
    accused: frozenset[str] = frozenset()

    @property
    def matter(self) -> str | None:
        return self.candidates[0].matter if self.candidates else None

    @property
    def sure(self) -> bool:
        """Whether the office may be proposed without asking."""
        return bool(self.candidates) and self.candidates[0].share >= SURE

    @property
    def suspicious(self) -> frozenset[Conduct]:
        """Every conduct signal, however weak."""
        return self.conduct | self.hints


def read(story: str, region: Region) -> Reading:
    """Understand a story by the words of `region`."""
    index = _index(region)
    text = normalise(story, region.lexicon)
    names = names_in(story, region)
    named = index.unit_in(text) or unit_of(names, region)
    area = region.units[named].area if named and region.units[named].kind in AREA_KINDS else None
    words = text.split()
    said = signals_in(words, region.lexicon)
    danger = danger_in(words, region.lexicon)
    seat = index.is_seat(text, named)
    candidates = tuple(index.matters_in(text, None if seat else named))
    just_place = seat or index.is_just_place(candidates, named)
    return Reading(
        candidates=candidates,
        conduct=said.conduct,
        hints=said.hints,
        others=said.others,
        accused=titles_accused(words, said.at, region.lexicon),
        unit=None if seat or (just_place and not said.conduct) else named,
        place=named if just_place else None,
        amount=amount_in(story),
        emergency=danger.emergency,
        care=danger.care,
        kind=Kind.COMPLAINT if said.conduct else index.kind_in(text),
        spot=Spot(area) if area else spot_of(names, region),
    )


def unit_named(text: str, region: Region) -> str | None:
    """The unit that a typed name means: by its aliases, else a place that is typed nearly so."""
    exact = _index(region).unit_in(normalise(text, region.lexicon))
    return exact or unit_of(names_in(text, region, loose=True), region)


class _Index:
    """A region's words, normalised once."""

    def __init__(self, region: Region) -> None:
        self.region = region
        lexicon = region.lexicon
        self.aliases = sorted(
            (
                (normalise(alias, lexicon), unit.code)
                for unit in region.units.values()
                for alias in (unit.name, *unit.aliases)
            ),
            key=lambda pair: (-len(pair[0]), pair),
        )
        pairs = {
            (normalise(word, lexicon), matter.code) for matter in region.matters.values() for word in matter.keywords
        }
        self.keywords = sorted(pairs)
        self.spread = Counter(keyword for keyword, _ in self.keywords)
        self.houses = {
            normalise(call, lexicon).strip()
            for kind, calls in region.place_words.called.items()
            if kind not in AREA_KINDS
            for call in calls
        }
        self.troubles = [normalise(phrase, lexicon) for phrase in lexicon.troubles]
        self.questions = [normalise(phrase, lexicon) for phrase in lexicon.questions]
        self.wishes = [normalise(phrase, lexicon) for phrase in lexicon.wishes]

    def unit_in(self, text: str) -> str | None:
        """The unit with the longest name in the text; of a kecamatan and a place in it, the place."""
        named = [code for alias, code in self.aliases if alias in text]
        if not named or self.region.units[named[0]].kind not in AREA_KINDS:
            return next(iter(named), None)
        inside = self.region.within(named[0]) - {named[0]}
        return next((code for code in named if code in inside), named[0])

    def kind_in(self, text: str) -> Kind:
        """What is wanted. One word that something is wrong makes it a complaint, whatever else is asked or wished."""
        if any(phrase in text for phrase in self.troubles):
            return Kind.COMPLAINT
        if any(phrase in text for phrase in self.wishes):
            return Kind.ASPIRATION
        return Kind.INFORMATION if any(phrase in text for phrase in self.questions) else Kind.COMPLAINT

    def matters_in(self, text: str, unit: str | None) -> list[Candidate]:
        """Up to four matters by their share of the evidence, the likeliest first."""
        scores: defaultdict[str, float] = defaultdict(float)
        for keyword, matter in self.keywords:
            if keyword in text:
                scores[matter] += self._weight(keyword)
        if unit:
            self._favour(scores, unit)
        total = sum(scores.values()) + DOUBT
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:4]
        return [Candidate(matter, score / total * min(1.0, score / LEAST_EVIDENCE)) for matter, score in best]

    def _weight(self, keyword: str) -> float:
        words = keyword.count(" ") - 1
        return (0.4 + 0.6 * words) / math.sqrt(self.spread[keyword])

    def _favour(self, scores: defaultdict[str, float], unit: str) -> None:
        """A named unit speaks for what it, or the office above it, is there for; a named area perhaps for where."""
        owner = self.region.units[unit]
        placed = self._best((m.code for m in self.region.matters.values() if m.asks_place), scores)
        if owner.kind in AREA_KINDS and placed and scores.get(placed, 0.0) == max(scores.values(), default=0.0) > 0:
            scores[placed] += LOCATED
            return
        groups = set(owner.groups)
        for above in self.region.ancestors(unit):
            groups |= set(self.region.units[above].groups)
        fitting = self._best(
            (m.code for m in self.region.matters.values() if m.group in groups or owner.answers_as(m.unit_kind)), scores
        )
        if fitting:
            scores[fitting] += NAMED

    @staticmethod
    def _best(codes: Iterable[str], scores: Mapping[str, float]) -> str | None:
        """The matter with the most evidence among some."""
        return max(codes, key=lambda code: (scores.get(code, 0.0), code), default=None)

    def is_seat(self, text: str, unit: str | None) -> bool:
        """Whether a named kelurahan or kecamatan says which puskesmas is meant: "puskesmas di kelurahan Tomuan"."""
        if unit is None or self.region.units[unit].kind not in AREA_KINDS:
            return False
        if any(word.startswith(tuple(self.region.place_words.titles)) for word in text.split()):
            return False  # somebody is spoken of, wherever it was
        aliases = (alias for alias, code in self.aliases if code == unit and alias in text)
        before = [text[: found.start()].split() for alias in aliases for found in re.finditer(f"(?={alias})", text)]
        return bool(before) and all(map(self._in_a_house, before))

    def _in_a_house(self, before: list[str]) -> bool:
        """Whether what stands before a name makes it that of a puskesmas's or hospital's place: "puskesmas di"."""
        while before[-1:] == [_IN]:
            before = before[:-1]
        return not self.houses.isdisjoint(before[-1:])

    def is_just_place(self, candidates: tuple[Candidate, ...], unit: str | None) -> bool:
        """Whether a named kelurahan or kecamatan only says where: "sampah menumpuk di kelurahan Tomuan"."""
        if unit is None or not candidates or self.region.units[unit].kind not in AREA_KINDS:
            return False
        return self.region.matters[candidates[0].matter].asks_place


@lru_cache(maxsize=16)
def _index(region: Region) -> _Index:
    return _Index(region)
