"""What is due on the town's clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, bindparam, func, not_, select

from domain.ladder import MISSED
from domain.vocabulary import OPEN_STATES, Actor
from storage.plan import table_of
from storage.queries.cases import kept_from
from storage.tables import Beat, Deadline, Ticket

deadlines = table_of(Deadline)
tickets = table_of(Ticket)
beats = table_of(Beat)

_NOW = bindparam("now", type_=deadlines.c.due_at.type)

#: A step that tells nobody: it writes down that a date was missed (domain.ladder.MISSED).
_IS_MARK = deadlines.c.step == MISSED
#: A batch of due steps, the oldest first. Their tickets are locked before they are: the order of every transaction.
DUE = (
    select(deadlines.c.id, deadlines.c.ticket_id)
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


def late_oversight(readers: Iterable[Actor]) -> Select[Any]:
    """How many accusations are late, without those that one of the readers is kept from."""
    return select(func.count().label("late")).where(
        tickets.c.kind == "oversight",
        tickets.c.state.in_(sorted(OPEN_STATES)),
        tickets.c.binding_by < _NOW,
        *(not_(kept_from(actor)) for actor in readers),
    )


BEATS = select(beats).order_by(beats.c.name)
