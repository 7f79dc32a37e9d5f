"""Whether somebody is in danger: at this moment (`now`), perhaps (`ask`: one tap tells), or not.

A pattern of emergency.yaml is a few parts joined by " + ", each of them words of which one is enough ("rumah|ruko") or
a named set ("$building"); all parts have to stand within a few words of each other. What is past, feared or only
possible is doubtful, and words of this moment make sure of what is not. Who is in danger writes few words: of a long
story much less is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from domain.region import Lexicon
from domain.understanding.phrases import Finder, Places
from domain.understanding.text import words_of
from domain.vocabulary import Care, Emergency

#: The parts of a pattern stand in so many words; a sign of doubt or of this moment within so many of them.
SPAN = 8
AROUND = 7
#: Stories of more words than this are told about something, not cried out.
LONG = 40
_GRADES = (Emergency.NO, Emergency.ASK, Emergency.NOW)


@dataclass(frozen=True, slots=True)
class Danger:
    """How urgent it is, and which careful page it wants, if any."""

    emergency: Emergency = Emergency.NO
    care: Care | None = None


@dataclass(frozen=True, slots=True)
class _Pattern:
    parts: tuple[frozenset[str], ...]
    sure: bool
    care: Care | None

    def hits(self, places: Places) -> Iterator[tuple[int, int]]:
        """The stretches of words in which every part stands."""
        there = [[at for phrase in part for at in places.get(phrase, ())][:SPAN] for part in self.parts]
        for found in product(*there):
            if max(found) - min(found) <= SPAN:
                yield min(found), max(found)


def danger_in(words: Sequence[str], lexicon: Lexicon) -> Danger:
    """The gravest danger that a story tells of, in its words as `words_of` spells them."""
    return _index(lexicon).read(words)


class _Index:
    """A lexicon's patterns of danger, normalised once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.sets = {name: self._phrases(words) for name, words in lexicon.emergency_sets.items()}
        self.never = self._phrases(lexicon.emergency_never)
        self.doubt = self._phrases(lexicon.emergency_doubt)
        self.present = self._phrases(lexicon.emergency_present)
        self.patterns = [
            *(self._pattern(pattern, True, None) for pattern in lexicon.emergency_now),
            *(self._pattern(pattern, False, None) for pattern in lexicon.emergency_ask),
            *(self._pattern(pattern, True, care) for care, found in lexicon.care.items() for pattern in found),
        ]
        parts = (phrase for pattern in self.patterns for part in pattern.parts for phrase in part)
        self.finder = Finder((*parts, *self.doubt, *self.present))
        self.struck = Finder(self.never)

    def _phrases(self, phrases: Sequence[str] | frozenset[str]) -> frozenset[str]:
        return frozenset(" ".join(words_of(phrase, self.lexicon)) for phrase in phrases)

    def _pattern(self, pattern: str, sure: bool, care: Care | None) -> _Pattern:
        parts = [part.strip() for part in pattern.split(" + ")]
        return _Pattern(tuple(self._part(part) for part in parts), sure, care)

    def _part(self, part: str) -> frozenset[str]:
        sets = [self.sets[word[1:]] for word in part.split("|") if word.startswith("$")]
        words = self._phrases([word for word in part.split("|") if not word.startswith("$")])
        return words.union(*sets)

    def read(self, words: Sequence[str]) -> Danger:
        told = self._without_never(words)
        places = self.finder.places(told)
        long = len(words) > LONG
        grave, care = 0, None
        for pattern in self.patterns:
            for start, end in pattern.hits(places):
                grade = self._grade(pattern, start, end, places, long)
                if grade and pattern.care:
                    care = care or pattern.care
                grave = max(grave, grade)
        return Danger(_GRADES[grave], care)

    def _without_never(self, words: Sequence[str]) -> list[str]:
        """The words with every harmless phrase struck out."""
        told = list(words)
        for phrase, places in self.struck.places(words).items():
            for at in places:
                for beside in range(at, at + len(phrase.split())):
                    told[beside] = "-"
        return told

    def _grade(self, pattern: _Pattern, start: int, end: int, places: Places, long: bool) -> int:
        near = range(start - AROUND, end + AROUND + 1)
        doubtful = any(at in near for phrase in self.doubt for at in places.get(phrase, ()))
        present = any(at in near for phrase in self.present for at in places.get(phrase, ()))
        grade = 2 if pattern.sure else 1
        if doubtful:
            grade -= 1
        elif present and not pattern.sure:
            grade += 1
        if long and not (present and pattern.sure and not doubtful):
            grade -= 1
        return max(grade, 1 if pattern.care and not (doubtful and long) else 0)


@lru_cache(maxsize=16)
def _index(lexicon: Lexicon) -> _Index:
    return _Index(lexicon)


def none_in(sets: Mapping[str, Sequence[str]], pattern: str) -> list[str]:
    """The sets that a pattern names and that nothing defines."""
    named = (word for part in pattern.split(" + ") for word in part.strip().split("|") if word.startswith("$"))
    return [word[1:] for word in named if word[1:] not in sets]
