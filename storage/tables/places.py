"""The region's offices, units and posts, mirrored from its files so that every reference in the record stays valid."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import json, key, maybe_ref


class Office(SQLModel, table=True):
    """An OPD."""

    __tablename__ = "offices"
    code: str = Field(primary_key=True)
    name: str
    retired: bool = False


class UnitRow(SQLModel, table=True):
    """What answers: an office or a part of one."""

    __tablename__ = "units"
    code: str = Field(primary_key=True)
    office_code: str = Field(foreign_key="offices.code")
    parent_code: str | None = None
    name: str
    kind: str
    retired: bool = False


class PostRow(SQLModel, table=True):
    """A named position in a unit."""

    __tablename__ = "posts"
    code: str = Field(primary_key=True)
    unit_code: str = Field(foreign_key="units.code", index=True)
    title: str
    role: str
    retired: bool = False


class Override(SQLModel, table=True):
    """A dated, signed change of what the region's files say."""

    __tablename__ = "overrides"
    id: int = key()
    subject: str
    code: str
    field: str
    value: dict[str, object] | None = json()
    starts_on: date
    ends_on: date | None = None
    by_person: int | None = maybe_ref("people.id")
    at: datetime
