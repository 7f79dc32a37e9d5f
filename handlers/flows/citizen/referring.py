"""What a citizen says to "this is somebody else's": keep it so, send it all the same, or yes, it is for that body."""

from __future__ import annotations

from domain.routing import referred
from domain.understanding.reading import read
from handlers.flows.citizen.belonging import knows_own
from handlers.flows.citizen.elsewhere import body_of
from handlers.flows.citizen.hearing import hear_more
from handlers.flows.citizen.story import draft_spot, is_current, revise, small_talk
from handlers.flows.effects import ReferTicket
from handlers.flows.turns import Decision, turn
from handlers.messages import Facts, Goto, Inbound, Memory, Step


@turn("citizen.choice.refer")
def refer(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The case is kept as referred: it has a number, and nobody here owes an answer."""
    draft = memory.draft
    if draft is None or not is_current(memory, facts) or memory.state != "elsewhere":
        return Goto("citizen.stale", memory)
    reading = read(draft.story, facts.region)
    body = body_of(draft, reading, facts)
    if body is None:
        return Goto("citizen.stale", memory)
    goes = referred(reading, facts.region, kind=draft.kind, spot=draft_spot(draft, reading, facts))
    return Step(Memory(), effects=(ReferTicket(draft, goes, body.code),))


@turn("citizen.choice.send_anyway")
def send_anyway(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """It was meant otherwise, or shall come to us in any case."""
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory, ours=True, body=None))


@turn("citizen.choice.body")
def choose_body(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    assert facts.chosen is not None
    return Goto("citizen.review", revise(memory, body=facts.chosen.choice.args[0], ours=False))


@turn("citizen.text.elsewhere", needs=knows_own)
def typed_at_elsewhere(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Thanks end nothing; any other words are more of the story."""
    if not inbound.media and small_talk(inbound.text, facts) == "citizen.thanks":
        return Goto("citizen.thanks", memory)
    return hear_more(inbound, memory, facts)
