"""Slow things between two jobs: done in a thread after the commit, their result written by the writer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine

from handlers.actions import files
from handlers.receive import House
from handlers.session import Session
from storage.attachments import AttachmentStore
from storage.documents import is_document, picture_of
from storage.photos import NotAPhoto, clean_photo
from storage.queries import talk
from storage.tables import Work as WorkRow
from storage.tidying import kept_files
from storage.writer import Lane, Writer

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
TRIES = 5
ORPHAN_AGE = timedelta(days=1)


class Workshop:
    """Does what `work` rows ask for."""

    def __init__(self, *, house: House, writer: Writer, readers: Engine, files: AttachmentStore) -> None:
        self._house = house
        self._writer = writer
        self._readers = readers
        self._files = files

    async def do_waiting(self) -> int:
        """Do everything that waits now; returns how many items."""
        rows = await asyncio.to_thread(self._waiting)
        for key, subject in rows:
            if await self._errand(partial(_claim, key=key)):
                await self._do(key, subject)
        return len(rows)

    def sweep(self) -> list[int]:
        """Delete files that neither a draft nor a case needs, a day after they came."""
        with self._readers.begin() as connection:
            real = self._house.clock.read(connection).real
            kept = kept_files(connection)
        return self._files.sweep(kept.__contains__, ORPHAN_AGE, real)

    def _waiting(self) -> list[tuple[int, dict[str, Any]]]:
        with self._readers.begin() as connection:
            moment = self._house.clock.read(connection)
            rows = connection.execute(talk.WORK_WAITING, {"real": moment.real})
            return [(row.id, dict(row.subject or {})) for row in rows]

    async def _do(self, key: int, subject: dict[str, Any]) -> None:
        attachment = int(subject["attachment"])
        try:
            mime, size = await asyncio.to_thread(self._clean, attachment)
        except (NotAPhoto, FileNotFoundError) as error:
            log.warning("a file was refused", extra={"kind": type(error).__name__})
            await self._errand(lambda session: _finish(session, key, attachment, files.REFUSED, "", 0))
        else:
            await self._errand(lambda session: _finish(session, key, attachment, files.CLEAN, mime, size))

    def _clean(self, attachment: int) -> tuple[str, int]:
        """The picture without metadata, in place of what came in: of a document, its pages."""
        data = self._files.get(attachment)
        photo = picture_of(data) if is_document(data) else clean_photo(data)
        self._files.put(attachment, photo.data)
        return photo.mime, len(photo.data)

    async def _errand(self, body: Callable[[Session], Any]) -> Any:
        return await asyncio.wrap_future(self._writer.submit(Lane.OUTCOME, body))


def _claim(session: Session, key: int) -> bool:
    row = session.plan.locked(WorkRow, key)
    if row is None or row.state != "waiting":
        return False
    if row.lease_until is not None and row.lease_until > session.moment.real:
        return False
    row.lease_until = session.moment.real + LEASE
    row.attempts = row.attempts + 1
    if row.attempts > TRIES:
        row.state = "failed"
        return False
    return True


def _finish(session: Session, key: int, attachment: int, state: str, mime: str, size: int) -> None:
    row = session.plan.locked(WorkRow, key)
    if row is not None:
        row.state, row.lease_until = "done", None
    files.looked_at(session, attachment, state, mime, size)
