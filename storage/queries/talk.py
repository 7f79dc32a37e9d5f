"""The inbox and the outbox: what was seen, what waits to be sent, what was said where."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Insert,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    func,
    not_,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage.plan import table_of
from storage.tables import (
    Address,
    Conversation,
    Deadline,
    Group,
    Inbox,
    MessageSource,
    MessageTemplate,
    Outbox,
    OutboxPart,
    Person,
    Work,
)

inbox = table_of(Inbox)
outbox = table_of(Outbox)
parts = table_of(OutboxPart)
sources = table_of(MessageSource)
addresses = table_of(Address)
groups = table_of(Group)
conversations = table_of(Conversation)
people = table_of(Person)
work = table_of(Work)
templates = table_of(MessageTemplate)
deadlines = table_of(Deadline)

_HASHES = bindparam("hashes", expanding=True, type_=sources.c.external_hash.type)
SEEN = select(inbox).where(inbox.c.key_hash.in_(bindparam("hashes", expanding=True))).order_by(inbox.c.key_hash)
SEEN_LOCKED = SEEN.with_for_update()
CAUSED_BY_TAP = select(outbox).where(outbox.c.undo_of == bindparam("tap")).order_by(outbox.c.id)
#: The case that a platform message belongs to: (chat, message id) -> part -> row, or what a person wrote (the newest of
#: its corrections comes last). Of the latter the hash alone says whose it is.
QUOTED = union_all(
    select(
        parts.c.external_hash,
        outbox.c.ticket_id,
        outbox.c.address_id,
        cast(null(), BigInteger).label("message_id"),
    )
    .join(outbox, outbox.c.id == parts.c.outbox_id)
    .where(parts.c.external_hash.in_(_HASHES)),
    select(
        sources.c.external_hash,
        sources.c.ticket_id,
        cast(null(), BigInteger).label("address_id"),
        sources.c.message_id,
    ).where(sources.c.external_hash.in_(_HASHES)),
).order_by("message_id")
#: Replies that wait for the rest of an album.
HELD_BACK = (
    select(outbox)
    .where(
        outbox.c.address_id == bindparam("address"),
        outbox.c.state == "queued",
        outbox.c.hold_until.is_not(None),
        outbox.c.undo_of.is_(None),
    )
    .order_by(outbox.c.id)
)
#: Pages of one kind to an address since a (real) moment.
JUST_SAID = (
    select(outbox)
    .where(
        outbox.c.address_id == bindparam("address"),
        outbox.c.page == bindparam("page"),
        outbox.c.created_at > bindparam("since", type_=outbox.c.created_at.type),
        outbox.c.facts_sealed.is_not(None),
    )
    .order_by(outbox.c.id)
)
#: What has not gone yet about a case to its citizen, wherever that is.
UNSENT_ABOUT = (
    select(outbox)
    .where(
        outbox.c.ticket_id == bindparam("ticket"),
        outbox.c.account == "citizen",
        outbox.c.page != "nudge",
        outbox.c.state == "queued",
    )
    .order_by(outbox.c.id)
)
#: Pages about a case whose words went with another one.
MERGED_ABOUT = (
    select(outbox).where(outbox.c.ticket_id == bindparam("ticket"), outbox.c.state == "merged").order_by(outbox.c.id)
)
OFFERS = select(outbox).where(outbox.c.id.in_(bindparam("ids", expanding=True))).order_by(outbox.c.id)
#: The rows that platform messages belong to.
ROWS_OF_PARTS = select(parts.c.external_hash, parts.c.outbox_id).where(parts.c.external_hash.in_(_HASHES))
PART_HASHES = select(parts.c.n, parts.c.external_hash).where(parts.c.outbox_id == bindparam("row"))
PARTS = select(parts.c.external_sealed, parts.c.id).where(parts.c.outbox_id == bindparam("row")).order_by(parts.c.n)
#: The pages (whole rows) that a row's message says too.
MERGED = select(outbox).where(outbox.c.merged_into == bindparam("row")).order_by(outbox.c.id)
#: What waits to be sent to an address of reminders: their pages, and messages (`page`) that say several.
UNSENT_REMINDERS = (
    select(outbox)
    .where(
        outbox.c.address_id == bindparam("address"),
        outbox.c.state == "queued",
        or_(outbox.c.step_id.is_not(None), outbox.c.page == bindparam("page")),
    )
    .order_by(outbox.c.id)
)
#: Pages (whole rows) of steps for a post that no holder of it has yet.
UNOPENED_STEPS = (
    select(outbox)
    .where(
        outbox.c.state == "queued",
        outbox.c.account == "staff",
        outbox.c.step_id.is_not(None),
        outbox.c.address_id.is_(None),
        outbox.c.post_code == bindparam("post"),
        or_(outbox.c.due_at.is_(None), outbox.c.due_at <= bindparam("town", type_=outbox.c.due_at.type)),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
CHILDREN = select(outbox).where(outbox.c.parent_id == bindparam("parent")).order_by(outbox.c.id)
DEDUPED = select(outbox.c.id).where(outbox.c.dedupe_key == bindparam("key"))
#: DEDUPED of many keys.
DEDUPED_AMONG = select(outbox.c.id, outbox.c.dedupe_key).where(
    outbox.c.dedupe_key.in_(bindparam("among", expanding=True))
)

_FREE = or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < bindparam("real", type_=outbox.c.lease_until.type))
_REAL = bindparam("real", type_=outbox.c.retry_at.type)
_TOWN = bindparam("town", type_=outbox.c.due_at.type)

_unopened = outbox.alias("unopened")
#: Steps of the ladder that are due and have not spoken, and those whose page no holder of its post has yet.
_STEP_IS_DUE = exists().where(deadlines.c.state == "waiting", deadlines.c.due_at <= _TOWN)
_STEP_IS_UNOPENED = exists().where(
    _unopened.c.state == "queued",
    _unopened.c.account == "staff",
    _unopened.c.step_id.is_not(None),
    _unopened.c.address_id.is_(None),
    or_(_unopened.c.due_at.is_(None), _unopened.c.due_at <= _TOWN),
    _unopened.c.created_at > bindparam("patience", type_=outbox.c.created_at.type),
    or_(_unopened.c.retry_at.is_(None), _unopened.c.retry_at <= _REAL),
)
#: A reminder waits, up to `patience` (a real moment), until whatever speaks at its moment has spoken and been opened:
#: then all that one person is reminded of can be one message (handlers.actions.reminding).
_IS_PATIENT = and_(
    outbox.c.step_id.is_not(None),
    outbox.c.created_at > bindparam("patience", type_=outbox.c.created_at.type),
    or_(_STEP_IS_DUE, and_(outbox.c.address_id.is_not(None), _STEP_IS_UNOPENED)),
)

#: The next moment (town) after `now` at which a page may go that waits for it.
NEXT_PAGE = select(func.min(outbox.c.due_at)).where(
    outbox.c.state == "queued", outbox.c.due_at > bindparam("now", type_=outbox.c.due_at.type)
)

_MAY_GO = and_(
    not_(_IS_PATIENT),
    outbox.c.state == "queued",
    outbox.c.account == bindparam("account"),
    or_(outbox.c.due_at.is_(None), outbox.c.due_at <= _TOWN),
    or_(outbox.c.hold_until.is_(None), outbox.c.hold_until <= _REAL),
    or_(outbox.c.retry_at.is_(None), outbox.c.retry_at <= _REAL),
    _FREE,
)
#: A row that waits until its reader writes (handlers.actions.windows says why).
_WAITS = and_(outbox.c.error.is_not(None), outbox.c.error.in_(("announced", "shut")))
#: The oldest row of each address that waits for a retry: nothing newer for that address may pass it, but what waits for
#: its reader holds up nothing.
_resting = (
    select(outbox.c.address_id, func.min(outbox.c.id).label("first"))
    .where(
        outbox.c.state == "queued", outbox.c.account == bindparam("account"), outbox.c.retry_at > _REAL, not_(_WAITS)
    )
    .group_by(outbox.c.address_id)
    .subquery()
)
_next = (
    select(
        outbox.c.id,
        outbox.c.address_id,
        outbox.c.lane,
        func.row_number()
        .over(partition_by=func.coalesce(outbox.c.address_id, -outbox.c.id), order_by=(outbox.c.lane, outbox.c.id))
        .label("place"),
    )
    .outerjoin(_resting, and_(_resting.c.address_id == outbox.c.address_id, _resting.c.first < outbox.c.id))
    .where(_MAY_GO, _resting.c.first.is_(None))
    .subquery()
)

#: Rows that may go now, one for each recipient (a recipient with very many must not hide the others): due, not held
#: back, not waiting for a retry, and nothing older for the same address is.
READY = (
    select(_next.c.id, _next.c.address_id)
    .where(_next.c.place == 1)
    .order_by(_next.c.lane, _next.c.id)
    .limit(bindparam("most"))
)
#: What one recipient may get now, also if it was put off because nobody looked (another process may have tried).
READY_FOR = (
    select(outbox.c.id, outbox.c.address_id)
    .join(addresses, addresses.c.id == outbox.c.address_id)
    .where(
        addresses.c.key_hash == bindparam("key"),
        outbox.c.state == "queued",
        or_(outbox.c.due_at.is_(None), outbox.c.due_at <= _TOWN),
        or_(outbox.c.hold_until.is_(None), outbox.c.hold_until <= _REAL),
        _FREE,
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
#: One row by compare-and-set: whoever changes it first sends it.
CLAIM = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), outbox.c.state == "queued", _FREE)
    .values(lease_until=bindparam("until", type_=outbox.c.lease_until.type))
)
#: Everything that a send needs to know of a row.
LETTER = (
    select(
        outbox,
        addresses.c.value_sealed,
        addresses.c.state.label("address_state"),
        people.c.language.label("person_language"),
        groups.c.unit_code.label("group_unit"),
        groups.c.ended_at.label("group_ended_at"),
    )
    .outerjoin(addresses, addresses.c.id == outbox.c.address_id)
    .outerjoin(groups, groups.c.address_id == outbox.c.address_id)
    .outerjoin(people, people.c.id == addresses.c.person_id)
    .where(outbox.c.id == bindparam("row"))
)
#: Whether a platform has approved a message of ours and not paused it since.
APPROVED = select(templates.c.category).where(
    templates.c.channel == bindparam("channel"),
    templates.c.name == bindparam("name"),
    templates.c.language == bindparam("language"),
    templates.c.status == "APPROVED",
)
#: What told an address that something waits for it: since a (real) moment, or for the row with this key.
ANNOUNCEMENTS = select(outbox.c.id, outbox.c.dedupe_key, outbox.c.state, outbox.c.arrival).where(
    outbox.c.address_id == bindparam("address"),
    outbox.c.page == bindparam("page"),
    or_(
        outbox.c.created_at > bindparam("since", type_=outbox.c.created_at.type),
        outbox.c.dedupe_key == bindparam("key"),
    ),
)
#: Pages (whole rows) that wait for a person to write, in whichever chat.
WAITING_FOR = (
    select(outbox)
    .join(addresses, addresses.c.id == outbox.c.address_id)
    .where(addresses.c.person_id == bindparam("person"), outbox.c.state == "queued", _WAITS)
    .order_by(outbox.c.id)
)
TALK_OF = select(conversations).where(conversations.c.address_id == bindparam("address")).with_for_update()
#: Everything (whole rows) that waits to be sent to an address.
QUEUED_FOR = (
    select(outbox).where(outbox.c.address_id == bindparam("address"), outbox.c.state == "queued").order_by(outbox.c.id)
)
_RESTING = and_(outbox.c.state == "queued", outbox.c.retry_at.is_not(None))
#: Queued rows (whole) that wait only because their reader was not there.
RESTING_FOR = select(outbox).where(outbox.c.address_id == bindparam("address"), _RESTING).order_by(outbox.c.id)
#: Queued rows (whole) of a case that wait for its photos.
RESTING_OF_CASE = select(outbox).where(outbox.c.ticket_id == bindparam("ticket"), _RESTING).order_by(outbox.c.id)
#: Work of the kinds that this process can do, and what nobody could do for long, to be ended.
WORK_WAITING = (
    select(work)
    .where(
        work.c.state == "waiting",
        or_(
            work.c.kind.in_(bindparam("kinds", expanding=True)),
            and_(work.c.kind.like("fetch:%"), work.c.id < bindparam("abandoned")),
        ),
        or_(work.c.retry_at.is_(None), work.c.retry_at <= bindparam("real", type_=work.c.retry_at.type)),
        or_(work.c.lease_until.is_(None), work.c.lease_until < bindparam("real", type_=work.c.lease_until.type)),
    )
    .order_by(work.c.id)
    .limit(50)
)


def insert_new(model: Any, dialect: str, unique: tuple[str, ...], returning: tuple[str, ...]) -> Select[Any] | Insert:
    """INSERT .. ON CONFLICT DO NOTHING RETURNING, for rows that another process may be writing too."""
    table = table_of(model)
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return insert.on_conflict_do_nothing(index_elements=list(unique)).returning(*(table.c[name] for name in returning))
