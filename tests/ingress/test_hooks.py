"""What Telegram calls: who may, what is answered, and that 200 means committed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from bot.app import Program
from bot.bots import Bot, Bots
from bot.web.site import site
from handlers.messages import CITIZEN, STAFF
from storage.tables import Inbox, Quarantine
from storage.writer import Stopped
from tests.ingress.telegram import SECRET, Chat, Telegram, rows, running, said
from tests.ingress.test_ingress import breaks_on

pytestmark = pytest.mark.anyio
HOOK = f"/hooks/telegram/{CITIZEN}"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
ONE = pytest.mark.parametrize("dialect", ["sqlite"])


def bot(account: str = CITIZEN, telegram: Telegram | None = None, username: str = "lapor_bot") -> Bot:
    api = (telegram or Telegram()).api()
    return Bot(account, Chat(account), api, SECRET, username, f"TANGGAP_{account.upper()}_TELEGRAM_TOKEN")


class Door:
    """The web side of a process in which the citizen bot is on."""

    def __init__(self, program: Program, bots: Bots, http: httpx.AsyncClient) -> None:
        self.program = program
        self.bots = bots
        self.http = http

    async def posts(self, body: Any, path: str = HOOK, **headers: str) -> httpx.Response:
        """A post that knows the secret; the body is JSON unless it is bytes."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.http.post(path, content=content, headers={HEADER: SECRET, **headers})


@asynccontextmanager
async def opened(url: str, folder: Path, mode: str = "webhook") -> AsyncIterator[Door]:
    citizen = bot()
    async with running(url, folder, citizen.channel) as program:
        program.settings = program.settings.model_copy(update={"telegram_mode": mode})
        bots = Bots(program, [citizen])
        web = site(program, bots.routes())
        transport = httpx.ASGITransport(app=web, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://town.example") as http:
            yield Door(program, bots, http)
        await bots.ingresses[CITIZEN].stop()


async def test_two_hundred_means_committed(migrated_url: str, tmp_path: Path) -> None:
    async with opened(migrated_url, tmp_path) as door:
        answer = await door.posts(said(1, "halo"))
        assert (answer.status_code, answer.json()) == (200, {})
        assert [row.state for row in rows(door.program, Inbox)] == ["done"]
        assert (await door.posts(said(1, "halo"))).status_code == 200
        assert len(rows(door.program, Inbox)) == 1


async def test_what_failed_is_asked_for_again_and_then_taken(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as broken:
        breaks_on(broken, "halo")
        async with opened(migrated_url, tmp_path) as door:
            assert (await door.posts(said(1, "halo"))).status_code == 500
    decided = breaks_on(monkeypatch, "meledak")
    async with opened(migrated_url, tmp_path) as door:
        assert (await door.posts(said(1, "halo"))).status_code == 200
        assert (await door.posts(said(1, "halo"))).status_code == 200
        assert decided == ["halo"]
        statuses = [(await door.posts(said(2, "meledak"))).status_code for _ in range(3)]
        assert statuses == [500, 500, 200]
        assert len(rows(door.program, Quarantine)) == 1


@ONE
@pytest.mark.parametrize("error", [OperationalError("INSERT", {}, Exception("disk full")), Stopped(), KeyError("x")])
async def test_whatever_went_wrong_is_asked_for_again(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def refused(program: Program, inbounds: Any) -> Any:
        raise error

    async with opened(migrated_url, tmp_path) as door:
        monkeypatch.setattr(Program, "receive", refused)
        answer = await door.posts(said(1, "halo"))
        assert (answer.status_code, answer.json()) == (500, {"error": "Please bring it again."})
        assert door.bots.ingresses[CITIZEN].counts == {"failed": 1}


async def test_what_is_well_formed_and_unknown_is_counted(migrated_url: str, tmp_path: Path) -> None:
    async with opened(migrated_url, tmp_path) as door:
        assert (await door.posts({"update_id": 1, "odd": {}})).status_code == 200
        for _ in range(2):
            assert (await door.posts({"update_id": 2, "message": {"text": "\ud800"}})).status_code == 200
        assert door.bots.ingresses[CITIZEN].counts == {"ignored": 1, "quarantined": 2}
        assert len(rows(door.program, Quarantine)) == 1


@ONE
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({HEADER: ""}, 401),
        ({HEADER: "salah"}, 403),
        ({HEADER: SECRET[:-1]}, 403),
        ({HEADER: f"{SECRET} x"}, 403),
        ({HEADER: "rahasiá-ÿ"}, 403),
    ],
)
async def test_who_does_not_know_the_secret_is_turned_away_before_the_body_is_read(
    migrated_url: str, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async def body() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    async with opened(migrated_url, tmp_path) as door:
        sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
        answer = await door.http.post(HOOK, content=body(), headers=sent)
        assert answer.status_code == status
        assert SECRET not in answer.text
        assert rows(door.program, Inbox) == []


@ONE
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"halo"', 400),
        (b"\xff\xfe\xff", 400),
        (b"9" * 5000, 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b'{"update_id": 1, "odd": "' + b"x" * (1 << 20) + b'"}', 413),
        (b'{"update_id": 1, "odd": "' + b"x" * ((1 << 20) - 100) + b'"}', 200),
    ],
    ids=["empty", "cut", "a list", "a word", "no text", "a number", "deep", "deeper", "too long", "just not too long"],
)
async def test_a_body_that_is_no_update_is_told_so(migrated_url: str, tmp_path: Path, body: bytes, status: int) -> None:
    async with opened(migrated_url, tmp_path) as door:
        assert (await door.posts(body)).status_code == status
        assert rows(door.program, Inbox) == []


@ONE
async def test_a_long_body_is_refused_though_its_length_was_not_told(migrated_url: str, tmp_path: Path) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    async with opened(migrated_url, tmp_path) as door:
        assert (await door.http.post(HOOK, content=body(), headers={HEADER: SECRET})).status_code == 413


@ONE
async def test_only_a_bot_that_is_on_has_a_door_and_only_where_telegram_calls(
    migrated_url: str, tmp_path: Path
) -> None:
    async with opened(migrated_url, tmp_path) as door:
        assert (await door.posts({}, f"/hooks/telegram/{STAFF}")).status_code == 404
        assert (await door.posts({}, "/hooks/telegram/")).status_code == 404
        assert (await door.http.get(HOOK)).status_code == 405
    async with opened(migrated_url, tmp_path, mode="polling") as door:
        assert (await door.posts(said(1, "halo"))).status_code == 404
        assert rows(door.program, Inbox) == []
