"""Keeps what delivery knows of our message templates true while a town is served: by asking, and by Meta's webhooks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.alongside import alongside
from bot.app import Program
from bot.graphapi import GraphApi, GraphApiError
from bot.message_templates import MessageTemplates
from bot.template_account import CHANNEL, Compared, compare, note
from handlers.session import Session
from storage import message_templates

log = logging.getLogger(__name__)

#: Seconds between two looks; webhooks tell the same sooner. After a look that failed, the shorter one.
EVERY, SOON = 6 * 3600.0, 300.0

_STATUS, _CATEGORY = "message_template_status_update", "template_category_update"


@dataclass(frozen=True, slots=True)
class Told:
    """What a webhook says of a template; "" for what it does not speak of."""

    name: str
    language: str
    status: str = ""
    category: str = ""
    reason: str = ""


def told(raw: dict[str, Any]) -> Told | None:
    """A body with one change, if it is about a template's status or category; None for every other."""
    try:
        change = raw["entry"][0]["changes"][0]
        field, value = change["field"], change["value"]
        about = str(value["message_template_name"]), str(value["message_template_language"])
        if field == _STATUS:
            category = str(value.get("message_template_category") or "")
            return Told(*about, str(value["event"]), category, str(value.get("reason") or ""))
        return Told(*about, category=str(value["new_category"])) if field == _CATEGORY else None
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


class TemplateKeeper:
    """What Meta says of a town's templates, asked at the start and now and then, and heard in between."""

    def __init__(
        self,
        program: Program,
        api: GraphApi,
        business: str,
        templates: MessageTemplates,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`api` is used in the loop that `kept` runs in, and closed with it."""
        self._program = program
        self._api = api
        self._business = business
        self._templates = templates
        self._sleep = sleep
        self._troubled: frozenset[str] = frozenset()

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Ask as long as the block runs."""
        try:
            async with alongside(self.keep()):
                yield
        finally:
            await self._api.close()

    async def keep(self) -> None:
        """Ask again and again, until cancelled."""
        while True:
            await self._sleep(EVERY if await self._look() else SOON)

    async def _look(self) -> bool:
        try:
            await self.refresh()
        except GraphApiError as error:
            log.warning("the message templates were not looked at: %s", error)
        except Exception as error:
            log.warning("the message templates were not looked at", extra={"kind": type(error).__name__})
        else:
            return True
        return False

    async def refresh(self) -> None:
        """Ask Meta once and write it down. GraphApiError."""
        compared, _ = await compare(self._api, self._business, self._templates)
        await self._program.errand(lambda session: _write(session, compared))
        self._complain(compared)

    async def hear(self, news: Told) -> None:
        """Write down what a webhook said; of templates that are not ours, nothing."""
        if not any((spec.name, spec.language) == (news.name, news.language) for spec in self._templates.every):
            return
        await self._program.errand(lambda session: _note(session, news))
        if news.status and message_templates.meaning(news.status) not in message_templates.WELL:
            log.error("the message template %s (%s) is %s now", news.name, news.language, news.status)

    def _complain(self, compared: Sequence[Compared]) -> None:
        """An alarm for what has become bad, not for what was bad at the last look."""
        troubled = frozenset(one.label for one in compared if not one.is_well)
        if new := sorted(troubled - self._troubled):
            named = ", ".join(new[:3])
            more = f" and {len(new) - 3} more" if len(new) > 3 else ""
            log.error("message templates cannot be sent: %s%s; see `tanggap whatsapp templates status`", named, more)
        self._troubled = troubled


def _write(session: Session, compared: Sequence[Compared]) -> None:
    note(session.plan.connection, compared, session.moment.real)


def _note(session: Session, news: Told) -> None:
    message_templates.note_status(
        session.plan.connection,
        CHANNEL,
        news.name,
        news.language,
        session.moment.real,
        status=news.status,
        category=news.category,
        reason=news.reason,
    )
