"""What becomes of one update: taken, of no concern, kept aside once, or asked for again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.ingress import Ingress
from handlers import receive
from handlers.messages import CITIZEN
from handlers.receive import StepFailedError
from storage.tables import Inbox, Message, Quarantine
from tests.ingress.telegram import Chat, rows, running, said, until

pytestmark = pytest.mark.anyio


def breaks_on(monkeypatch: pytest.MonkeyPatch, word: str) -> list[str]:
    """Steps about a text with this word fail; returns the texts that were decided about, in order."""
    decided: list[str] = []
    usual = receive.decide

    def decide(session: Any, inbound: Any, *rest: Any) -> Any:
        decided.append(inbound.text)
        if word in inbound.text:
            raise RuntimeError(inbound.text)
        return usual(session, inbound, *rest)

    monkeypatch.setattr(receive, "decide", decide)
    return decided


async def test_an_update_is_taken_before_the_answer_and_acknowledged_beside_it(
    migrated_url: str, tmp_path: Path
) -> None:
    chat = Chat()
    chat.slow = asyncio.Event()
    async with running(migrated_url, tmp_path, chat) as program:
        ingress = Ingress(program, chat, CITIZEN)
        await ingress.take(said(1, "halo"))
        assert [row.state for row in rows(program, Inbox)] == ["done"]
        assert chat.acknowledged == [], "the answer does not wait for it"
        chat.slow.set()
        await ingress.stop()
        assert chat.acknowledged == [said(1, "halo")]
        assert ingress.counts == {"taken": 1}


async def test_what_concerns_nobody_is_counted_and_leaves_nothing(migrated_url: str, tmp_path: Path) -> None:
    async with running(migrated_url, tmp_path) as program:
        ingress = Ingress(program, Chat(), CITIZEN)
        await ingress.take({"update_id": 1, "odd": {}})
        assert ingress.counts == {"ignored": 1}
        assert rows(program, Inbox) == rows(program, Quarantine) == []


async def test_what_cannot_be_parsed_is_kept_sealed_and_once(migrated_url: str, tmp_path: Path) -> None:
    strange = {"update_id": 5, "message": {"text": "rahasia besar \ud800"}}
    async with running(migrated_url, tmp_path) as program:
        ingress = Ingress(program, Chat(), CITIZEN)
        await asyncio.gather(*(ingress.take(dict(strange)) for _ in range(3)))
        await ingress.take(dict(reversed(strange.items())))
        (kept,) = rows(program, Quarantine)
        assert (kept.channel, kept.account, kept.reason) == ("telegram", CITIZEN, "ValueError")
        assert b"rahasia" not in kept.body_sealed
        opened = program.house.vault.open_text("quarantine.body_sealed", kept.id, kept.body_sealed)
        assert opened == '{"message":{"text":"rahasia besar \\ud800"},"update_id":5}'
        assert ingress.counts == {"quarantined": 4}
        await ingress.take({**strange, "update_id": 6})
        assert len(rows(program, Quarantine)) == 2


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_an_update_that_is_only_just_readable_is_kept_too(migrated_url: str, tmp_path: Path) -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"a": deep}
    async with running(migrated_url, tmp_path) as program:
        ingress = Ingress(program, Chat(), CITIZEN)
        await ingress.take({"update_id": 1, "message": deep})
        assert ingress.counts == {"quarantined": 1}


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_a_fault_of_the_parser_itself_keeps_the_update_too(migrated_url: str, tmp_path: Path) -> None:
    class Faulty(Chat):
        def parse(self, account: str, raw: dict[str, Any]) -> list[Any]:
            raise ZeroDivisionError

    async with running(migrated_url, tmp_path) as program:
        await Ingress(program, Faulty(), CITIZEN).take(said(1, "halo"))
        assert [row.reason for row in rows(program, Quarantine)] == ["ZeroDivisionError"]


async def test_a_step_that_fails_is_asked_for_again_and_put_aside_at_the_third_time(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks_on(monkeypatch, "meledak")
    async with running(migrated_url, tmp_path) as program:
        ingress = Ingress(program, Chat(), CITIZEN)
        for _ in range(2):
            with pytest.raises(StepFailedError):
                await ingress.take(said(1, "meledak"))
        await ingress.take(said(1, "meledak"))
        await ingress.take(said(1, "meledak"))
        assert ingress.counts == {"failed": 2, "quarantined": 1, "taken": 1}
        assert len(rows(program, Quarantine)) == 1
        assert rows(program, Message) == []


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_an_acknowledgement_that_fails_or_hangs_hurts_nobody(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.ingress.LANDING", 0.05)
    chat = Chat()
    chat.slow = asyncio.Event()
    async with running(migrated_url, tmp_path, chat) as program:
        ingress = Ingress(program, chat, CITIZEN)
        await ingress.take(said(1, "halo"))
        await ingress.stop()
        await until(lambda: not ingress._tasks, "the hanging one is given up")
        monkeypatch.setattr(chat, "acknowledge", lambda raw: _fails())
        await ingress.take(said(2, "halo lagi"))
        await ingress.stop()
        assert ingress.counts == {"taken": 2}


async def _fails() -> None:
    raise RuntimeError
