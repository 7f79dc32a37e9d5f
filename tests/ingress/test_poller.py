"""The poller: nothing is forgotten uncommitted, one process asks at a time, and trouble is one clear sentence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot import poller
from bot.app import Program
from bot.ingress import Ingress
from bot.poller import Poller
from bot.web import health
from handlers.messages import CITIZEN
from storage.tables import Inbox, Lease, Quarantine
from tests.ingress.telegram import Chat, Telegram, refusal, rows, running, said, until
from tests.ingress.test_ingress import breaks_on

pytestmark = pytest.mark.anyio
ONE = pytest.mark.parametrize("dialect", ["sqlite"])


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, shorter; a lease is still longer than the time between two renewals."""
    for name, value in {"RENEW_EVERY": 0.05, "BREATH": 0.0, "SHORTEST": 0.01, "LONGEST": 0.05}.items():
        monkeypatch.setattr(poller, name, value)


class Process:
    """One process that polls."""

    def __init__(self, program: Program, telegram: Telegram) -> None:
        self.program = program
        self.ingress = Ingress(program, program.channels[0], CITIZEN)
        self.api = telegram.api()
        self.poller = Poller(program, self.ingress, self.api, token_name="TANGGAP_CITIZEN_TELEGRAM_TOKEN")
        self.task = asyncio.create_task(self.poller.run())

    async def stop(self) -> None:
        self.poller.stop()
        await asyncio.wait_for(self.task, 10)
        await self.ingress.stop()

    async def dies(self) -> None:
        """Ends like a killed process: nothing is given back."""

        async def nothing() -> None: ...

        self.poller._give_back = nothing  # type: ignore[method-assign]
        await self.stop()

    def seen(self) -> int:
        return len([row for row in rows(self.program, Inbox) if row.state == "done"])


@asynccontextmanager
async def polling(url: str, folder: Path, telegram: Telegram) -> AsyncIterator[Process]:
    async with running(url, folder, Chat()) as program:
        process = Process(program, telegram)
        yield process
        await process.stop()


def held_back(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let nothing be received before this event."""
    held, usual = asyncio.Event(), Program.receive

    async def slowly(program: Program, inbounds: Any) -> Any:
        await held.wait()
        return await usual(program, inbounds)

    monkeypatch.setattr(Program, "receive", slowly)
    return held


def offsets(telegram: Telegram) -> list[int]:
    return [int(given["offset"]) for given in telegram.called("getUpdates")]


async def test_updates_are_taken_in_order_and_confirmed_at_the_end(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = breaks_on(monkeypatch, "meledak")
    telegram = Telegram()
    telegram.brings(*(said(n, f"pesan {n}") for n in range(10, 130)))
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: process.seen() == 120, "all are taken")
        telegram.brings(said(130, "yang terakhir"))
        await until(lambda: process.seen() == 121, "the last one is taken")
    assert decided == [*(f"pesan {n}" for n in range(10, 130)), "yang terakhir"]
    assert telegram.calls[0] == ("deleteWebhook", {})
    assert all(given["limit"] <= 50 for given in telegram.called("getUpdates"))
    asked = telegram.called("getUpdates")[0]
    assert asked["allowed_updates"] == ["message", "edited_message", "callback_query", "my_chat_member"]
    last = telegram.called("getUpdates")[-1]
    assert (last["offset"], last["timeout"]) == (131, 0)
    assert telegram.updates == []
    assert not any("drop_pending_updates" in given for _, given in telegram.calls)


async def test_the_offset_moves_only_after_the_commit(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = held_back(monkeypatch)
    telegram = Telegram()
    telegram.brings(said(3, "halo"))
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: offsets(telegram) == [0], "it asks")
        await asyncio.sleep(0.1)
        assert offsets(telegram) == [0], "nothing more is asked for while an update is in hand"
        held.set()
        await until(lambda: offsets(telegram) == [0, 4], "it is confirmed")
        assert process.seen() == 1


async def test_an_ill_database_keeps_the_offset(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, usual = [True], Program.receive

    async def refused(program: Program, inbounds: Any) -> Any:
        if ill[0] and inbounds[0].text == "kedua":
            raise OperationalError("INSERT", {}, Exception("disk full"))
        return await usual(program, inbounds)

    monkeypatch.setattr(Program, "receive", refused)
    telegram = Telegram()
    telegram.brings(said(1, "pertama"), said(2, "kedua"), said(3, "ketiga"))
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: offsets(telegram)[-3:] == [2, 2, 2], "it asks for the second one again and again")
        assert process.seen() == 2, "the one behind it was taken meanwhile"
        ill[0] = False
        await until(lambda: process.seen() == 3, "all are taken")
        assert rows(process.program, Quarantine) == []


async def test_one_strange_update_does_not_stop_the_others(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    telegram.brings(said(1, "pertama"), {"update_id": 2, "message": None}, said(3, "ketiga"))
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: offsets(telegram)[-1:] == [4], "all three are behind us")
        assert process.seen() == 2
        assert len(rows(process.program, Quarantine)) == 1
        assert process.ingress.counts == {"taken": 2, "quarantined": 1}


@ONE
async def test_an_update_without_a_number_is_kept_once_and_asked_for_without_haste(
    migrated_url: str, tmp_path: Path
) -> None:
    telegram = Telegram()
    telegram.brings({"no": "number"})
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: len(offsets(telegram)) >= 4, "it comes again")
        assert set(offsets(telegram)) == {0}
        assert len(rows(process.program, Quarantine)) == 1
        assert process.poller._pause > poller.SHORTEST


async def test_a_step_that_always_fails_ends_in_quarantine_and_others_run_meanwhile(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = breaks_on(monkeypatch, "meledak")
    telegram = Telegram()
    telegram.brings(said(1, "meledak", sender=8), said(2, "kedua"), said(3, "ketiga"))
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: offsets(telegram)[-1:] == [4], "all three are behind us")
        assert sorted(decided) == ["kedua", "ketiga", "meledak", "meledak", "meledak"]
        assert decided.index("ketiga") < 3, "nobody waited for the third try"
        assert process.seen() == 2
        assert len(rows(process.program, Quarantine)) == 1


async def test_after_a_restart_nothing_is_done_twice(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = breaks_on(monkeypatch, "meledak")
    telegram = Telegram()
    telegram.brings(said(1, "halo"), {"update_id": 2, "message": None})
    async with polling(migrated_url, tmp_path, telegram):
        await until(lambda: offsets(telegram)[-1:] == [3], "both are behind us")
    telegram.brings(said(1, "halo"), {"update_id": 2, "message": None}, said(3, "lagi"))  # the kill ate the offset
    telegram.calls.clear()
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: offsets(telegram)[-1:] == [4], "all are behind us")
        assert len(rows(process.program, Quarantine)) == 1
    assert decided == ["halo", "lagi"]


@ONE
async def test_after_a_quiet_time_updates_may_be_counted_from_anywhere(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    telegram.brings(said(900, "halo"))
    async with running(migrated_url, tmp_path) as program:
        process = Process(program, telegram)
        process.poller._wait = 0
        await until(lambda: offsets(telegram)[-2:] == [0, 0], "all is confirmed")
        telegram.brings(said(17, "seminggu kemudian"))
        await until(lambda: process.seen() == 2, "it is taken")
        await process.stop()


# --- one process at a time


async def test_of_two_processes_one_asks_and_the_other_goes_on_when_it_stops(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    async with polling(migrated_url, tmp_path, telegram) as first:
        await until(lambda: telegram.asking, "the first one asks")
        async with running(migrated_url, tmp_path, Chat()) as program:
            second = Process(program, telegram)
            telegram.brings(said(1, "halo"))
            await until(lambda: first.seen() == 1, "it is taken")
            await asyncio.sleep(0.2)
            assert (first.ingress.counts["taken"], second.ingress.counts["taken"]) == (1, 0)
            await first.stop()
            telegram.brings(said(2, "halo lagi"))
            await until(lambda: second.ingress.counts["taken"] == 1, "the other one takes over", 2.0)
            await second.stop()
    assert telegram.most_asking == 1


async def test_a_dead_process_is_replaced_when_its_lease_has_run_out(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "LEASE", timedelta(seconds=0.5))
    telegram = Telegram()
    async with running(migrated_url, tmp_path, Chat()) as program:
        first = Process(program, telegram)
        await until(lambda: telegram.asking, "the first one asks")
        await first.dies()
        async with polling(migrated_url, tmp_path, telegram) as second:
            telegram.brings(said(1, "halo"))
            await until(lambda: second.seen() == 1, "the other one takes over", 3.0)


async def test_a_process_that_cannot_renew_asks_no_longer_than_its_lease_lasts(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poller, "LEASE", timedelta(seconds=0.4))
    ill, usual = [False], Program.errand

    async def refused(program: Program, body: Any, **rest: Any) -> Any:
        if ill[0]:
            raise OperationalError("UPDATE", {}, Exception("gone"))
        return await usual(program, body, **rest)

    monkeypatch.setattr(Program, "errand", refused)
    telegram = Telegram()
    async with polling(migrated_url, tmp_path, telegram):
        await until(lambda: telegram.asking, "it asks")
        ill[0] = True
        await asyncio.sleep(0.15)
        assert telegram.asking == 1, "what it holds it may use"
        await until(lambda: not telegram.asking, "it has stopped asking", 1.0)
        ill[0] = False
        await until(lambda: telegram.asking, "it asks again", 2.0)


async def test_a_lease_that_another_process_took_ends_the_question_at_once(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    async with polling(migrated_url, tmp_path, telegram) as process:
        await until(lambda: telegram.asking, "it asks")
        await process.program.errand(lambda session: _steal(session.plan.connection))
        await until(lambda: not telegram.asking, "it has stopped asking", 1.0)


def _steal(connection: Any) -> None:
    connection.execute(update(Lease).values(holder="another"))


@ONE
async def test_stopping_lets_what_is_in_hand_end_and_gives_the_lease_back(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = held_back(monkeypatch)
    telegram = Telegram()
    telegram.brings(said(3, "halo"))
    async with running(migrated_url, tmp_path) as program:
        process = Process(program, telegram)
        await until(lambda: telegram.called("getUpdates"), "it asks")
        await asyncio.sleep(0.02)
        process.poller.stop()
        asyncio.get_running_loop().call_later(0.1, held.set)
        await process.stop()
        assert process.seen() == 1
        assert (offsets(telegram), telegram.updates) == ([0, 4], [])
        with program.readers.begin() as connection:
            assert connection.execute(select(Lease)).all() == []


# --- trouble


@ONE
@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (
            refusal(409, "Conflict: terminated by other getUpdates request"),
            "another program polls with the token of the citizen bot: stop it, or give this town a bot of its own",
        ),
        (
            refusal(409, "Conflict: can't use getUpdates method while webhook is active"),
            "a webhook was set for the citizen bot while this town polls",
        ),
        (refusal(401, "Unauthorized"), "set TANGGAP_CITIZEN_TELEGRAM_TOKEN as BotFather shows it"),
        (httpx.ConnectError("no route to api.telegram.org/bot1:x/"), "Telegram was not reached (ConnectError)"),
        (httpx.Response(502, text="<html>"), "502 what answered does not speak the Bot API"),
        (httpx.Response(200, json={"ok": True, "result": {}}), "what answered does not speak the Bot API"),
    ],
)
async def test_trouble_is_one_sentence_and_a_patient_retry(
    migrated_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    failure: httpx.Response | Exception,
    sentence: str,
) -> None:
    telegram = Telegram()
    telegram.brings(said(1, "halo"))
    telegram.failures.append(httpx.Response(200, json={"ok": True, "result": True}))
    telegram.failures.extend([failure] * 3)
    with caplog.at_level(logging.INFO, "bot.poller"):
        async with polling(migrated_url, tmp_path, telegram) as process:
            await until(lambda: process.seen() == 1, "it is taken in the end")
    told = [record.getMessage() for record in caplog.records if record.name == "bot.poller"]
    assert len(told) == 2, "said once, and when it is over"
    assert sentence in told[0]
    assert told[1] == "the citizen bot is heard again"
    assert "bot1:x" not in caplog.text


@ONE
async def test_after_a_conflict_a_webhook_is_removed_again(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    telegram.failures.append(httpx.Response(200, json={"ok": True, "result": True}))
    telegram.failures.append(refusal(409, "Conflict: can't use getUpdates method while webhook is active"))
    async with polling(migrated_url, tmp_path, telegram):
        await until(lambda: len(telegram.calls) >= 4, "it asks again")
    names = [name for name, _ in telegram.calls][:4]
    assert names == ["deleteWebhook", "getUpdates", "deleteWebhook", "getUpdates"]


@ONE
async def test_telegram_is_left_alone_as_long_as_it_asks(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    slow_down = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 0.3}}
    telegram.failures.append(httpx.Response(429, json=slow_down))
    began = asyncio.get_running_loop().time()
    async with polling(migrated_url, tmp_path, telegram):
        await until(lambda: len(telegram.calls) > 1, "it asks again")
    assert asyncio.get_running_loop().time() - began >= 0.3


@ONE
async def test_a_bot_that_is_not_heard_for_long_is_named_by_health(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DEAF", 0.3)
    deaf = "the citizen bot has not been heard for 0 minutes"
    telegram = Telegram()
    telegram.failures.extend([httpx.ConnectError("no route")] * 10_000)
    async with polling(migrated_url, tmp_path, telegram) as process:
        assert deaf not in health._faults(process.program)
        await until(lambda: deaf in health._faults(process.program), "health names it")
        telegram.failures.clear()
        telegram.brings(said(1, "halo"))
        await until(lambda: deaf not in health._faults(process.program), "it is heard again")
