"""Texts as the platform reads them: its few HTML tags, and lengths in UTF-16 units (its limits read strictly)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.errors import bad

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_PLAIN = re.compile(r"[^&<]+")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot);?")
_END = re.compile(r"</([^>\s]*)\s*>")
_START = re.compile(r"<([^>\s]*)((?:\s+[^\s=>]+(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*>")
_ATTRIBUTE = re.compile(r"([^\s=]+)(?:=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+)))?")


def units(text: str) -> int:
    """The length that the platform counts: code units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(slots=True)
class _Reading:
    source: str
    at: int = 0
    text: list[str] = field(default_factory=list)
    length: int = 0
    open: list[tuple[str, dict[str, str], int]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)

    def takes(self, piece: str, width: int) -> None:
        self.text.append(piece)
        self.length += units(piece)
        self.at += width

    def wrong(self, why: str, more: str = "") -> Exception:
        return bad(f"can't parse entities: {why} at byte offset {len(self.source[: self.at].encode())}{more}")


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """The text and its entities; ApiError where a tag is none of the platform's or is not closed."""
    reading = _Reading(source)
    while reading.at < len(source):
        if plain := _PLAIN.match(source, reading.at):
            reading.takes(plain[0], len(plain[0]))
        elif source[reading.at] == "&":
            _reference(reading)
        elif source.startswith("</", reading.at):
            _end_tag(reading)
        else:
            _start_tag(reading)
    if reading.open:
        raise bad(f"can't parse entities: Can't find end tag corresponding to start tag \"{reading.open[-1][0]}\"")
    return "".join(reading.text), sorted(reading.entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _reference(reading: _Reading) -> None:
    found = _REFERENCE.match(reading.source, reading.at)
    if found is None:
        reading.takes("&", 1)
    else:
        reading.takes(html.unescape(found[0].rstrip(";") + ";"), len(found[0]))


def _start_tag(reading: _Reading) -> None:
    found = _START.match(reading.source, reading.at)
    name = re.split(r"[\s>]", reading.source[reading.at + 1 :], maxsplit=1)[0].lower()
    if name not in TAGS:
        raise reading.wrong(f'Unsupported start tag "{name}"')
    if found is None:
        raise reading.wrong(f'Unclosed start tag "{name}"')
    attributes = {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(found[2])}
    if name == "span" and attributes.get("class") != "tg-spoiler":
        raise reading.wrong('Tag "span" must have class "tg-spoiler"')
    reading.open.append((name, attributes, reading.length))
    reading.at = found.end()


def _end_tag(reading: _Reading) -> None:
    found = _END.match(reading.source, reading.at)
    if found is None:
        raise reading.wrong("Unclosed end tag")
    if not reading.open:
        raise reading.wrong("Unexpected end tag")
    name, attributes, start = reading.open.pop()
    if found[1] and found[1].lower() != name:
        raise reading.wrong("Unmatched end tag", f', expected "</{name}>", found "{found[0]}"')
    reading.at = found.end()
    if reading.length > start and (name != "a" or attributes.get("href")):
        reading.entities.append(_entity(name, attributes, start, reading.length - start))


def _entity(name: str, attributes: dict[str, str], offset: int, length: int) -> dict[str, Any]:
    kind = "expandable_blockquote" if name == "blockquote" and "expandable" in attributes else TAGS[name]
    more = {"text_link": ("url", "href"), "custom_emoji": ("custom_emoji_id", "emoji-id")}.get(kind)
    return {"type": kind, "offset": offset, "length": length, **({more[0]: attributes[more[1]]} if more else {})}


def formatted(source: str, parse_mode: str, entities: Any) -> tuple[str, list[dict[str, Any]]]:
    """A text as it will stand in the chat, without blanks around it."""
    if parse_mode.lower() == "html":
        text, found = parse_html(source)
    elif parse_mode:
        raise bad(f'unsupported parse_mode "{parse_mode}"')
    else:
        text, found = source, entities or []
    before = units(text) - units(text.lstrip())
    stripped = text.strip()
    return stripped, [_moved(entity, before, units(stripped)) for entity in found if entity["offset"] < units(text)]


def _moved(entity: dict[str, Any], before: int, length: int) -> dict[str, Any]:
    start = max(0, entity["offset"] - before)
    end = min(length, entity["offset"] - before + entity["length"])
    return {**entity, "offset": start, "length": max(0, end - start)}
