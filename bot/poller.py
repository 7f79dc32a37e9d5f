"""Asks Telegram for one bot's updates (decision 5): raw, one process at a time, and none is forgotten uncommitted.

Telegram forgets what lies before the offset of the next question, so the offset moves only past what is committed or
kept in quarantine. Where one update can't be taken the next question begins with it again, and those behind it, which
have run meanwhile, are known as done.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

from bot.app import Program
from bot.botapi import UPDATES, BotApi, BotApiError
from bot.ingress import Ingress
from handlers.session import Session
from storage import leases
from storage.writer import Stopped

T = TypeVar("T")
log = logging.getLogger(__name__)

LEASE = timedelta(seconds=10)
RENEW_EVERY = 3.0
#: How long Telegram waits for the first update of an answer, in seconds.
WAIT = 25
MOST = 50
TRIES = 3
#: Between two tries of one update.
BREATH = 0.2
#: Between two questions while Telegram or the database does not serve us: from one to the other, doubling.
SHORTEST, LONGEST = 1.0, 30.0


class Poller:
    """Polls with one token as long as it runs and holds the token's lease."""

    def __init__(self, program: Program, ingress: Ingress, api: BotApi, *, token_name: str, wait: int = WAIT) -> None:
        """`token_name`: the setting to look at when Telegram does not know the token."""
        self.account = ingress.account
        self._program = program
        self._ingress = ingress
        self._api = api
        self._token_name = token_name
        self._wait = wait
        self._lease = f"poll:telegram:{ingress.account}"
        self._held_until = 0.0
        self._offset = 0
        self._clean = False
        self._pause = SHORTEST
        self._trouble = ""
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask for nothing more; `run` ends when what is in hand is done."""
        self._stopping.set()

    async def run(self) -> None:
        """Poll whenever this process holds the lease, until stopped."""
        self._heard()
        while not self._stopping.is_set():
            if await self._renew():
                await self._hold()
            await _within(RENEW_EVERY, self._stopping)
        await self._give_back()

    async def _hold(self) -> None:
        """Poll while the lease can be renewed; what is in hand then is finished, nothing more is asked for."""
        over = asyncio.Event()
        polling = asyncio.create_task(self._poll(over))
        while not await _within(RENEW_EVERY, self._stopping) and await self._renew():
            pass
        over.set()
        await polling

    async def _renew(self) -> bool:
        """Take or keep the lease; while the database is ill it is ours as long as what we took of it lasts.

        That is measured from before we asked, so it ends here before it ends for others.
        """
        asked = time.monotonic()
        left = max(0.1, self._held_until - asked) if self._held_until > asked else LEASE.total_seconds()
        try:
            async with asyncio.timeout(left):
                taken = bool(await self._program.errand(self._take_lease))
        except Exception as error:
            log.warning("a lease could not be asked for", extra={"bot": self.account, "kind": type(error).__name__})
            return time.monotonic() < self._held_until
        self._held_until = asked + LEASE.total_seconds() if taken else 0.0
        if not taken:
            self._heard()  # by the process that polls: it is that one which has to answer for it
        return taken

    def _take_lease(self, session: Session) -> bool:
        return leases.acquire(session.plan.connection, self._lease, self._program.holder, LEASE)

    async def _give_back(self) -> None:
        """Tell Telegram what we have, and leave the token to whoever starts next."""
        if time.monotonic() >= self._held_until:
            return
        if self._offset:
            with contextlib.suppress(BotApiError):
                await self._api.get_updates(self._offset, wait=0, most=1, allowed=UPDATES)
        with contextlib.suppress(DBAPIError, Stopped):
            await self._program.errand(
                lambda session: leases.release(session.plan.connection, self._lease, self._program.holder)
            )

    async def _poll(self, over: asyncio.Event) -> None:
        self._offset, self._clean = 0, False
        while not over.is_set():
            try:
                await self._round(over)
            except BotApiError as error:
                self._say(trouble_of(error, self.account, self._token_name))
                self._clean = self._clean and error.code != 409
                await self._rest(over, error.retry_after)
            except Exception as error:  # nobody else polls while we hold the lease
                log.error("polling stumbled", extra={"bot": self.account, "kind": type(error).__name__})
                await self._rest(over)

    async def _round(self, over: asyncio.Event) -> None:
        """One question and what it brings."""
        if not self._clean:  # Telegram answers nobody while a webhook is set
            await self._api.delete_webhook()
            self._clean = True
        asking = self._api.get_updates(self._offset, wait=self._wait, most=MOST, allowed=UPDATES)
        updates = await _unless(over, asking)
        if updates is None:
            return
        self._heard()
        self._say("")
        if await self._take_all(updates):
            self._pause = SHORTEST
        else:
            await self._rest(over)

    async def _take_all(self, updates: Sequence[Any]) -> bool:
        """All at once and in order, for one transaction may take them all; False where some must be asked for again."""
        if not updates:
            self._offset = 0  # all is confirmed; after a quiet week Telegram counts from anywhere
            return True
        before, in_order = self._offset, sorted(updates, key=_number_of)
        faults = await asyncio.gather(*(self._take(raw) for raw in in_order))
        for raw, fault in zip(in_order, faults, strict=True):
            if fault:
                log.warning("updates were not taken", extra={"bot": self.account, "kind": fault})
                return False
            self._offset = max(self._offset, _number_of(raw) + 1)
        return self._offset > before

    async def _take(self, raw: Any) -> str:
        """One update; the kind of fault that kept it out, or "". A step that always fails is put aside at the third."""
        update = raw if isinstance(raw, dict) else {"update": raw}
        fault = ""
        for n in range(TRIES):
            try:
                if n:
                    await asyncio.sleep(BREATH * n)
                await self._ingress.take(update)
            except Exception as error:
                fault = type(error).__name__
            else:
                return ""
        return fault

    async def _rest(self, over: asyncio.Event, seconds: float | None = None) -> None:
        await _within(max(self._pause, seconds or 0.0), over)
        self._pause = min(2 * self._pause, LONGEST)

    def _heard(self) -> None:
        self._program.heard[self.account] = time.monotonic()

    def _say(self, trouble: str) -> None:
        """Log what is wrong when it begins, and when it is over."""
        if trouble and trouble != self._trouble:
            log.error(trouble)
        elif self._trouble and not trouble:
            log.info("the %s bot is heard again", self.account)
        self._trouble = trouble


def trouble_of(error: BotApiError, account: str, token_name: str) -> str:
    """One sentence that says what to do."""
    if error.code == 409 and "webhook" in error.description.lower():
        return (
            f"a webhook was set for the {account} bot while this town polls: it is removed; is another program at it?"
        )
    if error.code == 409:
        return f"another program polls with the token of the {account} bot: stop it, or give this town a bot of its own"
    if error.code in (401, 404):
        return f"Telegram does not know the token of the {account} bot: set {token_name} as BotFather shows it"
    if error.code == 400:
        return f"Telegram refuses the webhook of the {account} bot ({error.description}): check TANGGAP_PUBLIC_URL"
    return f"the {account} bot does not hear: {error}"


def _number_of(raw: Any) -> int:
    """An update's number; -1 for what has none, so that it comes first and moves nothing."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if isinstance(number, int) else -1


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Wait so long, or until the event; whether it has come."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def _unless(over: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """What a call returns; None, and the call is given up, once it is over."""
    working = asyncio.create_task(work)
    ending = asyncio.create_task(over.wait())
    await asyncio.wait((working, ending), return_when=asyncio.FIRST_COMPLETED)
    ending.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait((working,))
        return None
    return working.result()
