"""Questions among staff, letters that were filed, findings of visits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, or_, select

from storage.plan import table_of
from storage.tables import Explanation, Finding, IncomingLetter, Ticket

explanations = table_of(Explanation)
letters = table_of(IncomingLetter)
findings = table_of(Finding)

tickets = table_of(Ticket)

#: The questions about a case that nobody has answered, the oldest first.
UNANSWERED = (
    select(explanations)
    .where(explanations.c.ticket_id == bindparam("ticket"), explanations.c.answered_at.is_(None))
    .order_by(explanations.c.id)
)
LETTER_OF = select(letters).where(letters.c.ticket_id == bindparam("ticket"))
#: What was found in a unit, the newest first.
FINDINGS = (
    select(findings)
    .where(findings.c.unit_code == bindparam("unit"))
    .order_by(findings.c.id.desc())
    .limit(bindparam("most"))
)
_NOT_YET = (findings.c.remind_at.is_not(None), findings.c.reminded_at.is_(None))
#: A batch of findings that are to be looked at again.
TO_REMIND = (
    select(findings.c.id)
    .where(*_NOT_YET, findings.c.remind_at <= bindparam("now", type_=findings.c.remind_at.type))
    .order_by(findings.c.remind_at, findings.c.id)
    .limit(bindparam("most"))
)
NEXT_REMINDER = select(func.min(findings.c.remind_at)).where(*_NOT_YET)


def of_units(
    scope: ColumnElement[bool], units: Collection[str], states: Collection[str], since: datetime
) -> Select[tuple[object, ...]]:
    """The cases in `scope` that these units read: those in `states`, and whatever came since a moment."""
    came = tickets.c.received_at >= literal(since, tickets.c.received_at.type)
    return (
        select(tickets)
        .where(scope, tickets.c.unit_code.in_(sorted(units)), or_(tickets.c.state.in_(sorted(states)), came))
        .order_by(tickets.c.id)
    )
