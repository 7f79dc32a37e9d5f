"""Thousands of notices at once, through a platform with latency and limits: none is refused, and a reply overtakes."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import Program
from bot.channels.telegram_citizen import TelegramCitizen
from bot.ingress import Ingress
from handlers.actions.post import PUSH
from handlers.messages import CITIZEN
from handlers.session import Session
from storage.plan import table_of
from storage.tables import Address, Conversation, Outbox, Person
from tests.kit.sample_facts import SAMPLES
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
#: Any page that says a case's number, which here counts the reader's notices.
PAGE = "citizen/added"
#: How many other messages may go between a question and its answer: those in flight, and what went meanwhile.
MEANWHILE = 5 * IN_FLIGHT

_outbox = table_of(Outbox)
_waiting = select(func.count()).select_from(_outbox).where(_outbox.c.state == "queued")


def queue_notices(session: Session, chats: list[int]) -> None:
    """One for each chat, and second ones behind all of them."""
    to = [_reader(session, chat) for chat in chats]
    for n, (person, address) in enumerate([*to, *to[::SECOND]]):
        session.add(
            Outbox,
            dedupe_key=f"test:{n}",
            channel="telegram",
            account=CITIZEN,
            address_id=address,
            person_id=person,
            page=PAGE,
            facts_sealed={**SAMPLES[PAGE][0].facts, "number": f"notice {n // len(to)}"},
            lane=PUSH,
            created_at=session.moment.real,
        )


def _reader(session: Session, chat: int) -> tuple[int, int]:
    person = session.add(Person, created_at=session.moment.real)
    row = session.add(
        Address,
        person_id=person.id,
        channel="telegram",
        account=CITIZEN,
        key_hash=session.vault.hash("addresses.key_hash", "telegram", CITIZEN, str(chat)),
        value_sealed=str(chat),
        created_at=session.moment.real,
    )
    session.add(Conversation, address_id=row.id, touched_at=session.moment.real)
    return person.id, row.id


async def drain(url: str, folder: Path, bot: Bot) -> tuple[float, float]:
    """Queue, send, ask something on the way; how long all of it took, and the answer alone, in seconds."""
    sari, chats = somebody(), [somebody().chat for _ in range(READERS)]
    await bot.aside.chats([{**chat, "started": True} for chat in (sari.chat, *chats)])
    channel = TelegramCitizen(bot.token, api_url=bot.api)
    settings = settings_for(url, folder, may_travel=False).model_copy(update={"sends_in_flight": IN_FLIGHT})
    program = Program(settings, channels=[channel], region=siantar())
    ingress = Ingress(program, channel, CITIZEN)

    def left() -> int:
        with program.readers.begin() as connection:
            return int(connection.execute(_waiting).scalar_one())

    async with program.running(beat=False):
        await program.errand(lambda session: queue_notices(session, [chat["id"] for chat in chats]))
        started = time.monotonic()
        while await asyncio.to_thread(left) > READERS * 2 // 3:  # noqa: ASYNC110 - the database says when
            await asyncio.sleep(0.05)
        asked = time.monotonic()
        await ingress.take(sari.says("/bantuan"))
        answered = await bot.aside.sees(sari.id, "", 60.0) and time.monotonic() - asked
        while await asyncio.to_thread(left):  # noqa: ASYNC110 - the database says when it is over
            await asyncio.sleep(0.05)
        await ingress.stop()
        return time.monotonic() - started, answered


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"] if SOAK else ["sqlite"])
def test_a_full_outbox_drains_without_a_429_and_a_reply_overtakes_it(
    migrated_url: str, tmp_path: Path, standin: StandIn
) -> None:
    bot = standin.bot(latency=LATENCY, limits=True)
    took, answered = asyncio.run(drain(migrated_url, tmp_path, bot))
    sent = bot.sent()
    notices = [call for call in sent if "notice" in call["text"]]
    print(f"\n{len(notices)} notices in {took:.1f} s: {len(notices) / took:.1f}/s, an answer in {answered:.2f} s")  # noqa: T201
    assert bot.counters["too_many"] == 0
    assert bot.counters["duplicates"] == 0
    assert len(notices) == READERS + len(range(0, READERS, SECOND))
    _each_reader_has_them_in_order(notices)
    _the_answer_went_before_the_rest(sent)
    if SOAK:
        assert len(notices) / took >= ENOUGH


def _each_reader_has_them_in_order(notices: list[dict[str, object]]) -> None:
    seen: Counter[object] = Counter()
    for call in notices:
        assert f"notice {seen[call['chat']]}" in str(call["text"])
        seen[call["chat"]] += 1


def _the_answer_went_before_the_rest(sent: list[dict[str, object]]) -> None:
    place = next(n for n, call in enumerate(sent) if "notice" not in str(call["text"]))
    assert place <= READERS - READERS * 2 // 3 + READERS // SECOND + MEANWHILE
    assert place < len(sent) - IN_FLIGHT, "it went last"
