"""A case that is told in WhatsApp and answered in Telegram, with days between two words: one thread, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.folders import find
from bot.graphapi import GraphApi
from bot.message_templates import MessageTemplates
from bot.numbers import keeper_of
from bot.rendering import Renderer
from bot.template_account import push
from handlers.actions.windows import NUDGE
from storage.plan import table_of
from storage.tables import Address, Message
from tests.journeys.stories import SLOW
from tests.kit.databases import Prepare
from tests.kit.town import Town, label, open_town, siantar
from tests.telegram.carrier import TelegramCarrier
from tests.telegram.standin import StandIn
from tests.telegram.town import town_on_telegram
from tests.whatsapp.carrier import WhatsAppCarrier
from tests.whatsapp.standin import Account, Graph

pytestmark = pytest.mark.anyio

QUESTION, REPLY = "Boleh tahu nomor antreannya, Bu?", "Nomor antrean saya 45"
DONE = "KTP Ibu sudah jadi, silakan diambil di loket 2"
LONG = timedelta(hours=30)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def _approved(account: Account) -> None:
    """Meta has our templates and sends them."""
    await account.aside.set(approves=True)
    folder = find(Path("templates"))
    templates = MessageTemplates(folder, Renderer(folder, zone=siantar().zone, town=siantar().name))
    api = GraphApi(account.token, account.api)
    assert all([good async for good, _ in push(api, account.id, templates)])
    await api.close()


async def _hours_pass(town: Town, account: Account, total: timedelta) -> None:
    """At Meta and in our record she has not written for a while; the town's clock follows."""
    await account.aside.set(skew=total.total_seconds())
    addresses = table_of(Address)
    silent = update(addresses).where(addresses.c.channel == "whatsapp").values(heard_at=datetime.now(UTC) - LONG)
    await town.program.errand(lambda session: session.plan.connection.execute(silent) and None)
    await town.travels((await town.now()) + LONG)


async def test_a_case_from_whatsapp_is_answered_in_telegram_over_days_and_closed_by_a_template(
    standin: StandIn, graph: Graph, new_database: Callable[[Prepare | None], str], tmp_path: Path
) -> None:
    officers, citizens = TelegramCarrier(standin, "polling"), WhatsAppCarrier(graph)
    await _approved(citizens.account)
    url = new_database(town_on_telegram)
    async with open_town(url, tmp_path, channel=officers, beside=[citizens]) as town:
        keeper = keeper_of(town.program)
        assert keeper is not None
        await keeper.refresh()
        sari = town.on("sari", "citizen")

        await sari.types(SLOW)
        await sari.chooses("send")
        await sari.chooses("agree")
        ticket = town.ticket()
        assert ticket.channel == "whatsapp"
        await town.budi.chooses("ask_citizen", on=town.budi.sees(ticket.number))
        await town.budi.types(QUESTION)
        await town.budi.chooses("send")
        sari.sees(QUESTION)

        await _hours_pass(town, citizens.account, LONG)
        await sari.replies_to(QUESTION, REPLY)
        town.budi.sees(REPLY)

        await _hours_pass(town, citizens.account, 2 * LONG)
        before = len(sari.received)
        await town.budi.types(f"/tiket {ticket.number}")
        await town.budi.chooses("finish")
        await town.budi.types(DONE)
        await town.budi.chooses("send")
        (told,) = sari.received[before:]
        assert (town.page_name(told), told.buttons) == (NUDGE, (label("see"),))
        assert DONE not in told.text
        await sari.chooses("see")
        sari.sees(DONE)
        await sari.chooses("done")

        assert town.ticket().state == "closed"
        said = [(row.author, row.kind) for row in town.rows(Message, ticket_id=ticket.id)]
        assert said == [("citizen", "story"), ("staff", "question"), ("citizen", "reply"), ("staff", "closing")]
        texts = [page.text for page in sari.received]
        assert all(sum(words in text for text in texts) == 1 for words in (QUESTION, DONE))
        assert not town.outbox(state="refused")
        assert not town.outbox(state="queued")
        await town.ends_in_order()
    await keeper._api.close()
