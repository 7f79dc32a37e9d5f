"""What staff do to cases: take, answer, finish, forward, undo. Each asks the access rules again, on the locked row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.access import may
from domain.deadlines import handed_over
from domain.ladder import after_handover
from domain.lifecycle import after, possible
from domain.vocabulary import Action, Clock, Desk, State
from handlers.actions import reading, schedule
from handlers.actions.post import Letter, reply, to_reporter
from handlers.actions.views import actor_of, staff_case, view_of
from handlers.flows.effects import AnswerTicket, FinishTicket, ForwardTicket, TakeTicket, UndoTap
from handlers.flows.staff.card import card
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.queries import talk
from storage.tables import AuditRow, Deadline, Outbox, Ticket

#: What an undo puts back.
_UNDOABLE = (
    "state", "taken_by", "unit_code", "desk", "cycle", "verify_by", "first_response_by", "provisional",
    "first_response_at", "resolved_at",
)  # fmt: skip


def _open_for(session: Session, effect: Any, action: Action) -> Record | None:
    """The locked ticket, if this person may do this to this version of it; else the present card, and None."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    person = session.writing.person.id
    fits = ticket is not None and ticket.version == effect.version and possible(action, State(ticket.state))
    if ticket is not None and fits and may(actor_of(session, person), action, view_of(session, ticket)):
        return ticket
    _show(session, ticket, note="stale")
    return None


def _show(session: Session, ticket: Record | None, *, note: str | None, edits: bool = False) -> None:
    assert session.writing is not None
    person = session.writing.person.id
    case = staff_case(session, person, ticket)
    if case is None:
        reply(session, Reply("officer/not_found"))
    else:
        reply(session, card(case, actor_of(session, person), session.region, note=note, edits=edits))


def _before(ticket: Record) -> dict[str, Any]:
    return {name: _plain(ticket.values[name]) for name in _UNDOABLE}


def _plain(value: Any) -> Any:
    return moment(value) if hasattr(value, "isoformat") else value


def _tap(session: Session, action: str, ticket: Record, before: dict[str, Any], stopped: Iterable[Record]) -> Record:
    """The audit row of an undoable tap: what stood before it, and which steps it stopped."""
    assert session.writing is not None
    person = session.writing.person.id
    payload = {"before": before, "version": ticket.version, "stopped": [row.id for row in stopped]}
    return session.audit(action, ticket.id, person=person, actor="staff", payload=payload)


def take(session: Session, effect: TakeTicket) -> None:
    """Ambil: one officer says "mine"; the citizen hears that somebody is at it."""
    ticket = _open_for(session, effect, Action.TAKE)
    if ticket is None:
        return
    assert session.writing is not None
    before = _before(ticket)
    ticket.state = str(after(Action.TAKE, State(ticket.state)))
    ticket.taken_by = session.writing.person.id
    ticket.version = ticket.version + 1
    stopped = schedule.stop(session, ticket, (Clock.VERIFY,))
    tap = _tap(session, "take", ticket, before, stopped)
    _tell_reporter(session, ticket, f"tap:{tap.id}", "citizen/taken", {}, undo_of=tap.id)
    _show_with_undo(session, ticket, tap, note="taken")


def _show_with_undo(session: Session, ticket: Record, tap: Record, *, note: str) -> None:
    assert session.writing is not None
    person = session.writing.person.id
    case = staff_case(session, person, ticket)
    if case is None:  # forwarded away: the presser may not read it any more, but may still take it back
        shown = {"number": ticket.number, "note": note, "unit": session.region.units[ticket.unit_code].name}
        reply(session, Reply("officer/done", shown, (Choice("undo", (str(tap.id),)),)))
        return
    page = card(case, actor_of(session, person), session.region, note=note, edits=True)
    choices = (*page.choices, Choice("undo", (str(tap.id),)))
    reply(session, Reply(page.page, page.facts, choices, page.ticket, page.version, edits=page.edits))


def _tell_reporter(
    session: Session,
    ticket: Record,
    key: str,
    page: str,
    facts: dict[str, Any],
    choices: Sequence[Choice] = (),
    *,
    undo_of: int | None = None,
) -> None:
    """A page for the citizen; what a tap causes waits until it can't be undone any more."""
    shown = {"number": ticket.number, "unit": session.region.units[ticket.unit_code].name, **facts}
    hold = session.rules.undo_seconds if undo_of is not None else 0
    person = ticket.reporter_id
    to_reporter(session, Letter(f"{key}:{person}", page, shown, choices, ticket, Action.READ, hold, undo_of))


def answer(session: Session, effect: AnswerTicket) -> None:
    """Jawab: the officer's words go to the citizen at once. The first ones end the first-response clock."""
    ticket = _open_for(session, effect, Action.ANSWER)
    if ticket is None:
        return
    assert session.writing is not None
    person = session.writing.person.id
    said = session.write(ticket, author="staff", kind="answer", text=effect.text, person=person)
    ticket.state = str(after(Action.ANSWER, State(ticket.state)))
    ticket.taken_by = ticket.taken_by or person
    ticket.first_response_at = ticket.first_response_at or session.now
    ticket.version = ticket.version + 1
    schedule.stop(session, ticket, (Clock.VERIFY, Clock.FIRST_RESPONSE))
    session.audit("answer", ticket.id, person=person, actor="staff", payload={"message": said.id})
    _tell_reporter(session, ticket, f"msg:{said.id}", "citizen/answer", {"text": effect.text})
    choices = (Choice("details", (str(ticket.id),)),)
    reply(session, Reply("officer/answer_sent", _sent(session, ticket), choices, ticket=ticket.id))


def _sent(session: Session, ticket: Record) -> dict[str, Any]:
    return {"number": ticket.number, "reaches": ticket.address_id is not None}


def finish(session: Session, effect: FinishTicket) -> None:
    """Selesai: the closing words; clocks stop, and ten working days of silence will close the case."""
    ticket = _open_for(session, effect, Action.FINISH)
    if ticket is None:
        return
    assert session.writing is not None
    person = session.writing.person.id
    before = _before(ticket)
    said = session.write(ticket, author="staff", kind="closing", text=effect.text, person=person)
    ticket.state = str(after(Action.FINISH, State(ticket.state)))
    ticket.first_response_at = ticket.first_response_at or session.now
    ticket.resolved_at = session.now
    ticket.version = ticket.version + 1
    stopped = schedule.stop(
        session, ticket, (Clock.VERIFY, Clock.FIRST_RESPONSE, Clock.RESOLVE, Clock.STATUTORY, Clock.BINDING)
    )
    schedule.set_auto_close(session, ticket)
    tap = _tap(session, "finish", ticket, before, stopped)
    choices = (Choice("not_done", (str(ticket.id),)),)
    key, shown = f"msg:{said.id}", {"text": effect.text}
    _tell_reporter(session, ticket, key, "citizen/resolved", shown, choices, undo_of=tap.id)
    _show_with_undo(session, ticket, tap, note="finished")


def forward(session: Session, effect: ForwardTicket) -> None:
    """Teruskan: another unit reads. A new cycle for its rungs; the citizen's dates stay (decision 15)."""
    ticket = _open_for(session, effect, Action.FORWARD)
    if ticket is None:
        return
    if effect.unit in view_of(session, ticket).exclusions.units or effect.unit not in session.region.units:
        reply(session, Reply("officer/forward_refused", {"number": ticket.number}, ticket=ticket.id))
        return
    before = _before(ticket)
    stopped = schedule.stop(session, ticket, Clock, state="cancelled")
    ticket.state = str(after(Action.FORWARD, State(ticket.state)))
    ticket.unit_code, ticket.desk, ticket.taken_by = effect.unit, str(Desk.OFFICERS), None
    ticket.version = ticket.version + 1
    _open_cycle(session, ticket)
    tap = _tap(session, "forward", ticket, before, stopped)
    _tell_reporter(session, ticket, f"tap:{tap.id}", "citizen/forwarded", {}, undo_of=tap.id)
    reading.ring(session, ticket, note="new", hold=session.rules.undo_seconds, undo_of=tap.id)
    _show_with_undo(session, ticket, tap, note="forwarded")


def _open_cycle(session: Session, ticket: Record) -> None:
    """Verify and first response count from the handover; no rung before one working day has passed."""
    calendar = session.region.calendar_of(ticket.unit_code)
    ticket.cycle = ticket.cycle + 1
    policy = session.region.policies[ticket.kind]
    schedule.set_dates(ticket, handed_over(schedule.dates_of(ticket), session.now, policy, calendar))
    schedule.lay_out(session, ticket, not_before=after_handover(session.now, calendar))


def undo(session: Session, effect: UndoTap) -> None:
    """Take a tap back, if nobody has acted since: the compensating step of decision 9."""
    assert session.writing is not None
    tap = session.plan.one(AuditRow, effect.tap)
    if tap is None or tap.person_id != session.writing.person.id or tap.ticket_id is None:
        reply(session, Reply("officer/undo_too_late"))
        return
    ticket = session.plan.locked(Ticket, tap.ticket_id)
    payload = session.vault.open_json("audit.payload_sealed", tap.id, tap.payload_sealed)["payload"]
    if ticket is None or ticket.version != payload["version"] or not _cancel_notices(session, tap.id):
        reply(session, Reply("officer/undo_too_late"))
        return
    _restore(session, ticket, payload)
    session.audit("undo", ticket.id, person=tap.person_id, actor="staff", payload={"tap": tap.id})
    _show(session, ticket, note="undone", edits=True)


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
    for row in schedule.waiting(session, ticket):
        if row.cycle != payload["before"]["cycle"] or row.clock == Clock.AUTO_CLOSE:
            row.state = "cancelled"  # what the tap laid out
    for key in payload["stopped"]:
        step = session.plan.one(Deadline, key)
        if step is not None:
            step.state = "waiting"
    for name, value in payload["before"].items():
        is_moment = isinstance(value, str) and name.endswith(("_by", "_at"))
        setattr(ticket, name, datetime.fromisoformat(value) if is_moment else value)
    ticket.version = ticket.version + 1
