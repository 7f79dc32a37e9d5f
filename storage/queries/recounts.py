"""The way through all cases whose dates still matter."""

from __future__ import annotations

from sqlalchemy import bindparam, or_, select, text

from storage.plan import table_of
from storage.tables import Override, Ticket, Work
from storage.tables.tickets import STILL_OPEN

tickets = table_of(Ticket)
work = table_of(Work)
overrides = table_of(Override)

_AFTER = (tickets.c.id > bindparam("after"), text(f"tickets.{STILL_OPEN}"))
#: The next cases by their ids, which sort by age.
OPEN_AFTER = select(tickets.c.id).where(*_AFTER).order_by(tickets.c.id).limit(bindparam("most"))
#: The same, whole, for a look that changes nothing.
OPEN_ROWS_AFTER = select(tickets).where(*_AFTER).order_by(tickets.c.id).limit(bindparam("most"))
#: Work of a kind that is not done.
UNDER_WAY = select(work).where(work.c.kind == bindparam("kind"), work.c.state == "waiting").order_by(work.c.id)
#: Work of some kinds that may be done now.
WAITING = (
    select(work.c.id, work.c.subject)
    .where(
        work.c.kind.in_(bindparam("kinds", expanding=True)),
        work.c.state == "waiting",
        or_(work.c.retry_at.is_(None), work.c.retry_at <= bindparam("real", type_=work.c.retry_at.type)),
    )
    .order_by(work.c.id)
)
#: What the town has decided about some subjects and is in force, the newest first.
IN_FORCE = (
    select(overrides)
    .where(
        overrides.c.subject.in_(bindparam("subjects", expanding=True)),
        overrides.c.signed_at.is_not(None),
        overrides.c.undone_at.is_(None),
    )
    .order_by(overrides.c.signed_at.desc(), overrides.c.id.desc())
    .limit(bindparam("most"))
)
