"""Bent updates on each hook of a real town: no crash, no shape that stops it, no word in answers, log or database."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, func, select

from storage.engine import make_engine
from storage.ids import to_text
from storage.plan import table_of
from storage.tables import Inbox, Outbox
from tests.kill.nursery import Nursery
from tests.kill.processes import Server
from tests.kit.databases import Prepare
from tests.telegram.mutations import ODD, as_body, bent
from tests.telegram.people import Person, Update, everything, somebody
from tests.telegram.standin import StandIn
from tests.telegram.town import CITIZEN_SECRET, STAFF_SECRET, Telegram, staff, town_on_telegram

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
#: How many updates go at a time, and how often.
TOGETHER = 20
TIMES = 1_000 if SOAK else 15
#: As often as a platform may bring an update until it must have been taken.
TRIES = 3
SECRETS = {"citizen": CITIZEN_SECRET, "staff": STAFF_SECRET}
#: What people say begins so, whatever follows; so do their names.
SAID = re.compile(rb"zq[a-z]{9}", re.IGNORECASE)
NOTHING = b"{}"

_inbox, _outbox = table_of(Inbox), table_of(Outbox)
_HOW_MANY = {
    state: select(func.count()).select_from(_inbox).where(_inbox.c.state == state)
    for state in ("done", "failed", "quarantined")
}


class Hook:
    """One hook of a running town."""

    def __init__(self, server: Server, account: str) -> None:
        self.account = account
        self.statuses: Counter[int] = Counter()
        self._loop = asyncio.new_event_loop()
        self._http = httpx.AsyncClient(base_url=server.url, timeout=30.0)
        self._headers = {
            "X-Telegram-Bot-Api-Secret-Token": SECRETS[account],
            "Content-Type": "application/json",
        }

    def takes(self, bodies: list[bytes]) -> list[httpx.Response]:
        """Bring these at the same time, each again until it is taken."""
        return self._loop.run_until_complete(self._all(bodies))

    async def _all(self, bodies: list[bytes]) -> list[httpx.Response]:
        return list(await asyncio.gather(*(self._one(body) for body in bodies)))

    async def _one(self, body: bytes) -> httpx.Response:
        for _ in range(TRIES):
            answer = await self._http.post(f"/hooks/telegram/{self.account}", content=body, headers=self._headers)
            self.statuses[answer.status_code] += 1
            if answer.status_code != 500:
                break
        return answer

    def close(self) -> None:
        self._loop.run_until_complete(self._http.aclose())
        self._loop.close()


@pytest.fixture
def prepare() -> Prepare:
    return town_on_telegram


@pytest.fixture
def telegram(standin: StandIn) -> Telegram:
    return Telegram(standin)


@pytest.fixture
def server(database_url: str, telegram: Telegram, nursery: Nursery, tmp_path: Path) -> Iterator[Server]:
    more = {**telegram.environment("webhook"), "TANGGAP_TEST_ROLE": "web"}
    server = Server(database_url, tmp_path, begin=nursery.beginner("tests.telegram.serving"), more=more)
    server.start(in_flight=8)
    yield server
    server.end()


@pytest.fixture
def hook(server: Server, account: str) -> Iterator[Hook]:
    hook = Hook(server, account)
    yield hook
    hook.close()


def beginnings(hook: Hook, telegram: Telegram, url: str) -> list[Update]:
    """What is bent: all that people do, by a stranger and by somebody who has a case or a post, and real buttons."""
    bot = telegram.citizen if hook.account == "citizen" else telegram.staff
    user = bot.state["user"]
    known = somebody() if hook.account == "citizen" else staff()["PETUGAS-DISDUKCAPIL"]
    story = [known.says("KTP saya di Disdukcapil sudah tiga bulan belum jadi"), known.says("1"), known.says("/kotak")]
    hook.takes([as_body(update) for update in story[:1]])
    hook.takes([as_body(update) for update in story[1:]])
    found = [update for who in (somebody(), known) for several in everything(user, who).values() for update in several]
    return [*found, *buttons(known, user, url)]


def rows(url: str, statement: Select[Any]) -> list[Any]:
    """What stands in the database now."""
    engine = make_engine(url, read_only=True)
    try:
        with engine.begin() as connection:
            return list(connection.execute(statement).scalars())
    finally:
        engine.dispose()


def buttons(known: Person, user: dict[str, Any], url: str) -> list[Update]:
    """Presses of what was really offered."""
    offered = rows(url, select(_outbox.c.id).order_by(_outbox.c.id).limit(8))
    assert offered
    message = {**known.says("x")["message"], "from": user}
    return [known.presses_data(message, f"{to_text(row)}.{n}") for row in offered for n in (1, 2, 9)]


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("account", ["citizen", "staff"])
def test_no_bent_update_stops_a_hook_or_leaves_a_word_anywhere(
    hook: Hook, telegram: Telegram, server: Server, database_url: str
) -> None:
    updates = beginnings(hook, telegram, database_url)
    hook.statuses.clear()

    @settings(
        max_examples=TIMES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=True))
    def bring(dice: Random) -> None:
        some = [bent(dice, updates) for _ in range(TOGETHER)]
        for update, answer in zip(some, hook.takes([as_body(one) for one in some]), strict=True):
            assert (answer.status_code, answer.content) == (200, NOTHING), json.dumps(update)

    bring()
    done, aside = rows(database_url, _HOW_MANY["done"])[0], rows(database_url, _HOW_MANY["quarantined"])[0]
    print(f"\n{hook.account}: {dict(hook.statuses)}, {done} done, {aside} in quarantine")  # noqa: T201
    assert not hook.statuses[500], "a step failed: what stopped it is in the server's log"
    assert done > TIMES
    assert aside
    nothing_was_left(server, database_url, words_of([updates, ODD]))


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("account", ["citizen", "staff"])
def test_nothing_that_people_really_do_is_put_aside(hook: Hook, telegram: Telegram, database_url: str) -> None:
    for update in beginnings(hook, telegram, database_url):
        (answer,) = hook.takes([as_body(update)])
        assert (answer.status_code, answer.content) == (200, NOTHING), json.dumps(update)
    assert rows(database_url, _HOW_MANY["quarantined"]) == [0]
    assert rows(database_url, _HOW_MANY["failed"]) == [0]
    assert rows(database_url, _HOW_MANY["done"])[0] > 20


def words_of(said: Any) -> set[bytes]:
    """The invented words and names in what is said."""
    words = {word.lower() for word in SAID.findall(json.dumps(said).encode())}
    assert len(words) > 50
    return words


def nothing_was_left(server: Server, url: str, words: set[bytes]) -> None:
    """Neither in the log, nor in the clear in the database."""
    database = Path(url.removeprefix("sqlite:///"))
    for file in (server.folder / "server.log", *database.parent.glob(f"{database.name}*")):
        found = {word.lower() for word in SAID.findall(file.read_bytes())}
        assert not found & words, file.name  # a word that nobody said is a piece of something sealed


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("account", ["citizen", "staff"])
def test_what_is_no_update_at_all_is_answered_without_its_words(hook: Hook, server: Server) -> None:
    bodies = {
        b"": 400,
        b"zqabcdefghi": 400,
        b'"zqabcdefghi"': 400,
        b"[1]": 400,
        b"\xff\xfe": 400,
        b'{"update_id": 1e999}': 200,
        b'{"a": ' * 100_000: 400,
        b'{"zqabcdefghi": ' + b"[" * 400 + b"]" * 400 + b"}": 200,
        b"{}": 200,
        b'{"update_id": 7}': 200,
        b'{"update_id": 7, "zqabcdefghi": 1}': 200,
        b'{"message": "' + b"x" * (1 << 20) + b'"}': 413,
    }
    answers = hook.takes(list(bodies))
    assert [answer.status_code for answer in answers] == list(bodies.values())
    assert not any(SAID.search(answer.content) for answer in answers)
    assert not SAID.search((server.folder / "server.log").read_bytes())
