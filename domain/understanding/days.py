"""The day that a story tells of, in the past: "kmrn", "tgl 5", "3 hari lalu", "12 maret", "senin kemarin".

`domain.dates` reads days as an officer types them, most of them to come; a story is about what has been.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

_SAID = {"kemarin": 1, "semalam": 1, "tadi": 0, "barusan": 0, "yesterday": 1, "today": 0}
_WEEKDAYS = {"senin": 0, "selasa": 1, "rabu": 2, "kamis": 3, "jumat": 4, "sabtu": 5, "minggu": 6, "ahad": 6}
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("januari jan", "februari feb", "maret mar", "april apr", "mei", "juni jun", "juli jul", "agustus agu ags",
         "september sep sept", "oktober okt", "november nov nop", "desember des"), 1)
    for name in names.split()
}  # fmt: skip
_AGO = {"hari": 1, "minggu": 7}
_NUMBERS = {"satu": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7}


def day_told(words: Sequence[str], today: date) -> date | None:
    """The first day not after today that a story names, in its words as `words_of` spells them."""
    return next((day for day in _days(words, today) if day is not None and day <= today), None)


def _days(words: Sequence[str], today: date) -> Iterator[date | None]:
    for at, word in enumerate(words):
        after = words[at + 1 : at + 4]
        if word in _WEEKDAYS and (word != "minggu" or words[max(0, at - 1) : at] == ["hari"]):
            yield today - timedelta(days=(today.weekday() - _WEEKDAYS[word]) % 7 or 7)
        elif word in _SAID and not (
            word == "kemarin" and words[max(0, at - 1) : at] == ["dari"] and after[:1] == ["dulu"]
        ):
            yield today - timedelta(days=2 if word == "kemarin" and after[:1] == ["dulu"] else _SAID[word])
        elif word == "hari" and after[:1] == ["ini"]:
            yield today
        elif after[:1] and after[0] in _AGO and "lalu" in after[1:3]:
            yield _before(today, word, _AGO[after[0]])
        elif re.fullmatch(r"\d{1,2}", word):
            yield _dated(int(word), words[max(0, at - 1) : at], after, today)


def _before(today: date, number: str, days: int) -> date | None:
    count = int(number) if re.fullmatch(r"\d{1,3}", number) else _NUMBERS.get(number)
    return today - timedelta(days=count * days) if count else None


def _dated(day: int, before: Sequence[str], after: Sequence[str], today: date) -> date | None:
    """`5 maret`, `5 maret 2026`, `tanggal 5`: the last such day; a bare number is none."""
    if after and after[0] in _MONTHS:
        year = int(after[1]) if after[1:] and re.fullmatch(r"20\d\d", after[1]) else None
        found = _day(year or today.year, _MONTHS[after[0]], day)
        return found if year or found is None or found <= today else _day(today.year - 1, found.month, day)
    if list(before) != ["tanggal"]:
        return None
    if len(after) > 0 and re.fullmatch(r"\d{1,2}", after[0]) and 1 <= int(after[0]) <= 12:
        year = int(after[1]) if after[1:] and re.fullmatch(r"20\d\d", after[1]) else today.year
        return _day(year, int(after[0]), day)
    this = _day(today.year, today.month, day)
    if this is not None and this <= today:
        return this
    last = today.replace(day=1) - timedelta(days=1)
    return _day(last.year, last.month, day)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
