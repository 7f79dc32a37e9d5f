"""Many notices at once, at the pace that Meta allows: none is refused, and a reply overtakes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.app import Program
from bot.channels.whatsapp import WhatsAppChannel
from bot.ingress import Ingress
from handlers.messages import CITIZEN, STAFF
from handlers.session import Session
from tests.kill import notices
from tests.kill.notices import each_reader_has_them_in_order, queue_notices, the_answer_overtook
from tests.kit.town import settings_for, siantar
from tests.whatsapp.bodies import pack
from tests.whatsapp.people import placed, somebody
from tests.whatsapp.standin import Account, Graph

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
READERS = 5_000 if SOAK else 120
#: So many notices wait for one reader, who may not get them all at once.
FOR_ONE = 60 if SOAK else 6
LATENCY = 0.05
IN_FLIGHT = 8
#: Notices in a second that the long form asks for.
ENOUGH = 25
#: How many other messages may go between a question and its answer: those in flight, and what went meanwhile.
MEANWHILE = 5 * IN_FLIGHT


async def drain(url: str, folder: Path, account: Account) -> tuple[float, float]:
    """Queue, send, ask something on the way; how long all of it took, and the answer alone, in seconds."""
    sari, readers = somebody(), [somebody() for _ in range(READERS)]
    await account.aside.knows(sari, *readers, heard=0)
    numbers = {CITIZEN: account.number, STAFF: account.staff_number}
    channel = WhatsAppChannel(numbers, token=account.token, app_secret=account.secret, api_url=account.api)
    settings = settings_for(url, folder, may_travel=False).model_copy(update={"sends_in_flight": IN_FLIGHT})
    program = Program(settings, channels=[channel], region=siantar())
    ingress = Ingress(program, channel, CITIZEN)

    async def ask() -> None:
        await ingress.take(pack(account.id, [placed(sari.says("/bantuan"), account.metadata())]))
        await account.aside.sees(sari, "", 60.0)

    def queue(session: Session) -> None:
        queue_notices(session, "whatsapp", [reader.id for reader in readers], [*range(READERS), *[0] * (FOR_ONE - 1)])

    async with program.running(beat=False):
        found = await notices.drain(program, queue, READERS * 2 // 3, ask)
        await ingress.stop()
        return found


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"] if SOAK else ["sqlite"])
def test_a_full_outbox_drains_without_a_refusal_and_a_reply_overtakes_it(
    migrated_url: str, tmp_path: Path, graph: Graph
) -> None:
    account = graph.account(latency=LATENCY, limits=True, statuses=[])
    took, answered = asyncio.run(drain(migrated_url, tmp_path, account))
    sent = account.sent()
    found = [call for call in sent if "notice" in call["text"]]
    print(f"\n{len(found)} notices in {took:.1f} s: {len(found) / took:.1f}/s, an answer in {answered:.2f} s")  # noqa: T201
    assert account.counters["refused"] == {}
    assert account.counters["duplicates"] == 0
    assert len(found) == READERS + FOR_ONE - 1
    each_reader_has_them_in_order([(call["to"], call["text"]) for call in found])
    the_answer_overtook([call["text"] for call in sent], READERS - READERS * 2 // 3 + FOR_ONE + MEANWHILE)
    if SOAK:
        assert len(found) / took >= ENOUGH
