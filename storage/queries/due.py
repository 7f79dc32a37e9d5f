"""What is due on the town's clock."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from storage.plan import table_of
from storage.tables import Beat, Deadline, Ticket

deadlines = table_of(Deadline)
tickets = table_of(Ticket)
beats = table_of(Beat)

_NOW = bindparam("now", type_=deadlines.c.due_at.type)

#: A batch of due steps, the oldest first. Their tickets are locked before they are: the order of every transaction.
DUE = (
    select(deadlines.c.id, deadlines.c.ticket_id)
    .where(deadlines.c.state == "waiting", deadlines.c.due_at <= _NOW)
    .order_by(deadlines.c.due_at, deadlines.c.id)
    .limit(bindparam("most"))
)
#: The next moment at which anything is due.
NEXT = select(func.min(deadlines.c.due_at)).where(deadlines.c.state == "waiting")
LATE_OVERSIGHT = select(func.count().label("late")).where(
    tickets.c.kind == "oversight",
    tickets.c.state.in_(["received", "routed", "accepted", "in_progress", "reopened"]),
    tickets.c.binding_by < _NOW,
)
BEATS = select(beats).order_by(beats.c.name)
