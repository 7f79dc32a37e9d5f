"""What citizens do to cases: open one, add to one."""

from __future__ import annotations

from domain.deadlines import compute, reopened
from domain.numbers import BODIES, PINS, pin, ticket_number
from domain.region import Rung
from domain.routing import Route
from domain.understanding.reading import read
from domain.vocabulary import Action, Clock, Desk, Identity, Kind, State
from handlers.actions import reading, schedule
from handlers.actions.pins import hash_pin
from handlers.actions.post import Letter, reply, to_post
from handlers.flows.effects import AddToTicket, OpenTicket, ReopenTicket
from handlers.messages import Choice, Draft, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.queries import cases
from storage.tables import Attachment, Ticket


def open_ticket(session: Session, effect: OpenTicket) -> None:
    """A draft becomes a case: number, dates, exclusions, the story, the bell at the reader's desk, the receipt."""
    draft = effect.draft
    persons = reading.persons_behind(session, effect.route.excluded)
    goes = reading.settle_reader(session, effect.route, persons)
    digits = pin(session.source.below("pin", PINS))
    ticket = _new_ticket(session, draft, goes, digits)
    reading.exclude(session, ticket, goes.excluded, persons, "reported")
    _write_story(session, ticket, draft)
    schedule.lay_out(session, ticket)
    session.audit("open", ticket.id, person=ticket.reporter_id, actor="citizen", payload={"unit": goes.unit})
    _receipt(session, ticket, digits)
    reading.ring(session, ticket, note="new")


def _new_ticket(session: Session, draft: Draft, goes: Route, digits: str) -> Record:
    """An anonymous case keeps no link to the chat from the start, unless "Kabari saya" was tapped (decision 21)."""
    assert session.writing is not None
    identity = draft.identity or goes.identity
    followed = identity is not Identity.ANONYMOUS or draft.notify
    dates = compute(goes.kind, session.now, session.region.policies[goes.kind], session.region.calendar_of(goes.unit))
    row = session.source.id("tickets")
    at_front_desk = goes.unit == session.region.front_desk
    ticket = session.plan.add(
        Ticket,
        id=row,
        number=_free_number(session),
        kind=str(goes.kind),
        state=str(State.RECEIVED if at_front_desk else State.ROUTED),
        identity=str(identity),
        desk=str(goes.desk),
        unit_code=goes.unit,
        matter_code=goes.matter,
        reported_unit=goes.reported,
        conduct=sorted(str(code) for code in read(draft.story, session.region).conduct),
        area_code=session.region.units[goes.unit].area,
        language=session.writing.person.language or "id",
        channel=session.writing.address.channel,
        reporter_id=session.writing.person.id if followed else None,
        address_id=session.writing.address.id if followed else None,
        pin_hash=hash_pin(session, row, digits),
        received_at=session.now,
    )
    schedule.set_dates(ticket, dates)
    return ticket


def _free_number(session: Session) -> str:
    while True:
        number = ticket_number(session.today.year, session.source.below("number", BODIES))
        # Asked past the plan: a read through it would write the whole batch for every case that is opened.
        planned = any(ticket.number == number for ticket in session.plan.records(Ticket))
        if not planned and not session.plan.connection.execute(cases.NUMBER_TAKEN, {"number": number}).first():
            return number


def _write_story(session: Session, ticket: Record, draft: Draft) -> None:
    story = session.write(ticket, author="citizen", kind="story", text=draft.story, person=ticket.reporter_id)
    if draft.place:
        session.write(ticket, author="citizen", kind="place", text=draft.place, person=ticket.reporter_id)
    attach(session, ticket, story, draft.media)


def attach(session: Session, ticket: Record, message: Record, media: tuple[int, ...]) -> None:
    """Files go over from the address that sent them to the case."""
    assert session.writing is not None
    for key in media:
        file = session.plan.one(Attachment, key)
        if file is not None and file.address_id == session.writing.address.id:
            file.ticket_id, file.message_id, file.address_id = ticket.id, message.id, None


def _receipt(session: Session, ticket: Record, digits: str) -> None:
    """Number, PIN, promise, who is next: the page whose facts are erased once it is sent (decision 22)."""
    unit = session.region.units[ticket.unit_code]
    head = session.region.head_of(ticket.unit_code)
    desk = session.region.desk_of(ticket.unit_code)
    reader = head if ticket.desk == Desk.HEAD or not desk else desk[0]
    due = ticket.binding_by or ticket.first_response_by
    shown = {
        "number": ticket.number,
        "pin": digits,
        "unit": unit.name,
        "reader": reader.title if reader else unit.name,
        "by": moment(due),
        "binding": ticket.binding_by is not None,
        "days": session.calendar.working_days_between(session.today, session.calendar.day_of(due)) if due else None,
        "provisional": ticket.provisional,
        "next": _next_when_late(session, ticket),
        "identity": ticket.identity,
        "followed": ticket.address_id is not None,
        "oversight": ticket.kind == "oversight",
        "front_desk": ticket.unit_code == session.region.front_desk,
        "kept_from": session.region.units[ticket.reported_unit].name if ticket.reported_unit else None,
    }
    # Tied to the case only where the case keeps the address: else the row itself would be the link that was cut.
    reply(session, Reply("citizen/receipt", shown, ticket=ticket.id if ticket.address_id else None))


def _next_when_late(session: Session, ticket: Record) -> str | None:
    """The post that hears of it first once it is late."""
    rungs = session.region.ladder.get(ticket.kind, ())
    late = [rung for rung in rungs if rung.when == "after" and rung.clock == "binding"]
    first = min(late, key=lambda rung: rung.days, default=None)
    post = target_post(session, ticket, first) if first else None
    return session.region.posts[post].title if post else None


def target_post(session: Session, ticket: Record, rung: Rung) -> str | None:
    """The post that a rung tells about this ticket."""
    return post_of(session, ticket, rung.to)


def post_of(session: Session, ticket: Record, target: str) -> str | None:
    """The post behind `officer`, `unit_head`, `office_head`, `head_of_region`, or the post of that code."""
    region = session.region
    match target:
        case "officer":
            posts = reading.readers(session, ticket)
            return posts[0].code if posts else None
        case "unit_head":
            head = region.head_of(ticket.unit_code)
        case "office_head":
            head = region.head_of(region.office_of(ticket.unit_code))
        case "head_of_region":
            head = region.head_of(region.head_of_region)
        case _:
            head = region.posts.get(target)
    return head.code if head else None


def add_to_ticket(session: Session, effect: AddToTicket) -> None:
    """More words or photos for an own case: the desk hears of it, the citizen gets one line."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    assert ticket is not None
    added = session.write(ticket, author="citizen", kind="addition", text=effect.text, person=session.writing.person.id)
    attach(session, ticket, added, effect.media)
    ticket.version = ticket.version + 1
    if ticket.state == State.RESOLVED:
        schedule.set_auto_close(session, ticket)  # not silence: the ten days begin again
    shown = {"number": ticket.number, "text": effect.text, "photos": len(effect.media)}
    for post in reading.readers(session, ticket):
        letter = Letter(f"msg:{added.id}:{post.code}", "officer/addition", shown, (), ticket, Action.READ)
        to_post(session, post.code, letter)
    answered = ticket.state in (State.RESOLVED, State.CLOSED)
    choices = (Choice("not_done", (str(ticket.id),)),) if answered else ()
    reply(session, Reply("citizen/added", {"number": ticket.number, "answered": answered}, choices, ticket=ticket.id))


def reopen_ticket(session: Session, effect: ReopenTicket) -> None:
    """Belum: a new cycle with dates of its own, and the desk hears of it (decision 15)."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    if ticket is None or ticket.state not in (State.RESOLVED, State.CLOSED):
        reply(session, Reply("citizen/stale"))
        return
    schedule.stop(session, ticket, Clock, state="cancelled")
    calendar = session.region.calendar_of(ticket.unit_code)
    ticket.cycle = ticket.cycle + 1
    ticket.version = ticket.version + 1
    ticket.state, ticket.resolved_at, ticket.closed_at = str(State.REOPENED), None, None
    dates = reopened(calendar.day_of(session.now), Kind(ticket.kind), ticket.statutory_by, calendar)
    schedule.set_dates(ticket, dates)
    schedule.lay_out(session, ticket)
    session.audit("reopen", ticket.id, person=ticket.reporter_id, actor="citizen")
    reading.ring(session, ticket, note="reopened")
    shown = {"number": ticket.number, "by": moment(ticket.binding_by or ticket.first_response_by)}
    reply(session, Reply("citizen/reopened", shown, ticket=ticket.id))
