"""What running processes share: leases, the beats' heartbeats, and the town's own row."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import key, sealed, tally


class Lease(SQLModel, table=True):
    """That one process alone does something until a real moment, by the database's clock."""

    __tablename__ = "leases"
    name: str = Field(primary_key=True)
    holder: str
    until: datetime


class Beat(SQLModel, table=True):
    """When a beat last ran well; `/health/ready` fails when it stands still."""

    __tablename__ = "beats"
    name: str = Field(primary_key=True)
    last_ok: datetime | None = None
    last_error: str | None = None
    runs: int = 0


class BotAccount(SQLModel, table=True):
    """What a platform told of one of our accounts when it was last asked: the name under which people find it."""

    __tablename__ = "bot_accounts"
    channel: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    username: str
    seen_at: datetime


class MessageTemplate(SQLModel, table=True):
    """What a platform says of one of our message templates: its status (APPROVED, PAUSED ...) and category there."""

    __tablename__ = "message_templates"
    channel: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    language: str = Field(primary_key=True)
    status: str
    category: str
    reason: str | None = None
    checked_at: datetime


class MessageCount(SQLModel, table=True):
    """How many billed messages went through an account in a month ("2026-11", the town's), by their category."""

    __tablename__ = "message_counts"
    month: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    category: str = Field(primary_key=True)
    count: int = 0


class Digest(SQLModel, table=True):
    """That a post was sent its digest of a day: what is new in the next one is what happened after `at`."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("post_code", "kind", "on_date"),)
    id: int = key()
    post_code: str = Field(foreign_key="posts.code")
    kind: str
    on_date: date
    at: datetime


class ShieldedCount(SQLModel, table=True):
    """The number that stands for a cell of shielded cases ("accusations", "office:DLH"), and when it was looked at."""

    __tablename__ = "shielded_counts"
    cell: str = Field(primary_key=True)
    number: int
    looked_on: date


class Town(SQLModel, table=True):
    """The one row of this database: its wrapped lookup key, and how far its clock is ahead (time travel only).

    `revision` counts the decisions that were signed or undone (`Override`): who has read the region at a revision need
    not read it again.
    """

    __tablename__ = "town"
    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance: str
    lookup_key: bytes | None = sealed(nullable=False)
    clock_offset_ms: int = Field(default=0, sa_type=BigInteger)
    revision: int = tally()
    created_at: datetime
