"""The bots of a process: what they are called, who asks and who is called."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot import bots as module
from bot.app import Program
from bot.bots import Bots, bots_of
from bot.settings import load_settings
from handlers.messages import CITIZEN
from storage import accounts
from storage.tables import Work
from tests.ingress.telegram import SECRET, Telegram, refusal, running, until
from tests.ingress.test_hooks import bot
from tests.kit.town import settings_for, siantar

pytestmark = pytest.mark.anyio
ONE = pytest.mark.parametrize("dialect", ["sqlite"])


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHORTEST", 0.01)
    monkeypatch.setattr(module, "LONGEST", 0.05)


class Heard:
    """A process with the citizen bot, and what it told the operator."""

    def __init__(self, program: Program, said: list[str], listening: asyncio.Event) -> None:
        self.program = program
        self.said = said
        self.listening = listening

    async def kept(self) -> str | None:
        found: str | None = await self.program.errand(
            lambda session: accounts.name_of(session.plan.connection, "telegram", CITIZEN)
        )
        return found


@asynccontextmanager
async def hearing(
    url: str, folder: Path, telegram: Telegram, *, mode: str = "polling", username: str = "", **roles: Any
) -> AsyncIterator[Heard]:
    citizen = bot(CITIZEN, telegram, username)
    async with running(url, folder, citizen.channel) as program:
        more = {"telegram_mode": mode, "public_url": "https://lapor.example"}
        program.settings = program.settings.model_copy(update=more)
        heard = Heard(program, [], asyncio.Event())
        listening = heard.listening if roles.get("hooks") else None
        async with Bots(program, [citizen], say=heard.said.append).hearing(
            polls=roles.get("polls", False), listening=listening
        ):
            yield heard


async def test_a_name_that_is_not_set_is_asked_for_and_kept(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    telegram.failures.extend([httpx.ConnectError("no route"), refusal(502, "Bad Gateway")])
    async with hearing(migrated_url, tmp_path, telegram) as first:
        await until(lambda: first.said, "the name is told")
        assert first.said == ["The citizen bot is @lapor_siantar_bot (polling)."]
        assert first.program.channels[0].username == "lapor_siantar_bot"
        assert await first.kept() == "lapor_siantar_bot"
    telegram.failures.extend([httpx.ConnectError("no route")] * 1000)
    async with hearing(migrated_url, tmp_path, telegram) as second:
        await until(lambda: second.said, "it is told though nobody could be asked")
        assert second.program.channels[0].username == "lapor_siantar_bot"


@ONE
async def test_a_new_name_takes_the_place_of_the_old_one(migrated_url: str, tmp_path: Path) -> None:
    async with running(migrated_url, tmp_path) as program:
        await program.errand(
            lambda session: accounts.keep_name(session.plan.connection, "telegram", CITIZEN, "lama_bot", session.now)
        )
    async with hearing(migrated_url, tmp_path, Telegram()) as heard:
        await until(lambda: len(heard.said) == 2, "both names are told")
        assert heard.program.channels[0].username == "lapor_siantar_bot"
        assert await heard.kept() == "lapor_siantar_bot"


@ONE
async def test_a_name_that_is_set_is_not_asked_for(migrated_url: str, tmp_path: Path) -> None:
    telegram = Telegram()
    async with hearing(migrated_url, tmp_path, telegram, username="lapor_bot") as heard:
        await until(lambda: heard.said, "the name is told")
        assert telegram.called("getMe") == []


@ONE
async def test_the_webhook_is_set_once_somebody_listens_and_until_it_succeeds(
    migrated_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    telegram = Telegram()
    telegram.failures.extend([refusal(400, "Bad Request: bad webhook: failed to resolve host")] * 2)
    roles: dict[str, Any] = {"polls": True, "hooks": True, "username": "lapor_bot", "mode": "webhook"}
    with caplog.at_level(logging.INFO, "bot.bots"):
        async with hearing(migrated_url, tmp_path, telegram, **roles) as heard:
            await asyncio.sleep(0.05)
            assert telegram.calls == []
            assert CITIZEN in heard.program.heard, "deaf until then"
            heard.listening.set()
            await until(lambda: len(telegram.calls) == 3, "it is set in the end")
            await until(lambda: CITIZEN not in heard.program.heard, "silence is no alarm any more")
    assert {name for name, _ in telegram.calls} == {"setWebhook"}
    assert telegram.calls[-1][1] == {
        "url": "https://lapor.example/hooks/telegram/citizen",
        "secret_token": SECRET,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        "max_connections": 40,
    }
    refused = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert refused == [
        "Telegram refuses the webhook of the citizen bot (Bad Request: bad webhook: failed to resolve host):"
        " check TANGGAP_PUBLIC_URL"
    ]


@ONE
@pytest.mark.parametrize(
    ("mode", "roles", "methods"),
    [
        ("polling", {"polls": True, "hooks": True}, {"deleteWebhook", "getUpdates"}),
        ("polling", {"polls": True}, {"deleteWebhook", "getUpdates"}),
        ("polling", {"hooks": True}, set()),
        ("webhook", {"polls": True, "hooks": True}, {"setWebhook"}),
        ("webhook", {"polls": True}, set()),
        ("webhook", {"hooks": True}, {"setWebhook"}),
    ],
)
async def test_each_role_does_its_part(
    migrated_url: str, tmp_path: Path, mode: str, roles: dict[str, bool], methods: set[str]
) -> None:
    telegram = Telegram()
    async with hearing(migrated_url, tmp_path, telegram, mode=mode, username="lapor_bot", **roles) as heard:
        heard.listening.set()
        if methods:
            await until(lambda: {name for name, _ in telegram.calls} == methods, "its part is done")
        else:
            await asyncio.sleep(0.05)
    assert {name for name, _ in telegram.calls} == methods


def test_without_tokens_no_bot_is_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert bots_of(load_settings()) == []


@ONE
@pytest.mark.parametrize("delivers", [True, False])
async def test_slow_work_is_done_where_pages_are_sent(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, delivers: bool
) -> None:
    done: list[str] = []

    async def does(self: Any) -> int:
        done.append("work")
        return 0

    monkeypatch.setattr("bot.work.Workshop.do_waiting", does)
    program = Program(settings_for(migrated_url, tmp_path, may_travel=False), region=siantar())
    async with program.running(deliver=delivers, beat=False):
        await program.errand(lambda session: session.add(Work, key="clean:1", kind="clean_photo", subject={}) and None)
        await asyncio.sleep(0.05)
    assert done == ["work"] * delivers
