"""The thumbs of everybody in the simulated year: they type, and press what their last page offers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from bot import demo
from bot.app import Program
from handlers.messages import CITIZEN, Inbound
from storage.ids import to_text
from storage.queries import people, talk

#: What is answered without thinking when a story is told.
_EASY = ("new_story", "unknown", "skip", "continue")
_MOST_QUESTIONS = 5


class Hands:
    """Over whichever program runs. A person does one thing at a time."""

    def __init__(self) -> None:
        self.program: Program
        self._events = 0
        self._busy: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def do(self, account: str, phone: str, lines: Iterable[str]) -> None:
        """Some lines, one after the other. What can't be pressed any more is left, and what would follow it."""
        async with self._busy[phone]:
            for line in lines:
                if not line.startswith("["):
                    await self._hand_in(account, phone, text=line)
                elif not await self._press(account, phone, line.strip("[]")):
                    await self._hand_in(account, phone, text="/batal")
                    break

    async def tell(self, phone: str, story: str, identity: str | None) -> None:
        """A story, whatever is asked about it, and "send"."""
        async with self._busy[phone]:
            await self._hand_in(CITIZEN, phone, text=story)
            for _ in range(_MOST_QUESTIONS):
                if "send" in self._offered(CITIZEN, phone):
                    break
                await self._press(CITIZEN, phone, *_EASY)
            if identity is not None:
                await self._press(CITIZEN, phone, "identity")
                await self._press(CITIZEN, phone, identity)
            assert await self._press(CITIZEN, phone, "send"), f"not taken: {story}"

    async def _press(self, account: str, phone: str, *codes: str) -> bool:
        offered = self._offered(account, phone)
        data = next((offered[code] for code in codes if code in offered), None)
        if data is not None:
            await self._hand_in(account, phone, choice=data)
        return data is not None

    async def _hand_in(self, account: str, phone: str, **said: Any) -> None:
        self._events += 1
        event = str(UUID(int=self._events))
        await self.program.receive([Inbound(event, demo.CHANNEL, account, phone, language="id", **said)])

    def _offered(self, account: str, phone: str) -> dict[str, str]:
        """The choices of the last page with any on somebody's phone: code and button data."""
        key = self.program.house.vault.hash("addresses.key_hash", demo.CHANNEL, account, phone)
        with self.program.readers.begin() as connection:
            addresses = [row.id for row in connection.execute(people.BY_HASH, {"hashes": [key]})]
            offers = [row.last_offer for row in connection.execute(people.OFFERED, {"ids": addresses})]
            pages = connection.execute(talk.OFFERS, {"ids": [offer for offer in offers if offer]}).all()
        choices = [(page.id, n, code) for page in pages for n, (code, _) in enumerate(page.choices or (), start=1)]
        return {code: f"{to_text(row)}.{n}" for row, n, code in reversed(choices)}
