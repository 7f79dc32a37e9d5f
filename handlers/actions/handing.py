"""From desk to desk: Teruskan, and Bukan wewenang, which is counted. The citizen's dates stay (decision 15)."""

from __future__ import annotations

import json

from domain.ladder import after_handover
from domain.lifecycle import MOST_HANDBACKS, after
from domain.vocabulary import Action, Clock, Desk, State
from handlers.actions import climbing, pausing, promises, reading, schedule
from handlers.actions.post import Letter, reply, to_post
from handlers.actions.taps import before_tap, open_for, record_tap, show_with_undo, tell_reporter
from handlers.actions.views import view_of
from handlers.flows.effects import ForwardTicket, HandBack
from handlers.messages import Choice, Reply
from handlers.session import Session
from storage.plan import Record


def forward(session: Session, effect: ForwardTicket) -> None:
    """Teruskan: another unit reads."""
    ticket = open_for(session, effect, Action.FORWARD)
    if ticket is not None:
        _hand_over(session, ticket, effect.unit, why="forward", text=effect.text)


def hand_back(session: Session, effect: HandBack) -> None:
    """Bukan wewenang: to the unit that the officer names, else to the front desk; the third time always there."""
    ticket = open_for(session, effect, Action.HAND_BACK)
    if ticket is None:
        return
    desk = session.region.front_desk
    third = ticket.handbacks + 1 >= MOST_HANDBACKS
    _hand_over(session, ticket, desk if third or not effect.unit else effect.unit, why="not_ours", text=effect.text)


def _hand_over(session: Session, ticket: Record, unit: str, *, why: str, text: str) -> None:
    barred = view_of(session, ticket).exclusions.units | {ticket.unit_code}
    if unit in barred or unit not in session.region.units:
        reply(session, Reply("officer/forward_refused", {"number": ticket.number}, ticket=ticket.id))
        return
    before = before_tap(session, ticket)
    pausing.resume(session, ticket)
    way = json.dumps({"from": ticket.unit_code, "to": unit, "why": why, "text": text})
    assert session.writing is not None
    said = session.write(ticket, author="staff", kind="handover", text=way, person=session.writing.person.id)
    _move(session, ticket, unit, counted=why == "not_ours")
    tap = record_tap(session, "forward" if why == "forward" else "hand_back", ticket, before, said=said, unit=unit)
    _tell(session, ticket, tap)


def _move(session: Session, ticket: Record, unit: str, *, counted: bool) -> None:
    at_front_desk = unit == session.region.front_desk
    schedule.stop(session, ticket, Clock, state="cancelled")
    ticket.state = str(State.RECEIVED if at_front_desk else after(Action.FORWARD, State(ticket.state)))
    ticket.unit_code, ticket.desk, ticket.taken_by = unit, str(Desk.OFFICERS), None
    ticket.postponed_until = None
    ticket.handbacks = ticket.handbacks + counted
    ticket.version = ticket.version + 1
    _open_cycle(session, ticket)


def _open_cycle(session: Session, ticket: Record) -> None:
    """Verify and first response count from the handover; no rung before one working day has passed.

    Whoever was told of the present promise's lateness is not climbed to again, but told once that the desk changed.
    """
    calendar = session.region.calendar_of(ticket.unit_code)
    ticket.cycle = ticket.cycle + 1
    promises.hand_over(session, ticket)
    told = climbing.told_late(session, ticket)
    again = climbing.rungs_for(session, ticket, told)
    schedule.lay_out(session, ticket, not_before=after_handover(session.now, calendar), without=again)


def _tell(session: Session, ticket: Record, tap: Record) -> None:
    """The citizen, the new desk, and whoever was told that the case is late; all of it can still be taken back."""
    hold = session.rules.undo_seconds
    tell_reporter(session, ticket, f"tap:{tap.id}", "citizen/forwarded", {}, undo_of=tap.id)
    reading.ring(session, ticket, note="new", hold=hold, undo_of=tap.id)
    shown = {"number": ticket.number, "unit": session.region.units[ticket.unit_code].name}
    choices = (Choice("details", (str(ticket.id),)),)
    told = climbing.told_late(session, ticket)
    for post in (post for post in climbing.chain_of(session, ticket) if post in told):
        letter = Letter(f"tap:{tap.id}:{post}", "supervisor/moved", shown, choices, ticket, Action.READ, hold, tap.id)
        to_post(session, post, letter)
    show_with_undo(session, ticket, tap, note="forwarded")
