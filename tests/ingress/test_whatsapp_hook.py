"""What Meta calls: who may, what is answered, that 200 means committed, and that every part stands for itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.app import Program
from bot.channels.whatsapp import WhatsAppChannel
from bot.numbers import Numbers
from bot.web.site import site
from bot.web.whatsapp import PATH
from storage.tables import Address, Inbox, Quarantine
from tests.channels.meta import (
    NUMBER,
    SECRET,
    STAFF_NUMBER,
    VERIFY,
    Body,
    as_bytes,
    body,
    change,
    contact,
    said,
    signed,
    text,
)
from tests.ingress.telegram import rows, running
from tests.ingress.test_ingress import breaks_on

pytestmark = pytest.mark.anyio
ONE = pytest.mark.parametrize("dialect", ["sqlite"])


class Door:
    """The web side of a process in which WhatsApp is on."""

    def __init__(self, program: Program, numbers: Numbers, http: httpx.AsyncClient) -> None:
        self.program = program
        self.numbers = numbers
        self.http = http

    async def posts(self, found: Body | bytes, **headers: str) -> int:
        """The status of a post that is signed, unless its headers say otherwise."""
        raw = found if isinstance(found, bytes) else as_bytes(found)
        return (await self.http.post(PATH, content=raw, headers=headers or signed(raw))).status_code

    def counts(self, account: str = "citizen") -> dict[str, int]:
        return dict(self.numbers.ingresses[account].counts)


@asynccontextmanager
async def opened(url: str, folder: Path) -> AsyncIterator[Door]:
    numbers = {"citizen": NUMBER, "staff": STAFF_NUMBER}
    channel = WhatsAppChannel(numbers, token="EAAB", app_secret=SECRET, api_url="http://127.0.0.1:9")
    async with running(url, folder, channel) as program:
        set_to = {"whatsapp_verify_token": VERIFY}
        program.settings = type(program.settings).model_validate(program.settings.model_dump() | set_to)
        hearing = Numbers(program, channel)
        web = site(program, hearing.routes())
        transport = httpx.ASGITransport(app=web, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://town.example") as http:
            yield Door(program, hearing, http)
        await hearing.stop()


def two() -> Body:
    return said(text("satu", "w1"), text("dua", "w2"))


async def test_two_messages_in_one_body_make_two_effects_and_no_more_when_it_comes_again(
    migrated_url: str, tmp_path: Path
) -> None:
    async with opened(migrated_url, tmp_path) as door:
        assert [await door.posts(two()) for _ in range(2)] == [200, 200]
        assert [row.state for row in rows(door.program, Inbox)] == ["done", "done"]
        again = body(*(change(contacts=[contact()], messages=[text(f"{n}", f"w{n}")]) for n in (2, 3)))
        assert await door.posts(again) == 200
        assert len(rows(door.program, Inbox)) == 3
        assert len(rows(door.program, Address)) == 1


async def test_a_poison_part_holds_up_no_other_and_ends_in_quarantine(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = breaks_on(monkeypatch, "meledak")
    async with opened(migrated_url, tmp_path) as door:
        poisoned = said(text("satu", "w1"), text("meledak", "w2"), text("tiga", "w3"))
        assert [await door.posts(poisoned) for _ in range(4)] == [500, 500, 200, 200]
        assert sorted(row.state for row in rows(door.program, Inbox)) == ["done", "done", "quarantined"]
        assert sorted(decided) == [*["meledak"] * 3, "satu", "tiga"]


@ONE
async def test_a_part_that_cannot_be_read_is_kept_alone(
    migrated_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nameless = change(contacts=[contact(user=None)], messages=[text("rahasia", "w2")])
    async with opened(migrated_url, tmp_path) as door:
        found = body(change(contacts=[contact()], messages=[text("satu", "w1")]), nameless)
        assert [await door.posts(found) for _ in range(2)] == [200, 200]
        (kept,) = rows(door.program, Quarantine)
        sealed = door.program.house.vault.open("quarantine.body_sealed", kept.id, kept.body_sealed)
        assert json.loads(sealed) == body(nameless)
        assert door.counts() == {"taken": 2, "quarantined": 2}
        assert "an event is in quarantine" in caplog.messages
        assert "rahasia" not in caplog.text


@ONE
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-nothing": "1"}, 401),
        ({"X-Hub-Signature-256": "sha256=" + "0" * 64}, 403),
        ({"X-Hub-Signature-256": "0"}, 403),
        (signed(as_bytes(two()), "another secret"), 403),
        (signed(as_bytes(two()) + b" "), 403),
    ],
)
async def test_a_stranger_has_no_effect(
    migrated_url: str, tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with opened(migrated_url, tmp_path) as door:
        assert await door.posts(as_bytes(two()), **headers) == status
        assert rows(door.program, Inbox) == []
        assert door.counts() == {}


@ONE
async def test_the_signature_is_over_the_bytes_as_they_came(migrated_url: str, tmp_path: Path) -> None:
    async with opened(migrated_url, tmp_path) as door:
        found = said(text("\N{THUMBS UP SIGN} é"))
        assert await door.posts(json.dumps(found, indent=2, ensure_ascii=False).encode()) == 200
        assert await door.posts(json.dumps(found).replace("/", "\\/").encode()) == 200
        assert len(rows(door.program, Inbox)) == 1


@ONE
async def test_what_is_broken_or_too_large_is_said_to_be_so(migrated_url: str, tmp_path: Path) -> None:
    async with opened(migrated_url, tmp_path) as door:
        statuses = [await door.posts(raw) for raw in (b"{", b"[]", b"\xff", b'{"a":"' + b"x" * (4 << 20) + b'"}')]
        assert statuses == [400, 400, 400, 413]


@ONE
async def test_what_is_well_formed_and_none_of_ours_is_counted(
    migrated_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(migrated_url, tmp_path) as door:
        elsewhere: list[Any] = [
            body(change(field="message_template_status_update", event="PAUSED")),
            {
                "object": "whatsapp_business_account",
                "entry": [{"id": "1", "changes": [{"field": "account_update", "value": {}}]}],
            },
            said(text("halo", "w9"), number="4711"),
            {"hello": "world"},
        ]
        assert [await door.posts(found) for found in elsewhere] == [200] * 4
        assert door.counts() == {"ignored": 2, "quarantined": 1}
        assert door.numbers.hook.counts == {"strange": 1}
        assert any("a number that is not ours" in said for said in caplog.messages)
        assert [row.state for row in rows(door.program, Inbox)] == ["quarantined"]


@ONE
async def test_the_number_that_was_written_to_is_the_account(migrated_url: str, tmp_path: Path) -> None:
    async with opened(migrated_url, tmp_path) as door:
        await door.posts(said(text("halo", "w1")))
        await door.posts(said(text("/kotak", "w2"), number=STAFF_NUMBER))
        assert [row.account for row in rows(door.program, Address)] == ["citizen", "staff"]
        assert (door.counts(), door.counts("staff")) == ({"taken": 1}, {"taken": 1})


@ONE
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}, 200),
        ({"hub.mode": "subscribe", "hub.verify_token": "kata lain", "hub.challenge": "1"}, 403),
        ({"hub.mode": "subscribe", "hub.verify_token": "\xe9", "hub.challenge": "1"}, 403),
        ({"hub.mode": "subscribe", "hub.challenge": "1"}, 403),
        ({"hub.mode": "unsubscribe", "hub.verify_token": VERIFY, "hub.challenge": "1"}, 403),
        ({}, 403),
    ],
)
async def test_meta_hears_its_own_word_back_when_it_knows_ours(
    migrated_url: str, tmp_path: Path, asked: dict[str, str], status: int
) -> None:
    async with opened(migrated_url, tmp_path) as door:
        answer = await door.http.get(PATH, params=asked)
        assert answer.status_code == status
        if status == 200:
            assert answer.text == "1158201444"
            assert answer.headers["content-type"].startswith("text/plain")
