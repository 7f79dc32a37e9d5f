"""The last look before sending: send, identity, name, write again, leave."""

from __future__ import annotations

from dataclasses import replace

from domain.understanding.reading import read
from domain.vocabulary import Identity
from handlers.flows.citizen.greeting import say
from handlers.flows.citizen.replying import rest
from handlers.flows.citizen.story import (
    confirmation,
    draft_route,
    is_current,
    kept_page,
    may_wait,
    over,
    reviewing,
    revise,
)
from handlers.flows.effects import DiscardMedia, OpenTicket, SetName
from handlers.flows.turns import Decision, turn
from handlers.flows.wording import with_more
from handlers.messages import Choice, Draft, Facts, Goto, Inbound, Memory, Reply, Step

LONGEST_PERSON_NAME = 80


@turn("citizen.choice.send")
def send(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The citizen confirmed: the receipt follows from the effect."""
    if not is_current(memory, facts) or memory.draft is None or memory.state != "confirm":
        return Goto("citizen.stale", memory)
    goes = draft_route(memory.draft, read(memory.draft.story, facts.region), facts)
    return Step(Memory(), effects=(OpenTicket(memory.draft, goes),))


@turn("citizen.choice.identity")
def ask_identity(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The present identity comes first: changing it may reveal, so the safe choice leads."""
    if not is_current(memory, facts) or memory.draft is None:
        return Goto("citizen.stale", memory)
    draft = memory.draft
    present = draft.identity or draft_route(draft, read(draft.story, facts.region), facts).identity
    order = [present, *(identity for identity in Identity if identity is not present)]
    revision = str(draft.revision)
    choices = (*(Choice(str(identity), (revision,)) for identity in order), Choice("call_name", (revision,)))
    return say(replace(memory, state="identity"), "identity", *choices, present=str(present), name=facts.name)


@turn("citizen.choice.open", "citizen.choice.confidential", "citizen.choice.anonymous")
def set_identity(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts) or facts.chosen is None:
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory, identity=Identity(facts.chosen.choice.code)))


@turn("citizen.choice.notify_me")
def notify_me(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Anonymous, but with news in this chat: the address is kept until the case is closed."""
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return Goto("citizen.review", revise(memory, notify=True))


@turn("citizen.choice.call_name")
def ask_name(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return say(replace(memory, state="name"), "name")


@turn("citizen.text.name", needs=reviewing)
def set_name(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The name is kept for later cases too; typing it means that it may be shown."""
    name = " ".join(inbound.text.split())
    if not name or memory.draft is None:
        return Goto("citizen.review", memory)
    if len(name) > LONGEST_PERSON_NAME or read(name, facts.region).conduct:
        return Goto("citizen.text.confirm", memory)  # no name, but more of the story
    after = revise(memory, identity=Identity.OPEN)
    assert after.draft is not None
    page = confirmation(after.draft, read(after.draft.story, facts.region), replace(facts, name=name))
    return Step(replace(after, state="confirm"), (page,), (SetName(name),))


@turn("citizen.text.identity")
def typed_at_identity(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return Goto("citizen.text.confirm", memory)


@turn("citizen.choice.edit")
def write_again(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The next text replaces the story; until it comes the old one is kept."""
    if not is_current(memory, facts):
        return Goto("citizen.stale", memory)
    return say(replace(memory, state="rewrite"), "rewrite")


@turn("citizen.text.rewrite")
def rewrite(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if memory.draft is None or not inbound.text.strip():
        return Goto("citizen.text.confirm", memory)
    fresh = Draft(
        revision=memory.draft.revision + 1,
        kind=memory.draft.kind,
        media=memory.draft.media,
        identity=memory.draft.identity,
        notify=memory.draft.notify,
        office_asked=memory.draft.office_asked,
        place=memory.draft.place,
        place_from=memory.draft.place_from,
        place_asked=memory.draft.place_asked,
    )
    written = with_more(fresh, inbound)
    if written.over:
        return Step(memory, over(written, facts))
    return Goto("citizen.review", replace(memory, draft=written))


@turn("citizen.command.batal", "citizen.choice.cancel")
def leave(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """The draft is kept and offered once; keeping it is the safe choice, so it comes first."""
    if memory.state in ("replying", "heard"):
        return say(rest(memory), "reply_left")
    if memory.draft is None or not (memory.draft.story or memory.draft.media or memory.draft.place):
        return say(replace(memory, state="idle", draft=None), "nothing_to_cancel")
    return Goto("citizen.parked", revise(replace(memory, state="idle"), parked=True))


@turn("citizen.parked")
def parked(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    assert memory.draft is not None
    revision = (str(memory.draft.revision),)
    choices = (Choice("continue", revision), Choice("discard", revision))
    page = Reply("citizen/parked", {"story": memory.draft.story}, choices, replaces=may_wait(memory.draft))
    return Step(memory, (page,))


@turn("citizen.choice.continue")
def go_on(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts) or memory.draft is None:
        return Goto("citizen.stale", memory)
    if memory.draft.media and not memory.draft.story:
        return Step(memory, (kept_page(memory.draft, facts),))
    return Goto("citizen.review", memory)


@turn("citizen.choice.discard")
def discard(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    if not is_current(memory, facts) or memory.draft is None:
        return Goto("citizen.stale", memory)
    step = say(Memory(), "discarded")
    return replace(step, effects=(DiscardMedia(memory.draft.media),))
