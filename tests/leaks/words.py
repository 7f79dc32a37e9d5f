"""Invented words that no file can hold by chance: all of one sort share a beginning, which is new in every run."""

from __future__ import annotations

import random
from dataclasses import dataclass

_CONSONANTS, _VOWELS = "bdfgjklmpqvwxz", "aeiou"
_LETTERS = "qxzvwfj"
_MARKER_SYLLABLES, _TAIL_SYLLABLES = 5, 3
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of secret, known by the beginning of its words."""

    name: str
    marker: str


class Inventor:
    """Makes names, phone numbers and words that are all different; `seed` makes the same ones again."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._dice = random.Random(seed)
        self.stories, self.names, self.staff = (Sort(name, self._marker()) for name in ("story", "name", "staff"))
        self.phones = Sort("phone", f"62{''.join(self._dice.choices('0123456789', k=_DIGITS))}")
        self._count = 0

    @property
    def sorts(self) -> tuple[Sort, ...]:
        return self.stories, self.names, self.staff, self.phones

    def words(self, sort: Sort, count: int = 3) -> str:
        """Words of a sort, each different from all others."""
        return " ".join(sort.marker + self._syllables(_CONSONANTS, _TAIL_SYLLABLES) for _ in range(count))

    def name(self) -> str:
        return self.words(self.names, 2).title()

    def phone(self) -> str:
        """A number that no one has: the marker and a running number."""
        self._count += 1
        return f"{self.phones.marker}{self._count:03}"

    def _marker(self) -> str:
        return self._syllables(_LETTERS, _MARKER_SYLLABLES)

    def _syllables(self, consonants: str, count: int) -> str:
        return "".join(self._dice.choice(consonants) + self._dice.choice(_VOWELS) for _ in range(count))
