"""How many billed messages went out in a month."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Executable, and_, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage.plan import table_of
from storage.tables import MessageCount, Outbox, Ticket

counts = table_of(MessageCount)
tickets = table_of(Ticket)

OF_MONTH = (
    select(counts.c.channel, counts.c.category, func.sum(counts.c.count).label("messages"))
    .where(counts.c.month == bindparam("month"))
    .group_by(counts.c.channel, counts.c.category)
    .order_by(counts.c.channel, counts.c.category)
)
ALL_OF_MONTH = (
    select(counts)
    .where(counts.c.month == bindparam("month"))
    .order_by(counts.c.channel, counts.c.account, counts.c.category)
)


@cache
def add(dialect: str) -> Executable:
    """Add to one counter, which may not be there yet."""
    insert = sqlite.insert(counts) if dialect == "sqlite" else postgresql.insert(counts)
    key = [column.name for column in counts.primary_key.columns]
    return insert.on_conflict_do_update(index_elements=key, set_={"count": counts.c.count + insert.excluded.count})


outbox = table_of(Outbox)
_BY_CITIZENS = and_(outbox.c.account == "citizen", outbox.c.state == "sent")
#: What citizens were sent, by page; for `tanggap bench`.
PAGES_SENT = select(outbox.c.page, func.count().label("pages")).where(_BY_CITIZENS).group_by(outbox.c.page)
#: For each case, how many pages were tied to it.
COSTS = (
    select(func.count(outbox.c.id))
    .select_from(tickets)
    .outerjoin(outbox, and_(outbox.c.ticket_id == tickets.c.id, _BY_CITIZENS))
    .group_by(tickets.c.id)
)
#: Whatever waits for its quiet window or for an undo waits no more.
END_HOLDS = update(outbox).where(outbox.c.state == "queued", outbox.c.hold_until.is_not(None)).values(hold_until=None)
