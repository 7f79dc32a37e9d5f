"""Calls to the stand-in as tests make them: through both libraries, or bare."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiogram
import httpx
import telegram
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from tests.telegram.standin import Bot

Run = Callable[[Any, Any], Awaitable[None]]


def with_both(bot: Bot, body: Run) -> None:
    """Do something with aiogram's client and with python-telegram-bot's."""

    async def run() -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(bot.api))
        citizen = aiogram.Bot(bot.token, session=session)
        staff = telegram.Bot(bot.token, base_url=f"{bot.api}/bot", base_file_url=f"{bot.api}/file/bot")
        async with staff:
            try:
                await body(citizen, staff)
            finally:
                if session._session:  # aiogram's own close also sleeps
                    await session._session.close()

    asyncio.run(run())


def call(bot: Bot, method: str, **params: Any) -> tuple[int, Any]:
    """A bare call with a JSON body: the status, and the result or what was wrong."""
    answer = httpx.post(f"{bot.api}/bot{bot.token}/{method}", json=params, timeout=10)
    body = answer.json()
    return answer.status_code, body["result"] if body["ok"] else body["description"]


def refused(bot: Bot, method: str, **params: Any) -> str:
    """What the platform says no with."""
    status, said = call(bot, method, **params)
    assert status >= 400
    return str(said)


def pulled(bot: Bot, offset: int = 0) -> list[dict[str, Any]]:
    """What getUpdates gives at once."""
    status, updates = call(bot, "getUpdates", offset=offset)
    assert status == 200
    found: list[dict[str, Any]] = updates
    return found


def button(**what: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Ya", **what}]]}
