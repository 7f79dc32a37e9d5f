"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from domain.dates import days_in, typed, without_days

TODAY = date(2026, 11, 22)
CASES = [
    ("7/12", [date(2026, 12, 7)]),
    ("7-12-2026", [date(2026, 12, 7)]),
    ("07.12.26", [date(2026, 12, 7)]),
    ("2026-12-07", [date(2026, 12, 7)]),
    ("7 des", [date(2026, 12, 7)]),
    ("tgl 7 Desember 2027 ya", [date(2027, 12, 7)]),
    ("3 Jan", [date(2027, 1, 3)]),
    ("22/11", [date(2026, 11, 22)]),
    ("besok", [date(2026, 11, 23)]),
    ("hari ini sampai lusa", [date(2026, 11, 22), date(2026, 11, 24)]),
    ("23/11 - 27/11", [date(2026, 11, 23), date(2026, 11, 27)]),
    ("23/11-27/11", [date(2026, 11, 23), date(2026, 11, 27)]),
    ("23-27 November", [date(2026, 11, 23), date(2026, 11, 27)]),
    ("23 s/d 27 Nov", [date(2026, 11, 23), date(2026, 11, 27)]),
    ("23 Nov sampai 2 Des", [date(2026, 11, 23), date(2026, 12, 2)]),
    ("31/2", []),
    ("45/99", []),
    ("29 feb", []),
    ("3 orang menunggu 2 jam", []),
    ("", []),
    ("\N{EXTENDED ARABIC-INDIC DIGIT SEVEN}/12", [date(2026, 12, 7)]),
]


@pytest.mark.parametrize(("text", "days"), CASES)
def test_days_are_found_in_what_was_typed(text: str, days: list[date]) -> None:
    assert list(days_in(text, TODAY)) == days


def test_a_day_that_is_searched_for_lies_in_the_past() -> None:
    assert days_in("7/12", TODAY, coming=False) == (date(2025, 12, 7),)


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 12, 7), date(2027, 11, 21)])
def test_an_example_is_read_as_the_day_that_it_stands_for(day: date) -> None:
    assert days_in(typed(day), TODAY) == (day,)
    assert days_in(typed(day, year=True), TODAY, coming=False) == (day,)


def test_what_is_left_without_the_days_are_the_words() -> None:
    assert without_days("KTP 7/9 capil 3 orang") == "KTP capil 3 orang"
    assert without_days("drainase 7 des") == "drainase"
