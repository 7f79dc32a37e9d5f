"""What the clock decides: due steps speak once each, to a named post; silence closes what an office has answered."""

from __future__ import annotations

import logging
from datetime import timedelta

from domain.region import Rung
from domain.vocabulary import OPEN_STATES, Action, Clock, Kind, State
from handlers.actions.post import Letter, to_post, to_reporter
from handlers.actions.tickets import post_of
from handlers.actions.views import exclusions_of
from handlers.messages import Choice
from handlers.session import Session
from handlers.shown import matter_names, moment
from storage.plan import Record
from storage.queries import due
from storage.tables import Beat, Deadline, Ticket

log = logging.getLogger(__name__)

BATCH = 200
POISON_REST = timedelta(hours=1)


def fire_due(session: Session) -> int:
    """Let up to a batch of due steps speak; returns how many there were."""
    found = session.plan.rows(due.DUE, {"now": session.now, "most": BATCH})
    session.plan.lock_all(Ticket, [row.ticket_id for row in found])
    session.plan.lock_all(Deadline, [row.id for row in found])
    for key in (row.id for row in found):
        fire_one(session, key)
    return len(found)


def fire_one(session: Session, key: int) -> None:
    """One step, if it still waits: another process may have let it speak."""
    row = session.plan.locked(Deadline, key)
    if row is not None and row.state == "waiting":
        fire(session, row)


def rest(session: Session, key: int) -> None:
    """A step that fails even alone is put off for an hour, with an alarm: it must not stop the others."""
    row = session.plan.locked(Deadline, key)
    if row is not None:
        row.due_at = row.due_at + POISON_REST
        log.error("a deadline step failed and was put off", extra={"step": row.id})


def fire(session: Session, row: Record) -> None:
    """One due step: a reminder, a rung, or the closing of an answered case."""
    ticket = session.plan.locked(Ticket, row.ticket_id)
    row.fired_at = session.now
    if ticket is None or row.cycle != ticket.cycle:
        row.state = "cancelled"
        return
    if row.clock == Clock.AUTO_CLOSE:
        row.state = "done" if _close(session, ticket) else "cancelled"
        return
    if State(ticket.state) not in OPEN_STATES:
        row.state = "cancelled"
        return
    row.state = "done"
    _speak(session, ticket, row)


def _close(session: Session, ticket: Record) -> bool:
    """Ten working days of silence after the office's closing words; never a case that no office has answered."""
    if ticket.state != State.RESOLVED or ticket.resolved_at is None:
        return False
    ticket.state = str(State.CLOSED)
    ticket.closed_at = session.now
    ticket.version = ticket.version + 1
    session.audit("close", ticket.id, person=None, actor="auto_close")
    key = f"close:{ticket.id}:{ticket.cycle}:{ticket.reporter_id}"
    choices = (Choice("not_done", (str(ticket.id),)),)
    to_reporter(session, Letter(key, "citizen/closed", {"number": ticket.number}, choices, ticket, Action.READ))
    return True


def _speak(session: Session, ticket: Record, row: Record) -> None:
    ladder = session.region.ladder[Kind(ticket.kind)]
    rung = next((rung for rung in ladder if rung.code == row.step), None)
    post = _reachable(session, ticket, rung, row.target)
    if post is None:
        log.error("a step has nobody to speak to", extra={"step": row.id})
        return
    key = f"step:{row.id}:{post}"
    stage = _stage(rung)
    if _counts_only(session, ticket, post):
        unit = session.region.units[ticket.unit_code].name
        late: int = session.plan.rows(due.LATE_OVERSIGHT, {"now": session.now})[0].late
        shown = {"unit": unit, "count": max(late, 1)}
        to_post(session, post, Letter(key, "supervisor/late_count", shown, (), ticket, Action.COUNT))
    else:
        page = "officer/reminder" if row.target == "officer" else "supervisor/late"
        choices = (Choice("details", (str(ticket.id),)),)
        to_post(session, post, Letter(key, page, _facts(session, ticket, stage), choices, ticket, Action.READ))
    session.audit("step", ticket.id, person=None, actor=f"clock:{row.step}", payload={"post": post})


def _facts(session: Session, ticket: Record, stage: str) -> dict[str, object]:
    by = {"verify": ticket.verify_by, "first_response": ticket.first_response_by}.get(stage, ticket.binding_by)
    calendar = session.region.calendar_of(ticket.unit_code)
    late = calendar.working_days_between(calendar.day_of(by), session.today) if by and by < session.now else 0
    return {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "matter": matter_names(ticket.matter_code, session.region),
        "by": moment(by),
        "days_late": late,
        "stage": stage,
    }


def _stage(rung: Rung | None) -> str:
    """What the step says: the clock's name for verify and first response; soon, due or late for the promise."""
    if rung is None or rung.clock != Clock.BINDING:
        return rung.clock if rung else "due"
    return {"before": "soon", "at": "due"}.get(rung.when, "late")


def _reachable(session: Session, ticket: Record, rung: Rung | None, target: str) -> str | None:
    """The post that is told. One whose unit, post or every holder is excluded is skipped upward (decision 19)."""
    ladder = session.region.ladder[Kind(ticket.kind)]
    higher = ladder[ladder.index(rung) + 1 :] if rung in ladder else ()
    for to in (target, *(r.to for r in higher if rung and r.clock == rung.clock)):
        post = post_of(session, ticket, to)
        if post and not _is_kept_out(session, ticket, post):
            return post
    return None


def _is_kept_out(session: Session, ticket: Record, post: str) -> bool:
    exclusions = exclusions_of(session, ticket)
    holders = set(session.holders_of(post))
    unit = session.region.posts[post].unit
    concerned = bool(holders) and holders <= exclusions.persons
    return unit in exclusions.units or post in exclusions.posts or concerned


def _counts_only(session: Session, ticket: Record, post: str) -> bool:
    """Beyond the Inspektorat an oversight case is a number among others."""
    return bool(ticket.kind == Kind.OVERSIGHT) and session.region.posts[post].unit != ticket.unit_code


def beat_ok(session: Session, name: str) -> None:
    """Leave a sign that a beat has run well."""
    row = session.plan.one(Beat, name) or session.plan.add(Beat, name=name)
    row.last_ok = session.moment.real
    row.runs = row.runs + 1
