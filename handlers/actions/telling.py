"""Saying a step of the ladder: to its post, to the next above, and to the citizen once it has arrived."""

from __future__ import annotations

from domain.region import Rung
from domain.vocabulary import OPEN_STATES, Action, Clock, State
from handlers.actions import climbing, groups, reading, schedule
from handlers.actions.post import Letter, to_post, to_reporter
from handlers.actions.views import actor_of
from handlers.messages import Choice
from handlers.session import Session
from handlers.shown import matter_names, moment
from storage.plan import Record
from storage.queries import due, talk
from storage.tables import Deadline, Ticket


def speak(session: Session, ticket: Record, row: Record, target: str) -> None:
    """Tell the post that a step is meant for, or the next above that can hear it; past the top the front desk."""
    post = climbing.reachable(session, ticket, target)
    if post is None:
        climbing.dead_letter(session, ticket, row)
        return
    if climbing.is_late(session, ticket, row.step) and _was_told(session, ticket, row, post):
        row.state = "merged"  # a vacancy below has brought it here already
        return
    row.post_code = post
    rung = climbing.rung_of(session, ticket, row.step)
    if rung is not None and rung.in_digest and session.rules.digests:
        climbed(session, row.id)
    else:
        tell(session, ticket, row, post)
    session.audit("step", ticket.id, person=None, actor=f"clock:{row.step}", payload={"post": post})


def _was_told(session: Session, ticket: Record, row: Record, post: str) -> bool:
    rows = schedule.glance(session, ticket)
    told = (other for other in rows if other.id != row.id and other.cycle == row.cycle and other.post_code == post)
    return any(climbing.is_late(session, ticket, other.step) for other in told)


def tell(session: Session, ticket: Record, row: Record, post: str) -> None:
    """Queue the page of a step for a post."""
    key = f"step:{row.id}:{post}"
    rung = climbing.rung_of(session, ticket, row.step)
    acknowledge = Choice("acknowledge", (str(row.id),))
    if climbing.counts_only(session, ticket, post):
        unit = session.region.units[ticket.unit_code].name
        readers = [actor_of(session, person) for person in session.present_of(post)]
        late: int = session.plan.rows(due.late_oversight(readers), {"now": session.now})[0].late
        shown = {"unit": unit, "count": max(late, 1)}
        letter = Letter(key, "supervisor/late_count", shown, (acknowledge,), ticket, Action.COUNT, step=row.id)
    else:
        at_desk = row.target == "officer" or row.clock == Clock.POSTPONED
        page = "officer/reminder" if at_desk and post in _desk(session, ticket) else "supervisor/late"
        choices = (Choice("details", (str(ticket.id),)), *((acknowledge,) if page == "supervisor/late" else ()))
        stage = _stage(rung, row)
        letter = Letter(key, page, _facts(session, ticket, stage), choices, ticket, Action.READ, step=row.id)
    to_post(session, post, letter)
    if session.region.posts[post].unit == ticket.unit_code:
        groups.bell(session, ticket, f"at:{moment(row.fired_at)}")  # officer and head: one bell for one moment


def _desk(session: Session, ticket: Record) -> frozenset[str]:
    return frozenset(post.code for post in reading.readers(session, ticket))


def _facts(session: Session, ticket: Record, stage: str) -> dict[str, object]:
    by = {"verify": ticket.verify_by, "first_response": ticket.first_response_by}.get(stage, ticket.binding_by)
    by = by or ticket.first_response_by
    calendar = session.region.calendar_of(ticket.unit_code)
    late = calendar.working_days_between(calendar.day_of(by), session.today) if by and by < session.now else 0
    return {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "matter": matter_names(ticket.matter_code, session.region),
        "by": moment(by),
        "days_late": late,
        "stage": stage,
        "refusals": ticket.refusals,
    }


def _stage(rung: Rung | None, row: Record) -> str:
    """What the step says: the clock's name for verify and first response; soon, due or late for the promise."""
    if rung is None:
        return "postponed" if row.clock == Clock.POSTPONED else "again"
    if rung.clock != Clock.BINDING:
        return rung.clock
    return {"before": "soon", "at": "due"}.get(rung.when, "late")


def unheard(session: Session, step: int, post: str) -> None:
    """A step's page reached nobody at `post` after all: it goes to the next above, in the same transaction."""
    row = session.plan.locked(Deadline, step)
    ticket = session.plan.locked(Ticket, row.ticket_id) if row is not None else None
    if row is None or ticket is None or row.cycle != ticket.cycle or State(ticket.state) not in OPEN_STATES:
        return
    higher = climbing.above(session, ticket, post)
    if higher is None:
        climbing.dead_letter(session, ticket, row)
    elif not session.plan.rows(talk.DEDUPED, {"key": f"step:{row.id}:{higher}"}):
        row.post_code = higher
        tell(session, ticket, row, higher)


def climbed(session: Session, step: int) -> None:
    """A rung above the desk has really been told that the case is late: now the citizen hears to whom it went."""
    row = session.plan.one(Deadline, step)
    ticket = session.plan.one(Ticket, row.ticket_id) if row is not None else None
    if row is None or ticket is None or row.post_code is None or not climbing.is_late(session, ticket, row.step):
        return
    key = f"climbed:{row.id}:{ticket.reporter_id}"
    if ticket.address_id is None or session.plan.rows(talk.DEDUPED, {"key": key}):
        return
    shown = {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "post": session.title_of(row.post_code),
        "by": moment(ticket.binding_by),
        "counts": climbing.counts_only(session, ticket, row.post_code),
        "again": len(climbing.told_late(session, ticket)) > 1,
    }
    to_reporter(session, Letter(key, "citizen/climbed", shown, (), ticket, Action.READ))
