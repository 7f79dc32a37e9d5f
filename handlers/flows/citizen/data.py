"""The citizen's own data: what is kept, and erasing it. Erasing cuts who it was; the cases stay and are handled."""

from __future__ import annotations

from typing import Any

from domain.vocabulary import OPEN_STATES, State
from handlers.flows.citizen.greeting import say
from handlers.flows.effects import EraseMe
from handlers.flows.kept import Kept, KeptCase
from handlers.flows.needs import MyData
from handlers.flows.turns import Decision, turn
from handlers.messages import Choice, Facts, Goto, Inbound, Memory, Need, Step

#: A list is read, not searched: more than this are only counted.
LISTED = 10


def _own(inbound: Inbound, memory: Memory, facts: Facts) -> tuple[Need[Any], ...]:
    return (MyData(facts.person),)


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
