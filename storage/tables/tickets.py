"""A case and all that belongs to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, false, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import big, hashed, json, key, maybe_ref, ref, sealed, tally, word

#: Cases whose dates still matter, as the words of a condition: an index of some rows serves only these very words.
STILL_OPEN = "state IN ('accepted', 'in_progress', 'received', 'reopened', 'resolved', 'routed', 'waiting_citizen')"


class Ticket(SQLModel, table=True):
    """One case. `unit_code` reads it now; the dates are the case's own and never move by a forward (decision 15).

    What the dates were counted from stays beside them, so that they can be counted again: `received_at`, `reopened_at`
    (the last `belum`), `desk_since` (the last handover), the closed rows of `pauses`, the `calendar` of the unit that
    gave the promise, and `terms`, the days of the rule in force on the day of receipt.

    `waiting_since` is set while the clock is stopped for an answer of the citizen, `days_paused` sums up what that gave
    back. `handbacks` counts desks that said "not ours", `refusals` how often the citizen said `belum`. `recorded_by` is
    the officer who took a walk-in's words down, or filed a letter. `priority` is a word of domain.vocabulary.Priority.
    `calendar_version`: what the calendar was that its dates were counted in; `moved_from`: the promise before the
    calendar last moved it, at `moved_at`. `first_response_at` is when an officer's words were first accepted by
    the citizen's platform; `unreached`: they count, but none of them has reached her. `referred_to`: the body outside
    that a referred case is for.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_desk", "unit_code", "state"),
        Index("ix_tickets_open", "id", sqlite_where=text(STILL_OPEN), postgresql_where=text(STILL_OPEN)),
        Index("ix_tickets_received_at", "received_at"),
    )
    id: int = key()
    number: str = Field(unique=True)
    kind: str
    state: str
    identity: str
    secret: bool = False
    desk: str
    unit_code: str = Field(foreign_key="units.code")
    matter_code: str | None = None
    reported_unit: str | None = None
    conduct: list[str] | None = json()
    area_code: str | None = None
    language: str
    channel: str
    reporter_id: int | None = maybe_ref("people.id", index=True)
    address_id: int | None = maybe_ref("addresses.id")
    taken_by: int | None = maybe_ref("people.id")
    version: int = 1
    cycle: int = 1
    last_seq: int = 0
    pin_hash: bytes | None = hashed(nullable=True)
    locked: bool = False
    outcome: str | None = None
    referred_to: str | None = None
    waiting_since: datetime | None = None
    days_paused: int = tally()
    postponed_until: date | None = None
    handbacks: int = tally()
    refusals: int = tally()
    recorded_by: int | None = big()
    priority: str = word("normal")
    received_at: datetime
    reopened_at: datetime | None = None
    desk_since: datetime | None = None
    calendar: str | None = None
    terms: dict[str, Any] | None = json()
    verify_by: datetime | None = None
    first_response_by: datetime | None = None
    resolve_by: datetime | None = None
    statutory_by: datetime | None = None
    binding_by: datetime | None = None
    provisional: bool = False
    calendar_version: str | None = None
    moved_from: datetime | None = None
    moved_at: datetime | None = None
    first_response_at: datetime | None = None
    unreached: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    resolved_at: datetime | None = None
    closed_at: datetime | None = None


class ExclusionRow(SQLModel, table=True):
    """A unit, post or person that may not learn of a ticket (decisions 18 and 19)."""

    __tablename__ = "exclusions"
    id: int = key()
    ticket_id: int = ref("tickets.id")
    unit_code: str | None = None
    post_code: str | None = None
    person_id: int | None = maybe_ref("people.id", index=True)
    reason: str
    at: datetime


class Pause(SQLModel, table=True):
    """A time in which the clock of a case stood still: from `since` to `until` (open while that is empty).

    `reason` is "asked": it stands still only where the citizen was asked. `days` are the working days
    that it gave back when it ended, by the calendar as it was then.
    """

    __tablename__ = "pauses"
    id: int = key()
    ticket_id: int = ref("tickets.id")
    cycle: int
    reason: str
    since: datetime
    until: datetime | None = None
    days: int = tally()


class Message(SQLModel, table=True):
    """One contribution to a case, in the order of `seq`, which is taken under the ticket's lock.

    `reach` says of an officer's words for the citizen how far they have come (handlers.actions.responses), and
    `reached_at` since which moment of the town they count as an answer.
    """

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("ticket_id", "seq"),)
    id: int = key()
    ticket_id: int = ref("tickets.id", index=False)
    seq: int
    author: str
    kind: str
    person_id: int | None = maybe_ref("people.id")
    text_sealed: bytes | None = sealed()
    town_at: datetime
    real_at: datetime
    reach: str | None = None
    reached_at: datetime | None = None


class MessageSource(SQLModel, table=True):
    """Which platform message (keyed hash of chat and id) a message of a case was made of, so that an edit of it, or a
    reply to it, finds the case. An anonymous case has none."""

    __tablename__ = "message_sources"
    id: int = key()
    message_id: int = ref("messages.id")
    ticket_id: int = ref("tickets.id")
    external_hash: bytes = hashed(index=True)


class Attachment(SQLModel, table=True):
    """An encrypted file. Until its draft becomes a case it belongs to the address that sent it.

    `ref_sealed` is the platform's name of a file that is not fetched yet. States: raw, clean, refused, discarded.
    `kind` is what the platform said until the bytes were looked at: then photo, voice or video.
    """

    __tablename__ = "attachments"
    id: int = key()
    ticket_id: int | None = maybe_ref("tickets.id", index=True)
    message_id: int | None = maybe_ref("messages.id")
    address_id: int | None = maybe_ref("addresses.id")
    kind: str
    mime: str
    size: int
    state: str = "raw"
    ref_sealed: bytes | None = sealed()
    real_at: datetime


class Deadline(SQLModel, table=True):
    """One moment at which something happens to a ticket unless it was stopped before.

    States: waiting, paused (the citizen is asked), held (an officer's words are on their way to the citizen), done
    (`fired_at` says whether it spoke or was stopped), merged (a later one spoke for it), cancelled. `post_code` is the
    post that was told, which may lie above `target`. The step `breach` of a clock tells nobody: it writes a `Breach`.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        UniqueConstraint("ticket_id", "cycle", "clock", "step"),
        Index(
            "ix_deadlines_due",
            "due_at",
            "id",  # so that of very many that are due together a batch is taken without sorting them all
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    id: int = key()
    ticket_id: int = ref("tickets.id", index=False)
    cycle: int
    clock: str
    step: str
    target: str
    due_at: datetime
    counted_from: datetime | None = None
    state: str = "waiting"
    calendar_version: str | None = None
    fired_at: datetime | None = None
    post_code: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: int | None = big()


class Milestone(SQLModel, table=True):
    """A turn of a case (domain.vocabulary.Turn), with the unit that had it and the promise that stood *until then*.

    Figures of a past month are counted from these, so nothing here is ever changed: what an undo takes back is marked.
    """

    __tablename__ = "milestones"
    id: int = key()
    ticket_id: int = ref("tickets.id")
    turn: str
    at: datetime
    unit_code: str = Field(foreign_key="units.code")
    binding_by: datetime | None = None
    undone: bool = False


class Breach(SQLModel, table=True):
    """That a date was missed: written once, and never changed by what becomes of the case or of a calendar later.

    `due_at` is the date as it stood, `at` the first moment that was too late; `unit_code` and `post_code` say whose
    desk it was then.
    """

    __tablename__ = "breaches"
    __table_args__ = (UniqueConstraint("ticket_id", "cycle", "clock"),)
    id: int = key()
    ticket_id: int = ref("tickets.id", index=False)
    cycle: int
    clock: str
    due_at: datetime
    at: datetime
    unit_code: str = Field(foreign_key="units.code")
    post_code: str | None = None
    calendar_version: str | None = None


class Rating(SQLModel, table=True):
    """What the citizen thinks of how a case was handled: one row a cycle, written once and never changed."""

    __tablename__ = "ratings"
    __table_args__ = (UniqueConstraint("ticket_id", "cycle"),)
    id: int = key()
    ticket_id: int = ref("tickets.id", index=False)
    cycle: int
    stars: int
    unit_code: str = Field(foreign_key="units.code")
    at: datetime


class AuditRow(SQLModel, table=True):
    """Who did what, when, to which case. A beat seals the rows into a hash chain over salted digests."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_ticket", "ticket_id", "id"),
        Index("ix_audit_unsealed", "id", sqlite_where=text("seq IS NULL"), postgresql_where=text("seq IS NULL")),
    )
    id: int = key()
    ticket_id: int | None = big()
    person_id: int | None = big()
    actor: str
    action: str
    payload_sealed: bytes | None = sealed()
    digest: bytes = hashed()
    town_at: datetime
    real_at: datetime
    seq: int | None = Field(default=None, unique=True)
    link: bytes | None = hashed(nullable=True)
