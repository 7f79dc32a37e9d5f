"""A letter of the Ombudsman as a case of Bagian Organisasi: no citizen, no receipt, and the date that stands in it."""

from __future__ import annotations

from datetime import date

from domain.vocabulary import Desk, Identity, Kind, State
from handlers.actions import promises, reading, schedule
from handlers.actions.post import reply
from handlers.actions.tickets import attach, free_number
from handlers.flows.effects import FileLetter
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.tables import IncomingLetter, Ticket

#: The channel of a case that came on paper.
LETTER = "letter"


def file(session: Session, effect: FileLetter) -> None:
    """The letter lies at the desk, its clock runs, and its head hears of it."""
    assert session.writing is not None
    person = session.writing.person.id
    unit = session.region.front_desk
    if not any(held.unit == unit for held in session.held_by(person)):
        reply(session, Reply("officer/not_found"))
        return
    ticket = _new_ticket(session, unit)
    _keep(session, ticket, effect)
    promises.recount(session, ticket)
    said = session.write(ticket, author="staff", kind=LETTER, text=effect.subject, person=person)
    attach(session, ticket, said, effect.media)
    schedule.lay_out(session, ticket)
    payload = {"dated": effect.dated, "due": effect.due}
    session.audit("letter", ticket.id, person=person, actor="staff", payload=payload)
    shown = {"number": ticket.number, "by": moment(ticket.binding_by)}
    reply(session, Reply("officer/letter_filed", shown, (Choice("details", (str(ticket.id),)),), ticket=ticket.id))
    reading.ring(session, ticket, note="new", but=person)


def _new_ticket(session: Session, unit: str) -> Record:
    """As confidential as a case can be: it names who complained to the Ombudsman, and no group hears of it."""
    assert session.writing is not None
    return session.add(
        Ticket,
        number=free_number(session),
        kind=str(Kind.LETTER),
        state=str(State.ROUTED),
        identity=str(Identity.CONFIDENTIAL),
        desk=str(Desk.OFFICERS),
        unit_code=unit,
        conduct=[],
        language=session.writing.person.language or "id",
        channel=LETTER,
        recorded_by=session.writing.person.id,
        received_at=session.now,
        calendar=session.region.hours_of(unit),
    )


def _keep(session: Session, ticket: Record, effect: FileLetter) -> None:
    session.add(
        IncomingLetter,
        ticket_id=ticket.id,
        reference_sealed=effect.reference,
        dated_on=date.fromisoformat(effect.dated),
        due_on=date.fromisoformat(effect.due),
    )
