"""A question or a wish instead of a complaint: each has deadlines of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.services import Service
from domain.vocabulary import Kind
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.story import is_current, revise
from handlers.flows.turns import Decision, argument, turn
from handlers.flows.wording import with_more
from handlers.messages import Draft, Facts, Goto, Inbound, Memory


@turn("citizen.command.tanya")
def ask_question(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return begin(Kind.INFORMATION, inbound, memory, facts)


@turn("citizen.command.aspirasi")
def ask_wish(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return begin(Kind.ASPIRATION, inbound, memory, facts)


def begin(kind: Kind, inbound: Inbound, memory: Memory, facts: Facts, *, service: Service | None = None) -> Decision:
    """What is being written comes first; words behind the command are the story already.

    `service` is what it shall be about: its office stands until the story names another.
    """
    if memory.draft and memory.draft.story:
        return Goto("citizen.command.lapor", memory)
    draft = replace(memory.draft or Draft(), kind=kind, **_about(service, facts))
    after = replace(memory, state="idle", draft=draft)
    if argument(inbound):
        return Goto("citizen.review", replace(after, draft=with_more(draft, inbound)))
    name = dict(service.name) if service else {}
    return say(after, "ask_story", first=facts.first, kind=str(kind), service=name)


def _about(service: Service | None, facts: Facts) -> dict[str, Any]:
    """What a service says of a draft. Which puskesmas or kelurahan it was, only the story knows."""
    if service is None:
        return {}
    unit = None if service.unit_kind else facts.region.giver_of(service)
    return {"service": service.code, "unit": unit, "linked": unit is not None}


@turn("citizen.choice.as_complaint")
def as_complaint(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """It was taken for a question or a wish, and is none."""
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory, kind=Kind.COMPLAINT))
