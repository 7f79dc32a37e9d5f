"""The beats: APScheduler knocks, the work is one job of the writer. Any number of processes may beat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from bot.calendars import CalendarKeeper
from bot.work import Workshop
from handlers.actions import clocks, marks, visiting
from handlers.actions.digests import BATCH, Due, due_now, write_all
from handlers.actions.erasing import forget_those_who_left
from handlers.receive import House
from handlers.session import Session
from storage import audit, leases, tidying
from storage.erasures import ErasureLog, entries_in
from storage.queries import due
from storage.writer import Lane, Writer

log = logging.getLogger(__name__)


class Beats:
    """Everything that happens by itself. Each beat may also be called by hand (`tick`, the demo's clock)."""

    def __init__(
        self,
        *,
        house: House,
        writer: Writer,
        readers: Engine,
        workshop: Workshop,
        calendars: CalendarKeeper,
        holder: str,
        erasures: ErasureLog,
    ) -> None:
        self._house = house
        self._writer = writer
        self._readers = readers
        self._workshop = workshop
        self._calendars = calendars
        self._holder = holder
        self._erasures = erasures
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def start(self, *, deadlines_every: float = 5.0) -> None:
        """Beat until stopped."""
        beats: tuple[tuple[Callable[[], Awaitable[Any]], float], ...] = (
            (self.deadlines, deadlines_every),
            (self.digests, 15.0),
            (self.seal_audit, 3.0),
            (self.work, 2.0),
            (self.erase, 5.0),
            (self.tidy, 600.0),
        )
        for beat, seconds in beats:
            self._scheduler.add_job(beat, "interval", seconds=seconds, max_instances=1, coalesce=True)
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def deadlines(self) -> int:
        """Let every due step speak; returns how many there were."""
        await self._write_missed()
        fired = 0
        while some := await self._fire_batch():
            fired += some
        fired += int(await self._errand(visiting.remind_due))
        await self._errand(lambda session: clocks.beat_ok(session, "deadlines"))
        return fired

    async def _write_missed(self) -> None:
        """Write down the dates that have been missed; a fault of one stops neither the others nor the reminders."""
        while found := await self._errand(marks.due_now):
            try:
                await self._errand(partial(marks.write, marks=found))
            except DBAPIError:
                raise
            except Exception:
                await self._write_one_by_one(found)

    async def _write_one_by_one(self, found: list[marks.Mark]) -> None:
        for mark in found:
            try:
                await self._errand(partial(marks.write, marks=[mark]))
            except DBAPIError:
                raise
            except Exception:
                await self._errand(partial(clocks.rest, key=mark.step))

    async def _fire_batch(self) -> int:
        try:
            return int(await self._errand(clocks.fire_due))
        except Exception:
            return await self._one_by_one()

    async def _one_by_one(self) -> int:
        """A batch has failed: each step alone, and the guilty one is put off."""
        keys = await asyncio.to_thread(self._due)
        for key in keys:
            try:
                await self._errand(partial(clocks.fire_one, key=key))
            except DBAPIError:
                raise
            except Exception:
                await self._errand(partial(clocks.rest, key=key))
        return len(keys)

    def _due(self) -> list[int]:
        with self._readers.begin() as connection:
            now = self._house.moment(connection).town
            return list(connection.execute(due.DUE, {"now": now, "most": clocks.BATCH}).scalars())

    async def digests(self) -> int:
        """Write what the supervisors read this morning; returns how many pages that were."""
        due = await self._errand(due_now)
        written = 0
        for first in range(0, len(due), BATCH):
            written += await self._write(due[first : first + BATCH])
        await self._errand(lambda session: clocks.beat_ok(session, "digests"))
        return written

    async def _write(self, due: list[Due]) -> int:
        """Some digests in one transaction; where one fails, each alone, so that it does not stop the others."""
        try:
            return int(await self._errand(partial(write_all, due=due)))
        except DBAPIError:
            raise
        except Exception:
            if len(due) > 1:
                return sum([await self._write([one]) for one in due])
            log.error("a digest could not be written", extra={"post": due[0].post, "digest": str(due[0].kind)})
            return 0

    async def seal_audit(self) -> int:
        """Chain what was audited since the last beat; one process at a time."""

        def seal(session: Session) -> int:
            if not leases.acquire(session.plan.connection, "audit", self._holder, timedelta(seconds=30)):
                return 0
            return audit.chain_some(session.plan.connection)

        return int(await self._errand(seal))

    async def work(self) -> int:
        """Do what a process that died left undone."""
        return await self._workshop.do_waiting() + await self._calendars.do_waiting()

    async def erase(self) -> int:
        """Forget the chats of erased people who have read so, and write every erasure to the log outside the database.

        The row of an erasure stands in the transaction that erased, so a crash between the two loses nothing.
        """
        await asyncio.to_thread(self._log_erasures)
        return int(await self._errand(forget_those_who_left))

    def _log_erasures(self) -> None:
        with self._readers.begin() as connection:
            entries = entries_in(connection)
        self._erasures.add(entries)

    async def tidy(self) -> int:
        """Forget what is past its time, and files that no message ever spoke of (after a day)."""
        await asyncio.to_thread(self._workshop.sweep)
        return int(await self._errand(lambda session: tidying.tidy(session.plan.connection, session.moment.real)))

    async def _errand(self, body: Callable[[Session], Any]) -> Any:
        return await asyncio.wrap_future(self._writer.submit(Lane.BEAT, body))
