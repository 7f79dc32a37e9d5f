"""Kill -9 at any moment: each accepted message has exactly one effect, each page arrives, few arrive twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice, pairwise
from pathlib import Path

import pytest

from storage.regions import load_region
from tests.kill.invariants import (
    Kill,
    Record,
    account_of,
    check,
    copies,
    count,
    done_but_not_answered,
    inbox,
    let_leases_run_out,
    queued,
)
from tests.kill.nursery import Nursery
from tests.kill.processes import ROOT, Client, Server
from tests.kit.databases import DIALECTS

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
#: How often the server is killed, and how many sends it allows itself in each life but the last.
KILLS = {"sqlite": 30, "postgres": 30} if SOAK else {"sqlite": 3, "postgres": 1}
IN_FLIGHT = {"sqlite": (8, 1), "postgres": (1, 8)}
MOST_IN_FLIGHT = 8
CITIZENS = 40
#: Messages in a second: what the client tries, and what must have been accepted just before a kill.
TRIED, ENOUGH = 80.0, 50
PATIENCE = 60.0
#: The client listens to citizens and to officers.
STREAMS = 2
#: In so many seconds an answer that was on its way is in the client's log.
SETTLED = 0.25


def until(done: Callable[[], bool], what: str, *, pause: float = 0.02) -> None:
    """Wait for something that must become true."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(pause)


def posts() -> list[str]:
    """The phones of everybody who may be told of a case."""
    return [post.lower() for post in load_region(ROOT / "regions/pematangsiantar").posts]


def unanswered(client: Client, url: str) -> None:
    """A moment at which messages are done of which nobody was told."""
    client.tell("deaf")

    def somebody_waits() -> bool:
        done = count(url, inbox)
        time.sleep(SETTLED)  # an answer that was on its way has arrived by now and is in the client's log
        return done > len(client.of("accepted"))

    until(somebody_waits, "a message that is done and not answered")


def just_answered(client: Client, url: str) -> None:
    """The moment at which somebody has just been told that a message is done."""
    known = len(client.of("accepted"))
    until(lambda: len(client.of("accepted")) > known, "an answer", pause=0.0)


def killed(server: Server, client: Client) -> None:
    """Kill -9; what the server still said is in the client's log before the next one begins."""
    before = len(client.of("cut"))
    server.kill()
    until(lambda: len(client.of("cut")) >= before + STREAMS, "the client to read the rest")


def any_moment(client: Client, url: str) -> None:
    """No moment in particular."""


#: The moments of the kills, one after the other.
MOMENTS = {"sqlite": (unanswered, just_answered, any_moment), "postgres": (unanswered, any_moment, just_answered)}


@pytest.fixture
def server(migrated_url: str, nursery: Nursery, tmp_path: Path) -> Iterator[Server]:
    server = Server(migrated_url, tmp_path, begin=nursery.beginner("tests.kill.server"))
    yield server
    server.end()


@pytest.fixture
def new_client(server: Server) -> Iterator[Callable[..., Client]]:
    made: list[Client] = []

    def new(**wanted: int) -> Client:
        made.append(Client(server, officers=posts(), **wanted))
        return made[-1]

    yield new
    for client in made:
        client.end()


def drain(client: Client, url: str) -> None:
    """Nobody says anything new, and everything that waits is sent."""
    client.tell("stop")
    until(lambda: bool(client.of("silent")), "the citizens to finish their rounds")
    until(lambda: count(url, queued) == 0, "the outbox to empty itself")
    client.finish()
    until(lambda: count(url, queued) == 0, "the last answers")


def test_each_message_has_one_effect_however_often_the_server_is_killed(
    dialect: str, migrated_url: str, server: Server, new_client: Callable[..., Client]
) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    allowed = [*islice(cycle(IN_FLIGHT[dialect]), KILLS[dialect]), MOST_IN_FLIGHT]
    server.start(in_flight=allowed[0])
    client = new_client(seed=seed, citizens=CITIZENS, rate=TRIED)
    moments = cycle(MOMENTS[dialect])
    kills: list[Kill] = []
    for before, after in pairwise(allowed):
        client.tell("calm")
        until(lambda: client.rate() >= ENOUGH, f"{ENOUGH} messages/s")
        client.tell("rush")
        time.sleep(dice.random() / 2)
        next(moments)(client, migrated_url)
        killed(server, client)
        let_leases_run_out(migrated_url)
        kills.append(Kill(server.start(in_flight=after), before))
    client.tell("calm")
    until(lambda: client.rate() >= ENOUGH, f"{ENOUGH} messages/s")
    drain(client, migrated_url)
    record, events = Record(migrated_url), client.look()
    check(record, events, kills)
    doubtful = done_but_not_answered(record, events, kills)
    said = f"{len(client.of('accepted'))} messages, {len(kills)} kills, {doubtful} done but not answered when killed"
    print(f"{said}, copies: {dict(copies(events, kills))}")  # noqa: T201
    assert doubtful, "no message was ever done and not answered, so nothing is shown of that"


@pytest.mark.parametrize(
    ("dialect", "in_flight"), [(name, n) for name in DIALECTS for n in (8, 1) if SOAK or (name == "sqlite") == (n == 8)]
)
def test_killed_between_the_ack_and_our_commit_just_the_pages_in_flight_arrive_again(
    in_flight: int, migrated_url: str, server: Server, new_client: Callable[..., Client]
) -> None:
    server.start(in_flight=in_flight, pause=3600.0)
    client = new_client(seed=in_flight, citizens=20, rate=TRIED)
    until(lambda: received(client)["citizen"] >= in_flight, "as many pages as may be in flight")
    until(lambda: received(client)["staff"] > 0, "a page for staff")
    until(lambda: len(client.of("accepted")) >= 60, "more messages, whose answers wait")
    until(lambda: len(client.of("acked")) == len(client.of("received")), "the acks")
    assert received(client)["citizen"] == in_flight, "more were sent than may be in flight"
    assert received(client)["staff"] <= in_flight
    killed(server, client)
    let_leases_run_out(migrated_url)
    kills = [Kill(server.start(in_flight=MOST_IN_FLIGHT), in_flight)]
    drain(client, migrated_url)
    check(Record(migrated_url), client.look(), kills)
    pages = client.of("received")
    times = Counter(event["id"] for event in pages)
    in_the_air = {event["id"] for event in pages if event["at"] < kills[0].over}
    assert {key for key, count in times.items() if count > 1} == in_the_air


def received(client: Client) -> Counter[str]:
    """How many pages each account has been sent."""
    return Counter(account_of(event["phone"]) for event in client.of("received"))
