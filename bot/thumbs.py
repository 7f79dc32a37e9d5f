"""Thumbs of the demo's invented past: they type and press as a phone does, on whatever its last page offers."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from bot import demo
from bot.app import Program
from bot.delivery import PATIENCE
from handlers.actions import delivering, outcomes
from handlers.actions.delivering import Company, Drop, Envelope, Wait
from handlers.messages import CITIZEN, STAFF, Inbound
from handlers.session import Session
from storage.ids import from_text, to_text
from storage.queries import people, talk

#: Pages that are read in one transaction.
_BATCH = 200
#: Who presses these may not read the case afterwards: the card has been read before.
_LEAVES_THE_DESK = frozenset({"forward", "not_ours"})


class Thumbs:
    """Everybody's, over one program. A person does one thing at a time: `of` is the lock of a phone."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._events = 0
        self.of: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def do(self, account: str, sender: str, lines: Iterable[str]) -> None:
        """Some lines, one after the other: a choice in brackets, else a text."""
        async with self.of[sender]:
            for line in lines:
                if line.startswith("["):
                    await self.press(account, sender, line.strip("[]"))
                else:
                    await self.type(account, sender, line)

    async def type(self, account: str, sender: str, text: str) -> None:
        await self._hand_in(account, sender, text=text)

    async def press(self, account: str, sender: str, *codes: str, look: bool = False) -> bool:
        """Press the first of these choices that the last page offers; with `look` only see whether it does."""
        offered = await asyncio.to_thread(self._offered, account, sender)
        data = next((offered[code] for code in codes if code in offered), None)
        if data is not None and not look:
            if _LEAVES_THE_DESK.intersection(codes):
                await self._program.errand(partial(_read_page, row=from_text(data.partition(".")[0])))
            await self._hand_in(account, sender, choice=data)
        return data is not None

    async def _hand_in(self, account: str, sender: str, **said: Any) -> None:
        self._events += 1
        event = str(UUID(int=self._events))
        await self._program.receive([Inbound(event, demo.CHANNEL, account, sender, language="id", **said)])

    def _offered(self, account: str, sender: str) -> dict[str, str]:
        """The choices of the last page with any on somebody's phone: code and button data."""
        key = self._program.house.vault.hash("addresses.key_hash", demo.CHANNEL, account, sender)
        with self._program.readers.begin() as connection:
            addresses = [row.id for row in connection.execute(people.BY_HASH, {"hashes": [key]})]
            offers = [row.last_offer for row in connection.execute(people.OFFERED, {"ids": addresses})]
            pages = connection.execute(talk.OFFERS, {"ids": [offer for offer in offers if offer]}).all()
        choices = [(page.id, n, code) for page in pages for n, (code, _) in enumerate(page.choices or (), start=1)]
        return {code: f"{to_text(row)}.{n}" for row, n, code in reversed(choices)}


def read_pages(session: Session) -> int:
    """Let what may go now count as delivered, as if every phone were on; returns how many pages there were."""
    found = [row for account in (CITIZEN, STAFF) for row in _ready(session, account)]
    for row in found:
        _read_page(session, row)
    return len(found)


def _ready(session: Session, account: str) -> list[int]:
    real = session.moment.real
    moment = {"town": session.now, "real": real, "patience": real - PATIENCE, "most": _BATCH, "account": account}
    return [row.id for row in session.plan.rows(talk.READY, moment)]


def _read_page(session: Session, row: int) -> None:
    match delivering.envelope(session, row):
        case None:
            delivering.open_post(session, row)
        case Company():
            delivering.gather(session, row)
        case Wait():
            delivering.wait(session, row)
        case Drop(code):
            outcomes.drop(session, row, code)
        case Envelope():
            outcomes.sent(session, row, (to_text(row),))
