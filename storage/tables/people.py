"""Who writes to us and who holds which post."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import big, hashed, key, maybe_ref, ref, sealed


class Person(SQLModel, table=True):
    """Somebody behind one or more addresses. The name is what the person typed, if anything."""

    __tablename__ = "people"
    id: int = key()
    language: str | None = None
    name_sealed: bytes | None = sealed()
    created_at: datetime


class Address(SQLModel, table=True):
    """Where a person is reached: one chat with one of our accounts on one channel.

    `heard_at` (real time) is when they last wrote here. `phone_sealed` is their number, where the platform tells it
    beside its own name of them; `consented_at` when they agreed to be written to although they had not written lately.
    """

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("key_hash", "channel", "account"),)  # the hash first: it is looked up alone
    id: int = key()
    person_id: int = ref("people.id")
    channel: str
    account: str
    key_hash: bytes = hashed()
    value_sealed: bytes | None = sealed()
    state: str = "alive"
    created_at: datetime
    heard_at: datetime | None = None
    phone_sealed: bytes | None = sealed()
    consented_at: datetime | None = None


class JoinCode(SQLModel, table=True):
    """A one-time code that was shown at `address_id`: whoever types it in another chat has both in hand."""

    __tablename__ = "join_codes"
    id: int = key()
    address_id: int = ref("addresses.id")
    code_hash: bytes = hashed(unique=True)
    expires_at: datetime
    used_at: datetime | None = None
    created_at: datetime


class Group(SQLModel, table=True):
    """A chat of many that hears a unit's bells; its address belongs to a person of its own, who is nobody."""

    __tablename__ = "groups"
    id: int = key()
    unit_code: str = Field(foreign_key="units.code", index=True)
    address_id: int = ref("addresses.id", index=False, unique=True)
    bound_by: int | None = big()
    created_at: datetime
    ended_at: datetime | None = None


class Holding(SQLModel, table=True):
    """That a person holds a post from one day to another, by which decree, and how (definitif, Plt, Plh, Pj, Pjs)."""

    __tablename__ = "holdings"
    id: int = key()
    person_id: int = ref("people.id")
    post_code: str = Field(foreign_key="posts.code", index=True)
    kind: str = "definitif"
    starts_on: date
    ends_on: date | None = None
    decree: str | None = None
    revoked_at: datetime | None = None
    created_at: datetime


class Leave(SQLModel, table=True):
    """That a person is away from one day to another, and who reads and acts in all their posts meanwhile."""

    __tablename__ = "leaves"
    id: int = key()
    person_id: int = ref("people.id")
    substitute_id: int | None = maybe_ref("people.id", index=True)
    starts_on: date
    ends_on: date
    revoked_at: datetime | None = None
    created_at: datetime


class Invitation(SQLModel, table=True):
    """A one-time code by which one person enrols for one post."""

    __tablename__ = "invitations"
    id: int = key()
    code_hash: bytes = hashed(unique=True)
    post_code: str = Field(foreign_key="posts.code")
    kind: str = "definitif"
    starts_on: date
    ends_on: date | None = None
    decree: str | None = None
    expires_at: datetime
    used_at: datetime | None = None
    used_by: int | None = maybe_ref("people.id")
    created_at: datetime


class Erasure(SQLModel, table=True):
    """That a person's data was erased; also kept in a log outside, which `restore` applies again."""

    __tablename__ = "erasures"
    id: int = key()
    kind: str
    subject_hash: bytes = hashed(index=True)
    at: datetime


class Throttle(SQLModel, table=True):
    """Wrong tries of something secret (a PIN), counted per ticket and per address."""

    __tablename__ = "throttles"
    key_hash: bytes = hashed(primary_key=True)
    failures: int = 0
    rounds: int = 0
    until: datetime | None = None
