"""The turns of a case, written down as they are taken: what the figures of every month are counted from."""

from __future__ import annotations

from domain.lives import standing
from domain.vocabulary import Turn
from handlers.session import Session
from storage.plan import Record
from storage.queries import figures
from storage.tables import Milestone

#: The taps that are a turn, and which.
_TAPS = {"finish": Turn.SETTLED, "forward": Turn.HANDED, "hand_back": Turn.HANDED}


def mark(session: Session, ticket: Record, turn: Turn) -> None:
    """Write a turn down, before the case changes: the unit that has it, and the promise that stands."""
    session.add(
        Milestone,
        ticket_id=ticket.id,
        turn=str(turn),
        at=session.now,
        unit_code=ticket.unit_code,
        binding_by=standing(ticket.binding_by, ticket.waiting_since),
    )


def take_back(session: Session, ticket: Record, tap: str) -> None:
    """A tap was undone, and so is its turn: the last one, as nobody has acted since."""
    turn = _TAPS.get(tap)
    rows = session.plan.fetch(Milestone, figures.MILESTONES_OF, {"ticket": ticket.id}) if turn else []
    if rows and rows[-1].turn == turn:
        rows[-1].undone = True
