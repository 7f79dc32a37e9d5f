"""The card: one ticket as its officer sees it, with the choices that apply now."""

from __future__ import annotations

from domain.access import may
from domain.lifecycle import possible
from domain.region import HEADS, Region
from domain.vocabulary import Action, Actor
from handlers.flows.cases import Case
from handlers.messages import Choice, Reply
from handlers.shown import case_facts, difference_facts

_BUTTONS = (
    (Action.HEAR, "write_out"),
    (Action.TAKE, "take"),
    (Action.ANSWER, "answer"),
    (Action.ASK, "ask_citizen"),
    (Action.FORWARD, "forward"),
    (Action.HAND_BACK, "not_ours"),
    (Action.POSTPONE, "postpone"),
    (Action.FINISH, "finish"),
    (Action.REMIND, "remind"),
    (Action.EXPLAIN, "ask_why"),
    (Action.PRIORITIZE, "first"),
    (Action.PRIORITIZE, "not_first"),
    (Action.NOTE, "explain"),
    (Action.NOTE, "note"),
)
#: A page has no more (decision 10).
MOST_CHOICES = 10


def card(case: Case, actor: Actor, region: Region, *, note: str | None = None, edits: bool = False) -> Reply:
    """The page of a ticket for one staff member; `note` says in a word why it is shown (new, stale, taken ...)."""
    return Reply(
        "officer/card",
        {**case_facts(case, region), "differs": difference_facts(case, region), "note": note},
        card_choices(case, actor, region),
        ticket=case.view.id,
        version=case.version,
        edits=edits,
    )


def card_choices(case: Case, actor: Actor, region: Region) -> tuple[Choice, ...]:
    """What this person may press on the ticket as it is now."""
    pressed = tuple(
        Choice(code, (str(case.view.id),))
        for action, code in _BUTTONS
        if possible(action, case.view.state) and may(actor, action, case.view) and _fits(code, case, actor, region)
    )
    known = Choice("acknowledge", tuple(str(step) for step in case.to_know))
    return (*pressed, known) if case.to_know and len(pressed) < MOST_CHOICES else pressed


def _fits(code: str, case: Case, actor: Actor, region: Region) -> bool:
    """Not to ask whom nothing reaches, not to remind oneself, no "not ours" at the last desk, only what fits now."""
    match code:
        case "ask_citizen":
            return case.reaches
        case "remind":
            return actor.has(*HEADS)
        case "not_ours":
            return case.view.unit != region.front_desk
        case "explain" | "note":
            return _is_asked(case, actor) == (code == "explain")
        case "first" | "not_first":  # whoever finishes it says so to nobody
            return case.high == (code == "not_first") and not may(actor, Action.FINISH, case.view)
    return True


def _is_asked(case: Case, actor: Actor) -> bool:
    """Whether somebody waits for this reader's words on the case: then a note has to wait, ten choices fit a page."""
    return case.explain_by is not None and not may(actor, Action.EXPLAIN, case.view)
