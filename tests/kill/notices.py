"""Notices that wait for many readers at once, and what it takes to send them all while somebody asks something."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import func, select

from bot.app import Program
from handlers.actions.post import PUSH
from handlers.messages import CITIZEN
from handlers.session import Session
from storage.plan import table_of
from storage.tables import Address, Conversation, Outbox, Person
from tests.kit.sample_facts import SAMPLES

#: Any page that says a case's number, which here counts the reader's notices.
PAGE = "citizen/added"

_outbox = table_of(Outbox)
_waiting = select(func.count()).select_from(_outbox).where(_outbox.c.state == "queued")


def queue_notices(session: Session, channel: str, readers: Sequence[str], turns: Sequence[int]) -> None:
    """One for each of the `turns`, which name readers by their place; "notice 0" is a reader's first."""
    to = [_reader(session, channel, reader) for reader in readers]
    for n, turn in enumerate(turns):
        person, address = to[turn]
        session.add(
            Outbox,
            dedupe_key=f"test:{n}",
            channel=channel,
            account=CITIZEN,
            address_id=address,
            person_id=person,
            page=PAGE,
            facts_sealed={**SAMPLES[PAGE][0].facts, "number": f"notice {turns[:n].count(turn)}"},
            lane=PUSH,
            created_at=session.moment.real,
        )


def _reader(session: Session, channel: str, reader: str) -> tuple[int, int]:
    person = session.add(Person, created_at=session.moment.real)
    row = session.add(
        Address,
        person_id=person.id,
        channel=channel,
        account=CITIZEN,
        key_hash=session.vault.hash("addresses.key_hash", channel, CITIZEN, reader),
        value_sealed=reader,
        heard_at=session.moment.real,
        created_at=session.moment.real,
    )
    session.add(Conversation, address_id=row.id, touched_at=session.moment.real)
    return person.id, row.id


async def drain(
    program: Program, queue: Callable[[Session], None], few: int, ask: Callable[[], Awaitable[object]]
) -> tuple[float, float]:
    """Queue, send, and `ask` something (until the answer is there) once only `few` are left.

    How long all of it took, and the answer alone, in seconds.
    """

    def left() -> int:
        with program.readers.begin() as connection:
            return int(connection.execute(_waiting).scalar_one())

    await program.errand(queue)
    started = time.monotonic()
    while await asyncio.to_thread(left) > few:  # noqa: ASYNC110 - the database says when
        await asyncio.sleep(0.05)
    asked = time.monotonic()
    await ask()
    answered = time.monotonic() - asked
    while await asyncio.to_thread(left):  # noqa: ASYNC110 - the database says when it is over
        await asyncio.sleep(0.05)
    return time.monotonic() - started, answered


def each_reader_has_them_in_order(arrived: Sequence[tuple[object, str]]) -> None:
    """(reader, text) of every notice, in the order of their arrival."""
    seen: dict[object, int] = {}
    for reader, text in arrived:
        assert f"notice {seen.get(reader, 0)}" in text
        seen[reader] = seen.get(reader, 0) + 1


def the_answer_overtook(texts: Sequence[str], most_before: int) -> None:
    """The one message that is no notice went after so many at most, and not among the last."""
    place = next(n for n, text in enumerate(texts) if "notice" not in text)
    assert place <= most_before, "the answer stood in line"
    assert place < len(texts) - 1, "it went last"
