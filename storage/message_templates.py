"""What a platform says of our message templates: asked by `tanggap whatsapp templates`, told by its webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, bindparam, delete, func, select, update

from storage.plan import table_of
from storage.queries.talk import insert_new
from storage.tables import MessageTemplate

templates = table_of(MessageTemplate)

#: The one status in which a template may be sent; `of` and `note_status` know no other word for it.
APPROVED = "APPROVED"
#: The account has no such template.
MISSING = "MISSING"
#: Nobody has asked yet.
UNKNOWN = "UNKNOWN"
#: Words of the platform that mean one that we know already: a flagged template may still be sent.
_MEANS: Mapping[str, str] = MappingProxyType(
    {"REINSTATED": APPROVED, "FLAGGED": APPROVED, "UNPAUSED": APPROVED, "ACTIVE": APPROVED, "DELETED": MISSING}
)

#: Statuses in which nobody has to act: it may be sent, or the platform has yet to look at it.
WELL = frozenset({APPROVED, "PENDING", "IN_APPEAL"})

_KEY = ("channel", "name", "language")
_THIS = tuple(templates.c[name] == bindparam(f"of_{name}") for name in _KEY)
_ONE = select(templates).where(*_THIS)
_ALL = select(templates).where(templates.c.channel == bindparam("of_channel")).order_by(*(templates.c[k] for k in _KEY))
_UNSENDABLE = select(func.count()).where(templates.c.status.not_in(sorted(WELL | {UNKNOWN})))
_CHANGE = update(templates).where(*_THIS)
_FORGET = delete(templates).where(*_THIS)


@dataclass(frozen=True, slots=True)
class Known:
    """One template in one language, as the platform said last. `category` is in capitals, as the platform writes it."""

    name: str
    language: str
    status: str
    category: str
    reason: str | None
    checked_at: datetime

    @property
    def usable(self) -> bool:
        return self.status == APPROVED


def of(connection: Connection, channel: str, name: str, language: str) -> Known | None:
    """What is known of a template; None where nobody has told."""
    row = connection.execute(_ONE, _this(channel, name, language)).one_or_none()
    return _known(row) if row else None


def known(connection: Connection, channel: str) -> tuple[Known, ...]:
    """Everything that is known of a channel's templates."""
    return tuple(_known(row) for row in connection.execute(_ALL, {"of_channel": channel}))


def unsendable(connection: Connection) -> int:
    """How many templates are missing, refused, paused or turned off, on every channel."""
    return int(connection.execute(_UNSENDABLE).scalar_one())


def note_status(
    connection: Connection,
    channel: str,
    name: str,
    language: str,
    at: datetime,
    *,
    status: str | None = None,
    category: str | None = None,
    reason: str | None = None,
) -> None:
    """Write down what the platform says; what it does not speak of (None) stays as it was."""
    told: dict[str, object] = {"checked_at": at}
    if status:
        told["status"] = meaning(status)
        told["reason"] = None if reason in (None, "", "NONE") else reason
    if category:
        told["category"] = category.upper()
    key = dict(zip(_KEY, (channel, name, language), strict=True))
    row = {"status": UNKNOWN, "category": "", "reason": None, **key, **told}
    if not connection.execute(insert_new(MessageTemplate, connection.dialect.name, _KEY, ("name",)), row).first():
        connection.execute(_CHANGE.values(told), _this(channel, name, language))


def forget(connection: Connection, channel: str, gone: Iterable[tuple[str, str]]) -> None:
    """Rows of templates (name, language) that we do not use any more."""
    for name, language in gone:
        connection.execute(_FORGET, _this(channel, name, language))


def meaning(status: str) -> str:
    """A status of the platform, in the words that we keep."""
    said = status.upper()
    return _MEANS.get(said, said)


def _this(channel: str, name: str, language: str) -> dict[str, str]:
    return {"of_channel": channel, "of_name": name, "of_language": language}


def _known(row: object) -> Known:
    return Known(*(getattr(row, name) for name in ("name", "language", "status", "category", "reason", "checked_at")))
