"""Sends that go wrong on our side: each row still ends with a reason, and a process that stops leaves nothing open."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot.app import Program
from bot.channels.base import Outcome, Outgoing
from handlers.actions import outcomes
from handlers.session import Session
from storage.plan import table_of
from storage.tables import Lease, Outbox
from tests.kill.test_drain import SlowChannel, queue_pages
from tests.kit.town import settings_for

outbox = table_of(Outbox)


class RaisingChannel(SlowChannel):
    """A channel that breaks its promise for the first reader."""

    async def send(self, outgoing: Outgoing) -> Outcome:
        if outgoing.to == "reader-0":
            raise RuntimeError(outgoing.text)
        return await super().send(outgoing)


def program_on(url: str, folder: Path, channel: SlowChannel) -> Program:
    return Program(settings_for(url, folder, may_travel=False), channels=[channel])


def rows(program: Program) -> list[Any]:
    with program.readers.begin() as connection:
        return list(connection.execute(select(outbox).order_by(outbox.c.id)))


async def until(done: Any, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(done):  # noqa: ASYNC110 - the database says when it is over
            await asyncio.sleep(0.02)


async def _send_with_a_fault(program: Program, spoil: Any = None) -> list[Any]:
    """Two readers, three pages each, of which the first reader's can't be sent; returns the rows when all is quiet."""
    async with program.running(beat=False):
        await program.errand(lambda session: queue_pages(session, 2))
        if spoil:
            await program.errand(spoil)
        await until(lambda: sum(row.state == "sent" for row in rows(program)) >= 3 and rows(program)[0])
        await until(lambda: any(row.attempts for row in rows(program)))
        return rows(program)


def _of(found: list[Any], reader: int) -> list[Any]:
    return [row for row in found if row.dedupe_key.startswith(f"test:{reader}:")]


def test_a_channel_that_raises_costs_an_attempt_and_holds_up_nobody_else(migrated_url: str, tmp_path: Path) -> None:
    found = asyncio.run(_send_with_a_fault(program_on(migrated_url, tmp_path, RaisingChannel())))
    assert [row.state for row in _of(found, 1)] == ["sent"] * 3
    first, *behind = _of(found, 0)
    assert (first.state, first.attempts, first.lease_until) == ("queued", 1, None)
    assert first.retry_at is not None
    assert [row.attempts for row in behind] == [0, 0]


def test_a_row_that_cannot_be_read_costs_an_attempt_and_holds_up_nobody_else(migrated_url: str, tmp_path: Path) -> None:
    def spoil(session: Session) -> None:
        statement = update(outbox).where(outbox.c.dedupe_key == "test:0:0").values(facts_sealed=bytes(200))
        session.plan.connection.execute(statement)

    program = program_on(migrated_url, tmp_path, SlowChannel())
    found = asyncio.run(_send_with_a_fault(program, spoil))
    assert [row.state for row in _of(found, 1)] == ["sent"] * 3
    assert (_of(found, 0)[0].state, _of(found, 0)[0].attempts) == ("queued", 1)


def test_a_page_goes_once_although_the_database_was_away_when_it_had_gone(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = 3
    write_down = outcomes.sent

    def sent(session: Session, row: int, parts: tuple[str, ...], *more: Any) -> None:
        nonlocal away
        away -= 1
        if away >= 0:
            raise OperationalError("", {}, TimeoutError())
        write_down(session, row, parts, *more)

    async def run() -> None:
        channel = SlowChannel()
        program = program_on(migrated_url, tmp_path, channel)
        async with program.running(beat=False):
            await program.errand(lambda session: queue_pages(session, 1))
            await until(lambda: all(row.state == "sent" for row in rows(program)))
        assert len(channel.sent["reader-0"]) == 3

    monkeypatch.setattr(outcomes, "sent", sent)
    monkeypatch.setattr("bot.delivery.LOOK_EVERY", 0.1)
    asyncio.run(run())
    assert away < 0


def test_a_process_that_stops_lets_the_next_one_send_at_once(migrated_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        channel = SlowChannel()
        first = program_on(migrated_url, tmp_path, channel)
        async with first.running(beat=False):
            await first.errand(lambda session: queue_pages(session, 4))
            await until(lambda: any(row.state == "sent" for row in rows(first)))
        second = program_on(migrated_url, tmp_path, channel)
        with second.readers.begin() as connection:
            assert not connection.execute(select(table_of(Lease))).all()
        assert not [row for row in rows(second) if row.lease_until is not None]
        async with second.running(beat=False):
            await until(lambda: all(row.state == "sent" for row in rows(second)))
        assert all(len(texts) == 3 for texts in channel.sent.values())

    asyncio.run(run())


def test_the_pause_of_the_kill_tests_does_nothing_where_the_clock_may_not_travel(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> None:
        program = program_on(migrated_url, tmp_path, SlowChannel())
        async with program.running(beat=False):
            await program.errand(lambda session: queue_pages(session, 1))
            await until(lambda: all(row.state == "sent" for row in rows(program)))

    monkeypatch.setenv("TANGGAP_TEST_PAUSE", "3600")
    asyncio.run(run())
