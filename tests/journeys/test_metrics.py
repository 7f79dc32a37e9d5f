"""What a monitoring system reads of a town: counts and ages for whoever has the token, and nothing about anybody."""

from __future__ import annotations

import re

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import insert
from starlette.applications import Starlette

from bot.channels.base import Later
from bot.ingress import Ingress
from bot.web import metrics
from storage.plan import table_of
from storage.tables import Inbox, MessageCount, Quarantine
from tests.journeys.stories import SLOW
from tests.kit.carriers import ON_PHONES
from tests.kit.town import Town

pytestmark = [pytest.mark.anyio, ON_PHONES]

TOKEN = "a token of the test"


async def read(town: Town, token: str | None = TOKEN, *, given: str | None = f"Bearer {TOKEN}") -> httpx.Response:
    town.program.settings.metrics_token = SecretStr(token) if token else None
    web = Starlette(routes=metrics.routes(town.program))
    headers = {"Authorization": given} if given else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=web), base_url="http://town") as client:
        return await client.get("/metrics", headers=headers)


async def test_without_a_token_in_the_settings_there_is_no_such_page(town: Town) -> None:
    assert (await read(town, None)).status_code == 404


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer another", TOKEN, f"bearer {TOKEN}x"])
async def test_a_stranger_reads_nothing(town: Town, given: str | None) -> None:
    answer = await read(town, given=given)
    assert answer.status_code == 401
    assert "tanggap_" not in answer.text


async def test_a_town_is_counted_and_nobody_is_named(town: Town) -> None:
    ticket = await town.sari.complains(SLOW)
    phone = town.phones
    await Ingress(town.program, phone, "citizen").take({"phone": "sari", "id": "no uuid"})
    row = {"month": "2026-09", "channel": "phone", "account": "citizen", "category": "service", "count": 812}
    await town.program.errand(
        lambda session: session.plan.connection.execute(insert(table_of(MessageCount)), [row]) and None
    )
    await town.program.beats.deadlines()
    text = (await read(town)).text
    assert re.search(r'^tanggap_outbox_day\{channel="phone",account="citizen",state="sent"\} 2$', text, re.MULTILINE)
    assert 'tanggap_inbox_day{channel="phone",state="done"} 2' in text
    assert 'tanggap_updates_total{channel="phone",account="citizen",ending="quarantined"} 1' in text
    assert 'tanggap_quarantine{channel="phone",account="citizen"} 1' in text
    assert 'tanggap_billed_messages{month="2026-09",channel="phone",account="citizen",category="service"} 812' in text
    assert 'tanggap_billed_limit_used{channel="phone",limit="free"} 812' in text
    assert re.search(r'^tanggap_beat_age_seconds\{beat="deadlines"\} [\d.]+$', text, re.MULTILINE)
    for secret in (ticket.number, "sari", "KTP", TOKEN):
        assert secret not in text
    await _tidied(town)


async def _tidied(town: Town) -> None:
    """What was odd on purpose is no fault of the town's."""
    odd = table_of(Inbox).delete().where(table_of(Inbox).c.state == "quarantined")
    for gone in (table_of(Quarantine).delete(), odd):
        await town.program.errand(lambda session, gone=gone: session.plan.connection.execute(gone) and None)


async def test_what_waits_is_told_with_its_age(town: Town) -> None:
    town.phones.answers("sari", Later(3600.0))
    await town.sari.types(SLOW)
    text = (await read(town)).text
    assert 'tanggap_outbox_pages{channel="phone",account="citizen",state="put_off"} 1' in text
    assert re.search(r'^tanggap_outbox_oldest_seconds\{.*state="put_off"\} [\d.e-]+$', text, re.MULTILINE)
