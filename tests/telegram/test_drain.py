"""Thousands of notices at once, through a platform with latency and limits: none is refused, and a reply overtakes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.app import Program
from bot.channels.telegram_citizen import TelegramCitizen
from bot.ingress import Ingress
from handlers.messages import CITIZEN
from handlers.session import Session
from tests.kill import notices
from tests.kill.notices import each_reader_has_them_in_order, queue_notices, the_answer_overtook
from tests.kit.town import settings_for, siantar
from tests.telegram.people import somebody
from tests.telegram.standin import Bot, StandIn

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
READERS = 5_000 if SOAK else 90
#: One reader in so many has a second notice waiting, which must not come at once after the first.
SECOND = 20
LATENCY = 0.15
IN_FLIGHT = 8
#: Notices in a second that the long form asks for.
ENOUGH = 25
#: How many other messages may go between a question and its answer: those in flight, and what went meanwhile.
MEANWHILE = 5 * IN_FLIGHT


async def drain(url: str, folder: Path, bot: Bot) -> tuple[float, float]:
    """Queue, send, ask something on the way; how long all of it took, and the answer alone, in seconds."""
    sari, chats = somebody(), [somebody().chat for _ in range(READERS)]
    await bot.aside.chats([{**chat, "started": True} for chat in (sari.chat, *chats)])
    channel = TelegramCitizen(bot.token, api_url=bot.api)
    settings = settings_for(url, folder, may_travel=False).model_copy(update={"sends_in_flight": IN_FLIGHT})
    program = Program(settings, channels=[channel], region=siantar())
    ingress = Ingress(program, channel, CITIZEN)

    async def ask() -> None:
        await ingress.take(sari.says("/bantuan"))
        await bot.aside.sees(sari.id, "", 60.0)

    def queue(session: Session) -> None:
        turns = [*range(READERS), *range(0, READERS, SECOND)]
        queue_notices(session, "telegram", [str(chat["id"]) for chat in chats], turns)

    async with program.running(beat=False):
        found = await notices.drain(program, queue, READERS * 2 // 3, ask)
        await ingress.stop()
        return found


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"] if SOAK else ["sqlite"])
def test_a_full_outbox_drains_without_a_429_and_a_reply_overtakes_it(
    migrated_url: str, tmp_path: Path, standin: StandIn
) -> None:
    bot = standin.bot(latency=LATENCY, limits=True)
    took, answered = asyncio.run(drain(migrated_url, tmp_path, bot))
    sent = bot.sent()
    found = [call for call in sent if "notice" in call["text"]]
    print(f"\n{len(found)} notices in {took:.1f} s: {len(found) / took:.1f}/s, an answer in {answered:.2f} s")  # noqa: T201
    assert bot.counters["too_many"] == 0
    assert bot.counters["duplicates"] == 0
    assert len(found) == READERS + len(range(0, READERS, SECOND))
    each_reader_has_them_in_order([(call["chat"], call["text"]) for call in found])
    the_answer_overtook([call["text"] for call in sent], READERS - READERS * 2 // 3 + READERS // SECOND + MEANWHILE)
    if SOAK:
        assert len(found) / took >= ENOUGH
