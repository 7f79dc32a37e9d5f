"""What dates are counted from, for open cases of a release that kept the dates alone: sent back, handed over, waited.

It is read from the record: words and audit rows say when. Without it the first count of such a case, after an answer of
its citizen or a change of the calendars, would take back the days that it had been given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.ids import new_id

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OPEN = ("received", "routed", "accepted", "in_progress", "reopened", "waiting_citizen", "resolved")
#: Words of an office that end its waiting; words of the citizen do too, and a question that was found not to arrive.
ENDS = ("answer", "closing", "handover")
ROWS_AT_ONCE = 500

TICKETS = sa.table(
    "tickets",
    sa.column("id", sa.BigInteger()),
    *(sa.column(name) for name in ("state", "cycle", "days_paused", "terms")),
    *(sa.column(name, MOMENT) for name in ("received_at", "waiting_since", "reopened_at", "desk_since")),
)
MESSAGES = sa.table(
    "messages", *(sa.column(name) for name in ("ticket_id", "seq", "author", "kind")), sa.column("town_at", MOMENT)
)
AUDIT = sa.table("audit", *(sa.column(name) for name in ("id", "ticket_id", "action")), sa.column("town_at", MOMENT))
PAUSES = sa.table(
    "pauses",
    *(sa.column(name) for name in ("id", "ticket_id", "cycle", "reason", "days")),
    *(sa.column(name, MOMENT) for name in ("since", "until")),
)


def upgrade() -> None:
    connection = op.get_bind()
    kept = sa.exists().where(PAUSES.c.ticket_id == TICKETS.c.id)
    older = sa.and_(TICKETS.c.state.in_(OPEN), TICKETS.c.reopened_at.is_(None), TICKETS.c.desk_since.is_(None))
    wanted = sa.select(TICKETS).where(older, TICKETS.c.terms.is_(None), sa.not_(kept))
    found = connection.execute(wanted.order_by(TICKETS.c.id)).all()
    for first in range(0, len(found), ROWS_AT_ONCE):
        _tell_the_past(connection, found[first : first + ROWS_AT_ONCE])


def downgrade() -> None:
    """Nothing: what was told leaves with its columns."""


def _tell_the_past(connection: sa.Connection, tickets: Iterable[Any]) -> None:
    cases = {ticket.id: ticket for ticket in tickets}
    said: dict[int, list[Any]] = defaultdict(list)
    among = sa.select(MESSAGES).where(MESSAGES.c.ticket_id.in_(list(cases)))
    for row in connection.execute(among.order_by(MESSAGES.c.ticket_id, MESSAGES.c.seq)):
        said[row.ticket_id].append(row)
    done: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    acts = sa.select(AUDIT).where(AUDIT.c.ticket_id.in_(list(cases)), AUDIT.c.action.in_(("reopen", "unasked")))
    for row in connection.execute(acts.order_by(AUDIT.c.id)):
        done[row.ticket_id, row.action].append(row.town_at)
    for key, ticket in cases.items():
        reopened = max(done[key, "reopen"], default=None)
        values = {"reopened_at": reopened, "desk_since": _desk_since(ticket, said[key], reopened)}
        if any(values.values()):
            connection.execute(sa.update(TICKETS).where(TICKETS.c.id == key).values(**values))
        rows = list(_pauses_of(ticket, said[key], done[key, "unasked"]))
        if rows:
            connection.execute(sa.insert(PAUSES), rows)


def _desk_since(ticket: Any, said: Iterable[Any], reopened: datetime | None) -> datetime | None:
    """Since when the desk has the case, or knows what a voice said, if not since the promise was given."""
    since = reopened or ticket.received_at
    moments = (row.town_at for row in said if row.kind in ("handover", "story"))
    return max((at for at in moments if at > since), default=None)


def _pauses_of(ticket: Any, said: Iterable[Any], unasked: Iterable[datetime]) -> Iterator[dict[str, Any]]:
    if ticket.days_paused:
        for since, until in _waited(said, unasked):
            if ticket.waiting_since is None or until <= ticket.waiting_since:
                yield _pause(ticket, since, until)
    if ticket.waiting_since is not None:
        yield _pause(ticket, ticket.waiting_since, None)


def _waited(said: Iterable[Any], unasked: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """From each question to what ended the waiting for its answer."""
    ends = [(at, False) for at in unasked]
    ends += [(row.town_at, False) for row in said if row.author == "citizen" or row.kind in ENDS]
    turns = sorted([*ends, *((row.town_at, True) for row in said if row.kind == "question")])
    since: datetime | None = None
    for at, asks in turns:
        if asks:
            since = since or at
        elif since is not None:
            yield since, at
            since = None


def _pause(ticket: Any, since: datetime, until: datetime | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "ticket_id": ticket.id,
        "cycle": ticket.cycle,
        "reason": "asked",
        "since": since,
        "until": until,
        "days": 0,
    }
