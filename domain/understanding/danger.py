"""Whether somebody is in danger: at this moment (`now`), perhaps (`ask`: one tap tells), or not.

A pattern of emergency.yaml is a few parts joined by " + ", each of them words of which one is enough ("rumah|ruko") or
a named set ("$building"); all parts have to stand within a few words of each other. What is past, feared or only
possible is doubtful, and words of this moment make sure of what is not. Who is in danger writes few words: of a long
story much less is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
#: Stories of more words than this are told about something, not cried out; of no more than BRIEF they are cried out.
LONG, BRIEF = 40, 18
#: What is feared or only possible stands so few words before it: "takut roboh menimpa rumah".
AHEAD = 5
#: Prefixes that people type apart from their word, and how they are written.
_APART = {"di": "di", "d": "di", "ter": "ter"}
_GRADES = (Emergency.NO, Emergency.ASK, Emergency.NOW)


@dataclass(frozen=True, slots=True)
class Danger:
    """How urgent it is, and which careful page it wants, if any."""

    emergency: Emergency = Emergency.NO
    care: Care | None = None


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`parts` are numbers of lists of words, `brief`: only believed in a few words."""

    parts: tuple[int, ...]
    sure: bool
    care: Care | None = None
    brief: bool = False

    def hits(self, there: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, int]]:
        """The stretches of words in which every part stands."""
        if any(part not in there for part in self.parts):
            return
        for found in product(*(there[part][:SPAN] for part in self.parts)):
            if max(found) - min(found) <= SPAN and not self._is_one_word(found):
                yield min(found), max(found)

    def _is_one_word(self, found: Sequence[int]) -> bool:
        """Whether a list that is named twice has only one word: "$alarm + $alarm" wants two."""
        return len({*zip(self.parts, found, strict=True)}) < len(self.parts)


@dataclass(frozen=True, slots=True)
class _Told:
    """A story: how many words it has, and where its signs of doubt, fear and of this moment stand."""

    length: int
    calm: bool
    doubts: Sequence[int]
    feared: Sequence[int]
    present: Sequence[int]


def danger_in(words: Sequence[str], lexicon: Lexicon) -> Danger:
    """The gravest danger that a story tells of, in its words as `words_of` spells them."""
    return _index(lexicon).read(words)


class _Index:
    """A lexicon's patterns of danger, normalised once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.sets = {name: self._phrases(words) for name, words in lexicon.emergency_sets.items()}
        self.lists: dict[frozenset[str], int] = {}
        self.patterns = [
            *(self._pattern(pattern, sure=True) for pattern in lexicon.emergency_now),
            *(self._pattern(pattern, sure=False) for pattern in lexicon.emergency_ask),
            *(self._pattern(pattern, sure=False, brief=True) for pattern in lexicon.emergency_brief),
            *(self._pattern(one, sure=True, care=care) for care, found in lexicon.care.items() for one in found),
        ]
        self.doubt = self._list(self._phrases(lexicon.emergency_doubt))
        self.feared = self._list(self._phrases(lexicon.emergency_feared))
        self.present = self._list(self._phrases(lexicon.emergency_present))
        self.calm = self._list(self._phrases(lexicon.emergency_calm))
        self.lists_of = self._by_phrase()
        self.finder = Finder(self.lists_of, lexicon.sounds)
        self.struck = Finder(self._phrases(lexicon.emergency_never))

    def _phrases(self, phrases: Iterable[str]) -> frozenset[str]:
        return frozenset(" ".join(words_of(phrase, self.lexicon)) for phrase in phrases)

    def _list(self, phrases: frozenset[str]) -> int:
        return self.lists.setdefault(phrases, len(self.lists))

    def _by_phrase(self) -> dict[str, list[int]]:
        """Each phrase with the numbers of the lists that have it."""
        found: dict[str, list[int]] = {}
        for phrases, number in self.lists.items():
            for phrase in phrases:
                found.setdefault(phrase, []).append(number)
        return found

    def _pattern(self, pattern: str, *, sure: bool, care: Care | None = None, brief: bool = False) -> _Pattern:
        parts = (part.strip() for part in pattern.split(" + "))
        return _Pattern(tuple(self._list(self._part(part)) for part in parts), sure, care, brief)

    def _part(self, part: str) -> frozenset[str]:
        sets = [self.sets[word[1:]] for word in part.split("|") if word.startswith("$")]
        words = self._phrases(word for word in part.split("|") if not word.startswith("$"))
        return words.union(*sets)

    def read(self, words: Sequence[str]) -> Danger:
        there = self._there(self.finder.places(self._without_never(self._joined(words))))
        signs = (there.get(kind, ()) for kind in (self.doubt, self.feared, self.present))
        told = _Told(len(words), self.calm in there, *signs)
        grave, care = 0, None
        for pattern in self.patterns:
            grade = max((_grade(pattern, start, end, told) for start, end in pattern.hits(there)), default=0)
            if grade and pattern.care:
                care = care or pattern.care
            grave = max(grave, grade)
        return Danger(_GRADES[grave], care)

    def _there(self, places: Places) -> dict[int, list[int]]:
        """Where each list has a word in the story."""
        there: dict[int, list[int]] = {}
        for phrase, found in places.items():
            for number in self.lists_of[phrase]:
                there.setdefault(number, []).extend(found)
        return there

    def _joined(self, words: Sequence[str]) -> list[str]:
        """The words with a prefix that was typed apart joined where only so it is one of ours: "di pukul"."""
        joined: list[str] = []
        for word in words:
            if joined and joined[-1] in _APART and (whole := _APART[joined[-1]] + word) in self.finder.known:
                joined[-1] = whole
            else:
                joined.append(word)
        return joined

    def _without_never(self, words: Sequence[str]) -> list[str]:
        """The words with every harmless phrase struck out."""
        told = list(words)
        for phrase, places in self.struck.places(words).items():
            for at in places:
                for beside in range(at, at + len(phrase.split())):
                    told[beside] = "-"
        return told


def _grade(pattern: _Pattern, start: int, end: int, told: _Told) -> int:
    """How grave a hit is: 2 for now, 1 to be asked about."""
    if (pattern.brief and told.length > BRIEF) or (not pattern.care and _is_feared(start, end, told)):
        return 0
    near = range(start - AROUND, end + AROUND + 1)
    doubtful = any(at in near for at in told.doubts)
    present = any(at in near for at in told.present)
    long = told.length > LONG or (told.calm and told.length > BRIEF)
    grade = 2 if pattern.sure else 1
    if doubtful:
        grade -= 1
    elif present and not pattern.sure:
        grade += 1
    if long and not (present and pattern.sure and not doubtful):
        grade -= 1
    return max(grade, 1 if pattern.care and not (doubtful and long) else 0)


def _is_feared(start: int, end: int, told: _Told) -> bool:
    return any(start - AHEAD <= at <= end for at in told.feared)


@lru_cache(maxsize=16)
def _index(lexicon: Lexicon) -> _Index:
    return _Index(lexicon)
