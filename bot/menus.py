"""Keeps at Telegram what our bots show by themselves: asked once, then only what differs is set."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.app import Program
from bot.botapi import BotApi, BotApiError
from bot.folders import find
from bot.menu_words import COMMANDS, DESCRIPTION, Menu, MenuWords, Spot, StaffChat
from handlers.session import Session
from storage.plan import Plan
from storage.queries import people
from storage.source import Source

log = logging.getLogger(__name__)

#: Seconds between two looks at who is enrolled, and between two calls: menus have time.
EVERY = 60.0
PAUSE = 0.2
#: Telegram's answers to what it will not keep: a chat that it does not know (any more), words that are too long.
_REFUSED = (400, 403)


class Menus:
    """The commands and descriptions of a town's bots, one `BotApi` an account."""

    def __init__(
        self,
        program: Program,
        apis: Mapping[str, BotApi],
        *,
        pause: float = PAUSE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._program = program
        self._apis = apis
        self._pause = pause
        self._sleep = sleep
        self._words = MenuWords(find(Path("templates")), program.region)
        self._known: dict[Spot, str | Menu] = {}
        self._trouble: dict[str, int] = {}

    async def keep(self) -> None:
        """Look again and again, until cancelled. What fails is logged, and is done at a later look."""
        while True:
            try:
                again = await self.refresh()
            except Exception as error:
                log.warning("the bots' menus could not be looked at", extra={"kind": type(error).__name__})
                again = EVERY
            await self._sleep(again)

    async def refresh(self) -> float:
        """Set what differs from what should be shown; returns after how many seconds to look again."""
        staff = self._words.of_staff(await asyncio.to_thread(self._staff))
        waits = [EVERY]
        for account, api in self._apis.items():
            wanted = {spot: menu for spot, menu in staff.items() if spot.account == account}
            waits.append(await self._settle(api, account, {**self._words.of_bot(account), **wanted}))
        return max(waits)

    async def _settle(self, api: BotApi, account: str, wanted: Mapping[Spot, str | Menu]) -> float:
        """Bring one bot in order. What stops all its calls (429, no network) leaves the rest to the next look."""
        for spot in [spot for spot in self._known if spot.account == account and spot not in wanted]:
            del self._known[spot]
        try:
            for spot, value in wanted.items():
                await self._bring(api, spot, value)
        except BotApiError as error:
            if self._trouble.get(account) != error.code:
                log.warning("a bot's menu is set later", extra={"account": account, "code": error.code})
            self._trouble[account] = error.code
            return error.retry_after or 0.0
        self._trouble.pop(account, None)
        return 0.0

    async def _bring(self, api: BotApi, spot: Spot, value: str | Menu) -> None:
        """What Telegram refuses is not tried again until it is another one, or the program starts anew."""
        if self._known.get(spot) == value:
            return
        try:
            if spot not in self._known:
                self._known[spot] = await shown(api, spot)
                await self._sleep(self._pause)
            if self._known[spot] != value:
                await put(api, spot, value)
                await self._sleep(self._pause)
        except BotApiError as error:
            if error.code not in _REFUSED:
                raise
            log.warning("Telegram refuses a bot's menu", extra={"account": spot.account, "kind": spot.what})
        self._known[spot] = value

    def _staff(self) -> list[StaffChat]:
        with self._program.readers.begin() as connection:
            return staff_chats(self._session(connection))

    def _session(self, connection: Connection) -> Session:
        house = self._program.house
        moment = house.moment(connection)
        return Session(Plan(connection), house.vault, house.region, moment, Source())


def staff_chats(session: Session) -> list[StaffChat]:
    """Every living Telegram chat of somebody who is or was enrolled, with the roles of today."""
    held: dict[int, set[Any]] = {}
    for row in session.plan.rows(people.HELD_BY_ALL, {"today": session.today}):
        if post := session.region.posts.get(row.post_code):
            held.setdefault(row.person_id, set()).add(post.role)
    rows = session.plan.rows(people.STAFF_CHATS, {"channel": "telegram"})
    return [
        StaffChat(
            int(session.vault.open_text("addresses.value_sealed", row.id, row.value_sealed)),
            frozenset(held.get(row.person_id, ())),
            row.language,
        )
        for row in rows
    ]


async def shown(api: BotApi, spot: Spot) -> str | Menu:
    """What Telegram holds at a place. BotApiError."""
    found = await api.call(f"getMy{spot.what}", **_place(spot))
    try:
        if spot.what == COMMANDS:
            return tuple((each["command"], each["description"]) for each in found)
        return str(found[_field(spot)])
    except (KeyError, TypeError):
        raise BotApiError(200, "what answered does not speak the Bot API") from None


async def put(api: BotApi, spot: Spot, value: str | Menu) -> None:
    """Have Telegram hold something at a place; no commands = the place is given up. BotApiError."""
    if isinstance(value, str):
        said: dict[str, Any] = {_field(spot): value}
        await api.call(f"setMy{spot.what}", **said, **_place(spot))
    elif value:
        commands = [{"command": name, "description": words} for name, words in value]
        await api.call("setMyCommands", commands=commands, **_place(spot))
    else:
        await api.call("deleteMyCommands", **_place(spot))


def _place(spot: Spot) -> dict[str, Any]:
    scope = {"type": spot.scope} if spot.chat is None else {"type": spot.scope, "chat_id": spot.chat}
    return {"language_code": spot.language, "scope": scope if spot.scope else None}


def _field(spot: Spot) -> str:
    return "description" if spot.what == DESCRIPTION else "short_description"
