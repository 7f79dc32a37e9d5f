"""How many files one story may have: a page shows all of them at once, and must not fill the machine that sends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from handlers.actions.post import reply
from handlers.messages import STAFF, Inbound, Reply
from handlers.session import Session
from storage.plan import Record
from storage.queries import cases
from storage.tables import Attachment

#: Of one draft, and of each side of a case. Sizes are what the platform says until a file is here.
MOST_FILES, MOST_BYTES = 20, 60_000_000
#: What is said of a file for which there is no room.
TOO_MANY = "too_many"
_TAKEN = frozenset({"raw", "clean"})


class Room:
    """What is left beside some files, given as their sizes in bytes."""

    def __init__(self, sizes: Iterable[int]) -> None:
        known = list(sizes)
        self._files = MOST_FILES - len(known)
        self._bytes = MOST_BYTES - sum(known)

    def takes(self, size: int) -> bool:
        """Whether one more fits; it is counted then."""
        if self._files < 1 or size > self._bytes:
            return False
        self._files, self._bytes = self._files - 1, self._bytes - size
        return True


def fitting(session: Session, inbound: Inbound, waiting: Iterable[int]) -> Inbound:
    """The message with the files that fit beside those that wait already; its sender hears of the others."""
    if not (inbound.media or inbound.remote):
        return inbound
    room = Room(file.size for file in _files(session, waiting))
    media = tuple(key for key in inbound.media if room.takes(0))
    remote = tuple(file for file in inbound.remote if room.takes(max(0, file.size)))
    left = replace(inbound, media=media, remote=remote)
    if left == inbound:
        return inbound
    if not (media or remote or inbound.text.strip() or inbound.place):
        return replace(left, odd=TOO_MANY)
    tell(session)
    return left


def beside_case(session: Session, ticket: Record, author: str, media: Iterable[int]) -> tuple[int, ...]:
    """Of files for a case those that fit beside its author's; the others are given up, and their sender hears so."""
    assert session.writing is not None
    files = [file for file in _files(session, media) if file.address_id == session.writing.address.id]
    rows = [] if ticket.new or not files else session.plan.rows(cases.FILES, {"ticket": ticket.id})
    room = Room(row.size for row in rows if row.author == author and row.state in _TAKEN)
    over = [file for file in files if not room.takes(file.size)]
    for file in over:
        file.state, file.address_id, file.ref_sealed = "discarded", None, None
    if over:
        tell(session)
    return tuple(file.id for file in files if file not in over)


def tell(session: Session) -> None:
    """Say that there was no room, once in a burst."""
    assert session.writing is not None
    reader = "officer" if session.writing.address.account == STAFF else "citizen"
    reply(session, Reply(f"{reader}/odd", {"what": TOO_MANY, "first": False}, once=True))


def _files(session: Session, keys: Iterable[int]) -> list[Any]:
    found = (session.plan.one(Attachment, key) for key in keys)
    return [file for file in found if file is not None and file.state in _TAKEN]
