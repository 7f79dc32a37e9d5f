"""What plain words mean when nothing was asked: small talk, more for an own case, an answer, or a story."""

from __future__ import annotations

from handlers.flows.citizen.belonging import knows_own, waiting
from handlers.flows.citizen.replying import ask_which, numbered
from handlers.flows.citizen.story import small_talk, tell
from handlers.flows.turns import Decision, turn
from handlers.flows.wording import with_more
from handlers.messages import Draft, Facts, Goto, Inbound, Memory


@turn("citizen.text.idle", needs=knows_own)
def hear(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Any words are a story, unless they only greet or thank, name a case, or may answer an office."""
    text = inbound.text.strip()
    if not text and not inbound.media:
        return Goto("citizen.welcome", memory)
    if text and (small := small_talk(text, facts)) and not inbound.media:
        return Goto(small, memory)
    if found := numbered(inbound, memory, facts):
        return found
    draft = memory.draft if memory.draft and not memory.draft.story else Draft()
    more = with_more(draft, inbound)
    if draft.kind is None and not more.over and waiting(text, facts):
        return ask_which(memory, more, facts, holds=bool(inbound.media))
    return tell(inbound, memory, facts)


@turn("citizen.text.confirm", needs=knows_own)
def hear_more(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """More of the story before it is sent, unless it begins with the number of another case."""
    return numbered(inbound, memory, facts) or tell(inbound, memory, facts)
