"""Which matter a story is about and so which office it is for: one scorer over the region's own keywords. Pure.

Every keyword is a phrase of its matter. What a phrase weighs is worked out from the lists alone: a word that stands
under few matters says much, one that stands under many says little. The longest phrase wins its words; two words of a
phrase that stand near each other count for a part of it, and so does one word of a longer phrase. Nothing here was
learnt from anybody's complaints.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from domain.region import Body, Matter, Region
from domain.understanding.naming import AREA_KINDS
from domain.understanding.text import words_of

#: Words of a two-word phrase may stand so far apart ("jalan di depan rumah saya berlubang").
REACH = 5
#: What is left of a phrase's weight when its words stand apart, or when only one of them is there.
APART, ALONE = 0.5, 0.25
#: A word that stands under more matters than this leaves says nothing when it stands alone.
TELLING = 0.35
#: What a word weighs that only tilts.
HINT = 0.3
#: What a unit's own name weighs: as much as two good keywords; that of a kelurahan or kecamatan, which is often only
#: where somebody lives; and what a named area adds to a matter that is somewhere.
NAMED, AROUND, LOCATED = 2.0, 0.8, 0.5
#: So many offices are worth naming.
MOST = 4
#: What is left where a word only says where: "di depan sekolah".
BESIDE = 0.3
#: Every further time that the same is said counts less.
AGAIN = 0.5
#: Evidence from here on is read with full weight; what comes late in a long letter is mostly courtesy.
OPENING = 40
#: How much more the best must say than the next to be believed.
SHARP = 2.0
#: Evidence that nothing was understood, in phrases.
DOUBT = 0.35
#: Longer texts are complaints with their history; the rest is not read for the office.
MOST_WORDS = 1_500
#: Length of a word -> wrong letters forgiven.
_FORGIVEN = ((10, 2), (7, 1))
_SUFFIX = re.compile(r"(?:nya|lah|kah|pun|ku|mu)$")

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An office that a story may be for: the likeliest matter of its group, and how probable the group is (0 to 1)."""

    matter: str
    group: str
    share: float


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A body outside the local government that a story may be for, and how probable that is (0 to 1)."""

    body: str
    share: float


@dataclass(frozen=True, slots=True)
class Said:
    """The evidence for each matter, how probable each group is by it, and the likeliest matter of each group: if it is
    ours at all. `bodies`: how probable it is that it is for one of those."""

    evidence: Mapping[str, float]
    groups: Mapping[str, float]
    matters: Mapping[str, str]
    bodies: Mapping[str, float]

    @property
    def elsewhere(self) -> Elsewhere | None:
        """The likeliest body outside."""
        best = max(self.bodies, key=lambda code: (self.bodies[code], code), default=None)
        return Elsewhere(best, self.bodies[best]) if best else None


class Offices:
    """A region's keywords, made comparable once."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._stems: dict[str, str] = {}
        sorts: tuple[Matter | Body, ...] = (*region.matters.values(), *region.bodies.values())
        spelled = {one.code: _phrases(one, region) for one in sorts}
        self.known = frozenset(word for phrases in spelled.values() for phrase in phrases for word in phrase)
        self.near: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(self.known):
            self.near[word[0], len(word)].append(word)
        self.spread = self._spread(spelled)
        self.small = _small_words(region)
        self.strong, self.weak = self._weigh(spelled)
        for one in sorts:
            for phrase in _spelled(one.never, region):
                self.strong.setdefault(tuple(map(self.stem, phrase)), {})
        #: Phrases of two words that mean the same the other way round: a body's do not (a dead lamp is no power cut).
        self.either_way = {phrase for phrase, owners in self.strong.items() if owners.keys() & region.matters.keys()}
        self.carriers = {code: tuple(_carriers(matter)) for code, matter in region.matters.items()}
        self.usual = {matter.group: code for code, matter in reversed(tuple(region.matters.items()))}
        self.longest = max(map(len, self.strong), default=0)

    # --- what the lists say

    def _spread(self, spelled: Mapping[str, Sequence[Phrase]]) -> Mapping[str, float]:
        """How much a word says: 1 where one matter has it, towards 0 where many have it."""
        of = Counter(word for phrases in spelled.values() for word in {w for phrase in phrases for w in phrase})
        most = math.log(1 + len(spelled))
        return {word: max(0.05, math.log((1 + len(spelled)) / count) / most) for word, count in of.items()}

    def _weigh(
        self, spelled: Mapping[str, Sequence[Phrase]]
    ) -> tuple[dict[Phrase, dict[str, float]], dict[str, dict[str, float]]]:
        strong: defaultdict[Phrase, dict[str, float]] = defaultdict(dict)
        weak: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for code, phrases in spelled.items():
            times = Counter(word for phrase in phrases for word in set(phrase))
            for phrase in phrases:
                says = sum(self.spread[word] for word in phrase)
                strong[phrase][code] = 0.4 + says if len(phrase) > 1 else max(0.4, says)
            for word, count in times.items() if code in self.region.matters else ():
                if self.spread[word] < TELLING or word in self.small:
                    continue
                weak[word][code] = ALONE * self.spread[word] * min(1.0, (1 + math.log(count)) / 2)
        for code, matter in self.region.matters.items():
            for hint in _spelled(matter.hints, self.region):
                strong[hint][code] = HINT
        for owners in strong.values():
            for code in owners:
                owners[code] /= math.sqrt(len(owners))
        return dict(strong), dict(weak)

    # --- what a text says

    def candidates(self, words: Sequence[str], said: Said) -> tuple[Candidate, ...]:
        """Up to four offices, the likeliest first, for a text in the words of `words_of` that says this."""
        ours = 1 - sum(said.bodies.values())
        groups = said.groups
        if self.region.learned:
            groups = self.region.learned.model.probabilities(words, said.groups, said.evidence)
        best = sorted(groups, key=lambda group: (-groups[group], group))[:MOST]
        about = {group: said.matters.get(group) or self.usual.get(group) for group in best}
        return tuple(Candidate(matter, group, groups[group] * ours) for group, matter in about.items() if matter)

    def said(self, words: Sequence[str], unit: str | None = None) -> Said:
        """What the lists' words say of a text, before anything that was learned; `unit` is named in it."""
        found = self.evidence(words)
        evidence = {code: score for code, score in found.items() if code in self.region.matters}
        bodies = {code: score for code, score in found.items() if code in self.region.bodies}
        if unit and not self._is_only_where(unit, evidence, bodies):
            self._favour(evidence, unit)
        shares = self.probabilities({**evidence, **bodies})
        groups: defaultdict[str, float] = defaultdict(float)
        about: dict[str, tuple[float, str]] = {}
        for code, share in self.probabilities(evidence).items():
            for group, part in self._carriers(code, unit):
                groups[group] += share * part
                about[group] = max(about.get(group, (0.0, "")), (share * part, code))
        matters = {group: code for group, (_, code) in about.items()}
        return Said(evidence, dict(groups), matters, {code: shares[code] for code in bodies})

    def _is_only_where(self, unit: str, evidence: Mapping[str, float], bodies: Mapping[str, float]) -> bool:
        """Whether a named kelurahan or kecamatan says where a body outside is needed: "listrik padam di Tomuan"."""
        is_area = self.region.units[unit].kind in AREA_KINDS
        return is_area and max(bodies.values(), default=0.0) > max(evidence.values(), default=0.0)

    def _carriers(self, code: str, unit: str | None) -> Sequence[tuple[str, float]]:
        """The groups that may carry a matter, each with its part; the one of an office that is named has all of it."""
        named = self.region.carried(unit) if unit else frozenset[str]()
        said = [group for group, _ in self.carriers[code] if group in named]
        return [(said[0], 1.0)] if said else self.carriers[code]

    def _favour(self, evidence: dict[str, float], unit: str) -> None:
        """A named unit speaks for what it, or the office above it, is there for; a named area perhaps for where."""
        owner = self.region.units[unit]
        matters = self.region.matters.values()
        placed = _best((m.code for m in matters if m.asks_place), evidence)
        if owner.kind in AREA_KINDS and placed and evidence.get(placed, 0.0) == max(evidence.values(), default=0.0) > 0:
            evidence[placed] += LOCATED
            return
        fitting = _best((m.code for m in matters if self.region.answers_for(unit, m.code)), evidence)
        if fitting:
            evidence[fitting] = evidence.get(fitting, 0.0) + (AROUND if owner.kind in AREA_KINDS else NAMED)

    def evidence(self, spelled: Sequence[str]) -> dict[str, float]:
        """How much speaks for each matter, and for each body outside."""
        words = [self.stem(word) for word in spelled[:MOST_WORDS]]
        found: defaultdict[str, float] = defaultdict(float)
        seen: Counter[Phrase] = Counter()
        for at, phrase, owners in self._matches(words):
            seen[phrase] += 1
            worth = AGAIN ** (seen[phrase] - 1) * _by_place(at)
            if at and spelled[at - 1] in self.region.lexicon.beside:
                worth *= BESIDE
            for code, weight in owners.items():
                found[code] += weight * worth
        return dict(found)

    def _matches(self, words: Sequence[str]) -> Iterator[tuple[int, Phrase, Mapping[str, float]]]:
        """What stands where, and what it says: whole phrases, then what is left of others."""
        covered: set[int] = set()
        for at, phrase in self._whole(words):
            yield at, phrase, self.strong[phrase]
            covered.update(range(at, at + len(phrase)) if len(phrase) > 1 else ())
        for at, word in enumerate(words):
            if at not in covered and word in self.weak and (word,) not in self.strong:
                yield at, (word,), self.weak[word]
            for pair in self._apart(words, at, covered):
                yield at, pair, {code: APART * weight for code, weight in self.strong[pair].items()}

    def _whole(self, words: Sequence[str]) -> Iterator[tuple[int, Phrase]]:
        """The phrases that stand in a text, from left to right, the longest first."""
        at = 0
        while at < len(words):
            lengths = range(min(self.longest, len(words) - at), 0, -1)
            length = next((length for length in lengths if tuple(words[at : at + length]) in self.strong), 0)
            if length:
                yield at, tuple(words[at : at + length])
            at += length or 1

    def _apart(self, words: Sequence[str], at: int, covered: Collection[int]) -> Iterator[Phrase]:
        """Phrases of two words that stand near each other, in either order."""
        if words[at] not in self.known:
            return
        for other in range(at + 2, min(len(words), at + 1 + REACH)):
            if at in covered and other in covered:
                continue
            pair, turned = (words[at], words[other]), (words[other], words[at])
            if pair in self.strong:
                yield pair
            elif turned in self.either_way:
                yield turned

    def stem(self, word: str) -> str:
        """The word as the keywords have it: without what Indonesian hangs on it, and with a wrong letter put right."""
        if word not in self._stems:
            if len(self._stems) > 50_000:
                self._stems.clear()
            self._stems[word] = self._stem(word)
        return self._stems[word]

    def _stem(self, word: str) -> str:
        if len(word) > 24:
            return word[:24]
        for form in forms(word):
            if form in self.known:
                return form
        return self._nearly(word) or word

    def _nearly(self, word: str) -> str | None:
        wrong = next((wrong for least, wrong in _FORGIVEN if len(word) >= least), 0)
        best, least = None, wrong + 1
        for length in range(len(word) - wrong, len(word) + wrong + 1) if wrong else ():
            for other in self.near.get((word[0], length), ()):
                distance = OSA.distance(word, other, score_cutoff=wrong)
                if distance < least:
                    best, least = other, distance
        return best

    def probabilities(self, evidence: Mapping[str, float]) -> dict[str, float]:
        """The matters by probability; what is missing to 1 is that nothing was understood."""
        raised = {code: score**SHARP for code, score in evidence.items() if score > 0}
        total = sum(raised.values()) + DOUBT**SHARP
        return {code: score / total for code, score in raised.items()}


def _small_words(region: Region) -> frozenset[str]:
    """Words of which every complaint is made, whatever it is about."""
    lexicon = region.lexicon
    phrases = (*lexicon.troubles, *lexicon.questions, *lexicon.wishes)
    lists = (lexicon.selves, lexicon.negations, lexicon.waiting, lexicon.inquiries, lexicon.asking)
    return frozenset(word for phrase in phrases for word in phrase.split()).union(*lists)


def _best(codes: Iterable[str], evidence: Mapping[str, float]) -> str | None:
    """The matter with the most evidence among some."""
    return max(codes, key=lambda code: (evidence.get(code, 0.0), code), default=None)


def _carriers(matter: Matter) -> Iterator[tuple[str, float]]:
    """The groups that may carry a matter, and how often each does."""
    yield matter.group, 1 - sum(matter.also.values())
    yield from matter.also.items()


def _by_place(at: int) -> float:
    return 1.0 if at < OPENING else OPENING / at


def forms(word: str) -> Iterator[str]:
    """A word, and what may be its root: jalannya, menebang, ditebangi -> jalan, tebang."""
    yield word
    bare = _SUFFIX.sub("", word) if len(word) > 5 else word
    tails = dict.fromkeys(
        (bare, *(bare[: -len(tail)] for tail in ("kan", "an", "i") if bare.endswith(tail) and len(bare) > 5))
    )
    for tail in tails:
        if tail != word:
            yield tail
    for tail in tails:
        yield from (root for root in _without_prefix(tail) if len(root) > 3)


def _without_prefix(word: str) -> Iterator[str]:
    for prefix, firsts in (
        ("meng", ("", "k")), ("meny", ("s",)), ("mem", ("", "p")), ("men", ("", "t")), ("me", ("",)),
        ("ng", ("", "k")), ("ny", ("s",)), ("di", ("",)), ("ke", ("",)), ("ter", ("",)), ("ber", ("",)),
    ):  # fmt: skip
        if word.startswith(prefix):
            for first in firsts:
                yield first + word[len(prefix) :]


def _phrases(one: Matter | Body, region: Region) -> tuple[Phrase, ...]:
    return _spelled(one.keywords, region)


def _spelled(phrases: Iterable[str], region: Region) -> tuple[Phrase, ...]:
    return tuple(dict.fromkeys(tuple(words_of(phrase, region.lexicon)) for phrase in phrases))


@lru_cache(maxsize=16)
def offices(region: Region) -> Offices:
    """The scorer of a region."""
    return Offices(region)
