"""What the clock decides: due steps speak once each, to a named post; silence closes what an office has answered."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, time, timedelta

from domain.ladder import catch_up
from domain.vocabulary import OPEN_STATES, STAFF_CLOCKS, Action, Clock, Outcome, State, Turn
from handlers.actions import explaining, hearing, milestones, pausing, schedule, telling
from handlers.actions.batching import foresee
from handlers.actions.post import Letter, to_post, to_reporter
from handlers.actions.reading import post_of, readers
from handlers.actions.tickets import closing
from handlers.actions.views import thread_of
from handlers.messages import Choice
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.queries import due, talk
from storage.tables import Beat, Deadline, Ticket

log = logging.getLogger(__name__)

BATCH = 1000
POISON_REST = timedelta(hours=1)
#: What a step of the ladder asks of its case: less than half of what there is to know.
_ASKED = (
    "id", "number", "kind", "state", "identity", "secret", "desk", "unit_code", "matter_code", "reporter_id",
    "address_id", "version", "cycle", "refusals", "verify_by", "first_response_by", "binding_by",
)  # fmt: skip
#: The clocks that remind people, the one that says most last.
_LADDER_CLOCKS = (Clock.VERIFY, Clock.FIRST_RESPONSE, Clock.BINDING)


def fire_due(session: Session) -> int:
    """Let up to a batch of due steps speak; returns how many there were."""
    found = session.plan.rows(due.DUE, {"now": session.now, "most": BATCH})
    own = any(row.clock in _OWN for row in found)
    session.plan.lock_all(Ticket, [row.ticket_id for row in found], () if own else _ASKED)
    session.plan.lock_all(Deadline, [row.id for row in found])
    rows = [row for row in (session.plan.locked(Deadline, found.id) for found in found) if row is not None]
    waiting = [row for row in rows if row.state == "waiting"]
    cases = ((session.plan.known(Ticket, row.ticket_id), row) for row in waiting)
    foresee(session, [(ticket, row) for ticket, row in cases if ticket is not None])
    _catch_up(session, waiting)
    for row in rows:
        _fire_if_due(session, row)
    return len(found)


def fire_one(session: Session, key: int) -> None:
    """One step, if it still waits: another process may have let it speak."""
    row = session.plan.locked(Deadline, key)
    if row is not None:
        _fire_if_due(session, row)


def _fire_if_due(session: Session, row: Record) -> None:
    if row.state == "waiting" and row.due_at <= session.now:
        fire(session, row)


def _catch_up(session: Session, rows: list[Record]) -> None:
    """What a standing clock missed: one page for one reader and case, and one rung of a case an office hour."""
    of_case: defaultdict[int, list[Record]] = defaultdict(list)
    for row in rows:
        if row.clock in _LADDER_CLOCKS:
            of_case[row.ticket_id].append(row)
    for key in sorted(key for key, mine in of_case.items() if len(mine) > 1):
        ticket = session.plan.one(Ticket, key)
        if ticket is not None and State(ticket.state) in OPEN_STATES:
            _space(session, ticket, _merge(session, ticket, of_case[key]))


def _merge(session: Session, ticket: Record, rows: list[Record]) -> list[Record]:
    """Of several steps for one post the one that says most speaks: the latest clock's latest rung."""
    last = {post_of(session, ticket, row.target): row for row in sorted(rows, key=_says)}
    kept = set(map(id, last.values()))
    for row in rows:
        if id(row) not in kept:
            row.state = "merged"
    return [row for row in rows if id(row) in kept]


def _says(row: Record) -> tuple[int, datetime, int]:
    return (_LADDER_CLOCKS.index(row.clock), row.due_at, row.id)


def _space(session: Session, ticket: Record, rows: list[Record]) -> None:
    calendar = session.region.calendar_of(ticket.unit_code)
    moments = catch_up([row.due_at for row in rows], session.now, calendar)
    for row, at in zip(rows, moments, strict=True):
        if at > session.now:
            row.due_at = at


def rest(session: Session, key: int) -> None:
    """A step that fails even alone is put off for an hour, with an alarm: it must not stop the others."""
    row = session.plan.locked(Deadline, key)
    if row is not None:
        row.due_at = row.due_at + POISON_REST
        log.error("a deadline step failed and was put off", extra={"step": row.id})


def fire(session: Session, row: Record) -> None:
    """One due step: a reminder, a rung, or what the program does itself."""
    ticket = session.plan.locked(Ticket, row.ticket_id)
    row.fired_at = session.now
    if ticket is None or (row.cycle != ticket.cycle and row.clock not in STAFF_CLOCKS):
        row.state = "cancelled"
    elif row.clock in _OWN:
        row.state = "done"  # unless it finds that it has to wait
        if not _OWN[row.clock](session, ticket, row):
            row.state = "cancelled"
    elif ticket.state not in OPEN_STATES:
        row.state = "cancelled"
    else:
        row.state = "done"
        telling.speak(session, ticket, row, row.target)


def _close(session: Session, ticket: Record, row: Record) -> bool:
    """Ten working days of silence after the office's closing words; never a case that no office has answered."""
    if ticket.state != State.RESOLVED or ticket.resolved_at is None:
        return False
    milestones.mark(session, ticket, Turn.SILENCE)
    ticket.state, ticket.outcome = str(State.CLOSED), str(Outcome.SILENCE)
    ticket.closed_at = session.now
    ticket.version = ticket.version + 1
    session.audit("close", ticket.id, person=None, actor="auto_close")
    key = f"close:{ticket.id}:{ticket.cycle}:{ticket.reporter_id}"
    to_reporter(session, Letter(key, "citizen/closed", {"number": ticket.number}, closing(ticket), ticket, Action.READ))
    return True


def _complete(session: Session, ticket: Record, row: Record) -> bool:
    """The citizen was asked and says nothing: told once more, and after 30 days the case rests (decision 17)."""
    if ticket.state != State.WAITING_CITIZEN:
        return False
    if row.step == pausing.LONG_ENOUGH:
        return _run_again(session, ticket, row)
    lapses = row.step == pausing.LAPSE
    if lapses:
        _lapse(session, ticket)
    calendar = session.region.calendar_of(ticket.unit_code)
    last = calendar.day_of(ticket.waiting_since) + timedelta(days=pausing.COMPLETION_DAYS) if not lapses else None
    shown = {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "by": moment(calendar.at(last, time(23, 59))) if last else None,
        "question": _question(session, ticket),
    }
    page = "citizen/lapsed" if lapses else "citizen/still_asked"
    choices = (Choice("reply", (str(ticket.id),)),)
    key = f"{row.step}:{row.id}:{ticket.reporter_id}"
    to_reporter(session, Letter(key, page, shown, choices, ticket, Action.READ))
    return True


def _run_again(session: Session, ticket: Record, row: Record) -> bool:
    """The clock has stood still for as long as it may: the desk goes on with what it has, and is told so."""
    pausing.resume(session, ticket)
    ticket.state = str(State.IN_PROGRESS)
    ticket.version = ticket.version + 1
    session.audit("run_again", ticket.id, person=None, actor="completion")
    shown = {"number": ticket.number, "by": moment(ticket.binding_by or ticket.first_response_by)}
    choices = (Choice("details", (str(ticket.id),)),)
    for post in readers(session, ticket):
        letter = Letter(f"{row.step}:{row.id}:{post.code}", "officer/run_again", shown, choices, ticket, Action.READ)
        to_post(session, post.code, letter)
    return True


def _lapse(session: Session, ticket: Record) -> None:
    milestones.mark(session, ticket, Turn.LAPSED)
    ticket.state, ticket.outcome = str(State.WITHDRAWN), str(Outcome.LAPSED)
    pausing.end(session, ticket)
    ticket.closed_at = session.now
    ticket.version = ticket.version + 1
    schedule.stop(session, ticket, Clock, state="cancelled")
    session.audit("lapse", ticket.id, person=None, actor="completion")


def _question(session: Session, ticket: Record) -> str:
    asked = [part.text for part in thread_of(session, ticket) if part.kind == "question"]
    return asked[-1] if asked else ""


def _due_again(session: Session, ticket: Record, row: Record) -> bool:
    """The day until which an officer put the case off has come."""
    if State(ticket.state) not in OPEN_STATES:
        return False
    telling.speak(session, ticket, row, "officer")
    return True


_OWN: dict[str, Callable[[Session, Record, Record], bool]] = {
    Clock.AUTO_CLOSE: _close,
    Clock.COMPLETION: _complete,
    Clock.POSTPONED: _due_again,
    Clock.HEARD: hearing.take_as_said,
    Clock.ACKNOWLEDGE: telling.press_on,
    Clock.EXPLANATION: explaining.fire,
}


def beat_ok(session: Session, name: str) -> None:
    """Leave a sign that a beat has run well."""
    row = session.plan.one(Beat, name) or _first_beat(session, name)
    row.last_ok = session.moment.real
    row.runs = row.runs + 1


def _first_beat(session: Session, name: str) -> Record:
    """The row of a beat that never ran; another process may be writing it at this moment too."""
    connection = session.plan.connection
    connection.execute(
        talk.insert_new(Beat, connection.dialect.name, ("name",), ("name",)), [{"name": name, "runs": 0}]
    )
    row = session.plan.one(Beat, name)
    assert row is not None
    return row
