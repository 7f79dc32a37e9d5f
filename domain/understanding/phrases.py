"""Where phrases stand in a text: one walk over its words finds all of them, however many are looked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

#: More places than this of one phrase tell nothing new, and a text that repeats itself stays cheap.
MOST_PLACES = 20
#: Endings that a word may have without being another one: "apinya", "anakku", "tolonglah".
_ENDINGS = ("nya", "ku", "mu", "lah", "kah", "pun")

Places = Mapping[str, Sequence[int]]


class Finder:
    """The phrases that are looked for, by their first word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self.by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self.known: set[str] = set()
        for phrase in sorted(set(phrases)):
            words = tuple(phrase.split())
            if words:
                self.by_first.setdefault(words[0], []).append((words, phrase))
                self.known.update(words)

    def places(self, words: Sequence[str]) -> dict[str, list[int]]:
        """Each phrase that a text has, with the places of its first word."""
        plain = [self._plain(word) for word in words]
        found: dict[str, list[int]] = {}
        for at, word in enumerate(plain):
            for phrase, name in self.by_first.get(word, ()):
                if tuple(plain[at : at + len(phrase)]) == phrase:
                    places = found.setdefault(name, [])
                    if len(places) < MOST_PLACES:
                        places.append(at)
        return found

    def _plain(self, word: str) -> str:
        """A word as phrases have it: without an ending, where only so it is one of theirs."""
        if word in self.known:
            return word
        shorter = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
        return next((stem for stem in shorter if stem in self.known), word)
