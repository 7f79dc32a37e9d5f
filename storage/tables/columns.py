"""The few kinds of column that every table is made of.

Ids come from the application (64 bits), so a plain `int` would be wrong: it becomes a 32-bit SERIAL on PostgreSQL.
What is personal is `sealed` (ciphertext) or `hashed` (keyed hash to look up); JSON holds only what is not personal.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")


def key() -> Any:
    """The primary key: an id made by `storage.ids`."""
    return Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})


def ref(target: str, *, index: bool = True, unique: bool = False) -> Any:
    """A required reference to another row's id."""
    return Field(sa_type=BigInteger, foreign_key=target, index=index, unique=unique)


def maybe_ref(target: str, *, index: bool = False) -> Any:
    """A reference that may be empty."""
    return Field(default=None, sa_type=BigInteger, foreign_key=target, index=index, nullable=True)


def big(*, default: int | None = None) -> Any:
    """A 64-bit number that is no reference (or one to a row that may be purged before)."""
    return Field(default=default, sa_type=BigInteger, nullable=True)


def sealed(*, nullable: bool = True) -> Any:
    """Ciphertext, opened only in storage."""
    return Field(default=None, sa_type=LargeBinary, nullable=nullable)


def hashed(*, unique: bool = False, index: bool = False, nullable: bool = False, primary_key: bool = False) -> Any:
    """A keyed hash of something personal, to find its row again."""
    if primary_key:
        return Field(sa_type=LargeBinary, primary_key=True)
    return Field(default=None, sa_type=LargeBinary, unique=unique, index=index, nullable=nullable)


def json(*, nullable: bool = True) -> Any:
    return Field(default=None, sa_type=JSON_TYPE, nullable=nullable)


def tally() -> Any:
    """A number that begins at 0, also in rows that are older than its column."""
    return Field(default=0, sa_column_kwargs={"server_default": "0"})


def word(default: str) -> Any:
    """A word that rows have which are older than its column."""
    return Field(default=default, sa_column_kwargs={"server_default": default})
