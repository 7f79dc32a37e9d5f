"""Chat Indonesian made comparable: small letters, whole words, abbreviations spelled out. Never what is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from domain.region import Lexicon

_WORD = re.compile(r"[a-z0-9]+")
_LENGTHENED = re.compile(r"([a-z])\1{2,}")
_DOUBLED = re.compile(r"^([a-z]{2,})2$")
#: Numbers as names of places have them, which are no lengthened words and no English "I".
LATIN = {
    latin: str(number) for number, latin in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), 1)
}


def words_of(text: str, lexicon: Lexicon) -> list[str]:
    """The words of a text, spelled out: "udh lamaaa x blm jadi2" -> sudah lama sekali belum jadi jadi.

    Phrases of the lexicon go before words, the longest first, so "pajak bumi" stays a tax where "pajak" is a market.
    """
    return list(
        _spelled([word if word in LATIN else _LENGTHENED.sub(r"\1", word) for word in plain_words(text)], lexicon)
    )


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters, without marks."""
    return _WORD.findall(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower())


def in_figures(name: str) -> tuple[str, str] | None:
    """How the numbered name of a place is typed, and the same in figures: `Sitinjo I` -> sitinjo i, sitinjo 1."""
    words = plain_words(name)
    if len(words) < 2 or words[-1] not in LATIN:
        return None
    return " ".join(words), " ".join(LATIN.get(word, word) for word in words)


def _spelled(raw: list[str], lexicon: Lexicon) -> Iterator[str]:
    at = 0
    while at < len(raw):
        length = next((n for n in _lengths(lexicon) if " ".join(raw[at : at + n]) in lexicon.slang), 0)
        if length:
            yield from lexicon.slang[" ".join(raw[at : at + length])].split()
        elif doubled := _DOUBLED.match(raw[at]):
            yield from list(_spelled([doubled[1]], lexicon)) * 2
        else:
            yield raw[at]
        at += length or 1


@lru_cache(maxsize=16)
def _lengths(lexicon: Lexicon) -> tuple[int, ...]:
    """How many words the entries of a lexicon have, the longest first."""
    return tuple(sorted({len(entry.split()) for entry in lexicon.slang}, reverse=True))


def normalise(text: str, lexicon: Lexicon) -> str:
    """The same as one string with a space at either end, so that " phrase " is found as whole words."""
    return f" {' '.join(words_of(text, lexicon))} "
