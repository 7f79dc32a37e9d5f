"""One person in two chats: codes, and what keeps two from being joined."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, select, union

from storage.plan import table_of
from storage.tables import Address, Holding, JoinCode, Leave, Outbox, Ticket

addresses = table_of(Address)
codes = table_of(JoinCode)
holdings = table_of(Holding)
leaves = table_of(Leave)
outbox = table_of(Outbox)
tickets = table_of(Ticket)

_PERSON, _ADDRESS = bindparam("person", type_=BigInteger), bindparam("address", type_=BigInteger)
_PERSONS = bindparam("persons", expanding=True, type_=BigInteger)
_ADDRESSES = bindparam("addresses", expanding=True, type_=BigInteger)

#: A code (whole row) by its hash, and those of a chat that nobody has used.
CODE = select(codes).where(codes.c.code_hash == bindparam("code"))
UNUSED = select(codes).where(codes.c.address_id == _ADDRESS, codes.c.used_at.is_(None)).order_by(codes.c.id)
#: Who of some persons is, or was, more than a citizen.
OF_STAFF = union(
    select(addresses.c.person_id).where(addresses.c.person_id.in_(_PERSONS), addresses.c.account != "citizen"),
    select(holdings.c.person_id).where(holdings.c.person_id.in_(_PERSONS)),
    select(leaves.c.substitute_id.label("person_id")).where(leaves.c.substitute_id.in_(_PERSONS)),
)
#: The addresses (whole rows) of some persons.
ADDRESSES = select(addresses).where(addresses.c.person_id.in_(_PERSONS)).order_by(addresses.c.id)
#: The cases of a person that began in one chat.
BEGAN_AT = (
    select(tickets.c.id)
    .where(tickets.c.reporter_id == _PERSON, tickets.c.address_id == _ADDRESS)
    .order_by(tickets.c.id)
)
#: Pages (whole rows) that wait to be sent to some addresses.
WAITING_AT = select(outbox).where(outbox.c.address_id.in_(_ADDRESSES), outbox.c.state == "queued").order_by(outbox.c.id)
