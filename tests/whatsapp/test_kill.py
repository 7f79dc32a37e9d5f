"""Kill -9 under WhatsApp traffic: what Meta was told is taken has one effect, few messages go twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice, pairwise
from pathlib import Path

import pytest

from tests.kill.arrivals import Send, copies, done_but_not_confirmed, every_page_arrived
from tests.kill.crowd import Event, busy
from tests.kill.invariants import (
    Kill,
    Record,
    check_effects,
    copies_were_in_flight,
    count,
    inbox,
    let_leases_run_out,
    queued,
)
from tests.kill.nursery import Nursery
from tests.kill.processes import Server
from tests.kill.test_kill import until
from tests.kit.databases import Prepare
from tests.kit.standins import Log
from tests.whatsapp.crowd import Crowd
from tests.whatsapp.standin import Account, Graph
from tests.whatsapp.town import account_of_a_town, environment, town_on_whatsapp

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
KILLS = 30 if SOAK else 1
#: The short form has the database that Telegram's does not have with webhooks.
DATABASES = ("sqlite", "postgres") if SOAK else ("sqlite",)
IN_FLIGHT = (8, 1)
MOST_IN_FLIGHT = 8
CITIZENS = 40
#: Messages in a second that the citizens try.
TRIED = 80.0
#: What was on its way when a town was killed arrives within so many seconds.
LAST_WORDS = 0.3


@pytest.fixture
def prepare() -> Prepare:
    return town_on_whatsapp


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "whatsapp.jsonl")


@pytest.fixture
def account(graph: Graph, tmp_path: Path) -> Account:
    """Bodies of several messages and statuses, which come again soon."""
    log = str(tmp_path / "whatsapp.jsonl")
    return account_of_a_town(graph, log=log, statuses=[], batch=4, longest=0.2)


@pytest.fixture
def server(database_url: str, account: Account, nursery: Nursery, tmp_path: Path) -> Iterator[Server]:
    server = Server(database_url, tmp_path, begin=nursery.beginner("tests.whatsapp.serving"), more=environment(account))
    account.subscribe(f"{server.url}/hooks/whatsapp", verify=False)
    yield server
    account.subscribe("")
    server.end()


def unconfirmed(account: Account, log: Log, url: str) -> None:
    """A moment at which messages are done of which Meta has not heard."""
    account.set(deaf=True)
    until(lambda: count(url, inbox) > log.count("confirmed"), "a message that is done and not confirmed", pause=0.0)


def just_confirmed(account: Account, log: Log, url: str) -> None:
    """The moment at which Meta has just heard that a message is done."""
    known = log.count("confirmed")
    until(lambda: log.count("confirmed") > known, "a message that is confirmed", pause=0.0)


def any_moment(account: Account, log: Log, url: str) -> None:
    """No moment in particular."""


#: The moments of the kills, one after the other.
MOMENTS = (unconfirmed, just_confirmed, any_moment)


@pytest.mark.parametrize("dialect", DATABASES)
def test_each_message_has_one_effect_however_often_the_town_is_killed(
    database_url: str, account: Account, log: Log, server: Server
) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    allowed = [*islice(cycle(IN_FLIGHT), KILLS), MOST_IN_FLIGHT]
    server.start(in_flight=allowed[0])
    moments = cycle(MOMENTS)
    kills: list[Kill] = []
    rates: list[float] = []
    with Crowd(account, log, seed=seed, citizens=CITIZENS, rate=TRIED) as crowd:
        for before, after in pairwise(allowed):
            rates.append(busy(crowd))
            time.sleep(dice.random() / 2)
            next(moments)(account, log, database_url)
            server.kill()
            account.set(deaf=False)
            let_leases_run_out(database_url)
            kills.append(Kill(server.start(in_flight=after), before))
        busy(crowd)
        crowd.stop()
    until(lambda: account.pending == 0, "Meta to be rid of all webhooks")
    until(lambda: count(database_url, queued) == 0, "the outbox to empty itself")
    record = Record(database_url, "whatsapp")
    arrived = sends(account, log)
    found = copies(record, arrived, kills)
    doubtful = done_but_not_confirmed(record, crowd.posted, confirmations(log), kills)
    said = f"{len(crowd.posted)} messages, {len(kills)} kills at {[round(r) for r in rates]}/s, {doubtful} again"
    print(f"{said}, copies: {dict(found)}")  # noqa: T201
    check_effects(record, crowd.posted)
    every_page_arrived(record, arrived)
    copies_were_in_flight(found, kills)
    assert doubtful, "no message was ever done and not confirmed, so nothing is shown of that"
    assert not account.counters["refused"]


@pytest.mark.parametrize("in_flight", [8, 1] if SOAK else [8])
@pytest.mark.parametrize("dialect", DATABASES)
def test_killed_between_metas_answer_and_our_commit_just_the_messages_in_flight_go_again(
    in_flight: int, database_url: str, account: Account, log: Log, server: Server
) -> None:
    server.start(in_flight=in_flight, pause=3600.0)
    with Crowd(account, log, seed=in_flight, citizens=20, rate=TRIED) as crowd:
        until(lambda: len(sends(account, log)) > in_flight, "as many messages as may be in flight, and for staff")
        until(lambda: crowd.confirmed() >= 60, "more messages, whose answers wait")
        server.kill()
        time.sleep(LAST_WORDS)
        before = Counter(through for through, _ in sends(account, log))
        assert before["citizen"] == in_flight, "not as many as may be in flight"
        assert 0 < before["staff"] <= in_flight
        let_leases_run_out(database_url)
        kills = [Kill(server.start(in_flight=MOST_IN_FLIGHT), in_flight)]
        crowd.stop()
    until(lambda: account.pending == 0, "Meta to be rid of all webhooks")
    until(lambda: count(database_url, queued) == 0, "the outbox to empty itself")
    record = Record(database_url, "whatsapp")
    check_effects(record, crowd.posted)
    every_page_arrived(record, arrived := sends(account, log))
    assert copies(record, arrived, kills) == {(0, through): number for through, number in before.items()}


def confirmations(log: Log) -> Callable[[Event], float]:
    """When Meta heard that a message is taken."""
    confirmed = {line["key"]: line["at"] for line in log.of("confirmed")}
    return lambda event: confirmed[event["event"]]


def sends(account: Account, log: Log) -> list[Send]:
    """Every message that Meta took, with the account that it went through."""
    accounts = {account.number: "citizen", account.staff_number: "staff"}
    return [
        (accounts[line["number"]], {"at": line["at"], "chat": line["to"], "ids": [line["id"]]})
        for line in log.of("call")
    ]
