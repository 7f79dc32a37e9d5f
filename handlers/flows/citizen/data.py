"""The citizen's own data: what is kept, and erasing it. Erasing cuts who it was; the cases stay and are handled."""

from __future__ import annotations

from typing import Any

from domain.vocabulary import OPEN_STATES, Role, State
from handlers.flows.citizen.greeting import say
from handlers.flows.effects import EraseMe
from handlers.flows.kept import Kept, KeptCase
from handlers.flows.needs import DataTerms, MyData
from handlers.flows.turns import Decision, turn
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Step

#: A list is read, not searched: more than this are only counted.
LISTED = 10


def _terms(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (DataTerms(),)


@turn("citizen.command.privasi", needs=_terms)
def privacy(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """How data is kept here, said by what is set and by the town's own files: nothing of it is written twice."""
    terms, region = facts[DataTerms()], facts.region
    watching = [post.title for post in region.posts.values() if post.role is Role.SUPERVISOR]
    return say(
        memory,
        "privacy",
        town=region.name,
        drafts=terms.drafts,
        sent=terms.sent,
        channels=list(terms.channels),
        supervisors=watching,
        inspectorate=region.units[region.inspectorate].name,
        desk=region.units[region.front_desk].name,
        contact=terms.contact,
        place=terms.place,
    )


def _own(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (MyData(facts.person), DataTerms())


@turn("citizen.command.dataku", needs=_own)
def my_data(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    kept = facts[MyData(facts.person)]
    shown = [_line(case) for case in kept.cases[:LISTED]]
    return say(
        memory,
        "data",
        *((Choice("disagree"),) if kept.agreed else ()),
        agreed=kept.agreed,
        cases=shown,
        more=max(0, len(kept.cases) - LISTED),
        name=facts.name,
        spoken=facts.language,
        files=kept.files,
        chats=kept.chats,
        phone=kept.phone,
        drafts=facts[DataTerms()].drafts,
        sent=facts[DataTerms()].sent,
        draft=memory.draft is not None and bool(memory.draft.story or memory.draft.media or memory.draft.place),
    )


def _line(case: KeptCase) -> dict[str, object]:
    """A case that is locked with its PIN shows its number alone."""
    if case.locked:
        return {"number": case.number, "state": None, "identity": None, "locked": True}
    return {"number": case.number, "state": case.state, "identity": case.identity, "locked": False}


@turn("citizen.command.hapus", needs=_own)
def ask(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """What goes and what stays, asked once. Keeping comes first; a question of another day is asked again."""
    kept = facts[MyData(facts.person)]
    choices = (Choice("keep_data"), Choice("erase_data", (_today(facts),)))
    return say(memory, "erase", *choices, cases=len(kept.cases), open=_open(kept))


def _open(kept: Kept) -> int:
    """How many are still handled; of a locked one that is not said either."""
    return sum(State(case.state) in OPEN_STATES for case in kept.cases if not case.locked)


def _today(facts: Facts) -> str:
    return facts.region.calendars["office"].day_of(facts.now).isoformat()


@turn("citizen.choice.keep_data")
def keep(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    return say(memory, "data_kept")


@turn("citizen.choice.erase_data")
def erase(inbound: Inbound, memory: Memory, facts: Facts) -> Decision:
    """Nothing is remembered but that this chat is to be forgotten; the last page follows from the effect."""
    if facts.chosen is None or facts.chosen.choice.args != (_today(facts),):
        return Goto("citizen.command.hapus", memory)
    return Step(Memory(state="erased"), effects=(EraseMe(),))
