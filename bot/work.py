"""Slow things between two jobs: done after the commit, a few at a time, their result written by the writer.

A file that lies with a platform is fetched first, as long as that may take; none waits for another's slow line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine

from bot.channels.base import Channel, NotFetchedError, TooLargeError
from handlers.actions import files
from handlers.actions.files import fetch_from
from handlers.receive import House
from handlers.session import Session
from storage.attachments import AttachmentStore
from storage.ids import first_id
from storage.media import LARGEST, CleanFile, NotKept, clean_file
from storage.plan import Plan
from storage.queries import talk
from storage.tables import Attachment
from storage.tables import Work as WorkRow
from storage.tidying import kept_files
from storage.writer import Lane, Stopped, Writer

log = logging.getLogger(__name__)

#: Longer than a fetch and a cleaning may take together.
LEASE = timedelta(minutes=4)
FETCH_SECONDS = 90.0
#: How often an item is begun: about five hours for a file that can't be had, as platforms keep them that long.
TRIES = 8
_FIRST_WAIT, _LONGEST_WAIT = 10.0, 7200.0
#: Work that no process can do any more (its channel was taken away) is ended after so long.
ABANDONED = timedelta(days=1)
ORPHAN_AGE = timedelta(days=1)
FETCHING, CLEANING = 6, 2
#: How many seconds what is in hand may take to end when the process stops.
LANDING = 5.0


@dataclass(frozen=True, slots=True)
class Item:
    """One row of work: the file it is about, and the channel and account that the file lies with."""

    key: int
    attachment: int
    channel: tuple[str, str] | None


class _Refuse(Exception):  # noqa: N818 - it says what to do
    """This file is not kept."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _NotNow(Exception):  # noqa: N818 - it says when
    """This file may be had later."""


class Workshop:
    """Does what `work` rows ask for."""

    def __init__(
        self,
        *,
        house: House,
        writer: Writer,
        readers: Engine,
        files: AttachmentStore,
        channels: Sequence[Channel] = (),
    ) -> None:
        self._house = house
        self._writer = writer
        self._readers = readers
        self._files = files
        self._channels = {(channel.name, account): channel for channel in channels for account in channel.accounts}
        self._kinds = [fetch_from(name, account) for name, account in self._channels]
        self._fetching = asyncio.Semaphore(FETCHING)
        self._cleaning = asyncio.Semaphore(CLEANING)
        self._in_hand: dict[int, asyncio.Task[None]] = {}
        self._stopping = False

    async def do_waiting(self) -> int:
        """Do everything that waits now; returns how many items."""
        items = await asyncio.to_thread(self._waiting)
        if items and not self._stopping:
            await asyncio.wait([self._begin(item) for item in items])
        return len(items)

    async def stop(self) -> None:
        """Begin nothing new; what does not end soon is done again by whoever starts next."""
        self._stopping = True
        if not (in_hand := dict(self._in_hand)):
            return
        _, late = await asyncio.wait(in_hand.values(), timeout=LANDING)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for key in (key for key, task in in_hand.items() if task in late):
            await self._errand(partial(_leave, key=key))

    def sweep(self) -> list[int]:
        """Delete files that neither a draft nor a case needs, a day after they came."""
        with self._readers.begin() as connection:
            real = self._house.moment(connection).real
            kept = kept_files(connection)
        return self._files.sweep(kept.__contains__, ORPHAN_AGE, real)

    def _waiting(self) -> list[Item]:
        with self._readers.begin() as connection:
            real = self._house.moment(connection).real
            values = {"real": real, "kinds": [files.CLEAN_FILE, *self._kinds], "abandoned": first_id(real - ABANDONED)}
            return [_item(row.id, row.subject or {}) for row in connection.execute(talk.WORK_WAITING, values)]

    def _begin(self, item: Item) -> asyncio.Task[None]:
        """The task of an item, the one that is under way already or a new one."""
        known = self._in_hand.get(item.key)
        if known is not None:
            return known
        task = asyncio.create_task(self._do(item))
        self._in_hand[item.key] = task
        task.add_done_callback(lambda _: self._in_hand.pop(item.key, None))
        return task

    async def _do(self, item: Item) -> None:
        try:
            if item.channel is None:
                async with self._cleaning:
                    if await self._errand(partial(_claim, item=item)):
                        await self._clean(item)
                return
            async with self._fetching:
                has_come = await self._errand(partial(_claim, item=item)) and await self._fetch(item)
            if has_come:
                async with self._cleaning:
                    await self._clean(item)
        except Stopped:
            return  # whoever starts next does it
        except Exception as error:  # ours, or the disk's: it is tried again when the lease has run out
            log.warning("work stumbled", extra={"kind": type(error).__name__})

    async def _fetch(self, item: Item) -> bool:
        """Bring a file home, if it is not here yet; whether it can be cleaned now."""
        try:
            await self._bring(item)
        except _Refuse as refusal:
            log.warning("a file was refused", extra={"kind": refusal.why})
            await self._errand(partial(_refuse, item=item, why=refusal.why))
            return False
        except _NotNow:
            await self._errand(partial(_put_off, item=item))
            return False
        return True

    async def _bring(self, item: Item) -> None:
        ref, size = await asyncio.to_thread(self._lies_at, item.attachment)
        if size > LARGEST:
            raise _Refuse(files.TOO_LARGE)
        if ref is None:
            return
        data = await self._load(item, ref)
        if len(data) > LARGEST:
            raise _Refuse(files.TOO_LARGE)
        await asyncio.to_thread(self._files.put, item.attachment, data)
        await self._errand(partial(files.fetched, key=item.attachment))

    async def _load(self, item: Item, ref: str) -> bytes:
        """The bytes from the platform. Whatever else goes wrong there than what it says is worth another try."""
        channel = self._channels.get(item.channel) if item.channel else None
        if channel is None:
            raise _Refuse(files.NOT_FETCHED)
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                return await channel.fetch(ref)
        except NotFetchedError as error:
            if error.final:
                why = files.TOO_LARGE if isinstance(error, TooLargeError) else files.NOT_FETCHED
                raise _Refuse(why) from None
            raise _NotNow from None
        except Exception as error:
            # Its words may hold an address with a token.
            log.warning("a file could not be fetched", extra={"kind": type(error).__name__})
            raise _NotNow from None

    def _lies_at(self, attachment: int) -> tuple[str | None, int]:
        """The platform's name of a file that is not here yet, and how large it is said to be."""
        with self._readers.begin() as connection:
            file = Plan(connection).one(Attachment, attachment)
            if file is None or file.state != "raw" or file.ref_sealed is None:
                return None, 0
            vault = self._house.vault
            return vault.open_text("attachments.ref_sealed", attachment, file.ref_sealed), int(file.size)

    async def _clean(self, item: Item) -> None:
        try:
            file = await asyncio.to_thread(self._clean_in_place, item.attachment)
        except (NotKept, FileNotFoundError) as error:
            log.warning("a file was refused", extra={"kind": type(error).__name__})
            await self._errand(partial(_refuse, item=item, why=files.UNREADABLE))
        else:
            await self._errand(partial(_finish, item=item, file=file))

    def _clean_in_place(self, attachment: int) -> CleanFile:
        """What is kept of a file, in place of what came in."""
        file = clean_file(self._files.get(attachment))
        self._files.put(attachment, file.data)
        return file

    async def _errand(self, body: Callable[[Session], Any]) -> Any:
        return await asyncio.wrap_future(self._writer.submit(Lane.OUTCOME, body))


def _item(key: int, subject: dict[str, Any]) -> Item:
    channel = (str(subject["channel"]), str(subject["account"])) if "channel" in subject else None
    return Item(key, int(subject["attachment"]), channel)


def _claim(session: Session, item: Item) -> bool:
    """Take an item for this process. One that was begun too often is ended, and its sender hears it."""
    row = session.plan.locked(WorkRow, item.key)
    real = session.moment.real
    if row is None or row.state != "waiting" or _is_later(row.lease_until, real) or _is_later(row.retry_at, real):
        return False
    row.lease_until = real + LEASE
    row.attempts = row.attempts + 1
    if row.attempts > TRIES:
        _give_up(session, row, item)
        return False
    return True


def _is_later(moment: datetime | None, real: datetime) -> bool:
    return moment is not None and moment > real


def _give_up(session: Session, row: Any, item: Item) -> None:
    row.state, row.lease_until = "failed", None
    files.refused(session, item.attachment, files.NOT_FETCHED if item.channel else files.UNREADABLE)


def _put_off(session: Session, item: Item) -> None:
    """Try again, ever more slowly, and in the end no more."""
    row = session.plan.locked(WorkRow, item.key)
    if row is None or row.state != "waiting":
        return
    if row.attempts >= TRIES:
        _give_up(session, row, item)
        return
    wait = min(_FIRST_WAIT * 4 ** (row.attempts - 1), _LONGEST_WAIT)
    row.retry_at, row.lease_until = session.moment.real + timedelta(seconds=wait), None


def _leave(session: Session, key: int) -> None:
    """This process ends before the work does: whoever starts next need not wait for the lease."""
    row = session.plan.locked(WorkRow, key)
    if row is not None and row.state == "waiting":
        row.lease_until = None


def _finish(session: Session, item: Item, file: CleanFile) -> None:
    _end(session, item)
    files.kept(session, item.attachment, file.kind, file.mime, len(file.data))


def _refuse(session: Session, item: Item, why: str) -> None:
    _end(session, item)
    files.refused(session, item.attachment, why)


def _end(session: Session, item: Item) -> None:
    row = session.plan.locked(WorkRow, item.key)
    if row is not None:
        row.state, row.lease_until = "done", None
