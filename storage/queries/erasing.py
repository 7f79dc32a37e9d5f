"""What is kept of one citizen, and what an erasure has to find."""

from __future__ import annotations

from sqlalchemy import BigInteger, and_, bindparam, delete, exists, not_, or_, select, update

from storage.plan import table_of
from storage.tables import (
    Address,
    Attachment,
    AuditRow,
    Conversation,
    Erasure,
    JoinCode,
    Message,
    MessageSource,
    Outbox,
    OutboxPart,
    Person,
    Quarantine,
    Ticket,
)

addresses = table_of(Address)
people = table_of(Person)
conversations = table_of(Conversation)
tickets = table_of(Ticket)
messages = table_of(Message)
sources = table_of(MessageSource)
attachments = table_of(Attachment)
audit = table_of(AuditRow)
outbox = table_of(Outbox)
parts = table_of(OutboxPart)
quarantine = table_of(Quarantine)
erasures = table_of(Erasure)
join_codes = table_of(JoinCode)

#: The state of a conversation whose person is erased and waits only for the page that says so.
LEAVING = "erased"

_PERSON, _ADDRESS = bindparam("person", type_=BigInteger), bindparam("address", type_=BigInteger)
_TICKETS = bindparam("tickets", expanding=True, type_=BigInteger)
_ADDRESSES = bindparam("addresses", expanding=True, type_=BigInteger)
_KEPT = attachments.c.state.in_(("raw", "clean"))

#: Addresses (whole rows) of a person on the citizens' side; what staff are reached by is never erased on request.
CITIZEN_ADDRESSES = (
    select(addresses).where(addresses.c.person_id == _PERSON, addresses.c.account == "citizen").order_by(addresses.c.id)
)
EVERY_CITIZEN_ADDRESS = (
    select(addresses.c.id, addresses.c.person_id, addresses.c.channel, addresses.c.account, addresses.c.value_sealed)
    .where(addresses.c.account == "citizen", addresses.c.value_sealed.is_not(None))
    .order_by(addresses.c.id)
)
OWN_TICKETS = select(tickets).where(tickets.c.reporter_id == _PERSON).order_by(tickets.c.id.desc())
#: What citizens wrote in the own cases: also as somebody else whom they were before two chats were joined.
OWN_MESSAGES = (
    select(messages)
    .where(messages.c.ticket_id.in_(_TICKETS), messages.c.author == "citizen", messages.c.person_id.is_not(None))
    .order_by(messages.c.id)
)
#: Which messages of the chat the own cases were made of; what officers wrote in theirs stays.
OWN_SOURCES = (
    select(sources)
    .join(messages, messages.c.id == sources.c.message_id)
    .where(sources.c.ticket_id.in_(_TICKETS), messages.c.author == "citizen")
    .order_by(sources.c.id)
)
#: What the audit trail says of a person: in the own cases (there also as whom they were before), and in no case at all.
OWN_ACTS = (
    select(audit)
    .where(
        or_(
            and_(audit.c.person_id == _PERSON, audit.c.ticket_id.is_(None)),
            and_(audit.c.person_id.in_(bindparam("persons", expanding=True)), audit.c.ticket_id.in_(_TICKETS)),
        )
    )
    .order_by(audit.c.id)
)
PAGES_TO = select(outbox).where(outbox.c.address_id.in_(_ADDRESSES)).order_by(outbox.c.id)
PARTS_TO = (
    select(parts)
    .join(outbox, outbox.c.id == parts.c.outbox_id)
    .where(outbox.c.address_id.in_(_ADDRESSES))
    .order_by(parts.c.id)
)
#: Pages about cases to anybody, with facts that may hold a name.
PAGES_ABOUT = (
    select(outbox).where(outbox.c.ticket_id.in_(_TICKETS), outbox.c.facts_sealed.is_not(None)).order_by(outbox.c.id)
)
DRAFT_FILES = select(attachments).where(attachments.c.address_id.in_(_ADDRESSES)).order_by(attachments.c.id)
FILES = select(attachments.c.id).where(
    _KEPT, or_(attachments.c.ticket_id.in_(_TICKETS), attachments.c.address_id.in_(_ADDRESSES))
)

#: Events that could not be digested (whole rows) of one account.
SET_ASIDE = (
    select(quarantine)
    .where(
        quarantine.c.channel == bindparam("channel"),
        quarantine.c.account == bindparam("account"),
        quarantine.c.body_sealed.is_not(None),
    )
    .order_by(quarantine.c.id)
)

_WAITS = exists().where(outbox.c.address_id == conversations.c.address_id, outbox.c.state == "queued")
#: Conversations of erased people who have read the last page, or who could not be reached for it until `before`.
LEFT = (
    select(conversations.c.id, conversations.c.address_id)
    .where(
        conversations.c.state == LEAVING,
        or_(not_(_WAITS), conversations.c.touched_at < bindparam("before", type_=conversations.c.touched_at.type)),
    )
    .order_by(conversations.c.id)
    .limit(50)
)
_ADDRESS_PARTS = delete(parts).where(parts.c.outbox_id.in_(select(outbox.c.id).where(outbox.c.address_id == _ADDRESS)))
_CANCEL = (
    update(outbox)
    .where(outbox.c.address_id == _ADDRESS, outbox.c.state == "queued")
    .values(state="cancelled", error="erased", lease_until=None)
)
_UNTIE = (
    update(outbox)
    .where(outbox.c.address_id == _ADDRESS)
    .values(address_id=None, person_id=None, facts_sealed=None, choices=None)
)
_DROP_FILES = (
    update(attachments)
    .where(attachments.c.address_id == _ADDRESS)
    .values(state="discarded", address_id=None, ref_sealed=None)
)
_DROP_CODES = delete(join_codes).where(join_codes.c.address_id == _ADDRESS)
_END_TALK = delete(conversations).where(conversations.c.address_id == _ADDRESS)
_END_ADDRESS = delete(addresses).where(addresses.c.id == _ADDRESS)
_ELSEWHERE = exists().where(addresses.c.person_id == people.c.id)
#: A person without any address is an empty row, to which old rows may still refer.
_EMPTY_PEOPLE = (
    update(people).where(and_(people.c.id == _PERSON, not_(_ELSEWHERE))).values(language=None, name_sealed=None)
)
#: In this order: what refers to a row goes before it.
FORGET_ADDRESS = (_ADDRESS_PARTS, _CANCEL, _UNTIE, _DROP_FILES, _DROP_CODES, _END_TALK, _END_ADDRESS)
FORGET_PERSON = _EMPTY_PEOPLE
ERASURES = select(erasures).order_by(erasures.c.id)
