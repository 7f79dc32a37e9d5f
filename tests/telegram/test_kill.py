"""Kill -9 under Telegram traffic, asked for and brought: what was confirmed has one effect, few messages go twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice, pairwise
from pathlib import Path

import pytest

from bot.channels.base import Channel
from bot.channels.telegram_citizen import TelegramCitizen
from bot.channels.telegram_staff import TelegramStaff
from tests.kill.arrivals import Send, copies, done_but_not_confirmed, every_page_arrived
from tests.kill.crowd import Event, busy
from tests.kill.invariants import (
    Kill,
    Record,
    account_of,
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
from tests.telegram.crowd import Crowd
from tests.telegram.standin import StandIn
from tests.telegram.town import Telegram, town_on_telegram

SOAK = bool(os.environ.get("TANGGAP_SOAK"))
KILLS = 30 if SOAK else 1
MODES = ("polling", "webhook")
#: One short form on each database; which mode meets which changes nothing that the long form does not show.
CASES = [(d, m) for m in MODES for d in ("sqlite", "postgres") if SOAK or (d == "sqlite") == (m == "polling")]
#: In which mode is of no matter to a send.
PAUSES = [(d, "polling", n) for d in ("sqlite", "postgres") for n in (8, 1) if SOAK or (d == "sqlite" and n == 8)]
IN_FLIGHT = {"polling": (8, 1), "webhook": (1, 8)}
MOST_IN_FLIGHT = 8
CITIZENS = 40
#: Messages in a second that the citizens try.
TRIED = 80.0
#: What was on its way when a town was killed arrives within so many seconds.
LAST_WORDS = 0.3


@pytest.fixture
def prepare() -> Prepare:
    return town_on_telegram


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "telegram.jsonl")


@pytest.fixture
def telegram(standin: StandIn, tmp_path: Path) -> Telegram:
    return Telegram(standin, log=str(tmp_path / "telegram.jsonl"))


@pytest.fixture
def server(database_url: str, telegram: Telegram, nursery: Nursery, tmp_path: Path, mode: str) -> Iterator[Server]:
    server = Server(
        database_url, tmp_path, begin=nursery.beginner("tests.telegram.serving"), more=telegram.environment(mode)
    )
    yield server
    server.end()


def unconfirmed(telegram: Telegram, log: Log, url: str) -> None:
    """A moment at which updates are done of which Telegram has not heard."""
    for bot in telegram.bots:
        bot.set(deaf=True)
    until(lambda: count(url, inbox) > log.count("confirmed"), "an update that is done and not confirmed", pause=0.0)


def just_confirmed(telegram: Telegram, log: Log, url: str) -> None:
    """The moment at which Telegram has just heard that an update is done."""
    known = log.count("confirmed")
    until(lambda: log.count("confirmed") > known, "an update that is confirmed", pause=0.0)


def any_moment(telegram: Telegram, log: Log, url: str) -> None:
    """No moment in particular."""


#: The moments of the kills, one after the other.
MOMENTS = {
    "polling": (just_confirmed, unconfirmed, any_moment),
    "webhook": (unconfirmed, just_confirmed, any_moment),
}


def hears_again(telegram: Telegram) -> None:
    for bot in telegram.bots:
        bot.set(deaf=False)


@pytest.mark.parametrize(("dialect", "mode"), CASES)
def test_each_update_has_one_effect_however_often_the_town_is_killed(
    mode: str,
    database_url: str,
    telegram: Telegram,
    log: Log,
    server: Server,
) -> None:
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201
    dice = random.Random(seed)
    allowed = [*islice(cycle(IN_FLIGHT[mode]), KILLS), MOST_IN_FLIGHT]
    server.start(in_flight=allowed[0])
    moments = cycle(MOMENTS[mode])
    kills: list[Kill] = []
    rates: list[float] = []
    with Crowd(telegram, log, seed=seed, citizens=CITIZENS, rate=TRIED) as crowd:
        for before, after in pairwise(allowed):
            rates.append(busy(crowd))
            time.sleep(dice.random() / 2)
            next(moments)(telegram, log, database_url)
            server.kill()
            hears_again(telegram)
            let_leases_run_out(database_url)
            kills.append(Kill(server.start(in_flight=after), before))
        busy(crowd)
        crowd.stop()
    until(lambda: all(bot.pending == 0 for bot in telegram.bots), "Telegram to be rid of all updates")
    until(lambda: count(database_url, queued) == 0, "the outbox to empty itself")
    record = Record(database_url, "telegram")
    posted = with_events(crowd.posted, telegram)
    arrived = sends(telegram, log)
    found = copies(record, arrived, kills)
    doubtful = done_but_not_confirmed(record, posted, confirmations(log), kills)
    said = (
        f"{len(posted)} updates, {len(kills)} kills at {[round(r) for r in rates]}/s, {doubtful} done but unconfirmed"
    )
    print(f"{said}, copies: {dict(found)}")  # noqa: T201
    check_effects(record, posted)
    every_page_arrived(record, arrived)
    copies_were_in_flight(found, kills)
    if unconfirmed in MOMENTS[mode][:KILLS]:
        assert doubtful, "no update was ever done and not confirmed, so nothing is shown of that"
    assert not any(bot.counters["conflicts"] for bot in telegram.bots)


@pytest.mark.parametrize(("dialect", "mode", "in_flight"), PAUSES)
def test_killed_between_telegrams_answer_and_our_commit_just_the_messages_in_flight_go_again(
    in_flight: int, database_url: str, telegram: Telegram, log: Log, server: Server
) -> None:
    server.start(in_flight=in_flight, pause=3600.0)
    with Crowd(telegram, log, seed=in_flight, citizens=20, rate=TRIED) as crowd:
        until(lambda: len(sends(telegram, log)) > in_flight, "as many messages as may be in flight, and for staff")
        until(lambda: crowd.confirmed() >= 60, "more updates, whose answers wait")
        server.kill()
        time.sleep(LAST_WORDS)
        before = Counter(account for account, _ in sends(telegram, log))
        assert before["citizen"] == in_flight, "not as many as may be in flight"
        assert 0 < before["staff"] <= in_flight
        let_leases_run_out(database_url)
        kills = [Kill(server.start(in_flight=MOST_IN_FLIGHT), in_flight)]
        crowd.stop()
    until(lambda: all(bot.pending == 0 for bot in telegram.bots), "Telegram to be rid of all updates")
    until(lambda: count(database_url, queued) == 0, "the outbox to empty itself")
    record = Record(database_url, "telegram")
    check_effects(record, with_events(crowd.posted, telegram))
    every_page_arrived(record, arrived := sends(telegram, log))
    assert copies(record, arrived, kills) == {(0, account): count for account, count in before.items()}


def with_events(posted: list[Event], telegram: Telegram) -> list[Event]:
    """What people said, under the ids by which the program knows it."""
    channels: dict[str, Channel] = {
        "citizen": TelegramCitizen(telegram.citizen.token, api_url=telegram.url),
        "staff": TelegramStaff(telegram.staff.token, api_url=telegram.url),
    }
    return [{**event, "event": _event_of(channels, event)} for event in posted]


def _event_of(channels: dict[str, Channel], event: Event) -> str:
    account = account_of(event["phone"])
    (inbound,) = channels[account].parse(account, event["update"])
    return inbound.event


def confirmations(log: Log) -> Callable[[Event], float]:
    """When the platform heard that an update is done."""
    confirmed = {(line["bot"], line["update_id"]): line["at"] for line in log.of("confirmed")}
    return lambda event: confirmed[event["bot"], event["update"]["update_id"]]


def sends(telegram: Telegram, log: Log) -> list[Send]:
    """Every message that Telegram took, with the account that it went through."""
    accounts = {bot.id: name for bot, name in zip(telegram.bots, ("citizen", "staff"), strict=True)}
    return [(accounts[line["bot"]], line) for line in log.of("call") if line["method"].startswith("send")]
