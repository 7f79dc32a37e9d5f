"""What a change of the calendars costs in time, done beside the conversations: looking ahead, and counting anew."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Engine

from domain.decisions import Decision
from handlers.actions import deciding, recounting
from handlers.house import House
from handlers.session import Session
from storage.overrides import decision_of, effective
from storage.plan import Plan
from storage.queries import recounts
from storage.source import Source
from storage.tables import Override, Ticket, Work
from storage.writer import Lane, Stopped, Writer

log = logging.getLogger(__name__)

#: Cases that a look ahead reads at once, and at most: beyond that it says "at least".
READ_AT_ONCE, MOST = 200, 20_000


class CalendarKeeper:
    """Does the work of `decision_preview` and `recount`. Any number of processes may: a slice is done once."""

    def __init__(self, *, house: House, writer: Writer, readers: Engine) -> None:
        self._house = house
        self._writer = writer
        self._readers = readers
        self._busy = asyncio.Lock()

    async def do_waiting(self) -> int:
        """Do what waits now; returns how many pieces of work there were."""
        async with self._busy:
            waiting = await asyncio.to_thread(self._waiting)
            for key, override in waiting:
                try:
                    await (self.count_anew(key) if override is None else self._look_ahead(key, override))
                except Stopped:
                    break  # whoever starts next does it
                except Exception as error:  # it is tried again at the next look
                    log.warning("calendar work stumbled", extra={"kind": type(error).__name__})
            return len(waiting)

    async def count_anew(self, key: int) -> None:
        """Slice after slice; a process that is killed leaves the rest to whoever looks next."""
        while await self._errand(partial(recounting.next_slice, key=key)):
            continue

    def effect_of(self, decision: Decision | None) -> tuple[recounting.Effect, int]:
        """What a decision would do to the open cases, and the state of the town's decisions that this is true of.

        None: what counting them anew would do by the calendars as they are, which the files may have changed. Reads in
        several short looks: a case that changes meanwhile may be counted as it was.
        """
        found, after, then, revision = recounting.Effect(), 0, None, 0
        while True:
            with self._readers.begin() as connection:
                moment = self._house.moment(connection)
                if then is None:
                    revision = moment.revision
                    then = effective(connection, self._house.files, *((decision,) if decision else ()))
                region = self._house.region
                session = Session(Plan(connection), self._house.vault, region, moment, Source(), self._house.rules)
                rows = session.plan.fetch(Ticket, recounts.OPEN_ROWS_AFTER, {"after": after, "most": READ_AT_ONCE})
                found = recounting.effect_on(session, rows, then, found)
            if len(rows) < READ_AT_ONCE:
                return found, revision
            after = rows[-1].id
            if found.looked >= MOST:
                return replace(found, more=True), revision

    async def _look_ahead(self, key: int, override: int) -> None:
        decision = await asyncio.to_thread(self._proposed, override)
        if decision is None:
            await self._errand(partial(_end, key=key))
            return
        effect, revision = await asyncio.to_thread(self.effect_of, decision)
        await self._errand(partial(_tell, key=key, override=override, effect=effect, revision=revision))

    def _proposed(self, override: int) -> Decision | None:
        with self._readers.begin() as connection:
            row = Plan(connection).one(Override, override)
            return decision_of(row) if row is not None and row.signed_at is None else None

    def _waiting(self) -> list[tuple[int, int | None]]:
        """The work, and for a look ahead the proposal."""
        with self._readers.begin() as connection:
            real = self._house.moment(connection).real
            values = {"kinds": [deciding.PREVIEW, recounting.RECOUNT], "real": real}
            return [(row.id, _override(row.subject)) for row in connection.execute(recounts.WAITING, values)]

    async def _errand(self, body: Callable[[Session], Any]) -> Any:
        return await asyncio.wrap_future(self._writer.submit(Lane.BEAT, body))


def _override(subject: dict[str, Any] | None) -> int | None:
    named = (subject or {}).get("override")
    return int(named) if named else None


def _tell(session: Session, key: int, override: int, effect: recounting.Effect, revision: int) -> None:
    if _end(session, key):
        deciding.show_effect(session, override, effect, revision)


def _end(session: Session, key: int) -> bool:
    """Whether the work was still to be done."""
    row = session.plan.locked(Work, key)
    if row is None or row.state != "waiting":
        return False
    row.state = "done"
    return True
