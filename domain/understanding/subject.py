"""Which unit a story is about: the office or the people it speaks of, before a place that only says where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from domain.region import Region
from domain.understanding.naming import AREA_KINDS, NAMED_KINDS, Names, Stand, is_beside, unit_of, units_heard
from domain.understanding.offices import offices
from domain.understanding.text import known_words, words_of

#: A word of a name from so many letters on may have a wrong one, from so many on two.
ONE_WRONG, TWO_WRONG = 5, 9
#: A name of one word has to be so long before a wrong letter is forgiven; and a whole name may have so many.
ALONE, MOST_WRONG = 6, 3


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit that a story names, and as what. `area` is the unit of the place in which it is, if it says so."""

    unit: str | None
    stand: Stand = Stand.OFFICE
    area: str | None = None


@dataclass(frozen=True, slots=True)
class _Spoken:
    unit: str
    at: int
    stand: Stand
    told: bool = False


def subject_of(placed: Sequence[tuple[int, str]], names: Names, region: Region) -> Subject:
    """The unit that a text in the words of `placed_words` is about."""
    places = [_Spoken(unit, one.at, one.stand, one.told) for one, unit in units_heard(names, region)]
    spoken = [*_offices(region).spoken(placed), *places]
    firm = [one for one in spoken if one.stand in (Stand.HEAD, Stand.OFFICE)]
    firm = [one for one in firm if not one.told] or firm
    if firm:
        first = _inmost(min(firm, key=lambda one: one.at), firm, region)
        return Subject(first.unit, first.stand)
    return _by_its_head(_where(places, names, region), placed, region)


def _inmost(first: _Spoken, others: Iterable[_Spoken], region: Region) -> _Spoken:
    """Of a kecamatan and a place in it, the place."""
    if region.units[first.unit].kind != "kecamatan":
        return first
    inside = region.within(first.unit) - {first.unit}
    return next((one for one in others if one.unit in inside), first)


def _by_its_head(subject: Subject, placed: Sequence[tuple[int, str]], region: Region) -> Subject:
    """A place whose head is spoken of somewhere else: "bantuan di desa pasiran dijual kadesnya"."""
    if subject.unit is None or subject.stand is not Stand.PLACE:
        return subject
    calls = region.place_words.called.get(region.units[subject.unit].kind, ())
    heads = {f"{call}nya" for call in region.place_words.titles.intersection(calls)}
    words = [word for _, word in placed]
    told = region.lexicon.told
    spoken = any(word in heads and told.isdisjoint(words[max(0, at - 1) : at]) for at, word in enumerate(words))
    return Subject(subject.unit, Stand.OFFICE) if spoken else subject


def _where(places: Sequence[_Spoken], names: Names, region: Region) -> Subject:
    """What only a place tells: the puskesmas that is there, or the place itself."""
    unit = unit_of(names, region)
    stands = {one.stand for one in places if one.unit == unit}
    if unit is None or len(stands) != 1:
        return Subject(unit, Stand.PLACE)
    if stands == {Stand.BESIDE}:
        return Subject(unit if region.units[unit].kind in AREA_KINDS else None, Stand.HOUSE)
    if stands == {Stand.CLINIC}:
        served = region.unit_in("puskesmas", region.units[unit].area)
        return Subject(served, Stand.OFFICE, unit) if served else Subject(unit, Stand.HOUSE)
    return Subject(unit, stands.pop())


class _Offices:
    """The names of units that are no places, by their first word."""

    def __init__(self, region: Region) -> None:
        self.told = region.lexicon.told
        self.place_words = region.place_words
        self.known = known_words(region.lexicon) | offices(region).known
        self.by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        calls = frozenset(call for kind in NAMED_KINDS for call in region.place_words.called.get(kind, ()))
        for unit in region.units.values():
            for alias in (unit.name, *unit.aliases):
                words = tuple(words_of(alias, region.lexicon))
                if unit.kind not in NAMED_KINDS or calls.isdisjoint(words):  # those that are called naming.py finds
                    self._enter(words, unit.code)
        self.firsts = sorted(self.by_first)

    def _enter(self, words: tuple[str, ...], unit: str) -> None:
        if words:
            self.by_first.setdefault(words[0], []).append((words, unit))

    def spoken(self, placed: Sequence[tuple[int, str]]) -> Iterator[_Spoken]:
        """Every office that is named, from left to right, the longest name first."""
        words = [word for _, word in placed]
        at = 0
        while at < len(words):
            length, unit = self._at(words, at)
            if unit and not is_beside(words, at, self.place_words):
                told = at > 0 and words[at - 1] in self.told
                yield _Spoken(unit, placed[at][0], Stand.OFFICE, told)
            at += max(length, 1)

    def _at(self, words: Sequence[str], at: int) -> tuple[int, str | None]:
        """The name that begins here with the fewest wrong letters, and of those the longest."""
        found = []
        for first in self._first(words[at]):
            for name, unit in self.by_first[first]:
                wrong = _wrong(words[at : at + len(name)], name)
                if wrong is not None:
                    found.append((wrong - len(name), len(name), unit))
        best = min(found, default=None)
        return best[1:] if best else (0, None)

    def _first(self, word: str) -> Iterable[str]:
        return (word,) if word in self.by_first else _near(word, self)


@lru_cache(maxsize=20_000)
def _near(word: str, offices: _Offices) -> tuple[str, ...]:
    """First words of names that a typed word may be."""
    if len(word) < ONE_WRONG - 1 or word in offices.known:
        return ()
    return tuple(first for first in offices.firsts if _miswritten(word, first) is not None)


def _wrong(typed: Sequence[str], name: Sequence[str]) -> int | None:
    """How many letters are wrong in a name; None where it is another."""
    if len(typed) != len(name):
        return None
    if tuple(typed) == tuple(name):
        return 0
    if len(name) == 1 and len(name[0]) < ALONE and _plain(typed[0]) != _plain(name[0]):
        return None
    each = [_miswritten(one, other, at) for at, (one, other) in enumerate(zip(typed, name, strict=True))]
    total = sum(wrong for wrong in each if wrong is not None)
    return None if None in each or total > MOST_WRONG else total


def _miswritten(typed: str, word: str, at: int = 0) -> int | None:
    """How many letters of a word are wrong; None where it is another. The first word of a name begins as it should."""
    if typed == word:
        return 0
    shorter = min(len(typed) + 1, len(word))
    most = 2 if shorter >= TWO_WRONG else int(shorter >= ONE_WRONG)
    wrong = OSA.distance(typed, word, score_cutoff=most) if most and (at or typed[0] == word[0]) else most + 1
    return wrong if wrong <= most else None


def _plain(word: str) -> str:
    """A word without its doubled letters: "capill"."""
    return "".join(letter for letter, before in zip(word, f" {word}", strict=False) if letter != before)


@lru_cache(maxsize=16)
def _offices(region: Region) -> _Offices:
    return _Offices(region)
