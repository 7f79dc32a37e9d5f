"""Texts that are made to hurt, not to tell: each is read, and in a time that grows with its length alone."""

from __future__ import annotations

import random
from functools import cache
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.routing import route
from domain.understanding.reading import read
from domain.understanding.services import service_in
from tests.domain.regions import siantar

#: As long as no channel lets anybody write, and the seconds of work that it may take: a few hundredths of what the
#: square of its length would.
LENGTH, MOST = 100_000, 20.0
_DICE = random.Random(20260101)
SHAPES = {
    "one letter": "a",
    "noise": "".join(_DICE.choice("abcdefghijklmnopqrstuvwxyz  ") for _ in range(LENGTH)),
    "wrong letters": " ".join(_DICE.choice(("kelurhn", "petugass", "jlanan", "sampha")) for _ in range(LENGTH // 8)),
    "control characters": "".join(map(chr, range(32))),
    "right to left": "\u202e\u200fjalan rusak\u202c ",
    "emoji": "😡🔥👨‍👩‍👧",
    "letters of many letters": "\ufdfa",
    "marks upon marks": "\u0301",
    "half characters": "\ud800",
    "digits": "1",
    "numbers": "1,",
    "amounts": "rp 1.",
    "numbers in words": "seratus lima puluh ",
    "dates": "12-03-2026 ",
    "addresses": "a@a.",
    "plates": "BK 1 A ",
    "places": "kelurahan tomuan ",
    "places of houses": "puskesmas di kelurahan tomuan ",
    "in in in": "di ",
    "titles": "bapak camat minta uang ",
    "waiting": "sudah 3 minggu ",
    "chat": "udh blm yg dgn jalan2 ",
    "danger": "tolong api kebakaran bunuh diri ",
    "brackets": '"([{',
    "blanks": " \n\t",
}


@cache
def _filled(shape: str) -> str:
    text = SHAPES[shape]
    return (text * (LENGTH // len(text) + 1))[:LENGTH]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_flood_is_read_in_a_time_that_grows_with_its_length_alone(shape: str) -> None:
    began = process_time()
    reading = read(_filled(shape), siantar())
    assert route(reading, siantar()).unit in siantar().units
    service_in(_filled(shape), siantar(), reading.matter)
    assert process_time() - began < MOST


PIECES = st.one_of(
    st.sampled_from([text[:40] for text in SHAPES.values()]),
    st.text(max_size=20),
    st.characters(categories=("Cc", "Cf", "Cs", "Mn", "So")),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PIECES, st.integers(1, 60)), max_size=12), st.text(max_size=10))
def test_whatever_is_put_together_is_read_the_same_twice(parts: list[tuple[str, int]], between: str) -> None:
    text = between.join(piece * times for piece, times in parts)
    reading = read(text, siantar())
    assert reading == read(text, siantar())
    assert all(0 <= one.share <= 1 for one in reading.candidates)
