"""Every table of the record. Migrations and models say the same (tests/migrations proves it)."""

from storage.tables.people import Address, Erasure, Group, Holding, Invitation, JoinCode, Leave, Person, Throttle
from storage.tables.places import Office, Override, PostRow, UnitRow
from storage.tables.running import Beat, BotAccount, Digest, Lease, MessageCount, MessageTemplate, Town
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

__all__ = [
    "Address",
    "Attachment",
    "AuditRow",
    "Beat",
    "BotAccount",
    "Breach",
    "Conversation",
    "Deadline",
    "Digest",
    "Erasure",
    "ExclusionRow",
    "Group",
    "Holding",
    "Inbox",
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
    "Throttle",
    "Ticket",
    "Town",
    "UnitRow",
    "Work",
]
