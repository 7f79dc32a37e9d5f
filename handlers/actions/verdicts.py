"""How a case ends by its citizen: settled and rated, or taken back."""

from __future__ import annotations

from domain.lifecycle import after, possible
from domain.vocabulary import Action, Clock, Outcome, State
from handlers.actions import pausing, reading, schedule
from handlers.actions.post import Letter, reply, tie, to_post
from handlers.flows.citizen.verdicts import ratings
from handlers.flows.effects import AcceptTicket, RateTicket, WithdrawTicket
from handlers.messages import Choice, Reply
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases
from storage.tables import Rating, Ticket


def _open_for(session: Session, key: int, action: Action) -> Record | None:
    """The locked case, if this can still be done to it; else a word that it can't, and None."""
    ticket = session.plan.locked(Ticket, key)
    if ticket is not None and possible(action, State(ticket.state)):
        return ticket
    reply(session, Reply("citizen/stale"))
    return None


def accept(session: Session, effect: AcceptTicket) -> None:
    """Beres: the case is closed at the citizen's word; a rating is asked for, and may be left."""
    ticket = _open_for(session, effect.ticket, Action.ACCEPT)
    if ticket is None:
        return
    _end(session, ticket, Action.ACCEPT, Outcome.ACCEPTED)
    session.audit("accept", ticket.id, person=ticket.reporter_id, actor="citizen")
    if effect.stars is not None:
        _rate(session, ticket, effect.stars)
        return
    choices = ratings(effect.key or (str(ticket.id),))
    reply(session, Reply("citizen/accepted", {"number": ticket.number}, choices, ticket=tie(session, ticket)))


def rate(session: Session, effect: RateTicket) -> None:
    """One rating a cycle, written once and never changed; silence gives none."""
    ticket = _open_for(session, effect.ticket, Action.RATE)
    if ticket is not None:
        _rate(session, ticket, effect.stars)


def _rate(session: Session, ticket: Record, stars: int) -> None:
    again = bool(session.plan.rows(cases.RATING, {"ticket": ticket.id, "cycle": ticket.cycle}))
    if not again:
        session.add(
            Rating,
            ticket_id=ticket.id,
            cycle=ticket.cycle,
            stars=stars,
            unit_code=ticket.unit_code,
            at=session.now,
        )
        payload = {"stars": stars, "cycle": ticket.cycle}
        session.audit("rate", ticket.id, person=ticket.reporter_id, actor="citizen", payload=payload)
    reply(session, Reply("citizen/rated", {"number": ticket.number, "again": again}, ticket=tie(session, ticket)))


def withdraw(session: Session, effect: WithdrawTicket) -> None:
    """The citizen takes the case back: everything that waits for it stops, and the desk hears."""
    ticket = _open_for(session, effect.ticket, Action.WITHDRAW)
    if ticket is None:
        return
    _end(session, ticket, Action.WITHDRAW, Outcome.CITIZEN)
    told = session.audit("withdraw", ticket.id, person=ticket.reporter_id, actor="citizen")
    choices = (Choice("details", (str(ticket.id),)),)
    for post in reading.readers(session, ticket):
        key = f"withdrawn:{told.id}:{post.code}"
        shown = {"number": ticket.number, "unit": session.region.units[ticket.unit_code].name}
        to_post(session, post.code, Letter(key, "officer/withdrawn", shown, choices, ticket, Action.READ))
    reply(session, Reply("citizen/withdrawn", {"number": ticket.number}, ticket=tie(session, ticket)))


def _end(session: Session, ticket: Record, action: Action, outcome: Outcome) -> None:
    ticket.state, ticket.outcome = str(after(action, State(ticket.state))), str(outcome)
    ticket.closed_at = session.now
    pausing.end(session, ticket)
    ticket.postponed_until = None
    ticket.version = ticket.version + 1
    schedule.stop(session, ticket, Clock, state="cancelled")
