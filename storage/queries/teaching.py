"""Cases that may teach who answers what: settled, kept from nobody, of citizens who are still here."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, not_, select

from domain.vocabulary import Desk, Identity, Kind, State
from storage.plan import table_of
from storage.tables import ExclusionRow, Message, Ticket

tickets = table_of(Ticket)
messages = table_of(Message)
exclusions = table_of(ExclusionRow)

_SETTLED = [str(State.RESOLVED), str(State.CLOSED)]
#: An anonymous case has no reporter, and an erased citizen's has none any more.
_OPEN = (
    tickets.c.identity == str(Identity.OPEN),
    tickets.c.kind.in_([str(Kind.COMPLAINT), str(Kind.INFORMATION), str(Kind.ASPIRATION)]),
    tickets.c.desk == str(Desk.OFFICERS),
    tickets.c.secret.is_(False),
    tickets.c.reporter_id.is_not(None),
    not_(exists().where(exclusions.c.ticket_id == tickets.c.id)),
)
#: A page of stories behind the last one that was read, with the unit that settled the case.
SETTLED = (
    select(messages.c.id, messages.c.text_sealed, tickets.c.unit_code)
    .join(tickets, tickets.c.id == messages.c.ticket_id)
    .where(
        messages.c.id > bindparam("last"),
        messages.c.kind == "story",
        messages.c.text_sealed.is_not(None),
        tickets.c.state.in_(_SETTLED),
        *_OPEN,
    )
    .order_by(messages.c.id)
    .limit(bindparam("most"))
)
