"""What we can't take: a sticker, a contact, a file that is too large. Answered kindly; nothing else changes."""

from __future__ import annotations

from handlers.flows.staff.answering import WORDS
from handlers.flows.staff.entrance import staff_turn
from handlers.flows.turns import Decision, turn
from handlers.messages import Facts, Goto, Inbound, Memory, Reply, Step

#: Where the words of the staff go, so that a place is as good as words.
TAKES_WORDS = frozenset({"confirming", "recording", *(words.state for words in WORDS.values())})


@turn("citizen.odd")
def answer_citizen(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    page = Reply("citizen/odd", {"what": inbound.odd, "first": facts.first}, once=True)
    return Step(memory, (page,))


@staff_turn("staff.odd")
def answer_staff(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return Step(memory, (Reply("officer/odd", {"what": inbound.odd}, once=True),))


@staff_turn("staff.place")
def take_no_place(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """A place is what an officer is writing, or nothing."""
    if memory.state in TAKES_WORDS:
        return Goto(f"staff.text.{memory.state}", memory)
    return Step(memory, (Reply("officer/odd", {"what": "place"}, once=True),))
