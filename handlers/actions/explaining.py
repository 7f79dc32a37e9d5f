"""Minta penjelasan: a question among staff with a date of its own. It moves nothing of what the citizen was promised.

The head of the unit is asked, or its desk where no head can be reached; whoever has the case may explain. The one who
was asked is reminded on the day; the one who asked hears when it has passed.
"""

from __future__ import annotations

from datetime import date

from domain.access import OVER, may
from domain.deadlines import rung_moment
from domain.ladder import StepDue
from domain.vocabulary import Action, Actor, Clock, State
from handlers.actions import climbing, reading, schedule
from handlers.actions.post import Letter, reply, to_person, to_post
from handlers.actions.supervising import allowed, line
from handlers.actions.taps import show
from handlers.actions.views import WHY, message_text, questions, view_of
from handlers.flows.effects import AskExplanation, Explain
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.queries import cases
from storage.tables import Explanation, Message

#: The two steps of a question; behind the colon stands its id.
DUE, MISSED = "due", "missed"


def ask(session: Session, effect: AskExplanation) -> None:
    """Why is it late? Question and answer stay among staff."""
    ticket = allowed(session, effect.ticket, Action.EXPLAIN)
    if ticket is None:
        return
    assert session.writing is not None
    person = session.writing.person.id
    said = session.write(ticket, author="staff", kind=WHY, text=effect.text, person=person)
    question = _question(session, ticket, said, date.fromisoformat(effect.by))
    _set_clock(session, ticket, question)
    payload = {"message": said.id, "by": moment(question.due_at), "asked": question.asked_code}
    session.audit("explain", ticket.id, person=person, actor="staff", payload=payload)
    if question.asked_code:
        shown = {**line(session, ticket), "text": effect.text, "by": moment(question.due_at)}
        letter = Letter(
            f"msg:{said.id}:{question.asked_code}", "officer/why", shown, _answering(ticket), ticket, Action.READ
        )
        to_post(session, question.asked_code, letter)
    title = session.title_of(question.asked_code) if question.asked_code else None
    page = {"number": ticket.number, "post": title, "by": moment(question.due_at)}
    reply(session, Reply("supervisor/asked", page, ticket=ticket.id))


def _question(session: Session, ticket: Record, said: Record, day: date) -> Record:
    asker = _asks_as(session, ticket, said.person_id)
    calendar = session.region.calendar_of(ticket.unit_code)
    return session.add(
        Explanation,
        ticket_id=ticket.id,
        message_id=said.id,
        asker_code=asker,
        asked_code=_who_explains(session, ticket, asker),
        due_at=calendar.closing(calendar.after(day, 0)),
    )


def _asks_as(session: Session, ticket: Record, person: int) -> str:
    """The post under which a person may ask."""
    view = view_of(session, ticket)
    return next(held.post for held in session.held_by(person) if may(Actor(person, (held,)), Action.EXPLAIN, view))


def _who_explains(session: Session, ticket: Record, asker: str) -> str | None:
    """The head of the reading unit, or its desk; never the one who asks."""
    head = reading.post_of(session, ticket, "unit_head")
    posts = (*((head,) if head else ()), *(post.code for post in reading.readers(session, ticket)))
    return next((post for post in posts if post != asker and climbing.can_hear(session, ticket, post)), None)


def _set_clock(session: Session, ticket: Record, question: Record) -> None:
    """Each step at an opening of whoever it speaks to."""
    asked = question.asked_code or question.asker_code
    for step, when, post in ((DUE, "at", asked), (MISSED, "after", question.asker_code)):
        hours = schedule.reader_hours(session.region, ticket.unit_code, post)
        at = rung_moment(when, 0, question.due_at, hours)
        due = StepDue(Clock.EXPLANATION, f"{step}:{question.id}", at, post)
        schedule.set_step(session, ticket, due)


def _answering(ticket: Record) -> tuple[Choice, ...]:
    return (Choice("explain", (str(ticket.id),)), Choice("details", (str(ticket.id),)))


def explain(session: Session, effect: Explain) -> None:
    """The explanation goes to everybody who has asked and not heard yet, and onto the card."""
    ticket = allowed(session, effect.ticket, Action.NOTE)
    if ticket is None:
        return
    assert session.writing is not None
    person = session.writing.person.id
    said = session.write(ticket, author="staff", kind="explanation", text=effect.text, person=person)
    open_ones = questions(session, ticket)
    session.audit("explained", ticket.id, person=person, actor="staff", payload={"message": said.id})
    for question in open_ones:
        question.answer_id, question.answered_at = said.id, session.now
    _stop_clocks(session, ticket, open_ones)
    choices = (Choice("details", (str(ticket.id),)),)
    shown = {**line(session, ticket), "text": effect.text}
    for post in dict.fromkeys(question.asker_code for question in open_ones):
        letter = Letter(f"msg:{said.id}:{post}", "supervisor/explanation", shown, choices, ticket, Action.READ)
        to_post(session, post, letter)
    if not open_ones and (asker := _last_asker(session, ticket)) is not None:  # to what is answered something is added
        letter = Letter(f"msg:{said.id}:{asker}", "supervisor/explanation", shown, choices, ticket, Action.READ)
        to_person(session, asker, letter)
    show(session, ticket, note="noted")


def _stop_clocks(session: Session, ticket: Record, answered: list[Record]) -> None:
    steps = {f"{step}:{question.id}" for question in answered for step in (DUE, MISSED)}
    for row in schedule.steps_of(session, ticket):
        if row.step in steps and row.state == "waiting":
            row.state = "done"


def _last_asker(session: Session, ticket: Record) -> int | None:
    rows = session.plan.fetch(Message, cases.MESSAGES, {"ticket": ticket.id})
    return next((row.person_id for row in reversed(rows) if row.kind == WHY), None)


def fire(session: Session, ticket: Record, row: Record) -> bool:
    """On its day whoever was asked is reminded; when it has passed, whoever asked hears that nothing came."""
    step, _, key = row.step.partition(":")
    question = session.plan.one(Explanation, int(key))
    if question is None or question.answered_at is not None or State(ticket.state) in OVER:
        return False
    asked = _who_explains(session, ticket, question.asker_code)
    if step == MISSED:
        _tell_asker(session, ticket, row, question, asked)
    elif asked is not None:
        _remind(session, ticket, row, question, asked)
    return True


def _remind(session: Session, ticket: Record, row: Record, question: Record, asked: str) -> None:
    shown = {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "post": session.title_of(question.asker_code),
        "text": _words(session, question),
        "by": moment(question.due_at),
    }
    key = f"step:{row.id}:{asked}"
    to_post(session, asked, Letter(key, "officer/why_due", shown, _answering(ticket), ticket, Action.READ))


def _words(session: Session, question: Record) -> str:
    said = session.plan.one(Message, question.message_id)
    return message_text(session, said) if said is not None else ""


def _tell_asker(session: Session, ticket: Record, row: Record, question: Record, asked: str | None) -> None:
    shown = {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "post": session.title_of(asked) if asked else None,
        "by": moment(question.due_at),
    }
    choices = tuple(Choice(code, (str(ticket.id),)) for code in ("details", "ask_why"))
    letter = Letter(
        f"step:{row.id}:{question.asker_code}", "supervisor/unexplained", shown, choices, ticket, Action.READ
    )
    to_post(session, question.asker_code, letter)
