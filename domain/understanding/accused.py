"""Whose head a story accuses, by titles and pronouns: "bapak camat nya sendiri yg minta" is the Camat.

A title that is only spoken to ("Pak Walikota, tolong ...") or told ("sudah lapor ke lurah") accuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from domain.region import Lexicon
from domain.understanding.phrases import Finder
from domain.understanding.text import words_of

#: How near a sign of conduct a title has to stand.
NEAR = 7


def titles_accused(words: Sequence[str], signs: Sequence[int], lexicon: Lexicon) -> frozenset[str]:
    """The kinds of unit whose head is accused ("kecamatan", "setda", ...; "head": of whichever unit it is about)."""
    finder, kinds = _titles(lexicon)
    found = {
        kinds[title]
        for title, places in finder.places(words).items()
        for at in places
        if any(abs(at - sign) <= NEAR for sign in signs)
        and not is_addressed(words, at, len(title.split()), lexicon, named_behind=kinds[title] == "head")
    }
    return frozenset(found)


def is_addressed(words: Sequence[str], at: int, length: int, lexicon: Lexicon, *, named_behind: bool = False) -> bool:
    """Whether a title is spoken to or told, by the words around it ("pak" and "ibu" before it do not count).

    `named_behind`: what stands behind it may be the name of its office ("bu kadis capil").
    """
    start = at
    while start and words[start - 1] in lexicon.honorifics:
        start -= 1
    before = words[start - 1] if start else ""
    after = words[at + length] if at + length < len(words) else ""
    return (
        before in lexicon.told
        or after in lexicon.spoken_to
        or (start == 0 and at > 0 and not named_behind and after in lexicon.officials)
    )


@lru_cache(maxsize=16)
def _titles(lexicon: Lexicon) -> tuple[Finder, dict[str, str]]:
    kinds = {" ".join(words_of(title, lexicon)): kind for kind, titles in lexicon.titles.items() for title in titles}
    return Finder(kinds), kinds
