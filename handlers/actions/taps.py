"""What every action at the desk has in common: the rules asked again on the locked row, the page, and taking it back.

Undoable are taps (decision 9). Their notices wait; undo restores what stood before, from the tap's audit row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from domain.access import may
from domain.lifecycle import possible
from domain.vocabulary import STAFF_CLOCKS, Action, State
from handlers.actions import milestones, promises, responses, schedule
from handlers.actions.post import Letter, reply, to_reporter
from handlers.actions.views import actor_of, staff_case, view_of
from handlers.flows.effects import UndoTap
from handlers.flows.staff.card import card
from handlers.messages import Choice, Reply
from handlers.session import Session
from storage.plan import Record
from storage.queries import talk
from storage.tables import AuditRow, Deadline, Message, Outbox, Ticket

#: What an undo puts back.
_UNDOABLE = (
    "state", "taken_by", "unit_code", "desk", "cycle", "verify_by", "first_response_by", "resolve_by", "binding_by",
    "provisional", "resolved_at", "waiting_since", "days_paused", "postponed_until", "handbacks", "desk_since",
    "outcome", "closed_at",
)  # fmt: skip


def open_for(session: Session, effect: Any, action: Action) -> Record | None:
    """The locked ticket, if this person may do this to this version of it; else the present card, and None."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    fits = ticket is not None and ticket.version == effect.version and possible(action, State(ticket.state))
    if (
        ticket is not None
        and fits
        and may(actor_of(session, session.writing.person.id), action, view_of(session, ticket))
    ):
        return ticket
    show(session, ticket, note="stale")
    return None


def show(session: Session, ticket: Record | None, *, note: str | None, edits: bool = False) -> None:
    """The card as it is now, for the person who writes."""
    assert session.writing is not None
    person = session.writing.person.id
    case = staff_case(session, person, ticket)
    if case is None:
        reply(session, Reply("officer/not_found"))
    else:
        reply(session, card(case, actor_of(session, person), session.region, note=note, edits=edits))


def show_with_undo(session: Session, ticket: Record, tap: Record, *, note: str) -> None:
    """The card after a tap, which may still be taken back."""
    assert session.writing is not None
    person = session.writing.person.id
    undo_choice = Choice("undo", (str(tap.id),))
    case = staff_case(session, person, ticket)
    if case is None:  # forwarded away: the presser may not read it any more, but may still take it back
        shown = {"number": ticket.number, "note": note, "unit": session.region.units[ticket.unit_code].name}
        reply(session, Reply("officer/done", shown, (undo_choice,)))
        return
    page = card(case, actor_of(session, person), session.region, note=note, edits=True)
    reply(session, Reply(page.page, page.facts, (*page.choices, undo_choice), page.ticket, page.version, edits=True))


def tell_reporter(
    session: Session,
    ticket: Record,
    key: str,
    page: str,
    facts: dict[str, Any],
    choices: Sequence[Choice] = (),
    *,
    undo_of: int | None = None,
) -> Record | None:
    """A page for the citizen; what a tap causes waits until it can't be undone any more. None: there is no address."""
    shown = {"number": ticket.number, "unit": session.region.units[ticket.unit_code].name, **facts}
    hold = session.rules.undo_seconds if undo_of is not None else 0
    person = ticket.reporter_id
    return to_reporter(session, Letter(f"{key}:{person}", page, shown, choices, ticket, Action.READ, hold, undo_of))


def before_tap(session: Session, ticket: Record) -> dict[str, Any]:
    """What stands before a tap: the case, and every step of it."""
    return {
        "ticket": {name: _plain(ticket.values[name]) for name in _UNDOABLE},
        "steps": {str(row.id): [row.state, _plain(row.due_at)] for row in _steps(session, ticket)},
    }


def _steps(session: Session, ticket: Record) -> list[Record]:
    """The steps that a tap may have moved: none of a question among staff."""
    return [row for row in schedule.steps_of(session, ticket) if row.clock not in STAFF_CLOCKS]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # a datetime is a date too


def record_tap(
    session: Session, action: str, ticket: Record, before: dict[str, Any], *, said: Record | None = None, **more: Any
) -> Record:
    """The audit row of an undoable tap: what stood before it, and the words that it added."""
    assert session.writing is not None
    person = session.writing.person.id
    payload = {
        "before": before,
        "version": ticket.version,
        "calendar": ticket.calendar_version,
        "said": said.id if said else None,
        **more,
    }
    return session.audit(action, ticket.id, person=person, actor="staff", payload=payload)


def undo(session: Session, effect: UndoTap) -> None:
    """Take a tap back, if nobody has acted since: the compensating step of decision 9."""
    assert session.writing is not None
    tap = session.plan.one(AuditRow, effect.tap)
    if tap is None or tap.person_id != session.writing.person.id or tap.ticket_id is None:
        reply(session, Reply("officer/undo_too_late"))
        return
    ticket = session.plan.locked(Ticket, tap.ticket_id)
    payload = session.vault.open_json("audit.payload_sealed", tap.id, tap.payload_sealed)["payload"]
    if ticket is None or not _stands(ticket, payload) or not _cancel_notices(session, tap.id):
        reply(session, Reply("officer/undo_too_late"))
        return
    _restore(session, ticket, payload)
    milestones.take_back(session, ticket, tap.action)
    session.audit("undo", ticket.id, person=tap.person_id, actor="staff", payload={"tap": tap.id})
    show(session, ticket, note="undone", edits=True)


def _stands(ticket: Record, payload: dict[str, Any]) -> bool:
    """Whether the case is as the tap left it: nobody has acted since, and no calendar has moved its dates."""
    counted_in = payload.get("calendar", ticket.calendar_version)
    return bool(ticket.version == payload["version"] and ticket.calendar_version == counted_in)


def _cancel_notices(session: Session, tap: int) -> bool:
    """Cancel what the tap was going to say; False when the time to do so is over or a notice has gone."""
    rows = session.plan.fetch(Outbox, talk.CAUSED_BY_TAP, {"tap": tap})
    if any(row.state != "queued" or row.hold_until is None or row.hold_until <= session.moment.real for row in rows):
        return False
    if not rows and _is_old(session, tap):
        return False
    for row in rows:
        row.state = "cancelled"
    return True


def _is_old(session: Session, tap: int) -> bool:
    record = session.plan.one(AuditRow, tap)
    assert record is not None
    return bool((session.moment.real - record.real_at).total_seconds() > session.rules.undo_seconds)


def _restore(session: Session, ticket: Record, payload: dict[str, Any]) -> None:
    before = payload["before"]
    for row in _steps(session, ticket):
        if str(row.id) not in before["steps"]:
            row.state = "cancelled"  # what the tap laid out
    for key, (state, due_at) in before["steps"].items():
        step = session.plan.one(Deadline, int(key))
        if step is not None and step.fired_at is None:  # what spoke meanwhile has spoken
            step.state, step.due_at = state, datetime.fromisoformat(due_at)
    for name, value in before["ticket"].items():
        setattr(ticket, name, _as_it_was(name, value))
    for pause in promises.pauses_of(session, ticket):
        if pause.since == ticket.waiting_since:  # the tap had ended the waiting
            pause.until, pause.days = None, 0
    said = session.plan.one(Message, payload["said"]) if payload["said"] else None
    if said is not None:
        said.kind = "undone"  # kept, but nobody is told that it was said
    responses.settle(session, ticket)
    ticket.version = ticket.version + 1


def _as_it_was(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not name.endswith(("_by", "_at", "_since", "_until")):
        return value
    return date.fromisoformat(value) if name == "postponed_until" else datetime.fromisoformat(value)
