"""Saying a step of the ladder: to its post, to the next above, and to the citizen once it has arrived."""

from __future__ import annotations

from datetime import datetime

from domain import ladder
from domain.deadlines import breached
from domain.region import Rung
from domain.vocabulary import OPEN_STATES, Action, Clock, State
from handlers.actions import climbing, groups, reading, schedule, shields
from handlers.actions.post import Letter, to_post, to_reporter
from handlers.messages import Choice
from handlers.session import Session
from handlers.shown import matter_names, moment, roads
from storage.plan import Record
from storage.queries import talk
from storage.tables import Deadline, Outbox, Ticket

#: The message that says the pages of several steps (handlers.actions.reminding).
LIST = "officer/reminders"


def said_by(session: Session, letter: Record) -> list[Record]:
    """The pages that a row's message says: those of several reminders, else its own."""
    return session.plan.fetch(Outbox, talk.MERGED, {"row": letter.id}) if letter.page == LIST else [letter]


def speak(session: Session, ticket: Record, row: Record, target: str) -> None:
    """Tell the post that a step is meant for, or the next above that can hear it; past the top the front desk.

    Outside the hours of whoever it is nothing is said: the step waits for their next opening.
    """
    post = climbing.reachable(session, ticket, target)
    opens = schedule.opens(session, ticket.unit_code, post or target)
    if opens is not None:  # a clock that stood still, or a reader with other hours than who was meant
        row.state, row.fired_at, row.due_at = "waiting", None, opens
        return
    if post is None and climbing.is_kept_from_all(session, ticket, target):
        session.audit("kept_from", ticket.id, person=None, actor=f"clock:{row.step}")
        climbed(session, row.id)
        return
    if post is None:
        climbing.dead_letter(session, ticket, row)
        return
    rung = climbing.rung_of(session, ticket, row.step)
    if rung is not None and ladder.is_late(rung) and _was_told(session, ticket, row, post):
        row.state = "merged"  # a vacancy below has brought it here already
        return
    row.post_code = post
    if rung is not None and rung.in_digest and session.rules.digests:
        climbed(session, row.id)
    else:
        _tell(session, ticket, row, rung, post)
        if rung is not None and rung.clock == Clock.BINDING and rung.to != "officer":
            schedule.watch(session, ticket, rung, post)
    session.audit("step", ticket.id, person=None, actor=f"clock:{row.step}", payload={"post": post})


def _was_told(session: Session, ticket: Record, row: Record, post: str) -> bool:
    rows = schedule.spoken_of(session, ticket)
    told = (other for other in rows if other.id != row.id and other.cycle == row.cycle and other.post_code == post)
    return any(climbing.is_late(session, ticket, other.step) for other in told)


def _tell(session: Session, ticket: Record, row: Record, rung: Rung | None, post: str) -> Record:
    """Queue the page of a step for a post."""
    key = f"step:{row.id}:{post}"
    acknowledge = Choice("acknowledge", (str(row.id),))
    if climbing.counts_only(session, ticket, post):
        unit = session.region.units[ticket.unit_code].name
        shown = {"unit": unit, "count": shields.accusations(shields.standing(session))["late"]}
        letter = Letter(key, "supervisor/late_count", shown, (acknowledge,), ticket, Action.COUNT, step=row.id)
    else:
        at_desk = row.target == "officer" or row.clock == Clock.POSTPONED
        name = "officer/reminder" if at_desk and _is_desk(session, ticket, post) else "supervisor/late"
        choices = (Choice("details", (str(ticket.id),)), *((acknowledge,) if name == "supervisor/late" else ()))
        stage = _stage(rung, row)
        letter = Letter(key, name, _facts(session, ticket, stage), choices, ticket, Action.READ, step=row.id)
    page = to_post(session, post, letter)
    if session.region.posts[post].unit == ticket.unit_code and groups.has_bells(session, ticket.unit_code):
        groups.bell(session, ticket, groups.at(row.fired_at))
    return page


def _is_desk(session: Session, ticket: Record, post: str) -> bool:
    return any(post == reader.code for reader in reading.readers(session, ticket))


def _facts(session: Session, ticket: Record, stage: str) -> dict[str, object]:
    by = {"verify": ticket.verify_by, "first_response": ticket.first_response_by}.get(stage, ticket.binding_by)
    by = by or ticket.first_response_by
    return {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "matter": matter_names(ticket.matter_code, session.region),
        "by": moment(by),
        "days_late": _days_late(session, ticket.unit_code, by) if by else 0,
        "stage": stage,
        "refusals": ticket.refusals,
    }


def _days_late(session: Session, unit: str, by: datetime) -> int:
    """How many working days of a unit have passed since a date."""

    calendar = session.region.calendar_of(unit)

    def ask() -> int:
        return calendar.working_days_between(calendar.day_of(by), session.today) if by < session.now else 0

    return session.once(("days late", id(calendar), by), ask)


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
        page = _tell(session, ticket, row, climbing.rung_of(session, ticket, row.step), higher)
        page.due_at = schedule.opens(session, ticket.unit_code, higher)  # they may have been told of it at night


def press_on(session: Session, ticket: Record, row: Record) -> bool:
    """Who was told has not said "I know": the next rung speaks now, and not again at its own moment.

    Nothing happens where somebody was told since (they have days of their own), or today another is anyhow.
    """
    steps = [step for step in schedule.steps_of(session, ticket) if step.cycle == row.cycle and step.post_code]
    told = next((step for step in steps if f"{schedule.KNOWN}{step.step}" == row.step), None)
    if State(ticket.state) not in OPEN_STATES or told is None or told.acknowledged_at is not None:
        return False
    following = schedule.next_late(session, ticket)
    since = any(step.fired_at > told.fired_at and climbing.is_late(session, ticket, step.step) for step in steps)
    late = ticket.binding_by is not None and breached(ticket.binding_by, session.now)
    if following is None or since or not late or session.calendar.day_of(following.due_at) <= session.today:
        return False
    hours = schedule.reader_hours(session.region, ticket.unit_code, following.target)
    following.due_at = session.now if hours.is_open(session.now) else hours.next_opening(session.now)
    payload = {"post": told.post_code, "step": told.step, "next": following.step}
    session.audit("unacknowledged", ticket.id, person=None, actor=f"clock:{row.step}", payload=payload)
    return True


def climbed(session: Session, step: int) -> None:
    """A rung above the desk has really been told that the case is late: now the citizen hears to whom it went.

    Where nobody above may know of it, that they hear too, and of the roads outside.
    """
    row = session.plan.one(Deadline, step)
    ticket = session.plan.one(Ticket, row.ticket_id) if row is not None else None
    if row is None or ticket is None or not climbing.is_late(session, ticket, row.step):
        return
    key = f"climbed:{row.id}:{ticket.reporter_id}"
    if ticket.address_id is None or session.plan.rows(talk.DEDUPED, {"key": key}):
        return
    shown = {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "post": session.title_of(row.post_code) if row.post_code else None,
        "by": moment(ticket.binding_by),
        "counts": row.post_code is not None and climbing.counts_only(session, ticket, row.post_code),
        "roads": roads(ticket.kind, session.region, ticket.reported_unit),
        "again": len(climbing.told_late(session, ticket)) > 1,
    }
    to_reporter(session, Letter(key, "citizen/climbed", shown, (), ticket, Action.READ))
