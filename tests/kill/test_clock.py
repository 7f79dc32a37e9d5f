"""Kill -9 while the town clock jumps over weeks: no rung is lost, none is doubled."""

from __future__ import annotations

import base64
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import anyio
import pytest
from sqlalchemy import Engine, func, select

from domain.ladder import MISSED
from storage.engine import make_engine
from storage.plan import table_of
from storage.tables import Breach, Deadline, Outbox, Ticket
from tests.journeys.stories import PUNGLI, SLOW
from tests.journeys.test_silent_officer import LADDER, OVERSIGHT_LADDER
from tests.kill.nursery import Fork, Nursery
from tests.kill.processes import LOG, ROOT
from tests.kit.databases import KEYS, Prepare
from tests.kit.town import START, open_town, peopled

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
#: How often it is started and killed, and how often it must have been still on its way.
KILLS, ENOUGH = (12, 4) if SOAK else (5, 3)
#: The long form goes on until an accusation has climbed, the short one until an ordinary case has.
STORIES, END = ((SLOW, PUNGLI) * 6, START + timedelta(days=100)) if SOAK else ((SLOW,) * 8, START + timedelta(days=50))
CLOCK = "tests.kill.clock"
breaches, deadlines, outbox, tickets = table_of(Breach), table_of(Deadline), table_of(Outbox), table_of(Ticket)


def _settings(url: str, folder: Path) -> dict[str, str]:
    return {
        "TANGGAP_ALLOW_TIME_TRAVEL": "1",
        "TANGGAP_DATABASE_URL": url,
        "TANGGAP_DATA_DIR": str(folder / "data"),
        "TANGGAP_REGION_DIR": str(ROOT / "regions/pematangsiantar"),
        "TANGGAP_DIGESTS": "0",
        "TANGGAP_ENCRYPTION_KEYS": ",".join(base64.urlsafe_b64encode(key).decode() for key in KEYS),
    }


async def _tell(url: str, folder: Path) -> None:
    async with open_town(url, folder) as town:
        for number, story in enumerate(STORIES):
            await town.citizen(f"citizen-{number}").complains(story)
            await town.travels(working_days=1)  # dates of their own: there is always more to come when it is killed


def _spoken(engine: Engine) -> int:
    with engine.begin() as connection:
        found = select(func.count()).select_from(deadlines).where(deadlines.c.fired_at.is_not(None))
        return int(connection.execute(found).scalar_one())


def _kill_on_the_way(engine: Engine, start: Callable[[], Fork], chance: random.Random) -> bool:
    """Start the clock, wait until something more has spoken, kill it; whether it was still on its way."""
    before = _spoken(engine)
    process = start()
    patience = time.monotonic() + 60
    while process.poll() is None and _spoken(engine) <= before and time.monotonic() < patience:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 0.01))
    return process.kill() == -signal.SIGKILL


@pytest.mark.parametrize("seed", [random.randrange(10**9)], ids=lambda seed: "random")
def test_a_clock_that_is_killed_again_and_again_loses_and_doubles_no_rung(
    new_database: Callable[[Prepare | None], str], nursery: Nursery, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    url = new_database(peopled)
    anyio.run(_tell, url, tmp_path)
    engine = make_engine(url, read_only=True)
    start = partial(nursery.begin, CLOCK, [END.isoformat()], tmp_path, _settings(url, tmp_path))
    killed = sum(_kill_on_the_way(engine, start, chance) for _ in range(KILLS))
    assert killed >= ENOUGH, f"seed {seed}: the clock was too quick to be killed on its way"
    assert start().wait(120) == 0, (tmp_path / LOG).read_text()
    _check(engine)
    engine.dispose()


def _check(engine: Engine) -> None:
    with engine.begin() as connection:
        fired = connection.execute(select(deadlines).where(deadlines.c.fired_at.is_not(None))).all()
        steps = [row for row in fired if row.step != MISSED]
        missed = {(row.ticket_id, row.clock) for row in connection.execute(select(breaches))}
        letters = Counter(
            connection.execute(
                select(outbox.c.step_id).where(outbox.c.step_id.is_not(None), outbox.c.parent_id.is_(None))
            ).scalars()
        )
        kinds = {row.id: row.kind for row in connection.execute(select(tickets.c.id, tickets.c.kind))}
        late = connection.execute(
            select(deadlines.c.id).where(deadlines.c.state == "waiting", deadlines.c.due_at <= END)
        ).all()
    assert not late, "nothing that was due still waits"
    assert missed == {(row.ticket_id, row.clock) for row in fired if row.step == MISSED}, "each missed date is a fact"
    assert {clock for _, clock in missed} >= {"verify", "first_response", "resolve", "binding"}
    assert letters == Counter(row.id for row in steps if row.post_code), "each rung has one page"
    for ticket, kind in kinds.items():
        told = sorted((row.due_at, row.post_code) for row in steps if row.ticket_id == ticket)
        assert all(row.fired_at >= row.due_at for row in steps if row.ticket_id == ticket)
        ladder = OVERSIGHT_LADDER if kind == "oversight" else LADDER
        assert len(told) == len(ladder), (kind, told)
