"""Whether a citizen wants to hear from us although she has not written lately: asked on a receipt, changed anywhere."""

from __future__ import annotations

from handlers.flows.effects import AgreeToNews
from handlers.flows.turns import Decision, turn
from handlers.messages import Facts, Inbound, Memory, Step


@turn("citizen.choice.agree")
def agree(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return Step(memory, effects=(AgreeToNews(yes=True),))


@turn("citizen.choice.disagree")
def disagree(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return Step(memory, effects=(AgreeToNews(yes=False),))
