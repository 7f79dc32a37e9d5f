"""A Telegram for tests of the ingress alone: what the Bot API promises of getUpdates, without a socket.

And a channel that reads updates of three kinds: what somebody says, what concerns nobody, and what can't be parsed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Row, select
from sqlmodel import SQLModel

from bot.app import Program
from bot.botapi import BotApi
from bot.channels.base import Channel, Outcome, Outgoing, Sent
from handlers.messages import CITIZEN, Inbound
from storage.plan import table_of
from tests.kit.town import settings_for, siantar

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SECRET = "kata-yang-hanya_diketahui-Telegram"
PATIENCE = 10.0
Update = dict[str, Any]


def said(number: int, text: str, sender: int = 7) -> Update:
    """Somebody wrote something."""
    return {"update_id": number, "message": {"message_id": number, "chat": {"id": sender}, "text": text}}


class Chat(Channel):
    """Parses what `said` makes; `odd` is of no concern, anything else no update of ours."""

    name = "telegram"
    markup = "plain"

    def __init__(self, account: str = CITIZEN) -> None:
        self.accounts = (account,)
        self.acknowledged: list[Update] = []
        self.slow: asyncio.Event | None = None

    def parse(self, account: str, raw: Update) -> list[Inbound]:
        if "odd" in raw:
            return []
        try:
            said = raw["message"]
            sender, text = str(said["chat"]["id"]), str(said["text"])
            return [Inbound(event=str(raw["update_id"]), channel=self.name, account=account, sender=sender, text=text)]
        except (KeyError, TypeError) as error:
            raise ValueError("no update") from error

    async def send(self, outgoing: Outgoing) -> Outcome:
        return Sent((outgoing.key,))

    async def acknowledge(self, raw: Update) -> None:
        if self.slow:
            await self.slow.wait()
        self.acknowledged.append(raw)


class Telegram:
    """The other side of one token: keeps updates until a later offset is asked for, and lets one program ask."""

    def __init__(self) -> None:
        self.updates: list[Update] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.failures: deque[httpx.Response | Exception] = deque()
        self.asking = 0
        self.most_asking = 0
        self._news = asyncio.Event()

    def brings(self, *updates: Update) -> None:
        self.updates += updates
        self._news.set()

    def api(self) -> BotApi:
        """The Bot API of one program."""
        return BotApi(TOKEN, "https://telegram.example", httpx.AsyncClient(transport=httpx.MockTransport(self.answer)))

    def called(self, method: str) -> list[dict[str, Any]]:
        return [given for name, given in self.calls if name == method]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        method, given = request.url.path.rpartition("/")[2], json.loads(request.content)
        self.calls.append((method, given))
        if self.failures:
            failure = self.failures.popleft()
            if isinstance(failure, Exception):
                raise failure
            return failure
        return httpx.Response(200, json={"ok": True, "result": await self._result(method, given)})

    async def _result(self, method: str, given: dict[str, Any]) -> Any:
        if method == "getMe":
            return {"id": 1, "is_bot": True, "username": "lapor_siantar_bot"}
        return await self._wait_for_updates(given) if method == "getUpdates" else True

    async def _wait_for_updates(self, given: dict[str, Any]) -> list[Update]:
        self.asking += 1
        self.most_asking = max(self.asking, self.most_asking)
        try:
            offset = given.get("offset", 0)
            self.updates = [update for update in self.updates if update.get("update_id", offset) >= offset]
            if not self.updates:
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), given["timeout"])
            return self.updates[: given["limit"]]
        finally:
            self.asking -= 1


def refusal(code: int, description: str) -> httpx.Response:
    """What Telegram answers when it does not do what was asked."""
    return httpx.Response(code, json={"ok": False, "error_code": code, "description": description})


@asynccontextmanager
async def running(url: str, folder: Path, channel: Channel | None = None) -> AsyncIterator[Program]:
    """A process of the program that takes messages in and sends nothing."""
    settings = settings_for(url, folder, may_travel=False)
    program = Program(settings, channels=[channel or Chat()], region=siantar())
    async with program.running(deliver=False, beat=False):
        yield program


def rows(program: Program, model: type[SQLModel]) -> list[Row[Any]]:
    """The rows of a table, oldest first."""
    table = table_of(model)
    with program.readers.begin() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


async def until(found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Look again and again until something is true; returns it."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.005)
    return answer
