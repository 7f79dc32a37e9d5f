"""What staff do to a case on their desk: take, answer, ask, finish, put off, note. Each asks the access rules again."""

from __future__ import annotations

from datetime import date

from domain.ladder import StepDue
from domain.lifecycle import after
from domain.vocabulary import Action, Clock, State, Turn
from handlers.actions import milestones, pausing, responses, schedule
from handlers.actions.post import reply
from handlers.actions.taps import before_tap, open_for, record_tap, show, show_with_undo, tell_reporter
from handlers.actions.tickets import attach, closing, note_sources
from handlers.flows.effects import (
    AddClosingPhotos,
    AnswerTicket,
    AskCitizen,
    FinishTicket,
    NoteTicket,
    PostponeTicket,
    TakeTicket,
)
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import noon
from storage.plan import Record
from storage.queries import cases
from storage.tables import Message, Ticket


def take(session: Session, effect: TakeTicket) -> None:
    """Ambil: one officer says "mine"; the citizen hears that somebody is at it."""
    ticket = open_for(session, effect, Action.TAKE)
    if ticket is None:
        return
    assert session.writing is not None
    before = before_tap(session, ticket)
    ticket.state = str(after(Action.TAKE, State(ticket.state)))
    ticket.taken_by = session.writing.person.id
    ticket.version = ticket.version + 1
    schedule.stop(session, ticket, (Clock.VERIFY,))
    tap = record_tap(session, "take", ticket, before)
    tell_reporter(session, ticket, f"tap:{tap.id}", "citizen/taken", {}, undo_of=tap.id)
    show_with_undo(session, ticket, tap, note="taken")


def answer(session: Session, effect: AnswerTicket) -> None:
    """Jawab: the officer's words go to the citizen at once. The first that arrive end the first-response clock."""
    ticket = open_for(session, effect, Action.ANSWER)
    if ticket is None:
        return
    pausing.resume(session, ticket)
    said = _say(session, ticket, "answer", effect)
    ticket.state = str(after(Action.ANSWER, State(ticket.state)))
    session.audit("answer", ticket.id, person=said.person_id, actor="staff", payload={"message": said.id})
    shown = {"text": effect.text, "photos_of": str(said.id)}
    letter = tell_reporter(session, ticket, f"msg:{said.id}", "citizen/answer", shown)
    responses.send_off(session, ticket, said, letter)
    _confirm(session, ticket, "officer/answer_sent")


def ask(session: Session, effect: AskCitizen) -> None:
    """Tanya warga: a question to the citizen, and the clock stands still until the answer (decision 17).

    Where it has stood still as often or as long as it may, the question goes and the clock runs.
    """
    ticket = open_for(session, effect, Action.ASK)
    if ticket is None:
        return
    said = _say(session, ticket, "question", effect)
    stops = pausing.pause(session, ticket)
    ticket.state = str(after(Action.ASK if stops else Action.ANSWER, State(ticket.state)))
    payload = {"message": said.id, "stops": stops}
    session.audit("ask", ticket.id, person=said.person_id, actor="staff", payload=payload)
    choices = (Choice("reply", (str(ticket.id),)),)
    shown = {"text": effect.text, "stops": stops}
    letter = tell_reporter(session, ticket, f"msg:{said.id}", "citizen/question", shown, choices)
    responses.send_off(session, ticket, said, letter)
    _confirm(session, ticket, "officer/question_sent", stops=stops)


def _say(session: Session, ticket: Record, kind: str, effect: AnswerTicket | AskCitizen | FinishTicket) -> Record:
    """An officer's words for the citizen, with their photos: the case is taken. `responses` says when they count."""
    assert session.writing is not None
    person = session.writing.person.id
    said = session.write(ticket, author="staff", kind=kind, text=effect.text, person=person)
    attach(session, ticket, said, () if isinstance(effect, AskCitizen) else effect.media)
    note_sources(session, ticket, said, effect.sources)
    ticket.taken_by = ticket.taken_by or person
    ticket.version = ticket.version + 1
    schedule.stop(session, ticket, (Clock.VERIFY,))
    return said


def _confirm(session: Session, ticket: Record, page: str, **more: bool) -> None:
    shown = {"number": ticket.number, "reaches": ticket.address_id is not None, **more}
    reply(session, Reply(page, shown, (Choice("details", (str(ticket.id),)),), ticket=ticket.id))


def unasked(session: Session, ticket: Record) -> None:
    """The question never arrived, so nobody waits for an answer: the clock runs as if it had not been asked."""
    if ticket.state != State.WAITING_CITIZEN or ticket.waiting_since is None:
        return
    pausing.resume(session, ticket, asked=False)
    ticket.state = str(State.IN_PROGRESS)
    ticket.version = ticket.version + 1
    session.audit("unasked", ticket.id, person=None, actor="delivery")


def finish(session: Session, effect: FinishTicket) -> None:
    """Selesai: the closing words; clocks stop, and ten working days of silence will close the case."""
    ticket = open_for(session, effect, Action.FINISH)
    if ticket is None:
        return
    before = before_tap(session, ticket)
    pausing.resume(session, ticket)
    milestones.mark(session, ticket, Turn.SETTLED)
    said = _say(session, ticket, "closing", effect)
    ticket.state = str(after(Action.FINISH, State(ticket.state)))
    ticket.resolved_at, ticket.postponed_until = session.now, None
    schedule.stop(session, ticket, set(Clock) - {Clock.FIRST_RESPONSE})
    schedule.set_auto_close(session, ticket)
    tap = record_tap(session, "finish", ticket, before, said=said)
    shown = {"text": effect.text, "photos_of": str(said.id)}
    key = f"msg:{said.id}"
    letter = tell_reporter(session, ticket, key, "citizen/resolved", shown, closing(ticket), undo_of=tap.id)
    responses.send_off(session, ticket, said, letter)
    show_with_undo(session, ticket, tap, note="finished")


def add_closing_photos(session: Session, effect: AddClosingPhotos) -> None:
    """The rest of an album: to the closing words of the person who writes, while their case stays as it was left."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, effect.ticket)
    rows = session.plan.fetch(Message, cases.MESSAGES, {"ticket": effect.ticket}) if ticket is not None else []
    said = rows[-1] if rows else None
    if ticket is None or said is None or said.kind != "closing" or said.person_id != session.writing.person.id:
        reply(session, Reply("officer/which_case"))
        return
    attach(session, ticket, said, effect.media)
    reply(session, Reply("officer/photo_added", {"number": ticket.number}, ticket=ticket.id))


def postpone(session: Session, effect: PostponeTicket) -> None:
    """Tunda: a reason and a date, for everybody to see. It stops no clock; on that day the desk is reminded."""
    ticket = open_for(session, effect, Action.POSTPONE)
    if ticket is None:
        return
    assert session.writing is not None
    before = before_tap(session, ticket)
    until = date.fromisoformat(effect.until)
    said = session.write(ticket, author="staff", kind="postponed", text=effect.reason, person=session.writing.person.id)
    ticket.postponed_until = until
    ticket.version = ticket.version + 1
    calendar = session.region.calendar_of(ticket.unit_code)
    step = StepDue(Clock.POSTPONED, f"until:{until}", calendar.opening(calendar.before(until, 0)), "officer")
    schedule.stop(session, ticket, (Clock.POSTPONED,), state="cancelled")
    schedule.set_step(session, ticket, step)
    tap = record_tap(session, "postpone", ticket, before, said=said)
    shown = {"text": effect.reason, "until": noon(until), "by": _promise(ticket)}
    tell_reporter(session, ticket, f"tap:{tap.id}", "citizen/postponed", shown, undo_of=tap.id)
    show_with_undo(session, ticket, tap, note="postponed")


def _promise(ticket: Record) -> str | None:
    by = ticket.binding_by or ticket.first_response_by
    return by.isoformat() if by else None


def note(session: Session, effect: NoteTicket) -> None:
    """Catatan: words that stay among the staff who may read the case."""
    ticket = open_for(session, effect, Action.NOTE)
    if ticket is None:
        return
    assert session.writing is not None
    said = session.write(ticket, author="staff", kind="note", text=effect.text, person=session.writing.person.id)
    attach(session, ticket, said, effect.media)
    session.audit("note", ticket.id, person=said.person_id, actor="staff", payload={"message": said.id})
    show(session, ticket, note="noted")
