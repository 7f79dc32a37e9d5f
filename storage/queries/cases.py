"""Tickets and what belongs to them: for one, for a list, and `visible_to` for many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, false, literal, not_, or_, select

from domain.access import reads_at_desk, watches
from domain.deadlines import missed_before
from domain.region import Region
from domain.vocabulary import Actor, Clock, Desk, Held, Kind, Priority
from storage.plan import table_of
from storage.tables import Attachment, Breach, Deadline, ExclusionRow, Message, Pause, Rating, Ticket

tickets = table_of(Ticket)
messages = table_of(Message)
exclusions = table_of(ExclusionRow)
attachments = table_of(Attachment)
deadlines = table_of(Deadline)
ratings = table_of(Rating)
pauses = table_of(Pause)
breaches = table_of(Breach)

BY_NUMBER = select(tickets).where(tickets.c.number == bindparam("number"))
NUMBER_TAKEN = select(tickets.c.id).where(tickets.c.number == bindparam("number"))
OF_REPORTER = (
    select(tickets).where(tickets.c.reporter_id == bindparam("person")).order_by(tickets.c.id.desc()).limit(10)
)
MESSAGES = select(messages).where(messages.c.ticket_id == bindparam("ticket")).order_by(messages.c.seq)
EXCLUSIONS = select(exclusions).where(exclusions.c.ticket_id == bindparam("ticket")).order_by(exclusions.c.id)
_FILES = select(
    attachments.c.id,
    attachments.c.kind,
    attachments.c.mime,
    attachments.c.state,
    attachments.c.size,
    messages.c.author,
    messages.c.kind.label("said"),
).outerjoin(messages, messages.c.id == attachments.c.message_id)
FILES = _FILES.where(attachments.c.ticket_id == bindparam("ticket")).order_by(attachments.c.id)
FILES_OF = FILES.where(attachments.c.message_id == bindparam("message"))
FILES_NAMED = _FILES.where(attachments.c.id.in_(bindparam("ids", expanding=True))).order_by(attachments.c.id)
RATING = select(ratings.c.id).where(ratings.c.ticket_id == bindparam("ticket"), ratings.c.cycle == bindparam("cycle"))
PAUSES = select(pauses).where(pauses.c.ticket_id == bindparam("ticket")).order_by(pauses.c.id)
BREACHES = select(breaches).where(breaches.c.ticket_id == bindparam("ticket")).order_by(breaches.c.id)
DEADLINES = select(deadlines).where(deadlines.c.ticket_id == bindparam("ticket")).order_by(deadlines.c.id)
#: The `late` steps of a case's promise, without what few ask of them.
_STEPS = (
    select(*(deadlines.c[name] for name in ("id", "ticket_id", "cycle", "step", "due_at", "state", "post_code")))
    .where(deadlines.c.clock == str(Clock.BINDING), deadlines.c.step.in_(bindparam("late", expanding=True)))
    .order_by(deadlines.c.id)
)
STEPS = _STEPS.where(deadlines.c.ticket_id == bindparam("ticket"))
_AMONG: BindParameter[Any] = bindparam("among", expanding=True)
#: EXCLUSIONS and STEPS of many cases.
EXCLUSIONS_AMONG = select(exclusions).where(exclusions.c.ticket_id.in_(_AMONG)).order_by(exclusions.c.id)
STEPS_AMONG = _STEPS.where(deadlines.c.ticket_id.in_(_AMONG))


def visible_to(actor: Actor, region: Region) -> ColumnElement[bool]:
    """Which tickets an actor may read, as a condition on `tickets`: the same as domain.access.may, for many at once."""
    if actor.group is not None or actor.person is None:
        return false()
    readable = [_readable_by(held, region) for held in actor.held]
    return or_(tickets.c.reporter_id == actor.person, and_(or_(false(), *readable), not_(kept_from(actor))))


def _readable_by(held: Held, region: Region) -> ColumnElement[bool]:
    """What one post lets its holder read: each rule of domain.access asked for every desk and unit there is."""
    at_desk = [
        and_(tickets.c.unit_code == held.unit, tickets.c.desk == desk)
        for desk in Desk
        if reads_at_desk(held, held.unit, desk)
    ]
    watched = [
        and_(tickets.c.unit_code.in_(units), tickets.c.kind == kind, tickets.c.desk == desk)
        for kind in Kind
        for desk in Desk
        if (units := _watched(held, kind, desk, region))
    ]
    return or_(false(), *at_desk, *watched)


def _watched(held: Held, kind: Kind, desk: Desk, region: Region) -> Collection[str]:
    return [code for code in region.units if watches(held, code, kind, desk, frozenset(region.ancestors(code)))]


def kept_from(actor: Actor) -> ColumnElement[bool]:
    """Which tickets exclude an actor: the person, a post held now, or its unit."""
    kept_out = or_(
        exclusions.c.person_id == actor.person,
        exclusions.c.post_code.in_([held.post for held in actor.held]),
        exclusions.c.unit_code.in_([held.unit for held in actor.held]),
    )
    return exists().where(exclusions.c.ticket_id == tickets.c.id, kept_out)


def found_by(
    actor: Actor,
    region: Region,
    unit: str | None,
    matters: Collection[str],
    span: tuple[datetime, datetime] | None,
    *,
    limit: int,
) -> Select[tuple[object, ...]]:
    """The cases that an actor's posts let them read, by unit, matters and time of receipt, the newest first.

    The own cases of an officer who is also a citizen are not among them.
    """
    wanted = [visible_to(actor, region), or_(tickets.c.reporter_id.is_(None), tickets.c.reporter_id != actor.person)]
    if unit:
        wanted.append(tickets.c.unit_code.in_(sorted(region.within(unit))))
    if matters:
        wanted.append(tickets.c.matter_code.in_(sorted(matters)))
    if span:
        wanted.append(and_(tickets.c.received_at >= span[0], tickets.c.received_at < span[1]))
    return select(tickets).where(*wanted).order_by(tickets.c.id.desc()).limit(limit)


def _is_late(now: datetime) -> ColumnElement[bool]:
    """Whether a promise has been missed at `now`; a wish, which binds nobody, owes its first answer alone."""
    then = literal(missed_before(now), tickets.c.binding_by.type)
    unanswered = and_(tickets.c.binding_by.is_(None), tickets.c.first_response_at.is_(None))
    return or_(tickets.c.binding_by < then, and_(unanswered, tickets.c.first_response_by < then))


def desk_of(
    actor: Actor,
    region: Region,
    states: Collection[str],
    units: Collection[str],
    *,
    limit: int = 10,
    late_at: datetime | None = None,
) -> Select[tuple[object, ...]]:
    """The cases in `states` on the desks of some units that the actor may read: those of high priority, then the most
    urgent first. `late_at`: only those whose promise was broken by then."""
    late = [_is_late(late_at)] if late_at else []
    return (
        select(tickets)
        .where(visible_to(actor, region), tickets.c.unit_code.in_(units), tickets.c.state.in_(states), *late)
        .order_by(
            tickets.c.priority != str(Priority.HIGH), tickets.c.binding_by.is_(None), tickets.c.binding_by, tickets.c.id
        )
        .limit(limit)
    )
