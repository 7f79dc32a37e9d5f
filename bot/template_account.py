"""Our message templates beside those that the business account has at Meta: what is missing, what differs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.graphapi import GraphApi, GraphApiError
from bot.message_template_files import PREFIX
from bot.message_templates import MessageTemplates, MessageTemplateSpec
from storage import message_templates as kept
from storage.message_templates import MISSING, WELL, meaning

CHANNEL = "whatsapp"
PENDING = "PENDING"
#: While Meta looks at a template it takes no other words for it.
_IN_REVIEW = frozenset({PENDING, "IN_APPEAL"})

#: A body, a footer and the labels of the buttons: what people see of a template.
Seen = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Remote:
    """A template in one language, as the account has it."""

    id: str
    name: str
    language: str
    status: str
    category: str
    reason: str
    seen: Seen

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Remote:
        """One entry of the account's list; what is left out or odd is empty, and so differs."""
        said = {name: str(told.get(name) or "") for name in ("id", "name", "language", "status", "category")}
        reason = str(told.get("rejected_reason") or "")
        said["status"] = meaning(said["status"])
        return cls(**said, reason="" if reason == "NONE" else reason, seen=seen(told.get("components")))


@dataclass(frozen=True, slots=True)
class Compared:
    """One of our templates beside Meta's of the same name and language (None: there is none)."""

    spec: MessageTemplateSpec
    remote: Remote | None

    @property
    def status(self) -> str:
        return self.remote.status if self.remote else MISSING

    @property
    def differs(self) -> bool:
        return self.remote is not None and self.remote.seen != seen_of(self.spec)

    @property
    def in_review(self) -> bool:
        return self.status in _IN_REVIEW

    @property
    def recategorised(self) -> bool:
        return self.remote is not None and self.remote.category.lower() != self.spec.category

    @property
    def is_well(self) -> bool:
        """Nobody has to act: it may be sent, or Meta has yet to look at it."""
        return self.status in WELL and not self.differs

    @property
    def label(self) -> str:
        return f"{self.spec.name} ({self.spec.language})"

    @property
    def troubles(self) -> list[str]:
        """What is not as it should be, and what to do; empty where everything is well or in review."""
        found = []
        if self.status not in WELL:
            found.append(_TROUBLES.get(self.status, _STRANGE).format(reason=self._reason, status=self.status))
        if self.differs:
            found.append("its words are not those of this release: `tanggap whatsapp templates push`")
        if self.recategorised and self.remote:
            found.append(
                f"Meta made it {self.remote.category}, we asked for {self.spec.category.upper()}: it costs more,"
                " and may reach fewer; ask for a review in WhatsApp Manager"
            )
        return found

    @property
    def _reason(self) -> str:
        return f" ({self.remote.reason})" if self.remote and self.remote.reason else ""


_TROUBLES: Mapping[str, str] = {
    MISSING: "the account has none: `tanggap whatsapp templates push`",
    "REJECTED": "Meta refused it{reason}: change its words in templates/whatsapp, or appeal in WhatsApp Manager",
    "PAUSED": "Meta paused it, because people complained: see WhatsApp Manager, it ends by itself the first two times",
    "DISABLED": "Meta turned it off for good: give it other words and another file name",
    "ARCHIVED": "Meta archived it, because it was not used: bring it back in WhatsApp Manager",
    "LIMIT_EXCEEDED": "the account has too many templates: delete some in WhatsApp Manager",
}
_STRANGE = "Meta says {status}: see WhatsApp Manager"


def seen(components: Any) -> Seen:
    """What people see of a template that came from Meta."""
    parts = [one for one in components if isinstance(one, dict)] if isinstance(components, list) else []
    by_type = {str(one.get("type", "")).upper(): one for one in parts}
    buttons = by_type.get("BUTTONS", {}).get("buttons")
    labels = tuple(str(one.get("text", "")) for one in buttons or () if isinstance(one, dict))
    return str(by_type.get("BODY", {}).get("text", "")), str(by_type.get("FOOTER", {}).get("text", "")), labels


def seen_of(spec: MessageTemplateSpec) -> Seen:
    """What people see of one of ours."""
    return spec.pattern, spec.footer, spec.labels


def components(templates: MessageTemplates, spec: MessageTemplateSpec) -> list[dict[str, Any]]:
    """A template as Meta wants it submitted."""
    body: dict[str, Any] = {"type": "BODY", "text": spec.pattern}
    if spec.variables:
        said = [templates.said(fact, spec.examples[fact], spec.language) for fact in spec.variables]
        body["example"] = {"body_text": [said]}
    parts = [body]
    if spec.footer:
        parts.append({"type": "FOOTER", "text": spec.footer})
    if spec.labels:
        buttons = [{"type": "QUICK_REPLY", "text": label} for label in spec.labels]
        parts.append({"type": "BUTTONS", "buttons": buttons})
    return parts


async def compare(api: GraphApi, business: str, templates: MessageTemplates) -> tuple[list[Compared], list[Remote]]:
    """Ours beside the account's, and the account's that bear our prefix and that nobody here uses. GraphApiError."""
    told = [Remote.read(one) for one in await api.templates(business)]
    remotes = {(one.name, one.language): one for one in told}
    compared = [Compared(spec, remotes.get((spec.name, spec.language))) for spec in templates.every]
    used = {(spec.name, spec.language) for spec in templates.every}
    idle = [one for one in told if one.name.startswith(PREFIX) and (one.name, one.language) not in used]
    return compared, idle


async def push(api: GraphApi, business: str, templates: MessageTemplates) -> AsyncIterator[tuple[bool, str]]:
    """Submit what is missing or differs, never deleting: for each template whether that went well, and a line.

    GraphApiError where it makes no sense to go on (`is_final`).
    """
    compared, _ = await compare(api, business, templates)
    for one in compared:
        try:
            yield await _submit(api, business, templates, one)
        except GraphApiError as error:
            if is_final(error):
                raise
            yield False, f"{one.label}: Meta did not take it: {error}"


async def _submit(api: GraphApi, business: str, templates: MessageTemplates, one: Compared) -> tuple[bool, str]:
    spec, remote = one.spec, one.remote
    if remote is None:
        asked = {"name": spec.name, "language": spec.language, "category": spec.category.upper()}
        answer = await api.create_template(
            business, {**asked, "parameter_format": "POSITIONAL", "components": components(templates, spec)}
        )
        return True, f"{one.label}: submitted, {answer.get('status') or PENDING}"
    if not one.differs:
        return True, f"{one.label}: as it is here, {one.status}"
    if one.in_review:
        return False, f"{one.label}: Meta is still looking at other words of it: push again when it has answered"
    await api.change_template(remote.id, components(templates, spec))
    return True, f"{one.label}: changed, Meta looks at it again"


def is_final(error: GraphApiError) -> bool:
    """Whether every further call would fail like this one: no network, no right, too many calls."""
    return error.code in (0, 3, 4, 10, 190, 80008) or 200 <= error.code <= 299 or error.status in (401, 403, 429)


def note(connection: Connection, compared: Sequence[Compared], at: datetime) -> None:
    """Write down what Meta said of every template, and forget those that are not ours any more."""
    for one in compared:
        spec, remote = one.spec, one.remote
        kept.note_status(
            connection,
            CHANNEL,
            spec.name,
            spec.language,
            at,
            status=one.status,
            category=remote.category if remote else spec.category,
            reason=remote.reason if remote else None,
        )
    ours = {(one.spec.name, one.spec.language) for one in compared}
    known = {(row.name, row.language) for row in kept.known(connection, CHANNEL)}
    kept.forget(connection, CHANNEL, known - ours)
