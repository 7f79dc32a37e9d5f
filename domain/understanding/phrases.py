"""Where phrases stand in a text: one walk over its words finds all of them, however many are looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from domain.understanding.sounds import Sounds

#: More places than this of one phrase tell nothing new, and a text that repeats itself stays cheap.
MOST_PLACES = 20
#: Endings that a word may have without being another one: "apinya", "anakku", "tolonglah", "umahe", "bapaknyo".
_ENDINGS = ("nya", "nyo", "ku", "mu", "lah", "kah", "pun", "ne", "na", "e")
#: So many words are remembered as they were understood; people use the same ones again and again.
_REMEMBERED = 20_000
#: A stem is no shorter than this.
_STEM = 3

#: Where words are only looked for as Indonesian spells them.
NO_SOUNDS = Sounds()

Places = Mapping[str, Sequence[int]]


class Finder:
    """The phrases that are looked for, by their first word, also as the regions' languages sound."""

    def __init__(self, phrases: Iterable[str], sounds: Sounds = NO_SOUNDS) -> None:
        self.sounds = sounds
        self.by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.known: set[str] = set()
        for phrase in sorted(set(phrases)):
            words = tuple(phrase.split())
            if words:
                self.by_first.setdefault(words[0], []).append((words, phrase))
                self.known.update(words)
        self.plain = lru_cache(maxsize=_REMEMBERED)(self._plain)
        self.stem = lru_cache(maxsize=_REMEMBERED)(self._stem)

    def places(self, words: Sequence[str]) -> dict[str, list[int]]:
        """Each phrase that a text has, with the places of its first word."""
        plain = [self.plain(word) for word in words]
        found: dict[str, list[int]] = {}
        for at, word in enumerate(plain):
            for phrase, name in self.by_first.get(word, ()):
                if tuple(plain[at : at + len(phrase)]) == phrase:
                    _add(found, name, at)
            if stem := self.stem(word):
                _add(found, stem, at)
        return found

    def _stem(self, word: str) -> str | None:
        """What is looked for as a word of its own inside one that other phrases have: "petugas" in "petugasnya"."""
        stems = (word.removesuffix(ending) for ending in _ENDINGS if word in self.known and word.endswith(ending))
        return next((stem for stem in stems if any(name == stem for _, name in self.by_first.get(stem, ()))), None)

    def _plain(self, word: str) -> str:
        """A word as phrases have it: without an ending, or with the sounds of Indonesian, where only so it is one of
        theirs."""
        if word in self.known:
            return word
        return next((other for other in self._others(word) if other in self.known), word)

    def _others(self, word: str) -> Iterator[str]:
        stems = [stem for ending in _ENDINGS if len(stem := word.removesuffix(ending)) in range(_STEM, len(word))]
        yield from stems
        for one in (word, *stems):
            yield from self.sounds.said(one)


def _add(found: dict[str, list[int]], name: str, at: int) -> None:
    places = found.setdefault(name, [])
    if len(places) < MOST_PLACES:
        places.append(at)
