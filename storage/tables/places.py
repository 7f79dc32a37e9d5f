"""The region's offices, units and posts, mirrored from its files so that every reference in the record stays valid."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import big, json, key, maybe_ref, sealed, tally


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
    """A dated decision of the town; never changed but signed and undone. Most stand over the region's files.

    It counts from `signed_at` to `undone_at`. Until it is signed it is a proposal: `revision` is the state of the
    town's decisions that its `effect` was worked out for, so that two people do not decide over each other. `subject`
    and `code` name what it is about (`calendar`, and which one; empty = every one), `field` and `value` what it says
    (domain.decisions). The one who signs at the console is no person.
    """

    __tablename__ = "overrides"
    id: int = key()
    subject: str
    code: str
    field: str
    value: dict[str, object] | None = json()
    starts_on: date
    ends_on: date | None = None
    basis_sealed: bytes | None = sealed()
    revision: int = tally()
    effect: dict[str, object] | None = json()
    by_person: int | None = maybe_ref("people.id")
    at: datetime
    signed_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: int | None = big()


class CalendarVersion(SQLModel, table=True):
    """What a calendar was, under the short name that the dates keep which were counted in it."""

    __tablename__ = "calendar_versions"
    version: str = Field(primary_key=True)
    content: dict[str, object] | None = json()
    first_at: datetime
