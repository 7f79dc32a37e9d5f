"""How long somebody says that they have waited, in days of the calendar: "sudah 3 minggu", "hampir sebulan"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

#: A unit of time in days, as people count it.
_UNITS = {
    "hari": 1, "harian": 1, "mingguan": 7, "bulanan": 30, "tahunan": 365, "day": 1, "days": 1,
    "minggu": 7, "pekan": 7, "week": 7, "weeks": 7,
    "bulan": 30, "month": 30, "months": 30,
    "tahun": 365, "year": 365, "years": 365,
}  # fmt: skip
_SINCE = {"kemarin": 1, "minggu lalu": 7, "pekan lalu": 7, "bulan lalu": 30, "tahun lalu": 365}
_FROM = frozenset({"dari", "sejak", "mulai"})
_ONE_OF = {"sehari": 1, "seminggu": 7, "sepekan": 7, "sebulan": 30, "setahun": 365}
_NUMBERS = {
    "satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7, "delapan": 8, "sembilan": 9,
    "sepuluh": 10, "sebelas": 11, "duabelas": 12, "setengah": 0.5,
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "half": 0.5,
}  # fmt: skip
#: A number and its unit in one word: "3minggu", "2bln".
_JOINED = re.compile(r"(\d{1,3})([a-z]{2,7})")
_SHORT = {"mgg": "minggu", "mnggu": "minggu", "bln": "bulan", "hr": "hari", "thn": "tahun"}
#: Behind a time: it is past, or nothing has come of it ("2 minggu belum jadi", "3 months ago", "three weeks late").
_PAST = frozenset({"belum", "tidak", "lalu", "lamanya", "lebih", "menunggu", "ago", "late", "without", "still"})
#: Behind a time that is to come, and before one that is an age.
_COMING = frozenset({"lagi", "kedepan", "mendatang", "depan", "more"})
_AGES = frozenset({"umur", "usia", "berumur", "berusia", "umurnya", "usianya", "aged", "anak", "bayi"})
#: How many words before a time may still say that it is waiting, and the longest that anybody waits.
_REACH = 2
_LONGEST = 20 * 365


def days_waited(words: Sequence[str], waiting: Collection[str]) -> int | None:
    """The longest wait that a story tells of, in its words as `words_of` spells them; None where it tells of none.

    `waiting` are the words before a time that make it a wait (speech.yaml).
    """
    waits = (days for at, length, days in _times(words) if _is_wait(words, at, at + length, waiting))
    told = (*waits, *_since(words))
    return max((round(days) for days in told if days <= _LONGEST), default=None)


def _since(words: Sequence[str]) -> Iterator[int]:
    """Waits that are told by when they began: "dari bulan lalu"."""
    for at, word in enumerate(words):
        if word in _FROM:
            yield from (_SINCE[said] for said in (" ".join(words[at + 1 : at + n]) for n in (2, 3)) if said in _SINCE)


def _times(words: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Each stretch of time: where it stands, how many words it has, how many days it is."""
    for at, word in enumerate(words):
        if word in _ONE_OF:
            yield at, 1, _ONE_OF[word]
        elif at + 1 < len(words) and words[at + 1] in _UNITS and (number := _number(word)):
            yield at, 2, number * _UNITS[words[at + 1]]
        elif (joined := _JOINED.fullmatch(word)) and (unit := _SHORT.get(joined[2], joined[2])) in _UNITS:
            yield at, 1, int(joined[1]) * _UNITS[unit]


def _number(word: str) -> float:
    return int(word) if word.isascii() and word.isdecimal() and len(word) <= 3 else _NUMBERS.get(word, 0)


def _is_wait(words: Sequence[str], start: int, end: int, waiting: Collection[str]) -> bool:
    before, after = words[max(0, start - _REACH) : start], words[end : end + 1]
    if _COMING.intersection(after) or _AGES.intersection(before):
        return False
    return not set(waiting).isdisjoint(before) or not _PAST.isdisjoint(after)
