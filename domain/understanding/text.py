"""Chat Indonesian made comparable: small letters, whole words, abbreviations spelled out. Never what is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from domain.region import Lexicon

_WORD = re.compile(r"[a-z0-9]+")
_LENGTHENED = re.compile(r"([a-z])\1{2,}")
#: A word from so many letters on may have a wrong one, from so many on lack two; nobody types longer ones.
_SHORTEST, _TWO_WRONG, _LONGEST = 6, 7, 24
#: A word said twice: "anak2", "lempar2an", "temen2ku".
_DOUBLED = re.compile(r"^([a-z]{2,})2(an|nya|ku|in|i|kan)?$")
#: Numbers as names of places have them, which are no lengthened words and no English "I".
LATIN = {
    latin: str(number) for number, latin in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), 1)
}


def words_of(text: str, lexicon: Lexicon) -> list[str]:
    """The words of a text, spelled out: "udh lamaaa x blm jadi2" -> sudah lama sekali belum jadi jadi.

    Phrases of the lexicon go before words, the longest first, so "pajak bumi" stays a tax where "pajak" is a market.
    """
    return [word for _, word in placed_words(text, lexicon)]


def placed_words(text: str, lexicon: Lexicon) -> list[tuple[int, str]]:
    """The same, each with the number of the typed word that it came from."""
    raw = [word if word in LATIN else _LENGTHENED.sub(r"\1", word) for word in plain_words(text)]
    return [(at, meant(word, lexicon)) for at, word in _spelled(raw, lexicon)]


def meant(word: str, lexicon: Lexicon) -> str:
    """A word that matters, typed with a wrong letter or two: "petugass", "pemalakaan". What is known stays as it is."""
    return word if len(word) < _SHORTEST or len(word) > _LONGEST else _meant(word, lexicon)


@lru_cache(maxsize=20_000)
def _meant(word: str, lexicon: Lexicon) -> str:
    if word in known_words(lexicon) or word.isdecimal():
        return word
    near = extract(word, lexicon.mattering, scorer=OSA.distance, score_cutoff=2, limit=3)
    alike = [other for other, wrong, _ in near if wrong == 1 or (len(word) >= _TWO_WRONG and _lacks(word, other))]
    return alike[0] if len(alike) == 1 and alike[0][0] == word[0] else word


def _lacks(word: str, other: str) -> bool:
    """Whether one of two words only lacks letters of the other: "kelurhn". Two that differ are two words."""
    long, short = sorted((word, other), key=len, reverse=True)
    letters = iter(long)
    return len(long) > len(short) and all(letter in letters for letter in short)


@lru_cache(maxsize=16)
def known_words(lexicon: Lexicon) -> frozenset[str]:
    """Every word that means something by itself, so that none of them is another with a wrong letter."""
    phrases = chain(
        lexicon.mattering,
        lexicon.slang,
        lexicon.slang.values(),
        lexicon.known,
        lexicon.staff,
        lexicon.asking,
        lexicon.money,
        lexicon.officials,
        lexicon.served,
        lexicon.attendants,
        lexicon.emergency_now,
        lexicon.emergency_ask,
        lexicon.emergency_never,
        chain.from_iterable(lexicon.emergency_sets.values()),
        chain.from_iterable(lexicon.care.values()),
        chain.from_iterable(lexicon.conduct.values()),
        chain.from_iterable(lexicon.conduct_weak.values()),
    )
    return frozenset(word for phrase in phrases for word in _WORD.findall(phrase))


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters, without marks."""
    return _WORD.findall(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower())


def in_figures(name: str) -> tuple[str, str] | None:
    """How the numbered name of a place is typed, and the same in figures: `Sitinjo I` -> sitinjo i, sitinjo 1."""
    words = plain_words(name)
    if len(words) < 2 or words[-1] not in LATIN:
        return None
    return " ".join(words), " ".join(LATIN.get(word, word) for word in words)


def _spelled(raw: list[str], lexicon: Lexicon) -> Iterator[tuple[int, str]]:
    at = 0
    while at < len(raw):
        length = next((n for n in _lengths(lexicon) if " ".join(raw[at : at + n]) in lexicon.slang), 0)
        if length:
            yield from ((at, word) for word in lexicon.slang[" ".join(raw[at : at + length])].split())
        elif doubled := _DOUBLED.match(raw[at]):
            parts = (doubled[1], doubled[1] + (doubled[2] or ""))
            yield from ((at, word) for part in parts for _, word in _spelled([part], lexicon))
        else:
            yield at, raw[at]
        at += length or 1


@lru_cache(maxsize=16)
def _lengths(lexicon: Lexicon) -> tuple[int, ...]:
    """How many words the entries of a lexicon have, the longest first."""
    return tuple(sorted({len(entry.split()) for entry in lexicon.slang}, reverse=True))


def normalise(text: str, lexicon: Lexicon) -> str:
    """The same as one string with a space at either end, so that " phrase " is found as whole words."""
    return f" {' '.join(words_of(text, lexicon))} "
