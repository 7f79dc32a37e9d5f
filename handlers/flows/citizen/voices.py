"""A voice that is the whole story: sent as it is, and later the words that a reader wrote down from it."""

from __future__ import annotations

from dataclasses import replace

from domain.routing import for_listening
from domain.vocabulary import Kind
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.held import Held, pressed, pressed_case, remembered, remembered_case, unreadable
from handlers.flows.citizen.replying import add, rest
from handlers.flows.citizen.story import is_current, too_long
from handlers.flows.effects import ConfirmHeard, CorrectHeard, OpenTicket
from handlers.flows.turns import Decision, turn
from handlers.flows.wording import LONGEST, said
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Step


@turn("citizen.choice.voice_only", "citizen.choice.voice_accuses")
def send_voice(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The page said who will hear it; an accusation is heard by the Inspektorat alone."""
    draft = memory.draft
    if not is_current(memory, facts) or draft is None or draft.story or facts.chosen is None:
        return Goto("citizen.stale", memory)
    accuses = facts.chosen.choice.code == "voice_accuses"
    goes = for_listening(facts.region, Kind.OVERSIGHT if accuses else draft.kind)
    return Step(Memory(), effects=(OpenTicket(draft, goes),))


@turn("citizen.choice.heard_yes", needs=pressed)
def confirm(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What was written down is what was said."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    assert facts.chosen is not None
    line = int(facts.chosen.choice.args[-1])
    return Step(rest(memory), effects=(ConfirmHeard(held.case.view.id, line, held.key),))


@turn("citizen.choice.heard_fix", "citizen.choice.write_it", needs=pressed)
def ask_words(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The next words are the story; another voice is heard once more."""
    held = pressed_case(memory, facts)
    if held is None or held.shut:
        return unreadable(held, memory) or say(memory, "not_found")
    return _please(held, replace(memory, state="heard", held=held.key))


def _please(held: Held, memory: Memory) -> Step:
    return say(memory, "heard_words", Choice("cancel"), number=held.case.number)


@turn("citizen.text.heard", needs=remembered)
def write(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The citizen's own words; where the case has moved on meanwhile they are added to it."""
    held = remembered_case(memory, facts)
    if held is None or held.shut:
        return Goto("citizen.place" if inbound.place else "citizen.story", rest(memory))
    words = said(inbound)
    if not words and not inbound.media:
        return _please(held, memory)
    if not words or inbound.media or not held.case.listening:
        return add(held, words, inbound, memory, facts)
    if len(words) > LONGEST:
        return Step(memory, (too_long(facts, begun=False),))
    source = (inbound.message,) if inbound.message else ()
    return Step(rest(memory), effects=(CorrectHeard(held.case.view.id, words, held.key, source),))
