"""How many billed messages went out in a month."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Executable, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.plan import table_of
from storage.tables import MessageCount

counts = table_of(MessageCount)

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
