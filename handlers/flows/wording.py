"""Words made of several messages, each of which may be edited while they are not sent yet."""

from __future__ import annotations

from dataclasses import replace

from handlers.flows.turns import command_of
from handlers.messages import Draft, Inbound, Part


def said(inbound: Inbound) -> str:
    """What a message says: its words, those behind a command, or the place that was sent instead."""
    command = command_of(inbound.text)
    return command[1] if command else inbound.text.strip() or inbound.place or ""


def text_of(parts: tuple[Part, ...]) -> str:
    """The words of all parts, a line each."""
    return "\n".join(text for _, text in parts if text)


def part_of(inbound: Inbound) -> tuple[Part, ...]:
    """A message as a part of something longer; one without words may get some by an edit."""
    text = said(inbound)
    return ((inbound.message or "", text),) if inbound.message or text else ()


def sources(parts: tuple[Part, ...]) -> tuple[str, ...]:
    """The messages behind some words."""
    return tuple(dict.fromkeys(message for message, _ in parts if message))


def with_more(draft: Draft, inbound: Inbound) -> Draft:
    """The draft with what a message adds to its story and files."""
    before = draft.parts or ((("", draft.story),) if draft.story else ())
    parts = (*before, *part_of(inbound))
    return replace(draft, parts=parts, story=text_of(parts), media=(*draft.media, *inbound.media))


def reworded(parts: tuple[Part, ...], inbound: Inbound) -> tuple[Part, ...]:
    """The parts with the edited message's new words in the place of its old ones."""
    return tuple((message, said(inbound) if message == inbound.message else text) for message, text in parts)
