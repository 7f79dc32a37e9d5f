"""Finding a word in raw bytes, however it may have been written there."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping

#: Base 64 cuts bytes into threes, so a word in the middle of a text looks different by where it stands.
_ALIGNMENTS = range(3)


def written(word: str) -> dict[str, bytes]:
    """Everything that a word may look like, by the name of the encoding; all but base 64 in lower case."""
    lower = word.lower()
    looks = {
        "utf-8": lower.encode(),
        "utf-16-le": lower.encode("utf-16-le"),
        "utf-16-be": lower.encode("utf-16-be"),
        "hex": lower.encode().hex().encode(),
        "hex of capitals": word.upper().encode().hex().encode(),
    }
    for case in dict.fromkeys((lower, lower.capitalize(), word.upper())):
        for offset in _ALIGNMENTS:
            looks[f"base64 of {'number' if case.isdigit() else _case(case)} at {offset}"] = _in_base64(case, offset)
    return looks


def _case(word: str) -> str:
    return "lower case" if word.islower() else "capitals" if word.isupper() else "title case"


def _in_base64(word: str, offset: int) -> bytes:
    """The characters of base 64 that a word alone decides, `offset` bytes after the start of a group of three."""
    whole = base64.b64encode(bytes(offset) + word.encode())
    return whole[-(-8 * offset // 6) : 8 * (offset + len(word)) // 6]


def found_in(data: bytes, word: str) -> set[str]:
    """The names of the encodings in which a word stands in some bytes."""
    return {encoding for _, _, encoding in hits([("", data)], {"": word})}


def hits(places: Iterable[tuple[str, bytes]], words: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Place, name of the word, and encoding of everything that is found."""
    looks = {name: written(word) for name, word in words.items()}
    for place, data in places:
        lower = data.lower()
        for name, found in looks.items():
            for encoding, look in found.items():
                if look in (data if encoding.startswith("base64") else lower):
                    yield place, name, encoding
