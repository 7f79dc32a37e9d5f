"""What citizens do to cases: open one, add to one, send one back."""

from __future__ import annotations

from collections.abc import Iterable

from domain.lifecycle import possible
from domain.numbers import BODIES, PINS, pin, ticket_number
from domain.routing import Route
from domain.understanding.reading import read
from domain.vocabulary import Action, Clock, Desk, Emergency, Identity, Outcome, Priority, State, Turn
from handlers.actions import climbing, consent, milestones, pausing, promises, reading, schedule
from handlers.actions.files import counted
from handlers.actions.pins import hash_pin
from handlers.actions.post import Letter, reply, tie, to_post
from handlers.actions.room import beside_case
from handlers.actions.views import CONTACT, VOICE_STORY
from handlers.flows.citizen.story import may_wait
from handlers.flows.effects import AddToTicket, OpenTicket, RecordTicket, ReferTicket, ReopenTicket
from handlers.flows.wording import sources
from handlers.messages import STAFF, Choice, Draft, Reply
from handlers.prelude import part_hash
from handlers.session import Session
from handlers.shown import body_facts, moment, roads
from storage.media import VOICE
from storage.plan import Record
from storage.queries import cases
from storage.tables import Attachment, MessageSource, Ticket

#: The channel of a case that was taken down at a counter or on the phone.
WALK_IN = "desk"


def open_ticket(session: Session, effect: OpenTicket) -> None:
    """A draft becomes a case, and the citizen gets the receipt.

    An anonymous case keeps no link to the chat from the start, unless "Kabari saya" was tapped (decision 21).
    """
    draft = effect.draft
    if effect.route.desk is Desk.LISTENING and not has_voice(session, draft.media):
        reply(session, Reply("citizen/voice_gone"))
        return
    ticket, digits = _open(session, draft, effect.route, followed=_is_followed(draft, effect.route))
    session.audit("open", ticket.id, person=ticket.reporter_id, actor="citizen", payload={"unit": ticket.unit_code})
    if draft.notify:
        consent.give(session)
    asks = consent.is_asked(session, ticket)
    shown = {**_receipt(session, ticket, digits), "asks_consent": asks}
    choices = consent.CHOICES if asks else ()
    reply(session, Reply("citizen/receipt", shown, choices, ticket=tie(session, ticket), replaces=may_wait(draft)))
    reading.ring(session, ticket, note="new")


def _is_followed(draft: Draft, goes: Route) -> bool:
    return (draft.identity or goes.identity) is not Identity.ANONYMOUS or draft.notify


def refer_ticket(session: Session, effect: ReferTicket) -> None:
    """A draft that is for a body outside is kept with a number, and owed nothing: no date is promised, nobody rings."""
    draft = effect.draft
    digits = pin(session.source.below("pin", PINS))
    ticket = _new_ticket(session, draft, effect.route, digits, followed=_is_followed(draft, effect.route))
    milestones.mark(session, ticket, Turn.REFERRED)
    ticket.state, ticket.referred_to, ticket.closed_at = str(State.REFERRED), effect.body, session.now
    _write_story(session, ticket, draft)
    session.audit("refer", ticket.id, person=ticket.reporter_id, actor="citizen", payload={"body": effect.body})
    body = body_facts(session.region.bodies[effect.body])
    shown = {"number": ticket.number, "pin": digits, "body": body, "followed": ticket.address_id is not None}
    reply(session, Reply("citizen/referred", shown, ticket=tie(session, ticket), replaces=may_wait(draft)))


def record_ticket(session: Session, effect: RecordTicket) -> None:
    """A walk-in's words, taken down by an officer: the case keeps no chat, its number and PIN go on paper."""
    assert session.writing is not None
    ticket, digits = _open(session, effect.draft, effect.route, followed=False)
    ticket.recorded_by = session.writing.person.id
    ticket.channel = WALK_IN
    if effect.contact and ticket.identity == Identity.OPEN:
        session.write(ticket, author="citizen", kind=CONTACT, text=effect.contact, person=None)
    session.audit("record", ticket.id, person=ticket.recorded_by, actor="staff", payload={"unit": ticket.unit_code})
    reply(session, Reply("officer/recorded", _receipt(session, ticket, digits)))
    reading.ring(session, ticket, note="new")


def _open(session: Session, draft: Draft, route: Route, *, followed: bool) -> tuple[Record, str]:
    """Number, PIN, dates, exclusions, the story and the ladder of a new case."""
    persons = reading.persons_behind(session, route)
    goes = reading.settle_reader(session, route, persons)
    digits = pin(session.source.below("pin", PINS))
    ticket = _new_ticket(session, draft, goes, digits, followed=followed)
    promises.give(session, ticket)
    reading.exclude(session, ticket, goes, persons, "reported")
    _write_story(session, ticket, draft)
    schedule.lay_out(session, ticket)
    return ticket, digits


def _new_ticket(session: Session, draft: Draft, goes: Route, digits: str, *, followed: bool) -> Record:
    assert session.writing is not None
    identity = draft.identity or goes.identity
    row = session.source.id("tickets")
    at_front_desk = goes.unit == session.region.front_desk
    understood = read(draft.story, session.region)
    return session.plan.add(
        Ticket,
        id=row,
        number=free_number(session),
        kind=str(goes.kind),
        state=str(State.RECEIVED if at_front_desk else State.ROUTED),
        identity=str(identity),
        desk=str(goes.desk),
        unit_code=goes.unit,
        matter_code=goes.matter,
        reported_unit=goes.reported,
        conduct=sorted(str(code) for code in understood.conduct),
        priority=str(Priority.HIGH if draft.urgent or understood.emergency is Emergency.NOW else Priority.NORMAL),
        area_code=goes.area or session.region.units[goes.unit].area,
        language=session.writing.person.language or "id",
        channel=session.writing.address.channel,
        reporter_id=session.writing.person.id if followed else None,
        address_id=session.writing.address.id if followed else None,
        pin_hash=hash_pin(session, row, digits),
        received_at=session.now,
    )


def free_number(session: Session) -> str:
    """A number that no case has."""
    while True:
        number = ticket_number(session.today.year, session.source.below("number", BODIES))
        # Asked past the plan: a read through it would write the whole batch for every case that is opened.
        planned = any(ticket.number == number for ticket in session.plan.records(Ticket))
        if not planned and not session.plan.connection.execute(cases.NUMBER_TAKEN, {"number": number}).first():
            return number


def _write_story(session: Session, ticket: Record, draft: Draft) -> None:
    kind = VOICE_STORY if ticket.desk == Desk.LISTENING else "story"
    story = session.write(ticket, author="citizen", kind=kind, text=draft.story, person=ticket.reporter_id)
    if draft.place:
        place = session.write(ticket, author="citizen", kind="place", text=draft.place, person=ticket.reporter_id)
        note_sources(session, ticket, place, sources(((draft.place_from, ""),)))
    attach(session, ticket, story, draft.media)
    note_sources(session, ticket, story, sources(draft.parts))


def has_voice(session: Session, media: Iterable[int]) -> bool:
    """Whether a voice is among some files that is here, or still on its way."""
    found = (session.plan.one(Attachment, key) for key in media)
    return any(file is not None and file.kind == VOICE and file.state in ("raw", "clean") for file in found)


def attach(session: Session, ticket: Record, message: Record, media: tuple[int, ...]) -> None:
    """Files go over from the address that sent them to the case, as many as it has room for."""
    for key in beside_case(session, ticket, message.author, media):
        file = session.plan.one(Attachment, key)
        assert file is not None
        file.ticket_id, file.message_id, file.address_id = ticket.id, message.id, None


def _receipt(session: Session, ticket: Record, digits: str) -> dict[str, object]:
    """Number, PIN, promise, who is next: the page whose facts are erased once it is sent (decision 22)."""
    unit = session.region.units[ticket.unit_code]
    head = session.region.head_of(ticket.unit_code)
    desk = session.region.desk_of(ticket.unit_code)
    reader = head if ticket.desk == Desk.HEAD or not desk else desk[0]
    due = ticket.binding_by or ticket.first_response_by
    return {
        "number": ticket.number,
        "pin": digits,
        "unit": unit.name,
        "reader": session.title_of(reader.code) if reader else unit.name,
        "by": moment(due),
        "kind": ticket.kind,
        "binding": ticket.binding_by is not None,
        "days": session.calendar.working_days_between(session.today, session.calendar.day_of(due)) if due else None,
        "provisional": ticket.provisional,
        "next": _next_when_late(session, ticket),
        "identity": ticket.identity,
        "followed": ticket.address_id is not None,
        "oversight": ticket.kind == "oversight",
        "front_desk": ticket.unit_code == session.region.front_desk,
        "kept_from": session.region.units[ticket.reported_unit].name if ticket.reported_unit else None,
        "outside": session.region.is_above_readers(ticket.reported_unit),
        "roads": roads(ticket.kind, session.region, ticket.reported_unit),
        "listening": ticket.desk == Desk.LISTENING,
    }


def _next_when_late(session: Session, ticket: Record) -> str | None:
    """The post that hears of it first once it is late."""
    rungs = session.region.ladder.get(ticket.kind, ())
    late = [rung for rung in rungs if rung.when == "after" and rung.clock == "binding"]
    first = min(late, key=lambda rung: rung.days, default=None)
    post = reading.post_of(session, ticket, first.to) if first else None
    return session.title_of(post) if post else None


def closing(ticket: Record, key: tuple[str, ...] = ()) -> tuple[Choice, ...]:
    """What a citizen may say of an answered case; to close comes second, the safe choice first.

    `key` are the arguments that name the case, where that is not its id.
    """
    named = key or (str(ticket.id),)
    return (Choice("not_done", named), Choice("done" if ticket.state == State.RESOLVED else "rate", named))


def add_to_ticket(session: Session, effect: AddToTicket) -> None:
    """More words or photos for an own case, or the answer to a question: the desk hears, the citizen gets one line."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    assert ticket is not None
    media = beside_case(session, ticket, "citizen", effect.media)
    if effect.media and not (media or effect.text.strip()):
        return
    asked = ticket.state == State.WAITING_CITIZEN
    lapsed = ticket.outcome == Outcome.LAPSED
    referred = ticket.state == State.REFERRED
    kind = "correction" if effect.corrects else "reply" if asked or lapsed else "addition"
    if ticket.desk == Desk.LISTENING and has_voice(session, media):
        kind = VOICE_STORY  # more of what was told: whoever may not hear that hears none of it
    added = session.write(ticket, author="citizen", kind=kind, text=effect.text, person=ticket.reporter_id)
    attach(session, ticket, added, media)
    note_sources(session, ticket, added, effect.sources)
    ticket.version = ticket.version + 1
    if asked:
        _answered(session, ticket)
    elif lapsed or referred:
        _come_back(session, ticket)
    elif ticket.state == State.RESOLVED:
        schedule.set_auto_close(session, ticket)  # not silence: the ten days begin again
    waited = (asked or lapsed) and not effect.corrects
    files = counted(session, media)
    shown = {"number": ticket.number, "text": effect.text, **files, "asked": waited, "corrects": effect.corrects}
    details = (Choice("details", (str(ticket.id),)),)
    if referred:
        reading.ring(session, ticket, note="reopened")  # nobody of the staff has seen it before
    for post in () if referred else reading.readers(session, ticket):
        letter = Letter(f"msg:{added.id}:{post.code}", "officer/addition", shown, details, ticket, Action.READ)
        to_post(session, post.code, letter)
    answered = ticket.state in (State.RESOLVED, State.CLOSED)
    facts = {"number": ticket.number, "answered": answered, "asked": waited, "corrects": effect.corrects}
    choices = closing(ticket, effect.key) if answered else ()
    replaces = bool(effect.media) or len(effect.sources) > 1
    reply(session, Reply("citizen/added", facts, choices, ticket=tie(session, ticket), replaces=replaces))


def note_sources(session: Session, ticket: Record, message: Record, platform_ids: Iterable[str]) -> None:
    """Remember which platform messages became part of a case, for edits and replies to find it.

    Nothing may tie a chat to an anonymous case (decision 21), nor to one that its PIN has opened from elsewhere.
    """
    writing = session.writing
    assert writing is not None
    of_staff = writing.address.account == STAFF
    if not of_staff and (ticket.identity == Identity.ANONYMOUS or tie(session, ticket) is None):
        return
    for platform_id in platform_ids:
        address = writing.address
        found = part_hash(session.vault, address.channel, address.account, writing.chat, platform_id)
        session.add(MessageSource, message_id=message.id, ticket_id=ticket.id, external_hash=found)


def _answered(session: Session, ticket: Record) -> None:
    pausing.resume(session, ticket)
    ticket.state = str(State.IN_PROGRESS)
    session.audit("complete", ticket.id, person=ticket.reporter_id, actor="citizen")


def _come_back(session: Session, ticket: Record) -> None:
    """Any reply opens a lapsed or referred case again, with days of its own (decision 17): it is no refusal."""
    milestones.mark(session, ticket, Turn.RESUMED)
    ticket.outcome, ticket.closed_at = None, None
    _new_cycle(session, ticket)
    session.audit("reopen", ticket.id, person=ticket.reporter_id, actor="citizen")


def _new_cycle(session: Session, ticket: Record) -> None:
    schedule.stop(session, ticket, Clock, state="cancelled")
    ticket.cycle = ticket.cycle + 1
    ticket.state, ticket.resolved_at, ticket.closed_at = str(State.REOPENED), None, None
    ticket.outcome, ticket.postponed_until = None, None
    promises.begin_anew(session, ticket)
    # Just before the statutory date some rungs lie in the past already: the desk hears when it opens, not at night.
    opening = session.region.calendar_of(ticket.unit_code).next_opening(session.now)
    schedule.lay_out(session, ticket, not_before=opening)


def reopen_ticket(session: Session, effect: ReopenTicket) -> None:
    """Belum: a new cycle with dates of its own, and its first reminder goes one post higher (decision 15)."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    if ticket is None or not possible(Action.REFUSE, State(ticket.state)):
        reply(session, Reply("citizen/stale"))
        return
    session.write(ticket, author="citizen", kind="refusal", text=effect.text, person=ticket.reporter_id)
    ticket.version = ticket.version + 1
    ticket.refusals = ticket.refusals + 1
    milestones.mark(session, ticket, Turn.REFUSED)
    _new_cycle(session, ticket)
    raised = climbing.raise_reminder(session, ticket)
    payload = {"times": ticket.refusals, "raised": raised}
    session.audit("reopen", ticket.id, person=ticket.reporter_id, actor="citizen", payload=payload)
    reading.ring(session, ticket, note="reopened")
    by = ticket.binding_by or ticket.first_response_by
    shown = {"number": ticket.number, "by": moment(by), "next": session.title_of(raised) if raised else None}
    choices = (Choice("add", effect.key or (str(ticket.id),)),)
    reply(session, Reply("citizen/reopened", shown, choices, ticket=tie(session, ticket)))
