"""A point or a venue that was sent as such: the place of the draft, whether it comes before or after the story."""

from __future__ import annotations

from dataclasses import replace

from domain.placing import spot_of_place
from handlers.flows.citizen.belonging import joinable, knows_own, waiting
from handlers.flows.citizen.replying import ask_which, offers, rest
from handlers.flows.citizen.story import is_writing, revise, spot_shown
from handlers.flows.turns import Decision, turn
from handlers.messages import Draft, Facts, Goto, Inbound, Memory, Reply, Step


@turn("citizen.place", needs=knows_own)
def take_place(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Of a story that is being written; else it is kept, and may as well be more for a case that is open."""
    if is_writing(memory):
        after = revise(memory, place=inbound.place, place_from=inbound.message or "", place_asked=True)
        assert after.draft is not None
        if memory.state == "which" and waiting(after.draft.story, facts):
            return ask_which(after, after.draft, facts, holds=False)
        return Goto("citizen.review.more", rest(after))
    return _keep(inbound, memory, facts)


def _keep(inbound: Inbound, memory: Memory, facts: Facts) -> Step:
    draft = memory.draft if memory.draft and not memory.draft.story else Draft()
    kept = replace(draft, place=inbound.place, place_from=inbound.message or "", place_asked=True)
    after = revise(replace(rest(memory), state="idle", draft=kept))
    assert after.draft is not None
    shown = {
        "first": facts.first,
        "place": kept.place,
        **spot_shown(spot_of_place(kept.place or "", facts.region), facts),
    }
    page = Reply("citizen/place_kept", shown, offers(after, joinable(after.draft, facts)))
    return Step(after, (replace(page, holds=bool(kept.media), replaces=bool(kept.media)),))
