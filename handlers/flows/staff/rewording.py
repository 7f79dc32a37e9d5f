"""An officer's message that was edited: until it is sent it changes what will be, afterwards it changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.flows.needs import StaffCase
from handlers.flows.staff import filing
from handlers.flows.staff.answering import look
from handlers.flows.staff.desk import remembered, remembered_case
from handlers.flows.staff.entrance import staff_turn
from handlers.flows.staff.recording import reading_needs, take_down
from handlers.flows.turns import Decision
from handlers.flows.wording import reworded, said, text_of
from handlers.messages import Choice, Facts, Inbound, Memory, Need, Reply, Step


def _meant(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    sent = (StaffCase(facts.person, facts.quoted),) if facts.quoted is not None else ()
    return (*remembered(inbound, memory, facts), *reading_needs(inbound, memory, facts), *sent)


@staff_turn("staff.edited", needs=_meant)
def edit(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What the citizen has is not changed behind their back: a correction is an answer of its own."""
    if inbound.message in {message for message, _ in memory.parts if message} and said(inbound):
        return _of_unsent(inbound, memory, facts)
    case = facts[StaffCase(facts.person, facts.quoted)] if facts.quoted is not None and facts.said is not None else None
    if case is None:
        return Step(memory)
    page = Reply("officer/already_sent", {"number": case.number}, (Choice("details", (str(case.view.id),)),))
    return Step(memory, (replace(page, ticket=case.view.id),))


def _of_unsent(inbound: Inbound, memory: Memory, facts: Facts) -> Step:
    parts = reworded(memory.parts, inbound)
    if parts == memory.parts:
        return Step(memory)
    if memory.state == "recording":
        return take_down(parts, memory, facts)
    if memory.state == filing.LOOK:
        return filing.look(replace(memory, parts=parts), facts)
    after = replace(memory, parts=parts, text=text_of(parts))
    case = remembered_case(memory, facts)
    return look(case, after, facts) if case is not None and memory.state == "confirming" else Step(after)
