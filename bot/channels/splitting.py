"""A long page in several messages: cut at paragraphs, else lines, else words, and never inside a tag or an entity."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r"<[^<>]*>|&[#0-9A-Za-z]{1,31};|.", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_NAME = re.compile(r"</?([A-Za-z0-9-]*)")

#: How good a place to cut is.
_ANYWHERE, _WORD, _LINE, _PARAGRAPH = range(4)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place to cut: before this token, while these tags are open."""

    before: int
    rank: int
    used: int
    open: tuple[str, ...]


def units(text: str) -> int:
    """Length as the platform counts it, in UTF-16 units."""
    return len(text) + sum(symbol > "\uffff" for symbol in text)


def shortened(text: str, limit: int) -> str:
    """The beginning of a plain text of at most `limit` UTF-16 units."""
    while units(text) > limit:
        text = f"{text[:-2]}…"
    return text


def plain(text: str) -> str:
    """HTML as the bare text that it shows."""
    return html.unescape(_TAG.sub("", text))


def split(text: str, limit: int) -> list[str]:
    """Pieces of HTML of at most `limit` UTF-16 units with their tags (or one character, where these alone are longer).

    A tag that is open at a cut is closed there and opened again. Nothing is dropped, so a piece may be blank.
    """
    if units(text) <= limit:
        return [text]
    return list(_pieces(_TOKEN.findall(text), limit))


def _pieces(tokens: list[str], limit: int) -> Iterator[str]:
    start = 0
    opened: tuple[str, ...] = ()
    while start < len(tokens):
        cut = _cut(tokens, start, opened, limit)
        yield "".join((*opened, *tokens[start : cut.before], *_closings(cut.open)))
        start, opened = cut.before, cut.open


def _cut(tokens: list[str], start: int, opened: tuple[str, ...], limit: int) -> _Cut:
    """Where a piece that begins at `start` ends: the best place in its second half, else the last one there is."""
    cuts: list[_Cut] = []
    for cut in _places(tokens, start, opened):
        if cut.used + units("".join(_closings(cut.open))) > limit and cuts:
            late = [known for known in cuts if known.used > limit // 2] or cuts
            return max(late, key=lambda known: (known.rank, known.before))
        cuts.append(cut)
    return cuts[-1]


def _places(tokens: list[str], start: int, opened: tuple[str, ...]) -> Iterator[_Cut]:
    """Every place after a piece of text, and the end."""
    used = units("".join(opened))
    for n in range(start, len(tokens)):
        token = tokens[n]
        used += units(token)
        if _TAG.fullmatch(token):
            opened = _after(opened, token)
            if n + 1 < len(tokens):
                continue
        yield _Cut(n + 1, _rank(tokens, n), used, opened)


def _after(opened: tuple[str, ...], tag: str) -> tuple[str, ...]:
    """The tags that are open behind this one."""
    if not tag.startswith("</"):
        return (*opened, tag)
    names = [_name(known) for known in opened]
    return opened[: len(names) - 1 - names[::-1].index(_name(tag))] if _name(tag) in names else opened


def _rank(tokens: list[str], n: int) -> int:
    if tokens[n] == "\n":
        return _PARAGRAPH if n and tokens[n - 1] == "\n" else _LINE
    return _WORD if tokens[n].isspace() else _ANYWHERE


def _closings(opened: tuple[str, ...]) -> list[str]:
    return [f"</{_name(tag)}>" for tag in reversed(opened)]


def _name(tag: str) -> str:
    found = _NAME.match(tag)
    return found[1].lower() if found else ""
