"""Which of many things some typed words mean: posts, units, or whatever has words by which it is known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from domain.region import Post, Region

_WORD = re.compile(r"[^\W_]+")


def matching(typed: str, known: Mapping[str, str]) -> tuple[str, ...]:
    """The keys of those whose words begin like every word that was typed, in their order; a key itself means itself."""
    exact = typed.strip().upper()
    if exact in known:
        return (exact,)
    begun = _WORD.findall(typed.lower())
    if not begun:
        return ()
    return tuple(key for key, words in known.items() if _all_begin(begun, _WORD.findall(words.lower())))


def _all_begin(begun: list[str], words: list[str]) -> bool:
    return all(any(word.startswith(start) for word in words) for start in begun)


def words_of_post(post: Post, region: Region) -> str:
    """The words by which a post is known: its title and code, and what its unit is called."""
    unit = region.units[post.unit]
    return " ".join((post.title, post.code, unit.name, *unit.aliases))
