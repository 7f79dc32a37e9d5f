"""What figures and the register are counted from: moments, and never a word that somebody wrote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Select, bindparam, func, literal, or_, select

from domain.vocabulary import Clock, Kind
from storage.plan import table_of
from storage.tables import Breach, Milestone, Rating, Ticket

tickets = table_of(Ticket)
milestones = table_of(Milestone)
ratings = table_of(Rating)
breaches = table_of(Breach)

_MOMENTS = (
    tickets.c.received_at,
    tickets.c.first_response_by,
    tickets.c.first_response_at,
    tickets.c.binding_by,
    tickets.c.waiting_since,
)
_LIFE = (tickets.c.id, tickets.c.kind, tickets.c.identity, tickets.c.unit_code, *_MOMENTS)
_TICKETS: BindParameter[int] = bindparam("tickets", expanding=True, type_=BigInteger)

#: The turns of one case, as rows of the table, and those of many; what was taken back is none.
MILESTONES_OF = (
    select(milestones)
    .where(milestones.c.ticket_id == bindparam("ticket"), milestones.c.undone.is_(False))
    .order_by(milestones.c.id)
)
TURNS = (
    select(milestones.c.ticket_id, milestones.c.turn, milestones.c.at, milestones.c.unit_code, milestones.c.binding_by)
    .where(milestones.c.ticket_id.in_(_TICKETS), milestones.c.undone.is_(False))
    .order_by(milestones.c.id)
)
#: When promises were broken, as it was written down.
MISSED = (
    select(breaches.c.ticket_id, breaches.c.at)
    .where(breaches.c.ticket_id.in_(_TICKETS), breaches.c.clock == str(Clock.BINDING))
    .order_by(breaches.c.id)
)
STARS = (
    select(ratings.c.ticket_id, ratings.c.at, ratings.c.stars)
    .where(ratings.c.ticket_id.in_(_TICKETS))
    .order_by(ratings.c.id)
)
#: The first and the last moment at which a case came.
BOUNDS = select(func.min(tickets.c.received_at).label("first"), func.max(tickets.c.received_at).label("last"))
#: A letter among offices is no citizen's case: it is counted apart, and stands in no register.
_NO_LETTER = tickets.c.kind != str(Kind.LETTER)
#: The register of one day, in an order that says nothing of the hour at which a case came.
RECEIVED = (
    select(tickets)
    .where(
        _NO_LETTER,
        tickets.c.received_at >= bindparam("start", type_=tickets.c.received_at.type),
        tickets.c.received_at < bindparam("end", type_=tickets.c.received_at.type),
    )
    .order_by(tickets.c.number)
)


def lived(scope: ColumnElement[bool], start: datetime, end: datetime) -> Select[tuple[object, ...]]:
    """The cases in `scope` that something can have happened to from `start` until before `end`, or that were open then.

    A case that closed before can only have been rated since.
    """
    closed = tickets.c.closed_at
    rated = select(ratings.c.ticket_id).where(ratings.c.at >= literal(start, ratings.c.at.type))
    alive = or_(closed.is_(None), closed >= literal(start, closed.type), tickets.c.id.in_(rated))
    return (
        select(*_LIFE)
        .where(scope, _NO_LETTER, tickets.c.received_at < literal(end, tickets.c.received_at.type), alive)
        .order_by(tickets.c.id)
    )
