"""Many pages for many people, over a channel as slow as a platform: order and limits are kept."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import Program
from bot.channels.base import Channel, Later, Outcome, Outgoing, Sent
from bot.delivery import Delivery, Ready
from handlers.messages import CITIZEN, Inbound
from handlers.session import Session
from storage.plan import table_of
from storage.tables import Address, Conversation, Outbox, Person
from tests.kit.sample_facts import SAMPLES
from tests.kit.town import settings_for

LATENCY = 0.15
PAGES = 3
#: Any page that says a case's number, which here counts the reader's pages.
PAGE = "citizen/added"
IN_FLIGHT = 8


class SlowChannel(Channel):
    """A platform that takes its time and remembers who was written to, and with how many others at once."""

    name = "phone"
    markup = "plain"
    accounts = (CITIZEN,)

    def __init__(self, *, stumbles: bool = False, rests: float = 0.0) -> None:
        self.sent: dict[str, list[str]] = defaultdict(list)
        self.open: Counter[str] = Counter()
        self.together = 0
        self.most_for_one = 0
        self._stumbles = stumbles
        self._rests = rests
        self._ended: dict[str, float] = {}
        self.gaps: list[float] = []
        self._tried: set[str] = set()

    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        return []

    async def send(self, outgoing: Outgoing) -> Outcome:
        self.gaps += [time.monotonic() - self._ended[outgoing.to]] if outgoing.to in self._ended else []
        self.open[outgoing.to] += 1
        self.together = max(self.together, self.open.total())
        self.most_for_one = max(self.most_for_one, self.open[outgoing.to])
        await asyncio.sleep(LATENCY)
        self.open[outgoing.to] -= 1
        self._ended[outgoing.to] = time.monotonic()
        if self._stumbles and outgoing.to not in self._tried:
            self._tried.add(outgoing.to)
            return Later(2 * LATENCY)
        self.sent[outgoing.to].append(outgoing.text)
        return Sent((outgoing.key,))

    def rest(self, to: str) -> float:
        return max(0.0, self._ended.get(to, 0.0) + self._rests - time.monotonic())


def queue_pages(session: Session, readers: int) -> None:
    """`PAGES` pages for each of so many citizens, shuffled: some are neighbours, some far apart."""
    addresses = [_citizen(session, n) for n in range(readers)]
    order = [n for n in range(readers) for _ in range(PAGES)]
    random.Random(1).shuffle(order)
    said: Counter[int] = Counter()
    for n in order:
        person, address = addresses[n]
        session.add(
            Outbox,
            dedupe_key=f"test:{n}:{said[n]}",
            channel="phone",
            account="citizen",
            address_id=address,
            person_id=person,
            page=PAGE,
            facts_sealed={**SAMPLES[PAGE][0].facts, "number": f"page {said[n]}"},
            created_at=session.moment.real,
        )
        said[n] += 1


def _citizen(session: Session, n: int) -> tuple[int, int]:
    person = session.add(Person, created_at=session.moment.real)
    row = session.add(
        Address,
        person_id=person.id,
        channel="phone",
        account="citizen",
        key_hash=session.vault.hash("addresses.key_hash", "phone", "citizen", f"reader-{n}"),
        value_sealed=f"reader-{n}",
        created_at=session.moment.real,
    )
    session.add(Conversation, address_id=row.id, touched_at=session.moment.real)
    return person.id, row.id


async def drained(url: str, folder: Path, channel: SlowChannel, readers: int, *, seconds: float = 60.0) -> float:
    """Queue, send, and wait until nothing is queued; returns how long that took."""
    settings = settings_for(url, folder, may_travel=False).model_copy(update={"sends_in_flight": IN_FLIGHT})
    program = Program(settings, channels=[channel])
    waiting = select(table_of(Outbox).c.id).where(table_of(Outbox).c.state == "queued")

    def left() -> int:
        with program.readers.begin() as connection:
            return len(connection.execute(waiting).all())

    async with asyncio.timeout(seconds), program.running(beat=False):
        await program.errand(lambda session: queue_pages(session, readers))
        started = time.monotonic()
        while await asyncio.to_thread(left):  # noqa: ASYNC110 - the database says when it is over
            await asyncio.sleep(0.05)
        return time.monotonic() - started


def in_order(channel: SlowChannel) -> bool:
    """Whether everybody read page 0, 1, 2, each once."""
    return all(
        len(texts) == PAGES and all(f"page {n}" in text for n, text in enumerate(texts))
        for texts in channel.sent.values()
    )


async def _drain(url: str, folder: Path, channel: SlowChannel, readers: int) -> None:
    took = await drained(url, folder, channel, readers)
    pages = sum(len(texts) for texts in channel.sent.values())
    print(f"\n{pages} pages in {took:.1f} s: {pages / took:.0f}/s, at most {channel.together} at a time")  # noqa: T201
    assert len(channel.sent) == readers
    assert in_order(channel)
    assert channel.most_for_one == 1
    assert 1 < channel.together <= IN_FLIGHT


def test_a_full_outbox_drains_in_order_with_few_sends_in_flight_and_one_per_reader(
    migrated_url: str, tmp_path: Path
) -> None:
    asyncio.run(_drain(migrated_url, tmp_path, SlowChannel(), readers=100))


def test_a_page_that_must_wait_is_not_overtaken_by_the_next_one_for_the_same_reader(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even while delivery is just looking at what is ready: here every look takes its time."""
    look = Delivery._ready

    def slow_look(delivery: Delivery, *accounts: str) -> list[Ready]:
        found = look(delivery, *accounts)
        time.sleep(LATENCY / 2)
        return found

    monkeypatch.setattr(Delivery, "_ready", slow_look)
    asyncio.run(_drain(migrated_url, tmp_path, SlowChannel(stumbles=True), readers=20))


def test_a_reader_who_must_be_left_alone_is_and_nobody_waits_for_him(migrated_url: str, tmp_path: Path) -> None:
    channel = SlowChannel(rests=0.6)
    asyncio.run(_drain(migrated_url, tmp_path, channel, readers=8))
    assert len(channel.gaps) == 16
    assert min(channel.gaps) >= 0.6
