"""Whether two stories of one person tell the same: by what they are about, where it is, and their words. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rapidfuzz import fuzz, process

from domain.region import Lexicon
from domain.understanding.text import words_of

#: A case that is older than this is not asked about: what comes back after so long is a new thing to look at.
RECENT = timedelta(days=30)
#: Which part of the shorter story's telling words has to be in the longer one for them to be one: about the same
#: matter, or whatever they are about. "KTP saya tiga minggu belum jadi di capil" and "min ktp sy di capil blm jadi jg
#: sampe skrg" share 0.43, the first and "nama istri saya di KTP salah, mohon diperbaiki capil" 0.29. To be named
#: without need costs a line, to be missed a second case.
ALIKE, SAME = 0.4, 0.8
#: So many telling words have to be in both.
SHARED = 2
#: Shorter words tell little; words are one that are so much alike (0 to 100); and so many of a story are looked at.
_SHORT, _ONE_WORD, _MOST = 3, 85.0, 60


@dataclass(frozen=True, slots=True)
class Told:
    """A story as it is compared: its words, its matter, and the area of which it speaks."""

    text: str
    matter: str | None
    area: str | None


def is_same(one: Told, other: Told, lexicon: Lexicon) -> bool:
    """Whether two stories are likely about one thing. Different areas are different things."""
    if one.area and other.area and one.area != other.area:
        return False
    if one.matter is None or one.matter != other.matter:
        return likeness(one.text, other.text, lexicon) >= SAME
    return (one.area is not None and one.area == other.area) or likeness(one.text, other.text, lexicon) >= ALIKE


def likeness(one: str, other: str, lexicon: Lexicon) -> float:
    """Which part of the shorter text's telling words is in the longer one, in any order, typos forgiven (0 to 1)."""
    few, many = sorted((_telling(one, lexicon), _telling(other, lexicon)), key=len)
    shared = sum(process.extractOne(word, many, scorer=fuzz.ratio, score_cutoff=_ONE_WORD) is not None for word in few)
    return shared / len(few) if shared >= SHARED else 0.0


def _telling(text: str, lexicon: Lexicon) -> list[str]:
    small = lexicon.selves | lexicon.negations | lexicon.waiting | lexicon.inquiries | lexicon.asking
    words = (word for word in words_of(text, lexicon) if len(word) >= _SHORT and word not in small)
    return list(dict.fromkeys(words))[:_MOST]
