"""What a digest is made of: the cases that a post looks over and its reader may see, and what became of them."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache

from sqlalchemy import BindParameter, ColumnElement, Executable, Select, and_, bindparam, func, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.deadlines import missed_before
from domain.region import Region
from domain.vocabulary import OPEN_STATES, Actor, Held, Identity, Kind, State
from storage.plan import table_of
from storage.queries.cases import visible_to
from storage.tables import Breach, Deadline, Digest, Message, ShieldedCount, Ticket

tickets = table_of(Ticket)
deadlines = table_of(Deadline)
messages = table_of(Message)
digests = table_of(Digest)
breaches = table_of(Breach)
shielded_counts = table_of(ShieldedCount)

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


def shielded(now: datetime) -> Select[tuple[str, str, int, int]]:
    """The shielded cases of the whole town that are alive, by unit and kind: how many, and how many are late."""
    # As everywhere: what waits for its citizen is not late.
    runs = tickets.c.state.in_(sorted(map(str, OPEN_STATES)))
    late = and_(runs, tickets.c.binding_by < literal(missed_before(now), tickets.c.binding_by.type))
    return (
        select(
            tickets.c.unit_code, tickets.c.kind, func.count().label("alive"), func.count().filter(late).label("late")
        )
        .where(
            tickets.c.state.in_(_ALIVE),
            tickets.c.kind != str(Kind.LETTER),
            or_(tickets.c.kind == str(Kind.OVERSIGHT), tickets.c.identity != _OPENLY),
        )
        .group_by(tickets.c.unit_code, tickets.c.kind)
    )


_OPENLY = str(Identity.OPEN)
#: The numbers of shielded cases that stand.
STANDING = select(shielded_counts)


@cache
def let_stand(dialect: str) -> Executable:
    """Write a number that stands from a day on, unless another process has looked on a later one."""
    insert = sqlite.insert(shielded_counts) if dialect == "sqlite" else postgresql.insert(shielded_counts)
    return insert.on_conflict_do_update(
        index_elements=["cell"],
        set_={"number": insert.excluded.number, "looked_on": insert.excluded.looked_on},
        where=shielded_counts.c.looked_on < insert.excluded.looked_on,
    )


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
