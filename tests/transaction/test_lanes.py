"""Three lanes of one writer: messages, outcomes and beats; nobody waits for long, nobody starves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from handlers.receive import Ending
from handlers.session import Session
from storage.plan import table_of
from storage.tables import AuditRow, Inbox, Lease
from storage.writer import MOST_JOBS, PATIENCE_OF_A_BEAT, Lane, Stopped, Writer
from tests.transaction.hall import STORY, Hall, says

Log = list[tuple[float, str]]


@pytest.fixture
def log(hall: Hall) -> Log:
    """When what was done, as (time, what); `commit` for each transaction."""
    log: Log = []
    event.listen(hall.engine, "commit", lambda _connection: log.append((time.monotonic(), "commit")))
    return log


def beat(log: Log, seconds: float = 0.0) -> Callable[[Session], None]:
    """An errand that takes its time and leaves a note."""

    def run(session: Session) -> None:
        log.append((time.monotonic(), "beat"))
        time.sleep(seconds)

    return run


@contextmanager
def held_up(writer: Writer) -> Iterator[None]:
    """Keep the writer at an errand until the block ends: what is submitted meanwhile waits together."""
    busy, go_on = threading.Event(), threading.Event()

    def wait(_session: Session) -> None:
        busy.set()
        go_on.wait(10)

    writer.submit(Lane.OUTCOME, wait)
    busy.wait(10)
    yield
    go_on.set()


def test_a_batch_takes_what_waits_and_no_more_than_its_most(hall: Hall) -> None:
    futures = hall.batch(*(says(f"citizen-{number}", "/menu") for number in range(MOST_JOBS * 2 + 1)))
    assert {future.result() for future in futures} == {Ending.DONE}
    assert hall.commits == 3


def test_a_message_that_comes_alone_does_not_wait_for_company(hall: Hall) -> None:
    with hall.open() as writer:
        writer.submit(Lane.INBOUND, says("sari", "/menu")).result(10)
        started = time.monotonic()
        for _ in range(20):
            writer.submit(Lane.INBOUND, says("sari", "/menu")).result(10)
        assert (time.monotonic() - started) / 20 < 0.2
    assert hall.commits == 21


def test_a_beat_goes_at_once_where_nobody_else_waits(hall: Hall, log: Log) -> None:
    with hall.open() as writer:
        waits = []
        for _ in range(5):
            started = time.monotonic()
            writer.submit(Lane.BEAT, beat(log)).result(10)
            waits.append(time.monotonic() - started)
    assert min(waits) < PATIENCE_OF_A_BEAT / 2


def test_a_beat_waits_while_messages_come_in_but_not_for_ever(hall: Hall, log: Log) -> None:
    """As soon as it has waited a quarter of a second, it is next: at most the batch that runs is before it."""
    writer = hall.writer()
    started = time.monotonic()
    waiting = writer.submit(Lane.BEAT, beat(log))
    messages = [writer.submit(Lane.INBOUND, says(f"citizen-{number}", "/menu")) for number in range(MOST_JOBS * 2)]
    writer.start()
    while not waiting.done():  # two batches are always ready
        messages[-MOST_JOBS * 2].result(10)
        messages += [writer.submit(Lane.INBOUND, says(f"citizen-{n}", "/menu")) for n in range(MOST_JOBS)]
    writer.stop()
    assert {message.result(0) for message in messages} == {Ending.DONE}
    (began,) = (when for when, what in log if what == "beat")
    commits = [when for when, what in log if what == "commit"]
    assert began - started > PATIENCE_OF_A_BEAT
    assert commits[-1] > began
    overdue = started + PATIENCE_OF_A_BEAT + 0.05
    assert len([when for when in commits if overdue < when < began]) <= 1


def test_messages_do_not_starve_behind_beats_that_have_waited_too_long(hall: Hall, log: Log) -> None:
    with hall.open() as writer:
        with held_up(writer):
            beats = [writer.submit(Lane.BEAT, beat(log, 0.02)) for _ in range(20)]
            time.sleep(PATIENCE_OF_A_BEAT * 1.2)
            message = writer.submit(Lane.INBOUND, says("sari", "/menu"))
        message.result(10)
        beats_before = [what for _, what in log].count("beat")
        for future in beats:
            future.result(10)
    assert beats_before <= 2


def test_messages_and_outcomes_take_turns(hall: Hall) -> None:
    order: list[str] = []
    with hall.open() as writer, held_up(writer):
        for number in range(MOST_JOBS * 3):
            writer.submit(Lane.OUTCOME, lambda _session: None).add_done_callback(lambda _f: order.append("outcome"))
            message = writer.submit(Lane.INBOUND, says(f"citizen-{number}", "/menu"))
            message.add_done_callback(lambda _f: order.append("message"))
    turns = [what for before, what in zip(["", *order], order, strict=False) if what != before]
    assert turns == ["message", "outcome"] * 3


def test_a_beat_is_a_transaction_of_its_own(hall: Hall, log: Log) -> None:
    writer = hall.writer()
    for _ in range(3):
        writer.submit(Lane.BEAT, beat(log))
    writer.start()
    writer.stop()
    assert [what for _, what in log] == ["beat", "commit"] * 3


def test_an_errand_that_fails_takes_nothing_of_its_neighbours_along(hall: Hall) -> None:
    def fails(session: Session) -> None:
        session.audit("never", None, person=None, actor="test")
        raise LookupError("no")

    writer = hall.writer()
    good = writer.submit(Lane.OUTCOME, lambda session: session.audit("kept", None, person=None, actor="test").action)
    bad = writer.submit(Lane.OUTCOME, fails)
    writer.start()
    writer.stop()
    assert good.result(0) == "kept"
    assert isinstance(bad.exception(0), LookupError)
    assert hall.commits == 1
    assert hall.counts()["audit"] == 1


def test_an_errand_that_the_database_refuses_is_found_alone(hall: Hall) -> None:
    def counted(session: Session) -> int:
        session.audit("kept", None, person=None, actor="test")
        return len(session.plan.rows(select(table_of(AuditRow))))

    def refused(session: Session) -> None:
        session.plan.add(Lease, name="door", holder=None, until=session.moment.real)

    writer = hall.writer()
    futures = [writer.submit(Lane.OUTCOME, errand) for errand in (counted, refused, counted)]
    writer.start()
    writer.stop()
    assert [futures[0].result(0), futures[2].result(0)] == [0, 1]
    assert isinstance(futures[1].exception(0), IntegrityError)
    assert [row.action for row in hall.rows(AuditRow)] == ["kept", "kept"]


def test_stopping_finishes_what_waits_and_takes_nothing_more(hall: Hall) -> None:
    writer = hall.writer()
    futures = [writer.submit(Lane.INBOUND, says(f"citizen-{number}", "/menu")) for number in range(100)]
    writer.start()
    writer.stop()
    assert all(future.done() for future in futures)
    assert len(hall.rows(Inbox, state="done")) == 100
    with pytest.raises(Stopped):
        writer.submit(Lane.INBOUND, says("sari", "/menu"))


def test_a_writer_whose_release_fails_goes_on(hall: Hall) -> None:
    """The loop of a process that is ending may be gone; the answer is durable all the same."""

    def gone(_jobs: Any) -> None:
        raise RuntimeError("Event loop is closed")

    writer = hall.writer(release=gone)
    writer.start()
    assert writer.submit(Lane.INBOUND, says("sari", STORY)).result(10) is Ending.DONE
    assert writer.submit(Lane.INBOUND, says("sari", "/menu")).result(10) is Ending.DONE
    writer.stop()
