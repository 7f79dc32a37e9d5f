"""How officials behaved, by the phrases of conduct.yaml: what is certain, and what is only a hint.

A phrase that stands behind "tidak", or behind "saya" where it is about asking, is not said of others. `beside` names
words of which one has to stand near. Where a word of `apart` is spoken of (who takes parking money is no official), it
has to be nearer than that; where none is, a word of `around` will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from domain.region import Lexicon
from domain.understanding.money import is_money
from domain.understanding.phrases import Finder, Places
from domain.understanding.text import words_of
from domain.vocabulary import Conduct

#: Conduct whose weak signs are enough once the story speaks of somebody who serves.
ABOUT_PERSONS = frozenset({Conduct.RUDE, Conduct.ABSENT})
#: How many words after "minta" an amount or a money word still belongs to it.
REACH = 8
#: How a verb begins that says what is done to somebody.
_PASSIVE = "di"
#: What stands before a place.
_IN = "di"
#: The parts of a pattern stand in so many words, and so many places of each are looked at.
SPAN, MOST = 8, 4
#: How near a word of `beside` has to stand.
NEAR = 20
#: The same where the story also speaks of others who take money: then an official has to be said to do it.
NEARER = 6
#: So far away others who take money may be the ones a sign is about.
FAR = 40
#: Farther away than any word.
NOWHERE = 1_000_000
#: How many words before "diminta" an amount still belongs to it: "100rb diminta petugas".
BACK = 4


@dataclass(frozen=True, slots=True)
class Signals:
    """`conduct` is certain enough to act on; `hints` are the weak signs beside it. `others` are what a reader of the
    case should know: where money was asked, that somebody is afraid. `at`: where the signs stand."""

    conduct: frozenset[Conduct]
    hints: frozenset[Conduct]
    others: frozenset[str] = frozenset()
    at: tuple[int, ...] = ()


def signals_in(words: Sequence[str], lexicon: Lexicon) -> Signals:
    """What the words of a story, spelled as `words_of` does, say of those who serve."""
    return _index(lexicon).read(words)


class _Index:
    """A lexicon's phrases of conduct, normalised once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.strong = self._by_phrase(lexicon.conduct)
        self.weak = self._by_phrase(lexicon.conduct_weak)
        self.beside = {code: self._phrases(found) for code, found in lexicon.conduct_beside.items() if found}
        self.around = {code: self._phrases(found) for code, found in lexicon.conduct_around.items() if found}
        self.apart = {code: self._phrases(found) for code, found in lexicon.conduct_apart.items() if found}
        self.never = {code: self._phrases(found) for code, found in lexicon.conduct_never.items() if found}
        self.patterns = [
            (code, tuple(self._phrases(part.split("|")) for part in pattern.split(" + ")))
            for code, found in lexicon.conduct_patterns.items()
            for pattern in found
        ]
        self.school, self.fears = self._phrases(lexicon.school), self._phrases(lexicon.fears)
        near = (*self.beside.values(), *self.around.values(), *self.apart.values(), *self.never.values())
        around = (phrase for found in near for phrase in found)
        parts = (phrase for _, pattern in self.patterns for part in pattern for phrase in part)
        self.finder = Finder((*self.strong, *self.weak, *around, *parts, *self.school, *self.fears), lexicon.sounds)

    def _phrases(self, phrases: Iterable[str]) -> frozenset[str]:
        return frozenset(" ".join(words_of(phrase, self.lexicon)) for phrase in phrases)

    def _by_phrase(self, by_code: Mapping[Conduct, Sequence[str]]) -> dict[str, list[Conduct]]:
        found: dict[str, list[Conduct]] = {}
        for code, phrases in by_code.items():
            for phrase in self._phrases(phrases):
                found.setdefault(phrase, []).append(code)
        return found

    def read(self, words: Sequence[str]) -> Signals:
        places = self.finder.places(words)
        strong = self._said(self.strong, places, words)
        for code, at in self._composed(places, words):
            strong.setdefault(code, []).append(at)
        weak = self._said(self.weak, places, words)
        asked = [at for at in asks_for_money(words, self.lexicon) if self._fits(Conduct.MONEY_ASKED, at, places, words)]
        conduct, hints = frozenset(strong), frozenset(weak)
        if asked:
            conduct |= {Conduct.MONEY_ASKED}
        if self.lexicon.staff.intersection(words):
            conduct |= hints & ABOUT_PERSONS
        signs = (at for found in (*strong.values(), *(weak[code] for code in conduct & hints), asked) for at in found)
        return Signals(conduct, hints - conduct, frozenset(self._others(conduct, places)), tuple(sorted(signs)))

    def _said(
        self, phrases: Mapping[str, list[Conduct]], places: Places, words: Sequence[str]
    ) -> dict[Conduct, list[int]]:
        """What some phrases say, each with the places that say it."""
        found: dict[Conduct, list[int]] = {}
        for phrase in phrases.keys() & places.keys():
            for at in self._affirmed(phrase, places, words):
                for code in phrases[phrase]:
                    if self._fits(code, at, places, words) and not self._is_else(code, phrase, at, places):
                        found.setdefault(code, []).append(at)
        return found

    def _composed(self, places: Places, words: Sequence[str]) -> Iterator[tuple[Conduct, int]]:
        """What the patterns say, each with the place where it begins."""
        for code, pattern in self.patterns:
            parts = [sorted(self._anywhere(code, part, places, words))[:MOST] for part in pattern]
            for found in product(*parts):
                if max(found) - min(found) <= SPAN and self._fits(code, min(found), places, words):
                    yield code, min(found)

    def _anywhere(self, code: Conduct, part: frozenset[str], places: Places, words: Sequence[str]) -> Iterator[int]:
        for phrase in part & places.keys():
            found = self._affirmed(phrase, places, words)
            yield from (at for at in found if not self._is_else(code, phrase, at, places))

    def _is_else(self, code: Conduct, phrase: str, at: int, places: Places) -> bool:
        """Whether words of a sign belong to a phrase that says something else: "camat ... tidak ada kuitansi"."""
        end = at + phrase.count(" ") + 1
        others = self.never.get(code, frozenset()) & places.keys()
        return any(one < end and at <= one + other.count(" ") for other in others for one in places[other])

    def _affirmed(self, phrase: str, places: Places, words: Sequence[str]) -> list[int]:
        """The places in which a phrase is said of others: not denied, not the own asking."""
        lexicon = self.lexicon
        if phrase.split()[0] in lexicon.asking:
            return [at for at in places.get(phrase, ()) if not _is_own(words, at, lexicon)]
        return [at for at in places.get(phrase, ()) if not at or words[at - 1] not in lexicon.negations]

    def _fits(self, code: Conduct, at: int, places: Places, words: Sequence[str]) -> bool:
        """Whether the right words stand around a sign."""
        beside, apart = self.beside.get(code), self.apart.get(code)
        if not beside:
            return True
        near = self._nearest(beside, at, places, words)
        if apart is None:
            return near <= NEAR
        far = self._nearest(apart, at, places, words)
        if far <= FAR:
            who = self._nearest(beside, at, places, words, but_after=self.lexicon.beside | {_IN})
            return who <= NEARER and who < far
        around = self.around.get(code)
        return around is None or near <= NEAR or self._nearest(around, at, places, words) <= FAR

    def _nearest(
        self,
        phrases: frozenset[str],
        at: int,
        places: Places,
        words: Sequence[str],
        but_after: Set[str] = frozenset(),
    ) -> int:
        """How many words away the nearest of some phrases stands; what only says where ("di rsud") may not count."""
        there = (place for phrase in phrases & places.keys() for place in self._affirmed(phrase, places, words))
        return min((abs(one - at) for one in there if not one or words[one - 1] not in but_after), default=NOWHERE)

    def _others(self, conduct: frozenset[Conduct], places: Places) -> Iterable[str]:
        if Conduct.MONEY_ASKED in conduct:
            yield "money_school" if self.school & places.keys() else "money_service"
        if self.fears & places.keys():
            yield "fear"


def asks_for_money(words: Sequence[str], lexicon: Lexicon) -> list[int]:
    """Where somebody else asks, collects or makes pay, with an amount or a money word close behind.

    Rather too often than too seldom: a false alarm costs a citizen a look at who will read, a miss shows the story to
    the one it accuses.
    """
    found = []
    for at, word in enumerate(words):
        if word not in lexicon.asking or _is_own(words, at, lexicon):
            continue
        first = max(0, at - BACK) if word.startswith(_PASSIVE) else at + 1
        near = [one for one in range(first, min(at + 1 + REACH, len(words))) if one != at]
        if any(words[one] in lexicon.money or is_money(words, one) for one in near):
            found.append(at)
    return found


def _is_own(words: Sequence[str], at: int, lexicon: Lexicon) -> bool:
    """Whether an asking is denied, only asked about, or the citizen's own: "saya minta", "minta keringanan", but not
    "saya diminta" or "lurah kami minta"."""
    before = words[at - 1] if at else ""
    if before in lexicon.negations or _is_question(words, at, lexicon):
        return True
    passive = words[at].startswith(_PASSIVE)
    if not passive and not lexicon.pleas.isdisjoint(words[at + 1 : at + 2]):
        return True
    theirs = passive or (at > 1 and words[at - 2] in lexicon.officials | lexicon.staff)
    return before in lexicon.selves and not theirs


def _is_question(words: Sequence[str], at: int, lexicon: Lexicon) -> bool:
    """Whether somebody only asks if it costs anything: "apakah dipungut biaya", but not "apakah benar diminta 50rb"."""
    asks = words[at].startswith(_PASSIVE) and not lexicon.whether.isdisjoint(words[max(0, at - REACH) : at])
    return asks and not any(is_money(words, one) for one in range(at + 1, min(at + 1 + REACH, len(words))))


@lru_cache(maxsize=16)
def _index(lexicon: Lexicon) -> _Index:
    return _Index(lexicon)
