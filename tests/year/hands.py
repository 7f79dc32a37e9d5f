"""The thumbs of everybody in the simulated year: they type, and press what their last page offers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from bot import demo
from bot.app import Program
from handlers.messages import CITIZEN, STAFF, Inbound
from storage.ids import to_text
from storage.plan import table_of
from storage.queries import people, talk
from storage.tables import Address, Outbox, Ticket

#: What is answered without thinking when a story is told.
_EASY = ("new_story", "unknown", "skip", "continue")
_MOST_QUESTIONS = 5
_addresses, _outbox, _tickets = table_of(Address), table_of(Outbox), table_of(Ticket)
_CARD = (
    select(_outbox.c.id, _outbox.c.choices)
    .join(_addresses, _addresses.c.id == _outbox.c.address_id)
    .join(_tickets, _tickets.c.id == _outbox.c.ticket_id)
    .where(_addresses.c.key_hash == bindparam("key"), _tickets.c.number == bindparam("number"))
    .where(_outbox.c.page == "officer/card", _outbox.c.ticket_version == _tickets.c.version)
    .where(_outbox.c.state == "sent")
    .order_by(_outbox.c.id.desc())
    .limit(1)
)


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

    async def handle(self, phone: str, number: str, lines: Iterable[str]) -> None:
        """What an officer does about a case: on the card that came, where it still shows the case as it is now."""
        on_card = self._card(phone, number)
        first, *others = lines
        if (data := on_card.get(first.strip("[]"))) is None:
            return await self.do(STAFF, phone, (f"/tiket {number}", first, *others))
        async with self._busy[phone]:
            await self._hand_in(STAFF, phone, choice=data)
        return await self.do(STAFF, phone, others)

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

    async def press(self, account: str, phone: str, code: str) -> bool:
        """Press a choice, if the last page offers it."""
        async with self._busy[phone]:
            return await self._press(account, phone, code)

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

    def _card(self, phone: str, number: str) -> dict[str, str]:
        """The choices of the newest card of a case on an officer's phone, if nothing has happened to the case since."""
        key = self.program.house.vault.hash("addresses.key_hash", demo.CHANNEL, STAFF, phone)
        with self.program.readers.begin() as connection:
            row = connection.execute(_CARD, {"key": key, "number": number}).first()
        if row is None:
            return {}
        return {code: f"{to_text(row.id)}.{n}" for n, (code, _) in enumerate(row.choices or (), start=1)}

    def _offered(self, account: str, phone: str) -> dict[str, str]:
        """The choices of the last page with any on somebody's phone: code and button data."""
        key = self.program.house.vault.hash("addresses.key_hash", demo.CHANNEL, account, phone)
        with self.program.readers.begin() as connection:
            addresses = [row.id for row in connection.execute(people.BY_HASH, {"hashes": [key]})]
            offers = [row.last_offer for row in connection.execute(people.OFFERED, {"ids": addresses})]
            pages = connection.execute(talk.OFFERS, {"ids": [offer for offer in offers if offer]}).all()
        choices = [(page.id, n, code) for page in pages for n, (code, _) in enumerate(page.choices or (), start=1)]
        return {code: f"{to_text(row)}.{n}" for row, n, code in reversed(choices)}
