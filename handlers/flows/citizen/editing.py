"""A message that was edited: before it is sent it changes the draft, afterwards it is added as a correction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.flows.citizen.belonging import waiting
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import own
from handlers.flows.citizen.replying import add, ask_which
from handlers.flows.citizen.story import reviewing, revise, small_talk
from handlers.flows.needs import MyCase, Said
from handlers.flows.turns import Decision, turn
from handlers.flows.wording import made_of, reworded, said
from handlers.messages import Draft, Facts, Goto, Inbound, Memory, Need, Step


def _meant(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    """The case and the words that the message has become a part of; `reviewing` for the draft that it may belong to."""
    if facts.quoted is None or facts.said is None:
        return reviewing(inbound, memory, facts)
    return (MyCase(facts.person, facts.quoted), Said(facts.said))


@turn("citizen.edited", needs=_meant)
def edit(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Taking words back empties nothing, and the same words again say nothing."""
    if not said(inbound):
        return Step(memory)
    if memory.draft is not None and (changed := _changed(memory.draft, inbound)):
        return _of_draft(changed, inbound, memory, facts) if changed != memory.draft else Step(memory)
    if facts.quoted is not None and facts.said is not None:
        return _of_case(inbound, memory, facts)
    is_story = not inbound.text.startswith("/") and small_talk(said(inbound), facts) is None
    return say(memory, "edit_unknown") if is_story else Step(memory)


def _changed(draft: Draft, inbound: Inbound) -> Draft | None:
    """The draft with the new words, if the message belongs to it."""
    if inbound.message and inbound.message == draft.place_from:
        return replace(draft, place=said(inbound))
    if inbound.message not in {message for message, _ in draft.parts if message}:
        return None
    return made_of(reworded(draft.parts, inbound), draft, instead=draft.parts)


def _of_draft(changed: Draft, inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    after = replace(memory, draft=changed)
    if changed.parked:
        return Step(after)
    if memory.state == "which" and waiting(changed.story, facts):
        return ask_which(after, changed, facts, holds=False)
    if memory.state in ("replying", "pin") or not changed.story:
        return Step(revise(after))  # shown with the next page: now the person is about something else
    return Goto("citizen.review", revise(after))


def _of_case(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert facts.quoted is not None
    assert facts.said is not None
    case = facts[MyCase(facts.person, facts.quoted)]
    before = f"\n{facts[Said(facts.said)]}\n"
    if case is None or f"\n{said(inbound)}\n" in before:
        return Step(memory)
    if case.locked:
        return say(memory, "locked", number=case.number)
    return add(own(case), said(inbound), inbound, memory, facts)
