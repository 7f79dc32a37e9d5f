"""What whoever watches over a desk does: remind it, ask why, and say "I know" to a step of the ladder."""

from __future__ import annotations

from domain.access import may
from domain.deadlines import breached
from domain.lifecycle import possible
from domain.vocabulary import OPEN_STATES, Action, Actor, State
from handlers.actions import climbing, reading
from handlers.actions.post import Letter, reply, to_person, to_post
from handlers.actions.taps import show
from handlers.actions.views import actor_of, view_of
from handlers.flows.effects import Acknowledge, AskExplanation, Explain, RemindDesk, RemindLate
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.queries import cases, talk
from storage.tables import Deadline, Message, Ticket


def _allowed(session: Session, key: int, action: Action) -> Record | None:
    """The locked ticket, if the person who writes may do this to it now; else its card, and None."""
    assert session.writing is not None
    ticket = session.plan.locked(Ticket, key)
    actor = actor_of(session, session.writing.person.id)
    fits = ticket is not None and possible(action, State(ticket.state))
    if ticket is not None and fits and may(actor, action, view_of(session, ticket)):
        return ticket
    show(session, ticket, note="stale")
    return None


def remind(session: Session, effect: RemindDesk) -> None:
    """One reminder a day from one person: the desk is pushed, not flooded."""
    ticket = _allowed(session, effect.ticket, Action.REMIND)
    if ticket is None:
        return
    shown = {"number": ticket.number, "again": not _push(session, ticket)}
    reply(session, Reply("supervisor/reminded", shown, ticket=ticket.id))


def remind_late(session: Session, effect: RemindLate) -> None:
    """The desks of a digest's late cases, each as by hand; what is not late or not allowed any more is left alone."""
    assert session.writing is not None
    actor = actor_of(session, session.writing.person.id)
    found = [session.plan.locked(Ticket, key) for key in sorted(effect.tickets)]
    late = [ticket for ticket in found if ticket is not None and _may_remind(session, actor, ticket)]
    pushed = [ticket.number for ticket in late if _push(session, ticket)]
    reply(session, Reply("supervisor/reminded_late", {"numbers": pushed, "again": len(late) - len(pushed)}))


def _may_remind(session: Session, actor: Actor, ticket: Record) -> bool:
    by = ticket.binding_by or ticket.first_response_by
    is_late = by is not None and breached(by, session.now) and State(ticket.state) in OPEN_STATES
    return is_late and may(actor, Action.REMIND, view_of(session, ticket))


def _push(session: Session, ticket: Record) -> bool:
    """Remind the desk of a case; False where this person has done so today."""
    assert session.writing is not None
    person = session.writing.person.id
    posts = reading.readers(session, ticket)
    told = [f"remind:{ticket.id}:{person}:{session.today}:{post.code}" for post in posts]
    if any(session.plan.rows(talk.DEDUPED, {"key": key}) for key in told):
        return False
    shown = {**_line(session, ticket), "by": moment(ticket.binding_by or ticket.first_response_by)}
    choices = (Choice("details", (str(ticket.id),)),)
    for key, post in zip(told, posts, strict=True):
        to_post(session, post.code, Letter(key, "officer/pushed", shown, choices, ticket, Action.READ))
    session.audit("remind", ticket.id, person=person, actor="staff")
    return True


def _line(session: Session, ticket: Record) -> dict[str, object]:
    """Which case, and the title under which the person who writes is heard: that of a post that reads it."""
    assert session.writing is not None
    person, view = session.writing.person.id, view_of(session, ticket)
    heard = next(held for held in session.held_by(person) if may(Actor(person, (held,)), Action.READ, view))
    return {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "post": session.title_of(heard.post),
    }


def ask_explanation(session: Session, effect: AskExplanation) -> None:
    """Why is it late? The question goes to the head of the unit; question and answer stay among staff."""
    ticket = _allowed(session, effect.ticket, Action.EXPLAIN)
    if ticket is None:
        return
    assert session.writing is not None
    person = session.writing.person.id
    asked = session.write(ticket, author="staff", kind="why", text=effect.text, person=person)
    session.audit("explain", ticket.id, person=person, actor="staff", payload={"message": asked.id})
    post = climbing.reachable(session, ticket, "unit_head")
    title = session.title_of(post) if post else None
    if post:
        choices = (Choice("explain", (str(ticket.id),)), Choice("details", (str(ticket.id),)))
        shown = {**_line(session, ticket), "text": effect.text}
        letter = Letter(f"msg:{asked.id}:{post}", "officer/why", shown, choices, ticket, Action.READ)
        to_post(session, post, letter)
    reply(session, Reply("supervisor/asked", {"number": ticket.number, "post": title}, ticket=ticket.id))


def explain(session: Session, effect: Explain) -> None:
    """The explanation goes to whoever asked last, and onto the card."""
    ticket = _allowed(session, effect.ticket, Action.NOTE)
    if ticket is None:
        return
    assert session.writing is not None
    person = session.writing.person.id
    said = session.write(ticket, author="staff", kind="explanation", text=effect.text, person=person)
    session.audit("explained", ticket.id, person=person, actor="staff", payload={"message": said.id})
    asker = _last_asker(session, ticket)
    if asker is not None:
        shown = {**_line(session, ticket), "text": effect.text}
        choices = (Choice("details", (str(ticket.id),)),)
        letter = Letter(f"msg:{said.id}:{asker}", "supervisor/explanation", shown, choices, ticket, Action.READ)
        to_person(session, asker, letter)
    show(session, ticket, note="noted")


def _last_asker(session: Session, ticket: Record) -> int | None:
    rows = session.plan.fetch(Message, cases.MESSAGES, {"ticket": ticket.id})
    asked = [row.person_id for row in rows if row.kind == "why"]
    return asked[-1] if asked else None


def acknowledge(session: Session, effect: Acknowledge) -> None:
    """The post that was told says "I know"; only whoever reads for it may."""
    assert session.writing is not None
    person = session.writing.person.id
    row = session.plan.locked(Deadline, effect.step)
    if row is None or row.post_code is None or person not in session.present_of(row.post_code):
        reply(session, Reply("officer/not_found"))
        return
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = session.now, person
        session.audit("acknowledge", row.ticket_id, person=person, actor="staff", payload={"step": row.step})
    reply(session, Reply("supervisor/acknowledged"))
