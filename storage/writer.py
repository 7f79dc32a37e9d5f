"""The one writer of a process: takes what already waits into one transaction, the same on SQLite and PostgreSQL.

Three lanes (decision 3): inbound messages, outcomes and leases, beats. A lane's batch is run by its `BatchRunner`;
when the database refuses a batch, it is rolled back and its jobs are run one by one, so that only the guilty one fails.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from storage.engine import is_lost, is_retryable
from storage.plan import Model, Postponed
from storage.source import Source

log = logging.getLogger(__name__)

MOST_JOBS = 64
PATIENCE_OF_A_BEAT = 0.25
TRIES = 3

T = TypeVar("T")


class Lane(IntEnum):
    INBOUND = 0
    OUTCOME = 1
    BEAT = 2


@dataclass(eq=False)
class Job:
    """Something to be done inside a transaction, and the future that learns how it ended."""

    lane: Lane
    body: Any
    done: Future[Any] = field(default_factory=Future)
    source: Source = field(default_factory=Source)
    since: float = field(default_factory=time.monotonic)
    result: Any = None
    error: BaseException | None = None
    postponed: bool = False
    wants: set[tuple[Model, Any]] = field(default_factory=set)

    def postpone(self, wanted: Postponed) -> None:
        """Have the job open the next batch, which first waits for the row that it wanted."""
        self.postponed = True
        self.wants.add((wanted.model, wanted.key))

    def begin(self) -> None:
        """Forget an earlier run, before a replay."""
        self.source.rewind()
        self.result, self.error, self.postponed = None, None, False


class BatchRunner(Protocol):
    """Runs the jobs of one transaction; what it added is handed to `after_commit`."""

    def run(self, connection: Connection, jobs: Sequence[Job]) -> Any:
        """Set each job's result, error or postponed; return what `after_commit` shall get."""

    def failed_alone(self, connection: Connection, job: Job) -> None:
        """A job that the database refuses even alone: count it, in a transaction of its own."""

    def after_commit(self, outcome: Any) -> None:
        """Called once the transaction is durable."""


class Stopped(RuntimeError):  # noqa: N818
    """The writer has stopped; nothing was written."""


class Writer:
    """A thread with three lanes. `submit` returns a future that is released once per batch, after the commit."""

    def __init__(
        self,
        engine: Engine,
        inbound: BatchRunner,
        others: BatchRunner,
        *,
        release: Callable[[Sequence[Job]], None] | None = None,
    ) -> None:
        self._engine = engine
        self._runners = {Lane.INBOUND: inbound, Lane.OUTCOME: others, Lane.BEAT: others}
        self._release = release or release_now
        self._lanes: dict[Lane, deque[Job]] = {lane: deque() for lane in Lane}
        self._waiting = threading.Condition()
        self._stopping = False
        self._last = Lane.OUTCOME
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end."""
        with self._waiting:
            self._stopping = True
            self._waiting.notify()
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, lane: Lane, body: Any) -> Future[Any]:
        """Queue a job; its future has the result after the commit, or the error that stopped it."""
        job = Job(lane, body)
        with self._waiting:
            if self._stopping:
                raise Stopped
            self._lanes[lane].append(job)
            self._waiting.notify()
        return job.done

    def _work(self) -> None:
        while (jobs := self._take()) is not None:
            self._settle(jobs, self._attempt(jobs))

    def _take(self) -> list[Job] | None:
        with self._waiting:
            while not any(self._lanes.values()):
                if self._stopping:
                    return None
                self._waiting.wait()
            lane = self._choose()
            self._last = lane
            most = 1 if lane is Lane.BEAT else MOST_JOBS
            queue = self._lanes[lane]
            return [queue.popleft() for _ in range(min(most, len(queue)))]

    def _choose(self) -> Lane:
        """Inbound and outcomes take turns; a beat goes when both are empty, or once it has waited long enough.

        Of several such beats never two in a row while anybody else waits.
        """
        beats = self._lanes[Lane.BEAT]
        others = [lane for lane in (Lane.INBOUND, Lane.OUTCOME) if self._lanes[lane]]
        if beats and not others:
            return Lane.BEAT
        if beats and self._last is not Lane.BEAT and time.monotonic() - beats[0].since > PATIENCE_OF_A_BEAT:
            return Lane.BEAT
        return others[0] if len(others) == 1 or self._last is not others[0] else others[1]

    def _attempt(self, jobs: list[Job]) -> Any:
        """Run a batch; re-run it when another process was in the way; one by one when the database refuses it."""
        runner = self._runners[jobs[0].lane]
        error: BaseException | None = None
        for _ in range(TRIES):
            try:
                return [self._transact(runner, jobs)]
            except DBAPIError as raised:
                error = raised
                log.warning("batch refused", extra={"jobs": len(jobs), "kind": type(raised.orig).__name__})
                if not is_retryable(raised):
                    break
            except Exception as raised:  # a fault of ours in the batch's own code: the guilty job is found alone
                error = raised
                # The words of an error may quote what a person typed: its class is enough to find the fault.
                log.error("batch failed", extra={"jobs": len(jobs), "kind": type(raised).__name__})
                log.debug("batch failed", exc_info=raised)
                break
        if isinstance(error, DBAPIError) and (is_lost(error) or is_retryable(error)):
            return self._give_up(jobs, error)  # the database is ill or busy: nobody's fault, no attempt counted
        if len(jobs) == 1:
            self._give_up(jobs, error)
            self._count(runner, jobs[0])
            return []
        return self._one_by_one(jobs)

    def _one_by_one(self, jobs: list[Job]) -> list[Any]:
        """Each job in a transaction of its own, in order: behind one that is postponed all others wait too."""
        outcomes: list[Any] = []
        for number, job in enumerate(jobs):
            outcomes += self._attempt([job])
            if job.postponed:
                for later in jobs[number + 1 :]:
                    later.begin()
                    later.postponed = True
                break
        return outcomes

    def _give_up(self, jobs: Sequence[Job], error: BaseException | None) -> list[Any]:
        for job in jobs:
            job.begin()
            job.error = error
        return []

    def _count(self, runner: BatchRunner, job: Job) -> None:
        error = job.error
        try:
            with self._engine.begin() as connection:
                runner.failed_alone(connection, job)
        except Exception as raised:  # neither counted nor kept aside, so it is not done: it is asked for again
            job.result, job.error = None, error
            log.error("a failed attempt could not be counted", extra={"kind": type(raised).__name__})

    def _transact(self, runner: BatchRunner, jobs: Sequence[Job]) -> tuple[BatchRunner, Any]:
        for job in jobs:
            job.begin()
        with self._engine.begin() as connection:
            outcome = runner.run(connection, jobs)
        return runner, outcome

    def _settle(self, jobs: list[Job], outcomes: list[tuple[BatchRunner, Any]]) -> None:
        again = [job for job in jobs if job.postponed]
        if again:
            with self._waiting:
                self._lanes[again[0].lane].extendleft(reversed(again))
        self._let_go([job for job in jobs if not job.postponed])
        for runner, outcome in outcomes:
            try:
                runner.after_commit(outcome)
            except Exception:  # the rows are durable: the sweep finds them
                log.exception("after-commit failed")

    def _let_go(self, jobs: Sequence[Job]) -> None:
        try:
            self._release(jobs)
        except Exception:  # the loop that waits is closing
            log.exception("release failed")
            release_now(jobs)


def release_now(jobs: Sequence[Job]) -> None:
    """Tell each job's waiting thread how it ended; one that has stopped waiting hears nothing."""
    for job in jobs:
        with contextlib.suppress(InvalidStateError):
            if job.error is not None:
                job.done.set_exception(job.error)
            else:
                job.done.set_result(job.result)


__all__ = ["BatchRunner", "Job", "Lane", "Postponed", "Stopped", "Writer", "release_now"]
