"""What happened to a ticket, for the demo's timeline and later for whoever may see it: acts, never words."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from storage.plan import table_of
from storage.tables import AuditRow, Holding, Message, Outbox, Ticket

tickets = table_of(Ticket)
audit = table_of(AuditRow)
messages = table_of(Message)
outbox = table_of(Outbox)
holdings = table_of(Holding)

LATEST = select(tickets).order_by(tickets.c.id.desc()).limit(bindparam("most"))
ACTS = (
    select(audit.c.id, audit.c.person_id, audit.c.actor, audit.c.action, audit.c.payload_sealed, audit.c.town_at)
    .where(audit.c.ticket_id == bindparam("ticket"))
    .order_by(audit.c.id)
)
ADDITIONS = (
    select(messages.c.town_at)
    .where(messages.c.ticket_id == bindparam("ticket"), messages.c.kind == "addition")
    .order_by(messages.c.seq)
)
POSTS_OF = select(holdings.c.post_code).where(holdings.c.person_id == bindparam("person")).order_by(holdings.c.id)
