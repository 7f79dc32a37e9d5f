"""How Indonesian says a word of a region's language: "tabaka" is terbakar, "hanyuik" hanyut, "tonggolam" tenggelam."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

#: So many letters a changed beginning or end has at most; shorter words say too little to be changed.
_LONGEST, _SHORTEST = 3, 4

Change = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Sounds:
    """What a beginning, an end, or letters anywhere in a word may stand for (speech.yaml)."""

    start: Change = field(default_factory=dict)
    end: Change = field(default_factory=dict)
    within: Change = field(default_factory=dict)

    def said(self, word: str) -> Iterator[str]:
        """Every way in which Indonesian may say a word, itself left out."""
        if len(word) < _SHORTEST:
            return
        for begun in (word, *self._begun(word)):
            yield from (other for other in (begun, *self._ended(begun)) if other != word)
        for heard, meant in self.within.items():
            if heard in word:
                yield from (word.replace(heard, letters) for letters in meant)

    def _begun(self, word: str) -> Iterator[str]:
        for length in range(1, _LONGEST + 1):
            yield from (start + word[length:] for start in self.start.get(word[:length], ()))

    def _ended(self, word: str) -> Iterator[str]:
        for length in range(1, _LONGEST + 1):
            yield from (word[:-length] + end for end in self.end.get(word[-length:], ()))
