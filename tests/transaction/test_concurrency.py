"""Several processes on one database (decision 31), and the two errors that they can cause each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from handlers.receive import Ending
from handlers.session import Session
from storage import audit
from storage.engine import make_engine
from storage.plan import table_of
from storage.tables import Address, AuditRow, Conversation, Deadline, Inbox, Message, Outbox, Ticket
from storage.writer import Lane
from tests.transaction.hall import CHANNEL, REGISTRY_DESK, STORY, Hall, appoint, orders, says
from tests.transaction.player import Part

SOAK = os.environ.get("TANGGAP_SOAK") == "1"
SHARED = 6
#: Processes, citizens and officers in each (a thread each), rounds.
CASTS = {"postgres": (3, 5, 3, 6), "sqlite": (2, 5, 3, 9)}
LEAST_STEPS = 500
PATIENCE = 600.0 if SOAK else 120.0
#: What an officer's act, each worth one version of the ticket, is called in the trail.
ACTS = ("take", "answer", "finish", "forward", "undo", "close")

Report = dict[str, Any]


@contextmanager
def processes(parts: list[Part]) -> Iterator[Callable[[], list[Report]]]:
    """Start a process for each part; the function lets all begin at once and returns what they did."""
    command = [sys.executable, "-W", "error", "-m", "tests.transaction.player"]
    root = Path(__file__).parents[2]
    players = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) for _ in parts
    ]

    def play() -> list[Report]:
        for player in players:
            assert player.stdin
            player.stdin.write("go\n")
            player.stdin.flush()
        return [json.loads(player.communicate(timeout=PATIENCE)[0]) for player in players]

    try:
        for player, part in zip(players, parts, strict=True):
            assert player.stdin
            player.stdin.write(json.dumps(asdict(part)) + "\n")
            player.stdin.flush()
        for player in players:
            assert player.stdout
            assert player.stdout.readline() == "ready\n"
        yield play
    finally:
        for player in players:
            player.kill()
            player.communicate()


@pytest.fixture
def shared(hall: Hall) -> list[tuple[int, str]]:
    """Cases at one desk."""
    senders = [f"owner-{number}" for number in range(SHARED)]
    hall.batch(*(says(sender, STORY) for sender in senders))
    hall.batch(*(says(sender, "1") for sender in senders))
    return [(row.id, row.number) for row in hall.rows(Ticket)]


@pytest.fixture
def reports(hall: Hall, shared: list[tuple[int, str]], dialect: str) -> list[Report]:
    """What the processes did. Each has a person of its own at the desk for every shared case."""
    count, citizens, officers, rounds = CASTS[dialect]
    names = [f"p{number}" for number in range(count)]

    def enrol(session: Session) -> None:
        for name in names:
            for number in range(max(SHARED, officers)):
                appoint(session, f"officer-{name}-{number}", REGISTRY_DESK)

    hall.errand(enrol)
    parts = [
        Part(
            url=hall.url,
            name=name,
            tickets=shared if number % 2 == 0 else shared[::-1],
            citizens=citizens,
            officers=officers,
            rounds=rounds * (12 if SOAK else 1),
            moves_clock=number == 0,
            seed=number,
        )
        for number, name in enumerate(names)
    ]
    with processes(parts) as play:
        return play()


def merged(reports: list[Report], name: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for report in reports:
        found.update(report[name])
    return found


def test_a_busy_town_of_several_processes_loses_nothing_and_does_nothing_twice(
    hall: Hall, shared: list[tuple[int, str]], reports: list[Report], dialect: str
) -> None:
    assert [report["failed"] for report in reports] == [[]] * len(reports)
    events = [(account, event) for report in reports for account, event in report["events"]]
    assert len(events) == len(set(events)) >= LEAST_STEPS

    every_event_has_one_row_and_is_done(hall, events)
    every_draft_that_was_sent_is_one_ticket(hall, merged(reports, "sent"))
    every_case_has_its_messages_in_a_row(hall)
    no_version_was_lost(hall)
    every_answer_was_told_once(hall, shared, merged(reports, "answered"))
    nothing_is_there_twice(hall)
    every_step_spoke_once(hall)
    the_trail_holds(hall)

    # Rows are locked in one order everywhere, and nobody holds them for long: no batch had to be run again.
    assert [report["refused"] for report in reports] == [[]] * len(reports)
    assert [report["redelivered"] for report in reports] == [0] * len(reports)
    assert sum(report["sealed"] for report in reports) > 0
    assert sum(report["fired"] for report in reports) > 0
    if dialect == "postgres":
        with hall.readers.begin() as connection:
            deadlocks = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            assert connection.execute(deadlocks).scalar_one() == 0


def every_event_has_one_row_and_is_done(hall: Hall, events: list[tuple[str, str]]) -> None:
    rows = {row.key_hash: row for row in hall.rows(Inbox)}
    for account, event in events:
        row = rows.pop(hall.vault.hash("inbox.key_hash", CHANNEL, account, event))
        assert (row.state, row.attempts, row.error) == ("done", 0, None)
    assert len(rows) == 2 * SHARED  # the stories of the shared cases, and nothing else


def every_draft_that_was_sent_is_one_ticket(hall: Hall, sent: Counter[str]) -> None:
    reporters = Counter(row.reporter_id for row in hall.rows(Ticket))
    for who, count in sent.items():
        assert reporters.pop(hall.address(who).person_id) == count
    assert sorted(reporters.values()) == [1] * SHARED
    assert len({row.number for row in hall.rows(Ticket)}) == sum(sent.values()) + SHARED


def every_case_has_its_messages_in_a_row(hall: Hall) -> None:
    numbers: dict[int, list[int]] = {row.id: [] for row in hall.rows(Ticket)}
    for row in hall.rows(Message):
        numbers[row.ticket_id].append(row.seq)
    for ticket in hall.rows(Ticket):
        assert sorted(numbers[ticket.id]) == list(range(1, ticket.last_seq + 1))


def no_version_was_lost(hall: Hall) -> None:
    acts = Counter(row.ticket_id for row in hall.rows(AuditRow) if row.action in ACTS)
    additions = Counter(row.ticket_id for row in hall.rows(Message, kind="addition"))
    for ticket in hall.rows(Ticket):
        assert ticket.version == 1 + acts[ticket.id] + additions[ticket.id]
    assert sum(additions.values()) == len(hall.rows(Ticket)) - SHARED


def every_answer_was_told_once(hall: Hall, shared: list[tuple[int, str]], answered: Counter[str]) -> None:
    answers = hall.rows(Message, kind="answer")
    assert Counter(str(row.ticket_id) for row in answers) == answered
    assert {row.ticket_id for row in answers} <= {key for key, _ in shared}
    assert Counter(row.ticket_id for row in hall.rows(AuditRow, action="answer")) == Counter(
        row.ticket_id for row in answers
    )
    reporters = {row.id: row.reporter_id for row in hall.rows(Ticket)}
    told = {row.dedupe_key for row in hall.rows(Outbox, page="citizen/answer")}
    assert told == {f"msg:{row.id}:{reporters[row.ticket_id]}" for row in answers}
    assert len(answers) > 10


def nothing_is_there_twice(hall: Hall) -> None:
    keys = [row.dedupe_key for row in hall.rows(Outbox)]
    assert len(keys) == len(set(keys))
    addresses = [row.key_hash for row in hall.rows(Address)]
    assert len(addresses) == len(set(addresses))
    talks = hall.rows(Conversation)
    assert len(talks) == len({row.address_id for row in talks}) <= len(addresses)
    steps = [(row.ticket_id, row.cycle, row.clock, row.step) for row in hall.rows(Deadline)]
    assert len(steps) == len(set(steps))


def every_step_spoke_once(hall: Hall) -> None:
    spoken = Counter(row.ticket_id for row in hall.rows(Deadline, state="done") if row.fired_at)
    # Few posts are held here: what would have gone to nobody is a letter to the front desk.
    audited = [row for action in ("step", "unreachable") for row in hall.rows(AuditRow, action=action)]
    assert Counter(row.ticket_id for row in audited) == spoken
    told = [row for row in hall.rows(Outbox) if row.dedupe_key.startswith(("step:", "dead:"))]
    assert len(told) == sum(spoken.values())


def the_trail_holds(hall: Hall) -> None:
    def seal(session: Session) -> int:
        return audit.chain_some(session.plan.connection)

    while hall.errand(seal):
        pass
    with hall.readers.begin() as connection:
        verdict = audit.verify(connection, hall.vault)
        count = connection.execute(select(func.count()).select_from(table_of(AuditRow))).scalar_one()
    assert (verdict.chained, verdict.waiting, verdict.broken) == (count, 0, ())


class TestARealError:
    def outcome_of(self, futures: list[Future[Any]]) -> list[Any]:
        return [future.result(20) for future in futures]

    @pytest.mark.parametrize("dialect", ["postgres"])
    def test_a_batch_that_postgresql_sacrificed_to_a_deadlock_runs_again(
        self, hall: Hall, shared: list[tuple[int, str]], caplog: pytest.LogCaptureFixture
    ) -> None:
        """Somebody with an editor locks two cases the other way round than the program does."""
        with hall.engine.begin() as connection:
            connection.execute(text("SET SESSION deadlock_timeout = '300ms'"))  # the writer has one connection
        (low, _), (high, _) = sorted(shared)[:2]
        numbers = dict(shared)
        for key, phone in ((low, "budi"), (high, "ratna")):
            hall.appoint(phone, REGISTRY_DESK)
            hall.take(orders(phone, f"/tiket {numbers[key]}"))
        taps = [orders(phone, choice=hall.button(phone, "take", "staff")) for phone in ("ratna", "budi")]
        lock = text("SELECT 1 FROM tickets WHERE id = :id FOR UPDATE")
        writer = hall.writer()
        futures = [writer.submit(Lane.INBOUND, tap) for tap in taps]
        other = make_engine(hall.url)
        with other.begin() as editor:
            editor.execute(text("SET LOCAL deadlock_timeout = '60s'"))
            editor.execute(lock, {"id": high})
            writer.start()
            wait_for_a_lock(hall)
            editor.execute(lock, {"id": low})  # closes the circle; returns when the writer has been sacrificed
            assert not any(future.done() for future in futures)
        other.dispose()
        assert self.outcome_of(futures) == [Ending.DONE, Ending.DONE]
        writer.stop()
        assert [record.kind for record in caplog.records if record.name == "storage.writer"] == ["DeadlockDetected"]  # type: ignore[attr-defined]
        for key in (low, high):
            row = hall.row(Ticket, id=key)
            assert (row.state, row.version) == ("accepted", 2)
        assert {row.attempts for row in hall.rows(Inbox)} == {0}

    @pytest.mark.parametrize("dialect", ["sqlite"])
    def test_a_batch_that_sqlite_found_locked_runs_again(self, hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
        """Another process writes for longer than this one is told to wait."""
        with hall.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 100")
        writer = hall.writer()
        futures = [writer.submit(Lane.INBOUND, says(f"citizen-{number}", STORY)) for number in range(5)]
        other = make_engine(hall.url)
        with other.begin():
            writer.start()
            wait_until(lambda: len(caplog.records) >= 1)
            assert not any(future.done() for future in futures)
        other.dispose()
        assert self.outcome_of(futures) == [Ending.DONE] * 5
        writer.stop()
        refusals = [record for record in caplog.records if record.name == "storage.writer"]
        assert {record.kind for record in refusals} == {"OperationalError"}  # type: ignore[attr-defined]
        assert len(refusals) <= 2
        assert {(row.state, row.attempts) for row in hall.rows(Inbox)} == {("done", 0)}

    @pytest.mark.parametrize("dialect", ["sqlite"])
    def test_a_database_that_stays_locked_is_nobodys_fault(self, hall: Hall) -> None:
        """All are told to come again; none counts an attempt, and the next batch runs."""
        with hall.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 20")
        inbounds = [says(f"citizen-{number}", STORY) for number in range(3)]
        other = make_engine(hall.url)
        with other.begin():
            futures = hall.batch(*inbounds)
        other.dispose()
        assert all("locked" in str(future.exception()) for future in futures)
        assert hall.rows(Inbox) == []
        assert self.outcome_of(hall.batch(*inbounds)) == [Ending.DONE] * 3
        assert {row.attempts for row in hall.rows(Inbox)} == {0}

    @pytest.mark.parametrize("dialect", ["sqlite"])
    def test_a_short_writer_elsewhere_is_waited_for_in_silence(
        self, hall: Hall, caplog: pytest.LogCaptureFixture
    ) -> None:
        other = make_engine(hall.url)
        with hall.open() as writer:
            with other.begin():
                future = writer.submit(Lane.INBOUND, says("sari", STORY))
                time.sleep(0.2)
                assert not future.done()
            assert future.result(10) is Ending.DONE
        other.dispose()
        assert caplog.records == []


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "It never came true."
        time.sleep(0.005)


def wait_for_a_lock(hall: Hall) -> None:
    """Until the writer's connection waits for a row."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock' AND application_name = 'tanggap'"
    )

    def waits() -> bool:
        with hall.readers.begin() as connection:
            return bool(connection.execute(waiting).scalar_one())

    wait_until(waits)


def test_two_halls_that_lock_the_same_cases_in_opposite_order_never_wait_in_a_circle(
    hall: Hall, shared: list[tuple[int, str]], dialect: str
) -> None:
    """The order of the messages is not the order of the locks."""
    other = Hall(hall.url)
    phones: dict[int, list[str]] = {}
    for who, (key, number) in enumerate(shared):
        phones[key] = [f"first-{who}", f"second-{who}"]
        for phone in phones[key]:
            hall.appoint(phone, REGISTRY_DESK)
            hall.take(orders(phone, f"/tiket {number}"))
    keys = [key for key, _ in shared]
    outcomes: list[list[Any]] = []

    def tap(where: Hall, order: list[int], which: int) -> None:
        taps = [orders(phones[key][which], choice=where.button(phones[key][which], "take", "staff")) for key in order]
        outcomes.append([future.result(0) for future in where.batch(*taps)])

    threads = [
        threading.Thread(target=tap, args=(hall, keys, 0)),
        threading.Thread(target=tap, args=(other, keys[::-1], 1)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert outcomes == [[Ending.DONE] * SHARED] * 2
    assert {(row.state, row.version) for row in hall.rows(Ticket)} == {("accepted", 2)}
    assert len(hall.rows(AuditRow, action="take")) == SHARED
