"""What a digest is made of: the cases that a post looks over and its reader may see, and what became of them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, literal, not_, or_, select

from domain.region import Region
from domain.vocabulary import OPEN_STATES, Actor, Held, Kind, State
from storage.plan import table_of
from storage.queries.cases import kept_from, visible_to
from storage.tables import Breach, Deadline, Digest, Message, Ticket

tickets = table_of(Ticket)
deadlines = table_of(Deadline)
messages = table_of(Message)
digests = table_of(Digest)
breaches = table_of(Breach)

#: States in which a case is on somebody's mind: an office's, or the citizen's who was asked.
_ALIVE = sorted(str(state) for state in OPEN_STATES | {State.WAITING_CITIZEN})


@lru_cache(maxsize=1024)  # the same for every morning, and slow to build
def overseen(actor: Actor, held: Held, region: Region) -> ColumnElement[bool]:
    """What one post looks over, less what its reader may not see for whatever else he or she holds."""
    post = Actor(person=0, held=(held,))
    return and_(visible_to(actor, region), visible_to(post, region))


def of_digest(scope: ColumnElement[bool], since: datetime, until: datetime) -> Select[tuple[object, ...]]:
    """The cases in `scope` that are alive, or that something happened to since then; none that came after `until`."""
    moved = [column >= literal(since, column.type) for column in _MOMENTS]
    until_then = tickets.c.received_at <= literal(until, tickets.c.received_at.type)
    return select(tickets).where(scope, until_then, or_(tickets.c.state.in_(_ALIVE), *moved)).order_by(tickets.c.id)


_MOMENTS = (tickets.c.received_at, tickets.c.first_response_at, tickets.c.resolved_at, tickets.c.closed_at)


def counted(actor: Actor, region: Region, now: datetime) -> Select[tuple[int, int, int]]:
    """Open accusations that a supervisor hears of as a number only, by unit: how many, and how many are late."""
    late = tickets.c.binding_by < literal(now, tickets.c.binding_by.type)
    return (
        select(tickets.c.unit_code, func.count().label("open"), func.count().filter(late).label("late"))
        .where(tickets.c.kind == str(Kind.OVERSIGHT), tickets.c.state.in_(_ALIVE), _only_counted(actor, region))
        .group_by(tickets.c.unit_code)
    )


@lru_cache(maxsize=1024)
def _only_counted(actor: Actor, region: Region) -> ColumnElement[bool]:
    return and_(not_(visible_to(actor, region)), not_(kept_from(actor)))


_TICKETS: BindParameter[int] = bindparam("tickets", expanding=True)
#: The posts that were told of cases, in the order in which they were.
TOLD = (
    select(deadlines.c.ticket_id, deadlines.c.post_code)
    .where(deadlines.c.ticket_id.in_(_TICKETS), deadlines.c.fired_at.is_not(None), deadlines.c.post_code.is_not(None))
    .order_by(deadlines.c.fired_at, deadlines.c.id)
)
#: When citizens said that an answered case is not settled.
REFUSED = (
    select(messages.c.ticket_id, messages.c.town_at)
    .where(messages.c.ticket_id.in_(_TICKETS), messages.c.kind == "refusal")
    .order_by(messages.c.id)
)

#: The dates of cases that were missed.
MISSED = (
    select(breaches.c.ticket_id, breaches.c.clock, breaches.c.at)
    .where(breaches.c.ticket_id.in_(_TICKETS))
    .order_by(breaches.c.at)
)

_TODAY = bindparam("today", type_=digests.c.on_date.type)
#: The digests that posts were sent on a day of the town; the posts that were sent any before it.
WRITTEN = select(digests.c.post_code, digests.c.kind).where(digests.c.on_date == _TODAY)
WRITTEN_BEFORE = select(digests.c.post_code).where(digests.c.on_date < _TODAY).distinct()
#: When a post was sent its last digest of a kind.
LAST = select(func.max(digests.c.at)).where(
    digests.c.post_code == bindparam("post"),
    digests.c.kind == bindparam("kind"),
    digests.c.at < bindparam("now", type_=digests.c.at.type),
)
