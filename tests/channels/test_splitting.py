"""Long pages in pieces: nothing lost, nothing too long, nothing torn."""

from __future__ import annotations

import html
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.splitting import plain, shortened, split, units


class _Checker(HTMLParser):
    """Fails on a tag that is not closed, or closed in the wrong order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, text

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


_words = st.text(st.sampled_from("ab <>&\"'\n\n 👍é"), max_size=40).map(html.escape)
_link = st.text(st.sampled_from("abc/&="), max_size=20).map(lambda path: f'<a href="https://x.id/{html.escape(path)}">')


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    simple = st.tuples(st.sampled_from("biu"), inner).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")
    linked = st.tuples(_link, inner).map(lambda pair: f"{pair[0]}{pair[1]}</a>")
    return st.one_of(simple, linked, st.lists(inner, max_size=6).map("".join))


pages = st.recursive(_words, _wrapped, max_leaves=20)


@given(pages, st.integers(150, 400))
def test_pieces_together_are_the_page_each_whole_and_within_the_limit(page: str, limit: int) -> None:
    # wrapped ever deeper, tags alone might be longer than the limit: the real ones are ten times as long
    pieces = split(page, limit)
    assert "".join(plain(piece) for piece in pieces) == plain(page)
    for piece in pieces:
        _Checker(piece)
        assert units(piece) <= limit or len(plain(piece)) <= 1


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("satu dua", 100, ["satu dua"]),
        ("satu\n\ndua tiga", 10, ["satu\n\n", "dua tiga"]),
        ("satu\ndua tiga", 9, ["satu\n", "dua tiga"]),
        ("satu dua tiga", 10, ["satu dua ", "tiga"]),
        ("satuduatiga", 5, ["satud", "uatig", "a"]),
        ("<b>satu dua</b>", 13, ["<b>satu </b>", "<b>dua</b>"]),
        ("ab&amp;cd", 6, ["ab", "&amp;c", "d"]),
        ("👍👍👍", 4, ["👍👍", "👍"]),
        ("a\n\n" + "b" * 12, 10, ["a\n\nbbbbbbb", "bbbbb"]),
    ],
)
def test_a_page_is_cut_where_it_hurts_least(text: str, limit: int, pieces: list[str]) -> None:
    assert split(text, limit) == pieces


def test_a_long_page_is_cut_quickly() -> None:
    began = time.perf_counter()
    pieces = split("<b>Laporan</b> dengan banyak kata dan baris.\n" * 1_000, 4_096)
    assert len(pieces) > 10
    assert time.perf_counter() - began < 5


@given(st.text(max_size=60), st.integers(4, 40))
def test_what_is_shortened_fits_and_says_so(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert units(short) <= limit
    assert short == text if units(text) <= limit else short.endswith("…")
