"""The WhatsApp numbers of a process: the channel that they share, and how it hears what is written to them."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.routing import Route

from bot.app import Program
from bot.channels.base import Channel
from bot.graphapi import GraphApi
from bot.ingress import Ingress
from bot.settings import Settings
from bot.template_keeper import TemplateKeeper
from bot.web.whatsapp import Hook
from handlers.messages import CITIZEN, STAFF

#: Imported only where the channel is on: its library costs a third of a second and 40 MB.
_MODULE, _CLASS = "bot.channels.whatsapp", "WhatsAppChannel"


def whatsapp_of(settings: Settings) -> Channel | None:
    """The channel, where its token is set."""
    if not settings.whatsapp_token or not settings.whatsapp_app_secret:
        return None
    make = getattr(importlib.import_module(_MODULE), _CLASS)
    channel: Channel = make(
        numbers_of(settings),
        token=settings.whatsapp_token.get_secret_value(),
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
        api_url=settings.whatsapp_api_url,
    )
    return channel


def numbers_of(settings: Settings) -> dict[str, str]:
    """Meta's ids of our numbers by account; the citizens' serves staff too, where they have none of their own."""
    citizen = settings.whatsapp_phone_id
    return {CITIZEN: citizen, STAFF: settings.whatsapp_staff_phone_id or citizen}


def keeper_of(program: Program) -> TemplateKeeper | None:
    """Who keeps what is known of the message templates; None without the id of the business account."""
    settings = program.settings
    if not settings.whatsapp_token or not settings.whatsapp_business_id or program.templates is None:
        return None
    api = GraphApi(settings.whatsapp_token.get_secret_value(), settings.whatsapp_api_url)
    return TemplateKeeper(program, api, settings.whatsapp_business_id, program.templates)


class Numbers:
    """The hearing half of a process, as far as it is WhatsApp."""

    def __init__(self, program: Program, channel: Channel) -> None:
        self.ingresses = {account: Ingress(program, channel, account) for account in channel.accounts}
        token = program.settings.whatsapp_verify_token
        if token is None:
            raise ValueError("a webhook without a verify token")
        numbers: Any = channel
        self._keeper = keeper_of(program)
        news = self._keeper.hear if self._keeper else None
        self.hook = Hook(numbers, self.ingresses, token.get_secret_value(), news)

    def routes(self) -> list[Route]:
        """What Meta calls."""
        return self.hook.routes()

    @contextlib.asynccontextmanager
    async def hearing(self) -> AsyncIterator[None]:
        """Until the block ends; then what is in hand is finished. Meanwhile Meta is asked about our templates."""
        try:
            async with self._keeper.kept() if self._keeper else contextlib.nullcontext():
                yield
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Let what is in hand end."""
        for ingress in self.ingresses.values():
            await ingress.stop()
