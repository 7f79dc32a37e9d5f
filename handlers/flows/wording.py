"""Words made of several messages, each of which may be edited while they are not sent yet."""

from __future__ import annotations

from dataclasses import replace

from handlers.flows.turns import command_of
from handlers.messages import Draft, Inbound, Part

#: Characters of a story, and of what is added to a case at once: more pages than an office reads, and the time that it
#: takes to understand them is everybody's.
LONGEST = 10_000


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
    more = replace(draft, media=(*draft.media, *inbound.media))
    return made_of((*before, *part_of(inbound)), more, instead=(*before, (inbound.message or "", "")))


def made_of(parts: tuple[Part, ...], draft: Draft, *, instead: tuple[Part, ...]) -> Draft:
    """The draft with a story of these parts; of parts too long for one the last words are not taken: `instead`."""
    story = text_of(parts)
    if len(story) > LONGEST:
        return replace(draft, parts=instead, over=True)
    return replace(draft, parts=parts, story=story)


def reworded(parts: tuple[Part, ...], inbound: Inbound) -> tuple[Part, ...]:
    """The parts with the edited message's new words in the place of its old ones."""
    return tuple((message, said(inbound) if message == inbound.message else text) for message, text in parts)
