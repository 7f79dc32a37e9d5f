"""A voice becomes words: a reader who may hear it writes a line, and its citizen's word on it makes it the story.

Until then the case stays where it was sent, and the line is read by nobody but the citizen: whom it accuses is settled
together with who is kept from it. If the citizen stays silent past the verify deadline, the line counts as said.
"""

from __future__ import annotations

from datetime import datetime

from domain.ladder import StepDue, after_handover
from domain.lifecycle import possible
from domain.routing import Route, route
from domain.understanding.reading import read
from domain.vocabulary import Action, Clock, Desk, Emergency, Identity, Kind, State, Turn
from handlers.actions import milestones, pausing, promises, reading, schedule
from handlers.actions.post import reply, tie
from handlers.actions.taps import open_for, tell_reporter
from handlers.actions.tickets import note_sources
from handlers.actions.views import HEARD_LINE, heard_of
from handlers.flows.citizen.story import help_page
from handlers.flows.effects import ConfirmHeard, CorrectHeard, WriteHeard
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.tables import Message, Ticket

#: The step after which a written line counts as said.
TAKEN_AS_SAID = "as_said"


def write_out(session: Session, effect: WriteHeard) -> None:
    """Tulis isinya: the line goes to the citizen, who says whether it is right; a later line takes its place."""
    ticket = open_for(session, effect, Action.HEAR)
    if ticket is None:
        return
    assert session.writing is not None
    line = session.write(ticket, author="staff", kind=HEARD_LINE, text=effect.text, person=session.writing.person.id)
    ticket.version = ticket.version + 1
    until = _patience(session, ticket)
    schedule.set_step(session, ticket, StepDue(Clock.HEARD, TAKEN_AS_SAID, until, ""))
    session.audit("hear", ticket.id, person=line.person_id, actor="staff", payload={"message": line.id})
    goes = _route(session, ticket, effect.text)
    key = (str(ticket.id),)
    choices = (Choice("heard_yes", (*key, str(line.id))), Choice("heard_fix", key))
    shown = {"text": effect.text, "until": moment(until), **_readers(session, goes)}
    tell_reporter(session, ticket, f"msg:{line.id}", "citizen/heard", shown, choices)
    known = {"number": ticket.number, "until": moment(until), "reaches": ticket.address_id is not None}
    reply(session, Reply("officer/heard_sent", known, (Choice("details", key),), ticket=ticket.id))


def confirm(session: Session, effect: ConfirmHeard) -> None:
    """Ya: the line is what the citizen said."""
    ticket = _listening(session, effect.ticket)
    line = heard_of(session, ticket, inside=False) if ticket is not None else None
    if ticket is None or line is None or line.line != effect.line:
        reply(session, Reply("citizen/stale"))
        return
    _settle(session, ticket, line.text, author="citizen", person=ticket.reporter_id)
    session.audit("heard", ticket.id, person=ticket.reporter_id, actor="citizen", payload={"message": line.line})
    _thank(session, ticket)


def correct(session: Session, effect: CorrectHeard) -> None:
    """Perbaiki: the citizen's own words win, whatever was written before."""
    ticket = _listening(session, effect.ticket)
    if ticket is None:
        reply(session, Reply("citizen/stale"))
        return
    story = _settle(session, ticket, effect.text, author="citizen", person=ticket.reporter_id)
    note_sources(session, ticket, story, effect.sources)
    session.audit("heard", ticket.id, person=ticket.reporter_id, actor="citizen", payload={"message": story.id})
    understood = read(effect.text, session.region)
    if understood.emergency is not Emergency.NO:
        reply(session, help_page(understood, session.region))
    _thank(session, ticket)


def take_as_said(session: Session, ticket: Record, step: Record) -> bool:
    """Nobody has said that the line is wrong: it counts, marked as the reader's, and the citizen hears so."""
    if _listening(session, ticket.id) is None or (heard := heard_of(session, ticket, inside=False)) is None:
        return False
    line = session.plan.one(Message, heard.line)
    assert line is not None
    story = _settle(session, ticket, heard.text, author="staff", person=line.person_id)
    session.audit("heard", ticket.id, person=None, actor="heard", payload={"message": story.id})
    tell_reporter(session, ticket, f"msg:{story.id}", "citizen/heard_done", _outcome(session, ticket, silent=True))
    return True


def _listening(session: Session, key: int) -> Record | None:
    """The locked case, while its words are not settled."""
    ticket = session.plan.locked(Ticket, key)
    if ticket is None or ticket.desk != Desk.LISTENING or not possible(Action.HEAR, State(ticket.state)):
        return None
    return ticket


def _patience(session: Session, ticket: Record) -> datetime:
    """The verify deadline, or the end of the next working day where that is later: a citizen has a day at least."""
    calendar = session.region.calendar_of(ticket.unit_code)
    a_day = calendar.closing(calendar.after(calendar.day_of(session.now), 1))
    return max(a_day, ticket.verify_by) if ticket.verify_by else a_day


def _route(session: Session, ticket: Record, text: str) -> Route:
    """As for typed words; what was sent to the Inspektorat as an accusation stays one, however it is worded."""
    understood = read(text, session.region)
    kind = Kind(ticket.kind)
    return route(understood, session.region, kind=None if kind is Kind.COMPLAINT else kind)


def _settle(session: Session, ticket: Record, text: str, *, author: str, person: int | None) -> Record:
    """The words become the story: kind, office, who is kept out, and dates that count from the day of receipt."""
    calendar = session.calendar
    pausing.resume(session, ticket)
    goes = _route(session, ticket, text)
    persons = reading.persons_behind(session, goes, since=calendar.day_of(ticket.received_at))
    goes = reading.settle_reader(session, goes, persons)
    reading.exclude(session, ticket, goes, persons, "reported")
    story = session.write(ticket, author=author, kind="story", text=text, person=person)
    _become(session, ticket, goes, text)
    _begin(session, ticket)
    reading.ring(session, ticket, note="new")
    return story


def _become(session: Session, ticket: Record, goes: Route, text: str) -> None:
    at_front_desk = goes.unit == session.region.front_desk
    ticket.state = str(State.RECEIVED if at_front_desk else State.ROUTED)
    if goes.unit != ticket.unit_code:
        milestones.mark(session, ticket, Turn.HANDED)
    ticket.kind, ticket.unit_code, ticket.desk = str(goes.kind), goes.unit, str(goes.desk)
    ticket.matter_code, ticket.reported_unit = goes.matter, goes.reported
    ticket.area_code = goes.area or session.region.units[goes.unit].area
    ticket.conduct = sorted(str(code) for code in read(text, session.region).conduct)
    if goes.identity is not Identity.OPEN:
        ticket.identity = str(goes.identity)
    ticket.taken_by = None
    ticket.version = ticket.version + 1


def _begin(session: Session, ticket: Record) -> None:
    """A cycle whose promise counts from the receipt; the desk verifies and answers from now on, as after a handover."""
    calendar = session.region.calendar_of(ticket.unit_code)
    schedule.stop(session, ticket, Clock, state="cancelled")
    ticket.cycle = ticket.cycle + 1
    ticket.desk_since = session.now
    promises.give(session, ticket)
    schedule.lay_out(session, ticket, not_before=after_handover(session.now, calendar))


def _readers(session: Session, goes: Route) -> dict[str, str | None]:
    """Who will read the words, and who will not, by their names."""
    units = session.region.units
    return {"reader": units[goes.unit].name, "kept_from": units[goes.reported].name if goes.reported else None}


def _outcome(session: Session, ticket: Record, *, silent: bool) -> dict[str, object]:
    by = ticket.binding_by or ticket.first_response_by
    kept_from = session.region.units[ticket.reported_unit].name if ticket.reported_unit else None
    return {"by": moment(by), "provisional": ticket.provisional, "kept_from": kept_from, "silent": silent}


def _thank(session: Session, ticket: Record) -> None:
    named = {"number": ticket.number, "unit": session.region.units[ticket.unit_code].name}
    shown = {**named, **_outcome(session, ticket, silent=False)}
    reply(session, Reply("citizen/heard_done", shown, ticket=tie(session, ticket)))
