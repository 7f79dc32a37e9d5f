"""A town with very many open cases: one case of each kind is made, the rest are copies; and some fall due together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from domain.region import Region, Rung
from domain.vocabulary import Clock, Desk, Identity, Kind, State
from handlers.actions.reading import post_of
from handlers.actions.schedule import reader_hours
from handlers.messages import CITIZEN
from handlers.session import Session
from storage import crowd
from storage.naive import Told
from storage.plan import Record
from storage.tables import Address, Deadline, Person, Ticket

CHANNEL = "phone"
#: How many citizens the cases that fall due belong to.
CITIZENS = 500
#: How many working days apart the later steps of a case that is due lie, and over how many the open ones are spread.
_SPREAD = 60
_STORY = "KTP saya sudah tiga minggu belum jadi, selalu disuruh kembali lagi"


def desks(region: Region) -> Sequence[str]:
    """The units that read complaints themselves: those with a desk."""
    return tuple(code for code in sorted(region.units) if region.desk_of(code) and code != region.inspectorate)


def make_models(session: Session, due: datetime) -> None:
    """The cases that are copied: one open case after the other on every desk, its next step some day after `due`."""
    units, rungs = desks(session.region), session.region.ladder[Kind.COMPLAINT]
    matters = sorted(session.region.matters)
    for number in range(1, crowd.MODELS + 1):
        unit, rung = units[number % len(units)], rungs[number % len(rungs)]
        at = due + timedelta(days=1 + number % _SPREAD)
        values = _case(session, unit, matters[number % len(matters)], rung, at)
        session.plan.add(Ticket, id=number, number=f"A-{number}", **values)
        step = {"clock": rung.clock, "step": rung.code, "target": rung.to, "due_at": at}
        session.plan.add(Deadline, id=number, ticket_id=number, cycle=1, **step)
    session.plan.close()


def make_citizens(session: Session) -> list[tuple[int, int]]:
    """People with a chat; returns person and address of each."""
    made = []
    for number in range(CITIZENS):
        person = session.add(Person, language="id", created_at=session.moment.real)
        chat = f"bench-{number}"
        key = session.vault.hash("addresses.key_hash", CHANNEL, CITIZEN, chat)
        address = session.add(
            Address,
            person_id=person.id,
            channel=CHANNEL,
            account=CITIZEN,
            key_hash=key,
            value_sealed=chat,
            created_at=session.moment.real,
        )
        made.append((person.id, address.id))
    return made


def make_due(
    session: Session, numbers: Sequence[int], citizens: Sequence[tuple[int, int]], due: datetime
) -> list[Told]:
    """Cases with a story and a whole ladder, of which one rung is due at `due`: every desk and every rung in turn."""
    units, rungs = desks(session.region), session.region.ladder[Kind.COMPLAINT]
    matters = sorted(session.region.matters)
    made = []
    for number in numbers:
        unit, place = units[number % len(units)], number // len(units) % len(rungs)
        values = _case(session, unit, matters[number % len(matters)], rungs[place], due)
        person, address = citizens[number % len(citizens)]
        ticket = session.add(Ticket, number=f"D-{number}", reporter_id=person, address_id=address, **values)
        session.write(ticket, author="citizen", kind="story", text=_STORY, person=person)
        row = [_step(session, ticket, rung, n - place, due) for n, rung in enumerate(rungs)][place]
        made.append(Told(row.id, post_of(session, ticket, row.target) or ""))
    return made


def _step(session: Session, ticket: Record, rung: Rung, distance: int, due: datetime) -> Record:
    """One rung: those before the one that is due have spoken, those behind it wait."""
    at = due + timedelta(days=2 * distance)
    over = {"state": "done", "fired_at": at, "post_code": post_of(session, ticket, rung.to)} if distance < 0 else {}
    step = {"clock": rung.clock, "step": rung.code, "target": rung.to, "due_at": at, **over}
    return session.add(Deadline, ticket_id=ticket.id, cycle=1, **step)


def _case(session: Session, unit: str, matter: str, rung: Rung, at: datetime) -> dict[str, Any]:
    """An open complaint of which this rung speaks at that moment."""
    by = _promise(session, unit, rung, at)
    week = timedelta(weeks=1)
    return {
        "kind": str(Kind.COMPLAINT),
        "state": str(State.ACCEPTED),
        "identity": str(Identity.OPEN),
        "desk": str(Desk.OFFICERS),
        "unit_code": unit,
        "matter_code": matter,
        "language": "id",
        "channel": CHANNEL,
        "received_at": by - 3 * week,
        "verify_by": by if rung.clock == Clock.VERIFY else by - 2 * week,
        "first_response_by": by if rung.clock == Clock.FIRST_RESPONSE else by - week,
        "resolve_by": by,
        "binding_by": by,
    }


def _promise(session: Session, unit: str, rung: Rung, at: datetime) -> datetime:
    """The date on which a rung hangs that speaks at this moment."""
    hours = reader_hours(session.region, unit, rung.to)
    day = hours.day_of(at)
    match rung.when:
        case "before":
            return hours.closing(hours.after(day, rung.days))
        case "at":
            return hours.closing(hours.after(day, 0))
        case _:
            return hours.closing(hours.before(day, max(rung.days, 1)))
