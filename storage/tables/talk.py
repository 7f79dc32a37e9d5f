"""The conversation: what came in, where each person stands, and what goes out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big, hashed, json, key, maybe_ref, ref, sealed


class Conversation(SQLModel, table=True):
    """Where one address stands: its state's name, and a sealed memory (a draft holds a story)."""

    __tablename__ = "conversations"
    id: int = key()
    address_id: int = ref("addresses.id", index=False, unique=True)
    state: str = "idle"
    memory_sealed: bytes | None = sealed()
    last_offer: int | None = big()
    touched_at: datetime


class Inbox(SQLModel, table=True):
    """That an event was seen (by keyed hash only), and how it ended: done, failed or quarantined."""

    __tablename__ = "inbox"
    id: int = key()
    key_hash: bytes = hashed(unique=True)
    channel: str
    state: str = "done"
    attempts: int = 0
    error: str | None = None
    town_at: datetime
    real_at: datetime = Field(index=True)


class Quarantine(SQLModel, table=True):
    """A body that no parser took or no step could digest, kept so that nothing vanishes."""

    __tablename__ = "quarantine"
    id: int = key()
    channel: str
    account: str
    reason: str
    body_sealed: bytes | None = sealed()
    town_at: datetime
    real_at: datetime


class Outbox(SQLModel, table=True):
    """One page for one person or post. `dedupe_key` names the row that caused it (decision 6).

    `parent_id` is the post's row that a person's row was opened from, `step_id` the reminder that it speaks for.
    `arrival` is what the platform said of it later (sent, delivered, read, or failed with `arrival_code`), `template`
    the approved message that it went as. `merged_into` is the row whose message says this page too.

    A queued row with the error `announced` or `shut` waits until its reader writes (handlers.actions.windows).

    States: queued, sent, dropped (access or no address), refused (the channel gave up), opened (a post's row that
    became one row per holder), cancelled (undone before it went), merged (said by `merged_into`).
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_queued",
            "account",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_outbox_undo",
            "undo_of",
            sqlite_where=text("undo_of IS NOT NULL"),
            postgresql_where=text("undo_of IS NOT NULL"),
        ),
        Index(
            "ix_outbox_parent",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index(
            "ix_outbox_merged",
            "merged_into",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
    )
    id: int = key()
    dedupe_key: str = Field(unique=True)
    channel: str | None = None
    account: str | None = None
    address_id: int | None = maybe_ref("addresses.id", index=True)
    person_id: int | None = maybe_ref("people.id")
    post_code: str | None = None
    ticket_id: int | None = maybe_ref("tickets.id", index=True)
    ticket_version: int | None = None
    action: str | None = None
    page: str
    facts_sealed: bytes | None = sealed()
    choices: list[list[object]] | None = json()
    edit_of: int | None = big()
    undo_of: int | None = big()
    parent_id: int | None = big()
    step_id: int | None = big()
    lane: int = 0
    state: str = "queued"
    error: str | None = None
    attempts: int = 0
    due_at: datetime | None = None
    hold_until: datetime | None = None
    retry_at: datetime | None = None
    lease_until: datetime | None = None
    created_at: datetime
    sent_at: datetime | None = None
    arrival: str | None = None
    arrival_code: str | None = None
    template: str | None = None
    merged_into: int | None = big()


class OutboxPart(SQLModel, table=True):
    """One platform message of a row: a long text or an album is several."""

    __tablename__ = "outbox_parts"
    __table_args__ = (UniqueConstraint("outbox_id", "n"),)
    id: int = key()
    outbox_id: int = ref("outbox.id", index=False)
    n: int
    external_hash: bytes = hashed(index=True)
    external_sealed: bytes | None = sealed()


class Work(SQLModel, table=True):
    """Something slow to be done between two jobs, whose result comes back as an internal event."""

    __tablename__ = "work"
    __table_args__ = (
        Index(
            "ix_work_waiting", "id", sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")
        ),
    )
    id: int = key()
    key: str = Field(unique=True)
    kind: str
    subject: dict[str, object] | None = json()
    state: str = "waiting"
    attempts: int = 0
    error: str | None = None
    retry_at: datetime | None = None
    lease_until: datetime | None = None
