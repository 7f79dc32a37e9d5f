"""How a town is doing, for the person who operates it: counts and moments, nothing about anybody."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, func, not_, or_, select

from storage.plan import table_of
from storage.queries.people import REACHABLE, in_force
from storage.tables import Address, Holding, Inbox, Outbox, Quarantine

addresses = table_of(Address)
holdings = table_of(Holding)
inbox = table_of(Inbox)
outbox = table_of(Outbox)
quarantine = table_of(Quarantine)

_SINCE = bindparam("since", type_=outbox.c.created_at.type)
_BEFORE = bindparam("before", type_=outbox.c.created_at.type)

LAST_SENT = select(func.max(outbox.c.sent_at))
#: Pages that should have gone before a moment (real, and the town's) and have not, nor wait for another try.
OVERDUE = select(func.count()).where(
    outbox.c.state == "queued",
    outbox.c.created_at < _BEFORE,
    or_(outbox.c.due_at.is_(None), outbox.c.due_at < bindparam("town", type_=outbox.c.due_at.type)),
    or_(outbox.c.hold_until.is_(None), outbox.c.hold_until < _BEFORE),
    or_(outbox.c.retry_at.is_(None), outbox.c.retry_at < _BEFORE),
)
#: How many pages ended without being read since a moment: state (refused, dropped), the code that says why, count.
LOST = (
    select(outbox.c.state, outbox.c.error, func.count().label("pages"))
    .where(outbox.c.state.in_(("refused", "dropped")), outbox.c.created_at >= _SINCE)
    .group_by(outbox.c.state, outbox.c.error)
    .order_by(outbox.c.state, func.count().desc(), outbox.c.error)
)
_NOW = bindparam("real", type_=outbox.c.hold_until.type)
_MAY_GO = and_(
    or_(outbox.c.due_at.is_(None), outbox.c.due_at <= bindparam("town", type_=outbox.c.due_at.type)),
    or_(outbox.c.hold_until.is_(None), outbox.c.hold_until <= _NOW),
    or_(outbox.c.retry_at.is_(None), outbox.c.retry_at <= _NOW),
)
_READINESS = case((_MAY_GO, "ready"), (outbox.c.retry_at > _NOW, "put_off"), else_="held").label("state")
#: Pages that have not gone, by whether they may, with the moment of the oldest.
QUEUE = (
    select(
        outbox.c.channel,
        outbox.c.account,
        _READINESS,
        func.count().label("pages"),
        func.min(outbox.c.created_at).label("oldest"),
    )
    .where(outbox.c.state == "queued")
    .group_by(outbox.c.channel, outbox.c.account, _READINESS)
)
_FROM = bindparam("first", type_=outbox.c.id.type)
#: What became of the pages and of the events since an id (they begin with the moment at which they were made).
ENDED = (
    select(outbox.c.channel, outbox.c.account, outbox.c.state, func.count().label("pages"))
    .where(outbox.c.id >= _FROM, outbox.c.state != "queued")
    .group_by(outbox.c.channel, outbox.c.account, outbox.c.state)
)
TAKEN = (
    select(inbox.c.channel, inbox.c.state, func.count().label("events"))
    .where(inbox.c.id >= _FROM)
    .group_by(inbox.c.channel, inbox.c.state)
)
KEPT_ASIDE = select(quarantine.c.channel, quarantine.c.account, func.count().label("bodies")).group_by(
    quarantine.c.channel, quarantine.c.account
)
QUARANTINED = select(func.count()).where(quarantine.c.real_at >= bindparam("since", type_=quarantine.c.real_at.type))
#: How many people hold a post today and have lost every staff chat that they had.
CUT_OFF = select(func.count(addresses.c.person_id.distinct())).where(
    addresses.c.account == "staff",
    addresses.c.state != "alive",
    not_(addresses.c.person_id.in_(REACHABLE)),
    addresses.c.person_id.in_(select(holdings.c.person_id).where(in_force)),
)
