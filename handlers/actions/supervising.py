"""What whoever watches over a desk does: remind it, put a case first, and say "I know" to a step of the ladder."""

from __future__ import annotations

from domain.access import may
from domain.deadlines import breached
from domain.lifecycle import possible
from domain.vocabulary import OPEN_STATES, Action, Actor, Priority, State
from handlers.actions import reading
from handlers.actions.post import Letter, reply, to_post
from handlers.actions.taps import show
from handlers.actions.views import actor_of, view_of
from handlers.flows.effects import Acknowledge, RemindDesk, RemindLate, SetPriority
from handlers.messages import Choice, Reply
from handlers.session import Session
from handlers.shown import moment
from storage.plan import Record
from storage.queries import talk
from storage.tables import Deadline, Ticket


def allowed(session: Session, key: int, action: Action) -> Record | None:
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
    ticket = allowed(session, effect.ticket, Action.REMIND)
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
    shown = {**line(session, ticket), "by": moment(ticket.binding_by or ticket.first_response_by)}
    choices = (Choice("details", (str(ticket.id),)),)
    for key, post in zip(told, posts, strict=True):
        to_post(session, post.code, Letter(key, "officer/pushed", shown, choices, ticket, Action.READ))
    session.audit("remind", ticket.id, person=person, actor="staff")
    return True


def line(session: Session, ticket: Record) -> dict[str, object]:
    """Which case, and the title under which the person who writes is heard: that of a post that reads it."""
    assert session.writing is not None
    person, view = session.writing.person.id, view_of(session, ticket)
    heard = next(held for held in session.held_by(person) if may(Actor(person, (held,)), Action.READ, view))
    return {
        "number": ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "post": session.title_of(heard.post),
    }


def prioritize(session: Session, effect: SetPriority) -> None:
    """The case goes before the others at its desk and in digests, or no longer; its citizen never hears of it."""
    ticket = allowed(session, effect.ticket, Action.PRIORITIZE)
    if ticket is None:
        return
    priority = Priority.HIGH if effect.high else Priority.NORMAL
    if ticket.priority != priority:
        ticket.priority = str(priority)
        _tell_desk(session, ticket, high=effect.high)
    show(session, ticket, note="first" if effect.high else "not_first", edits=True)


def _tell_desk(session: Session, ticket: Record, *, high: bool) -> None:
    assert session.writing is not None
    person = session.writing.person.id
    done = session.audit("prioritize", ticket.id, person=person, actor="staff", payload={"high": high})
    shown = {**line(session, ticket), "by": moment(ticket.binding_by or ticket.first_response_by)}
    choices = (Choice("details", (str(ticket.id),)),)
    for post in reading.readers(session, ticket) if high else ():
        if person not in session.present_of(post.code):
            letter = Letter(f"tap:{done.id}:{post.code}", "officer/first", shown, choices, ticket, Action.READ)
            to_post(session, post.code, letter)


def acknowledge(session: Session, effect: Acknowledge) -> None:
    """The post that was told says "I know", to one step or to all of a message; only whoever reads for it may."""
    assert session.writing is not None
    person = session.writing.person.id
    rows = [row for step in sorted(effect.steps) if (row := session.plan.locked(Deadline, step)) is not None]
    own = [row for row in rows if row.post_code is not None and person in session.present_of(row.post_code)]
    for row in own:
        if row.acknowledged_at is None:
            row.acknowledged_at, row.acknowledged_by = session.now, person
            session.audit("acknowledge", row.ticket_id, person=person, actor="staff", payload={"step": row.step})
    reply(session, Reply("supervisor/acknowledged" if own else "officer/not_found"))
