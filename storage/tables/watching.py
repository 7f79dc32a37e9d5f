"""What is kept of watching over units: questions to them, letters of the Ombudsman, what was found on a visit."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import key, maybe_ref, ref, sealed


class Explanation(SQLModel, table=True):
    """That a post wants to know why, of whom, and until when. `message_id` holds the question, `answer_id` the answer:
    an answer after `due_at` stays late."""

    __tablename__ = "explanations"
    id: int = key()
    ticket_id: int = ref("tickets.id")
    message_id: int = ref("messages.id", index=False)
    asker_code: str
    asked_code: str | None = None
    due_at: datetime
    answer_id: int | None = maybe_ref("messages.id")
    answered_at: datetime | None = None


class IncomingLetter(SQLModel, table=True):
    """What stands on a letter of the Ombudsman that was filed as a case: its number, its date, until when it asks."""

    __tablename__ = "incoming_letters"
    id: int = key()
    ticket_id: int = ref("tickets.id", index=False, unique=True)
    reference_sealed: bytes | None = sealed()
    dated_on: date
    due_on: date


class Finding(SQLModel, table=True):
    """What somebody found on a visit to a unit, for which post, and when it is looked at again (`remind_at`)."""

    __tablename__ = "findings"
    __table_args__ = (
        Index("ix_findings_unit", "unit_code", "id"),
        Index(
            "ix_findings_due",
            "remind_at",
            sqlite_where=text("remind_at IS NOT NULL AND reminded_at IS NULL"),
            postgresql_where=text("remind_at IS NOT NULL AND reminded_at IS NULL"),
        ),
    )
    id: int = key()
    unit_code: str = Field(foreign_key="units.code")
    post_code: str
    person_id: int | None = maybe_ref("people.id")
    text_sealed: bytes | None = sealed()
    found_on: date
    follow_up_on: date | None = None
    remind_at: datetime | None = None
    reminded_at: datetime | None = None
    at: datetime
