"""What is due on the town's clock."""

from __future__ import annotations

from sqlalchemy import bindparam, func, not_, select

from domain.ladder import MISSED
from storage.plan import table_of
from storage.tables import Beat, Deadline

deadlines = table_of(Deadline)
beats = table_of(Beat)

_NOW = bindparam("now", type_=deadlines.c.due_at.type)

#: A step that tells nobody: it writes down that a date was missed (domain.ladder.MISSED).
_IS_MARK = deadlines.c.step == MISSED
#: A batch of due steps, the oldest first. Their tickets are locked before they are: the order of every transaction.
DUE = (
    select(deadlines.c.id, deadlines.c.ticket_id, deadlines.c.clock)
    .where(deadlines.c.state == "waiting", not_(_IS_MARK), deadlines.c.due_at <= _NOW)
    .order_by(deadlines.c.due_at, deadlines.c.id)
    .limit(bindparam("most"))
)
#: A batch of dates that have been missed and not been written down.
MARKS = (
    select(deadlines.c.id, deadlines.c.ticket_id)
    .where(deadlines.c.state == "waiting", _IS_MARK, deadlines.c.due_at <= _NOW)
    .order_by(deadlines.c.due_at, deadlines.c.id)
    .limit(bindparam("most"))
)
#: The next moment at which anybody is told something. A missed date has its own moment, whenever it is written down.
NEXT = select(func.min(deadlines.c.due_at)).where(deadlines.c.state == "waiting", not_(_IS_MARK))
BEATS = select(beats).order_by(beats.c.name)
