"""Many notices at once, at the pace that Meta allows: none is refused, and a reply overtakes."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.app import Program
from bot.channels.whatsapp import WhatsAppChannel
from bot.ingress import Ingress
from handlers.actions.post import PUSH
from handlers.messages import CITIZEN, STAFF
from handlers.session import Session
from storage.plan import table_of
from storage.tables import Address, Conversation, Outbox, Person
from tests.kit.sample_facts import SAMPLES
from tests.kit.town import settings_for, siantar
from tests.whatsapp import people
from tests.whatsapp.bodies import pack
from tests.whatsapp.people import somebody
from tests.whatsapp.standin import Account, Graph

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
READERS = 5_000 if SOAK else 120
#: So many notices wait for one reader, who may not get them all at once.
FOR_ONE = 60 if SOAK else 6
LATENCY = 0.05
IN_FLIGHT = 8
#: Notices in a second that the long form asks for.
ENOUGH = 25
PAGE = "citizen/added"
MEANWHILE = 5 * IN_FLIGHT

_outbox = table_of(Outbox)
_waiting = select(func.count()).select_from(_outbox).where(_outbox.c.state == "queued")


def queue_notices(session: Session, readers: list[str]) -> None:
    """One for each reader, and more for the first."""
    to = [_reader(session, reader) for reader in readers]
    for n, (person, address) in enumerate([*to, *[to[0]] * (FOR_ONE - 1)]):
        session.add(
            Outbox,
            dedupe_key=f"test:{n}",
            channel="whatsapp",
            account=CITIZEN,
            address_id=address,
            person_id=person,
            page=PAGE,
            facts_sealed={**SAMPLES[PAGE][0].facts, "number": f"notice {n}"},
            lane=PUSH,
            created_at=session.moment.real,
        )


def _reader(session: Session, reader: str) -> tuple[int, int]:
    person = session.add(Person, created_at=session.moment.real)
    row = session.add(
        Address,
        person_id=person.id,
        channel="whatsapp",
        account=CITIZEN,
        key_hash=session.vault.hash("addresses.key_hash", "whatsapp", CITIZEN, reader),
        value_sealed=reader,
        heard_at=session.moment.real,
        created_at=session.moment.real,
    )
    session.add(Conversation, address_id=row.id, touched_at=session.moment.real)
    return person.id, row.id


async def drain(url: str, folder: Path, account: Account) -> tuple[float, float]:
    """Queue, send, ask something on the way; how long all of it took, and the answer alone, in seconds."""
    sari, readers = somebody(), [somebody() for _ in range(READERS)]
    await account.aside.knows(sari, *readers, heard=0)
    numbers = {CITIZEN: account.number, STAFF: account.staff_number}
    channel = WhatsAppChannel(numbers, token=account.token, app_secret=account.secret, api_url=account.api)
    settings = settings_for(url, folder, may_travel=False).model_copy(update={"sends_in_flight": IN_FLIGHT})
    program = Program(settings, channels=[channel], region=siantar())
    ingress = Ingress(program, channel, CITIZEN)

    def left() -> int:
        with program.readers.begin() as connection:
            return int(connection.execute(_waiting).scalar_one())

    async with program.running(beat=False):
        await program.errand(lambda session: queue_notices(session, [reader.id for reader in readers]))
        started = time.monotonic()
        while await asyncio.to_thread(left) > READERS * 2 // 3:  # noqa: ASYNC110 - the database says when
            await asyncio.sleep(0.05)
        asked = time.monotonic()
        await ingress.take(pack(account.id, [people.placed(sari.says("/bantuan"), account.metadata())]))
        answered = await account.aside.sees(sari, "", 60.0) and time.monotonic() - asked
        while await asyncio.to_thread(left):  # noqa: ASYNC110 - the database says when it is over
            await asyncio.sleep(0.05)
        await ingress.stop()
        return time.monotonic() - started, answered


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"] if SOAK else ["sqlite"])
def test_a_full_outbox_drains_without_a_refusal_and_a_reply_overtakes_it(
    migrated_url: str, tmp_path: Path, graph: Graph
) -> None:
    account = graph.account(latency=LATENCY, limits=True, statuses=[])
    took, answered = asyncio.run(drain(migrated_url, tmp_path, account))
    sent = account.sent()
    notices = [call for call in sent if "notice" in call["text"]]
    print(f"\n{len(notices)} notices in {took:.1f} s: {len(notices) / took:.1f}/s, an answer in {answered:.2f} s")  # noqa: T201
    assert account.counters["refused"] == {}
    assert account.counters["duplicates"] == 0
    assert len(notices) == READERS + FOR_ONE - 1
    before = [call["text"] for call in sent].index(next(call["text"] for call in sent if "notice" not in call["text"]))
    assert before <= READERS // 3 + MEANWHILE, "the answer stood in line"
    if SOAK:
        assert len(notices) / took >= ENOUGH
