"""What Meta says of our templates reaches delivery: asked at the start, and brought by the webhook in between."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.app import Program
from bot.graphapi import GraphApi
from bot.message_template_files import PREFIX
from bot.message_templates import MessageTemplates
from bot.numbers import Numbers, keeper_of, whatsapp_of
from bot.rendering import Renderer
from bot.template_account import push
from bot.template_keeper import EVERY, SOON, TemplateKeeper, Told, told
from storage import message_templates
from storage.message_templates import Known
from tests.channels.meta import body
from tests.kit.town import settings_for, siantar
from tests.whatsapp.standin import Account

pytestmark = pytest.mark.anyio
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
RENDERER = Renderer(TEMPLATES, zone="Asia/Jakarta", town="Kota Pematangsiantar")
ANSWER = f"{PREFIX}citizen_answer"
#: Every template in both languages.
ALL = 2 * len(list((TEMPLATES / "whatsapp").glob("[!w]*.yaml")))


class Served(NamedTuple):
    """A town that hears its account's webhooks."""

    program: Program
    numbers: Numbers
    account: Account

    def known(self) -> dict[tuple[str, str], Known]:
        with self.program.readers.begin() as connection:
            rows = message_templates.known(connection, "whatsapp")
        return {(row.name, row.language): row for row in rows}


@contextlib.asynccontextmanager
async def serving(account: Account, url: str, folder: Path) -> AsyncIterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        home = f"http://127.0.0.1:{door.getsockname()[1]}"
        settings = settings_for(url, folder).model_copy(
            update={
                "public_url": home,
                "whatsapp_api_url": account.api,
                "whatsapp_app_secret": SecretStr(account.secret),
                "whatsapp_business_id": account.id,
                "whatsapp_phone_id": account.number,
                "whatsapp_staff_phone_id": account.staff_number,
                "whatsapp_token": SecretStr(account.token),
                "whatsapp_verify_token": SecretStr(account.verify_token),
            }
        )
        channel = whatsapp_of(settings)
        assert channel is not None
        program = Program(settings, channels=[channel], region=siantar())
        numbers = Numbers(program, channel)
        web = Starlette(routes=numbers.routes())
        server = uvicorn.Server(uvicorn.Config(web, lifespan="off", log_level="warning", access_log=False))
        async with program.running(deliver=False, beat=False), numbers.hearing():
            listening = asyncio.create_task(server.serve([door]))
            while not server.started:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.002)
            assert await account.aside.subscribe(f"{home}/hooks/whatsapp") == ""
            yield Served(program, numbers, account)
            await account.aside.subscribe("")
            server.should_exit = True
            await listening


async def pushed(account: Account) -> None:
    """An account that has everything, approved."""
    await account.aside.set(approves=True)
    api = GraphApi(account.token, account.api)
    assert all([good async for good, _ in push(api, account.id, MessageTemplates(TEMPLATES, RENDERER))])
    await api.close()


async def test_a_served_town_knows_at_once_and_hears_of_every_change(
    account: Account, migrated_url: str, tmp_path: Path
) -> None:
    await pushed(account)
    async with serving(account, migrated_url, tmp_path) as town:
        while len(known := town.known()) < ALL:  # noqa: ASYNC110 - asked once the town is up
            await asyncio.sleep(0.01)
        assert {row.status for row in known.values()} == {"APPROVED"}
        await account.aside.judges(ANSWER, "PAUSED", wait=5)
        assert (town.known()[ANSWER, "id"].status, town.known()[ANSWER, "en"].status) == ("PAUSED", "APPROVED")
        await account.aside.judges(ANSWER, "APPROVED", wait=5)
        assert town.known()[ANSWER, "id"].usable
        await account.aside.judges(ANSWER, "REJECTED", reason="INVALID_FORMAT", wait=5)
        assert town.known()[ANSWER, "id"].reason == "INVALID_FORMAT"
        await account.aside.has_template("promo_ramadan", "Selamat berpuasa bagi semua.")
        await account.aside.judges("promo_ramadan", "PAUSED", wait=5)
        assert len(town.known()) == ALL


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_what_has_become_bad_is_an_alarm_once(
    account: Account, migrated_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await pushed(account)
    async with serving(account, migrated_url, tmp_path) as town:
        keeper = keeper_of(town.program)
        assert keeper is not None
        async with keeper.kept():
            await keeper.refresh()
            await account.aside.subscribe("")
            await account.aside.judges(ANSWER, "PAUSED")
            with caplog.at_level(logging.ERROR):
                await keeper.refresh()
                await keeper.refresh()
    assert [record.getMessage() for record in caplog.records if "cannot be sent" in record.getMessage()] == [
        f"message templates cannot be sent: {ANSWER} (id); see `tanggap whatsapp templates status`"
    ]


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_when_meta_is_away_it_is_asked_again_soon(account: Account, migrated_url: str, tmp_path: Path) -> None:
    slept: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            enough.set()
            await asyncio.Event().wait()

    async with serving(account, migrated_url, tmp_path) as town:
        while len(town.known()) < ALL:  # noqa: ASYNC110 - the town's own keeper has asked
            await asyncio.sleep(0.01)
        await account.aside.fails("templates_list", status=500, code=2, message="Service temporarily unavailable")
        api = GraphApi(account.token, account.api)
        known = MessageTemplates(TEMPLATES, RENDERER)
        async with TemplateKeeper(town.program, api, account.id, known, sleep=sleep).kept():
            await asyncio.wait_for(enough.wait(), 10)
    assert slept == [SOON, EVERY]


ABOUT = {"message_template_id": 7, "message_template_name": ANSWER, "message_template_language": "id"}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (
            "message_template_status_update",
            {**ABOUT, "event": "REJECTED", "reason": "SCAM"},
            Told(ANSWER, "id", "REJECTED", "", "SCAM"),
        ),
        (
            "message_template_status_update",
            {**ABOUT, "event": "APPROVED", "reason": None, "message_template_category": "UTILITY"},
            Told(ANSWER, "id", "APPROVED", "UTILITY"),
        ),
        (
            "template_category_update",
            {**ABOUT, "previous_category": "UTILITY", "new_category": "MARKETING"},
            Told(ANSWER, "id", "", "MARKETING"),
        ),
        (
            "template_category_update",
            {**ABOUT, "correct_category": "MARKETING", "new_category": "UTILITY"},
            Told(ANSWER, "id", "", "UTILITY"),
        ),
        ("message_template_quality_update", {**ABOUT, "new_quality_score": "RED"}, None),
        ("messages", {"messages": [{"type": "text"}]}, None),
        ("message_template_status_update", {"event": "APPROVED"}, None),
        ("message_template_status_update", ABOUT, None),
        ("message_template_status_update", None, None),
        ("message_template_status_update", [1], None),
    ],
)
def test_a_webhook_is_read_for_what_it_says_of_a_template(field: str, value: Any, expected: Told | None) -> None:
    assert told(body({"field": field, "value": value})) == expected


@pytest.mark.parametrize("raw", [{}, {"entry": []}, {"entry": [{}]}, {"entry": None}, {"entry": [{"changes": [7]}]}])
def test_what_has_no_shape_is_no_news_of_a_template(raw: dict[str, Any]) -> None:
    assert told(raw) is None
