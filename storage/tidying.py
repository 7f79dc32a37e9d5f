"""What is kept no longer than it is needed (decision 25): drafts 7 days, what was sent or seen 30 days."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, update

from storage.ids import first_id
from storage.plan import table_of
from storage.tables import Attachment, Conversation, Inbox, JoinCode, Outbox, Override, Quarantine

conversations = table_of(Conversation)
outbox = table_of(Outbox)
inbox = table_of(Inbox)
quarantine = table_of(Quarantine)
overrides = table_of(Override)
attachments = table_of(Attachment)
join_codes = table_of(JoinCode)

DRAFTS = timedelta(days=7)
SEEN = timedelta(days=30)
CODES = timedelta(days=1)
#: A slice is small, so that nobody waits for it (decision 3).
MOST = 500

_MOMENT = bindparam("before", type_=inbox.c.real_at.type)
_FORGET_DRAFTS = (
    update(conversations)
    .where(conversations.c.touched_at < _MOMENT, conversations.c.memory_sealed.is_not(None))
    .values(memory_sealed=None, state="idle")
)
_EMPTY_SENT = (
    update(outbox)
    .where(
        outbox.c.id.in_(
            select(outbox.c.id)
            .where(outbox.c.state != "queued", outbox.c.created_at < _MOMENT, outbox.c.facts_sealed.is_not(None))
            .limit(MOST)
        )
    )
    .values(facts_sealed=None)
)
#: Files of a draft that never became a case; the sweep of orphans takes them from the disk.
_FORGET_FILES = (
    update(attachments)
    .where(attachments.c.real_at < _MOMENT, attachments.c.ticket_id.is_(None), attachments.c.address_id.is_not(None))
    .values(state="discarded", address_id=None, ref_sealed=None)
)
_FORGET_SEEN = delete(inbox).where(inbox.c.id.in_(select(inbox.c.id).where(inbox.c.real_at < _MOMENT).limit(MOST)))
_FORGET_QUARANTINE = delete(quarantine).where(quarantine.c.real_at < _MOMENT)
_FORGET_CODES = delete(join_codes).where(join_codes.c.expires_at < _MOMENT)
#: Proposals that nobody signed. Ids sort by the real time at which they were made.
_FORGET_PROPOSALS = delete(overrides).where(overrides.c.signed_at.is_(None), overrides.c.id < bindparam("oldest"))
_KEPT_FILES = select(attachments.c.id).where(attachments.c.state.in_(("raw", "clean")))


def tidy(connection: Connection, now: datetime) -> int:
    """Forget one slice of what is past its time (real `now`); returns how many rows were touched."""
    drafts = ((_FORGET_DRAFTS, DRAFTS), (_FORGET_FILES, DRAFTS))
    kept = ((_EMPTY_SENT, SEEN), (_FORGET_SEEN, SEEN), (_FORGET_QUARANTINE, SEEN), (_FORGET_CODES, CODES))
    gone = connection.execute(_FORGET_PROPOSALS, {"oldest": first_id(now - DRAFTS)}).rowcount
    rest = (connection.execute(statement, {"before": now - age}).rowcount for statement, age in (*drafts, *kept))
    return gone + sum(rest)


def kept_files(connection: Connection) -> frozenset[int]:
    """The files that a draft or a case still needs."""
    return frozenset(connection.execute(_KEPT_FILES).scalars())
