"""Every table of the record. Migrations and models say the same (tests/migrations proves it)."""

from sqlmodel import SQLModel

from storage.moments import keep_moments
from storage.tables.people import Address, Erasure, Group, Holding, Invitation, JoinCode, Leave, Person, Throttle
from storage.tables.places import CalendarVersion, Office, Override, PostRow, UnitRow
from storage.tables.running import Beat, BotAccount, Digest, Lease, MessageCount, MessageTemplate, ShieldedCount, Town
from storage.tables.talk import Conversation, Inbox, Outbox, OutboxPart, Quarantine, Work
from storage.tables.tickets import (
    Attachment,
    AuditRow,
    Breach,
    Deadline,
    ExclusionRow,
    Message,
    MessageSource,
    Milestone,
    Pause,
    Rating,
    Ticket,
)
from storage.tables.watching import Explanation, Finding, IncomingLetter

__all__ = [
    "Address",
    "Attachment",
    "AuditRow",
    "Beat",
    "BotAccount",
    "Breach",
    "CalendarVersion",
    "Conversation",
    "Deadline",
    "Digest",
    "Erasure",
    "ExclusionRow",
    "Explanation",
    "Finding",
    "Group",
    "Holding",
    "Inbox",
    "IncomingLetter",
    "Invitation",
    "JoinCode",
    "Lease",
    "Leave",
    "Message",
    "MessageCount",
    "MessageSource",
    "MessageTemplate",
    "Milestone",
    "Office",
    "Outbox",
    "OutboxPart",
    "Override",
    "Pause",
    "Person",
    "PostRow",
    "Quarantine",
    "Rating",
    "ShieldedCount",
    "Throttle",
    "Ticket",
    "Town",
    "UnitRow",
    "Work",
]

keep_moments(SQLModel.metadata)
