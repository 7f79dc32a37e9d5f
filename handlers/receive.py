"""The one transaction around inbound messages: each event has exactly one effect, or none and is asked for again.

A batch is planned in memory and written at its end. A step that raises joins nothing and is counted on its inbox row;
the third time the event goes to quarantine, so that one poison message never blocks a town and nothing vanishes.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from handlers.actions import news, outcomes, receipts
from handlers.actions.answers import answer
from handlers.actions.files import kinds_of, register
from handlers.actions.perform import perform
from handlers.actions.post import reply
from handlers.actions.room import fitting
from handlers.actions.views import name_of
from handlers.flows import TURNS, first_turn
from handlers.flows.turns import Decision
from handlers.house import House as House
from handlers.messages import Ask, Facts, Inbound, Memory, Need, Step, in_hand
from handlers.prelude import NEW, Arrival, Prelude, Telling, wait_for
from handlers.remembering import forget, recall, remember
from handlers.session import Session, Writing
from handlers.staff_mode import StaffMode, one_each
from storage.clock import Moment
from storage.plan import Plan, Postponed, Record
from storage.queries.talk import insert_new
from storage.tables import Address, Inbox, Quarantine
from storage.writer import Job

log = logging.getLogger(__name__)

TRIES = 3
ROUNDS = 3
HOPS = 3


class Ending(StrEnum):
    """How an event ended for the one who handed it in: all three mean "do not send it again"."""

    DONE = "done"
    SEEN = "seen"
    QUARANTINED = "quarantined"


class StepFailedError(RuntimeError):
    """The event's step failed; hand it in again (a webhook answers 500)."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a transaction added that somebody should look at now."""

    outbox: tuple[int, ...] = ()
    work: tuple[int, ...] = ()


def committed(added: Sequence[Record]) -> Committed:
    """The outbox and work rows among what was added."""
    names = {"outbox": [], "work": []}  # type: dict[str, list[int]]
    for record in added:
        if record.table.name in names:
            names[record.table.name].append(record.key)
    return Committed(tuple(names["outbox"]), tuple(names["work"]))


class Receiver:
    """Runs batches of inbound messages (a storage.writer.BatchRunner)."""

    def __init__(self, house: House, on_commit: Any = None) -> None:
        self._house = house
        self._on_commit = on_commit

    def run(self, connection: Connection, jobs: Sequence[Job]) -> Committed:
        """One transaction: prelude, then each job in order, then everything is written."""
        plan = Plan(connection)
        moment = self._house.moment(connection)
        jobs = one_each(jobs, self._house.rules.shared)
        arrivals = Prelude(plan, self._house.vault, moment, jobs, self._telling(plan, moment)).arrive()
        for number, job in enumerate(jobs):
            arrival = arrivals[number]
            if arrival.seen or arrival.copy_of is not None:
                continue
            try:
                self._one(plan, moment, job, arrival)
            except Postponed as wanted:
                self._postpone(jobs[number:], arrivals[number:], wanted)
                break
        _share(jobs, arrivals)
        return committed(plan.close())

    def _telling(self, plan: Plan, moment: Moment) -> Telling | None:
        """How messages of citizens and staff are told apart, where a number of ours serves both."""
        house = self._house
        if not house.rules.shared:
            return None
        return StaffMode(plan, house.vault, house.region, moment.real, house.rules.shared).tell_apart

    def after_commit(self, outcome: Committed) -> None:
        if self._on_commit:
            self._on_commit(outcome)

    def failed_alone(self, connection: Connection, job: Job) -> None:
        """Count an attempt that the database itself refused."""
        plan = Plan(connection)
        moment = self._house.moment(connection)
        (arrival,) = Prelude(plan, self._house.vault, moment, [job]).note()
        if not arrival.seen:
            self._count(plan, moment, job, arrival.inbox, type(job.error).__name__)
        plan.close()

    def _one(self, plan: Plan, moment: Moment, job: Job, arrival: Arrival) -> None:
        mark = plan.mark()
        session = self._session(plan, moment, job)
        try:
            self._take(session, arrival.inbound, arrival)
            arrival.inbox.state, arrival.inbox.error = "done", None
            job.result = Ending.DONE
        except (Postponed, DBAPIError):
            plan.rollback(mark)
            raise
        except Exception as error:
            plan.rollback(mark)
            # The words of an error may quote what a person typed: its class is enough to find the fault.
            log.warning("step failed", extra={"inbox": arrival.inbox.id, "kind": type(error).__name__})
            log.debug("step failed", exc_info=error)
            job.error = StepFailedError(type(error).__name__)
            self._count(plan, moment, job, arrival.inbox, type(error).__name__)

    def _session(self, plan: Plan, moment: Moment, job: Job) -> Session:
        town = job.source.moment(moment.town)
        house = self._house
        return Session(plan, house.vault, house.region, replace(moment, town=town), job.source, house.rules)

    def _take(self, session: Session, inbound: Inbound, arrival: Arrival) -> None:
        """What a platform tells is heard; what somebody says goes through its turns."""
        if inbound.receipt is not None:
            receipts.hear(session, inbound.channel, inbound.receipt, arrival.ours)
        elif inbound.news is not None:
            news.hear(session, inbound)
        else:
            self._take_said(session, inbound, arrival)

    def _take_said(self, session: Session, inbound: Inbound, arrival: Arrival) -> None:
        """One message through its turns, and what they decided done."""
        if inbound.group is not None:
            if arrival.person is None:
                return  # somebody whom we do not know, in a group
            inbound = _only_said(inbound)
        person, address, conversation = arrival.people()
        if inbound.group is None:
            outcomes.heard(session, address, new=conversation.state == NEW)
            if beside := session.plan.one(Address, arrival.beside) if arrival.beside else None:
                outcomes.heard(session, beside, new=False)  # it is one chat
        if inbound.edited:  # the words are new, its files are those that came with it
            inbound = replace(inbound, media=(), remote=())
        session.writing = Writing(person, address, conversation, arrival.inbox.id, chat=inbound.sender)
        memory = recall(session, conversation)
        if arrival.chosen is not None:
            session.writing.pressed = arrival.chosen.outbox
        inbound = register(session, fitting(session, inbound, in_hand(memory)))
        quoted, said = arrival.about()
        facts = Facts(
            region=session.region,
            now=session.now,
            language=person.language or "id",
            person=person.id,
            first=conversation.state == NEW,
            name=name_of(session, person),
            chosen=arrival.chosen or (None if inbound.edited else arrival.typed_choice(inbound.text, session.region)),
            quoted=quoted,
            said=said,
            files=kinds_of(session, (*in_hand(memory), *inbound.media)),
            shared=inbound.channel in session.rules.shared,
        )
        step = decide(session, inbound, memory, facts)
        for page in step.replies:
            reply(session, page)
        for effect in step.effects:
            perform(session, effect)
        if inbound.group is None:
            remember(session, conversation, step.memory)

    def _count(self, plan: Plan, moment: Moment, job: Job, inbox: Record, error: str) -> None:
        inbox.attempts = inbox.attempts + 1
        inbox.state, inbox.error = "failed", error
        if inbox.attempts >= TRIES:
            inbox.state = "quarantined"
            keep_aside(self._session(plan, moment, job), job.body, error)
            job.error, job.result = None, Ending.QUARANTINED

    def _postpone(self, jobs: Sequence[Job], arrivals: Sequence[Arrival], wanted: Postponed) -> None:
        """What is decided so far commits; this job opens the next batch, the ones behind it follow in order."""
        jobs[0].postpone(wanted)
        for job, arrival in zip(jobs, arrivals, strict=True):
            if not arrival.seen and arrival.copy_of is None:
                job.postponed = True
                forget(arrival.inbox)


def decide(session: Session, inbound: Inbound, memory: Memory, facts: Facts) -> Step:
    """Run turns until one decides; needs are answered in between. Pure but for the answers."""
    name = first_turn(inbound, memory, facts)
    known: dict[Need[Any], Any] = {}
    for _ in range(1 + HOPS):
        turn = TURNS[name]
        decision: Decision = Ask(turn.needs(inbound, memory, facts))
        for _ in range(ROUNDS):
            if not isinstance(decision, Ask):
                break
            known |= {need: answer(session, need) for need in decision.needs if need not in known}
            decision = turn.decide(inbound, memory, replace(facts, known=known))
        if isinstance(decision, Step):
            return decision
        if isinstance(decision, Ask):
            raise RuntimeError(f"turn {name} never stops asking")
        name, memory = decision.turn, decision.memory
    raise RuntimeError(f"turn {name} never decides")


def keep_aside(session: Session, inbound: Inbound, reason: str) -> None:
    """Keep an event that can't be digested, sealed, and raise the alarm."""
    session.add(
        Quarantine,
        channel=inbound.channel,
        account=inbound.account,
        reason=reason,
        body_sealed=_as_json(inbound),
        town_at=session.now,
        real_at=session.moment.real,
    )
    log.error("an event is in quarantine", extra={"channel": inbound.channel, "kind": reason})


def keep_raw(session: Session, channel: str, account: str, body: str, reason: str) -> bool:
    """Keep a body that no parser took, sealed, and raise the alarm; False where the same one is kept already."""
    connection = session.plan.connection
    values: dict[str, Any] = {"channel": channel, "town_at": session.now, "real_at": session.moment.real}
    event = f"raw:{hashlib.sha256(body.encode()).hexdigest()}"
    row = {
        "id": session.source.id("inbox"),
        "key_hash": session.vault.hash("inbox.key_hash", channel, account, event),
        "state": "quarantined",
        "attempts": 1,
        "error": reason,
    }
    if not connection.execute(insert_new(Inbox, connection.dialect.name, ("key_hash",), ("id",)), row | values).first():
        return False
    session.add(Quarantine, account=account, reason=reason, body_sealed=body, **values)
    log.error("an event is in quarantine", extra={"channel": channel, "kind": reason})
    return True


def _as_json(inbound: Inbound) -> str:
    """In ASCII: half of a character that is written in two is what could not be sealed in the first place."""
    return json.dumps({name: getattr(inbound, name) for name in inbound.__slots__}, default=str)


def _only_said(inbound: Inbound) -> Inbound:
    """Of what is sent in a group nothing but the words counts."""
    return replace(inbound, choice=None, media=(), remote=(), place=None, odd=None)


def _share(jobs: Sequence[Job], arrivals: Sequence[Arrival]) -> None:
    """Seen events are done; a second copy in one batch shares the outcome of the first."""
    for job, arrival in zip(jobs, arrivals, strict=True):
        if arrival.copy_of is not None:
            first = jobs[arrival.copy_of]
            job.result, job.error, job.postponed = first.result, first.error, first.postponed
        elif arrival.seen:
            job.result = Ending.SEEN


class Errands:
    """Runs every other transaction of the process: outcomes, leases, beats, administration. A body is a function."""

    def __init__(self, house: House, on_commit: Any = None) -> None:
        self._house = house
        self._on_commit = on_commit

    def run(self, connection: Connection, jobs: Sequence[Job]) -> Committed:
        plan = Plan(connection)
        moment = self._house.moment(connection)
        wait_for(plan, {place for job in jobs for place in job.wants})
        for job in jobs:
            self._one(plan, moment, job)
        return committed(plan.close())

    def _one(self, plan: Plan, moment: Moment, job: Job) -> None:
        mark = plan.mark()
        house = self._house
        town = replace(moment, town=job.source.moment(moment.town))
        session = Session(plan, house.vault, house.region, town, job.source, house.rules)
        try:
            job.result = job.body(session)
        except DBAPIError:
            raise
        except Postponed as wanted:
            plan.rollback(mark)
            job.postpone(wanted)
        except Exception as error:
            plan.rollback(mark)
            log.warning("errand failed", extra={"kind": type(error).__name__}, exc_info=error)
            job.error = error

    def after_commit(self, outcome: Committed) -> None:
        if self._on_commit:
            self._on_commit(outcome)

    def failed_alone(self, connection: Connection, job: Job) -> None:
        """Nothing to count: whoever submitted the errand decides."""
