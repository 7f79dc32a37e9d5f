"""The Telegram bots of a process: who they are, and how it hears what is said to them (polling or webhooks)."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError
from starlette.routing import Route

from bot.app import Program
from bot.botapi import UPDATES, BotApi, BotApiError
from bot.channels.base import Channel
from bot.ingress import Ingress
from bot.poller import LONGEST, SHORTEST, Poller, trouble_of
from bot.settings import PREFIX, Settings
from bot.web import hooks
from handlers.messages import CITIZEN, STAFF
from handlers.session import Session
from storage import accounts
from storage.writer import Stopped

T = TypeVar("T")
log = logging.getLogger(__name__)

#: How many updates Telegram may bring at once.
MOST_CONNECTIONS = 40
#: Each is imported only where its bot is on: its library costs a second and 50 MB.
_CLASSES = {
    CITIZEN: ("bot.channels.telegram_citizen", "TelegramCitizen"),
    STAFF: ("bot.channels.telegram_staff", "TelegramStaff"),
}


@dataclass(frozen=True, slots=True)
class Bot:
    """One of our bots. `username` as it is set, perhaps empty; `token_name` is the setting of its token."""

    account: str
    channel: Channel
    api: BotApi
    secret: str
    username: str
    token_name: str


def bots_of(settings: Settings) -> list[Bot]:
    """The bots whose tokens are set."""
    return [bot for account in _CLASSES if (bot := _bot(settings, account))]


def _bot(settings: Settings, account: str) -> Bot | None:
    token: SecretStr | None = getattr(settings, f"{account}_telegram_token")
    secret: SecretStr | None = getattr(settings, f"{account}_telegram_secret")
    if not token or not secret:
        return None
    username: str = getattr(settings, f"{account}_telegram_username")
    module, name = _CLASSES[account]
    make = getattr(importlib.import_module(module), name)
    return Bot(
        account=account,
        channel=make(token.get_secret_value(), api_url=settings.telegram_api_url, username=username),
        api=BotApi(token.get_secret_value(), settings.telegram_api_url),
        secret=secret.get_secret_value(),
        username=username,
        token_name=f"{PREFIX}{account.upper()}_TELEGRAM_TOKEN",
    )


class Bots:
    """The hearing half of a process, as far as it is Telegram."""

    def __init__(self, program: Program, bots: Sequence[Bot], *, say: Callable[[str], None] = log.info) -> None:
        """`say` tells the operator which bots there are."""
        self._program = program
        self._bots = bots
        self._say = say
        self._mode = program.settings.telegram_mode
        self.ingresses = {bot.account: Ingress(program, bot.channel, bot.account) for bot in bots}

    def routes(self) -> list[Route]:
        """What Telegram calls: nothing where we ask it ourselves."""
        if self._mode != "webhook":
            return []
        return hooks.routes({bot.account: (self.ingresses[bot.account], bot.secret) for bot in self._bots})

    @contextlib.asynccontextmanager
    async def hearing(self, *, polls: bool, listening: asyncio.Event | None) -> AsyncIterator[None]:
        """Hear until the block ends, then finish what is in hand.

        `polls`: this process asks, where asking is the mode. `listening`: it serves the webhooks, from this event on.
        """
        pollers = [self._poller(bot) for bot in self._bots] if polls and self._mode == "polling" else []
        asking = [asyncio.create_task(poller.run()) for poller in pollers]
        beside = [asyncio.create_task(self._introduce(bot)) for bot in self._bots]
        if listening and self._mode == "webhook":
            beside += [asyncio.create_task(self._set_webhook(bot, listening)) for bot in self._bots]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            for poller in pollers:
                poller.stop()
            await asyncio.gather(*beside, *asking, return_exceptions=True)
            await self._close()

    async def _close(self) -> None:
        for ingress in self.ingresses.values():
            await ingress.stop()
        for bot in self._bots:
            await bot.api.close()

    def _poller(self, bot: Bot) -> Poller:
        return Poller(self._program, self.ingresses[bot.account], bot.api, token_name=bot.token_name)

    async def _introduce(self, bot: Bot) -> None:
        """Learn the bot's name: as it is set, else as it was when last asked, else - and then again - from Telegram."""
        known = bot.username or await self._kept(bot)
        if known:
            self._call(bot, known)
        if not bot.username and (told := await self._ask(bot)) != known:
            self._call(bot, told)
            await self._keep(bot, told)

    def _call(self, bot: Bot, username: str) -> None:
        bot.channel.username = username
        self._say(f"The {bot.account} bot is @{username} ({self._mode}).")

    async def _ask(self, bot: Bot) -> str:
        me = await self._patiently(bot, bot.api.get_me)
        return str(me.get("username", ""))

    async def _kept(self, bot: Bot) -> str:
        def read(session: Session) -> str | None:
            return accounts.name_of(session.plan.connection, bot.channel.name, bot.account)

        with contextlib.suppress(DBAPIError, Stopped):
            return await self._program.errand(read) or ""
        return ""

    async def _keep(self, bot: Bot, name: str) -> None:
        def write(session: Session) -> None:
            accounts.keep_name(session.plan.connection, bot.channel.name, bot.account, name, session.moment.real)

        with contextlib.suppress(DBAPIError, Stopped):
            await self._program.errand(write)

    async def _set_webhook(self, bot: Bot, listening: asyncio.Event) -> None:
        """Tell Telegram where to bring updates, once somebody is there to take them. Until then the bot is deaf."""
        self._program.heard[bot.account] = time.monotonic()
        await listening.wait()
        url = f"{self._program.settings.public_url}{hooks.PATH}{bot.account}"
        setting = partial(bot.api.set_webhook, url, secret=bot.secret, allowed=UPDATES, most=MOST_CONNECTIONS)
        await self._patiently(bot, setting)
        self._program.heard.pop(bot.account, None)
        log.info("the webhook of the %s bot is set", bot.account)

    async def _patiently(self, bot: Bot, call: Callable[[], Awaitable[T]]) -> T:
        """What a call returns in the end; each new trouble is said once."""
        pause, said = SHORTEST, ""
        while True:
            try:
                return await call()
            except BotApiError as error:
                if (trouble := trouble_of(error, bot.account, bot.token_name)) != said:
                    log.error(trouble)
                    said = trouble
                await asyncio.sleep(max(pause, error.retry_after or 0.0))
                pause = min(2 * pause, LONGEST)
