"""/cuti: a person is away, and somebody else reads and acts in all their posts meanwhile."""

from __future__ import annotations

from datetime import date

from handlers.actions.post import Letter, reply, to_person
from handlers.flows.effects import EndLeave, GoOnLeave
from handlers.messages import Reply
from handlers.session import Session
from handlers.shown import noon
from storage.tables import Leave


def go(session: Session, effect: GoOnLeave) -> None:
    """Write the leave down and tell the substitute, who from the first day on gets every card of these posts."""
    assert session.writing is not None
    person = session.writing.person.id
    first, last = date.fromisoformat(effect.first), date.fromisoformat(effect.last)
    if effect.substitute is not None and not session.held_by(effect.substitute):
        reply(session, Reply("officer/not_found"))  # revoked while the choice stood on the screen
        return
    row = session.add(
        Leave,
        person_id=person,
        substitute_id=effect.substitute,
        starts_on=first,
        ends_on=last,
        created_at=session.moment.real,
    )
    posts = [session.title_of(held.post) for held in session.held_by(person)]
    payload = {"leave": row.id, "first": effect.first, "last": effect.last, "substitute": effect.substitute}
    session.audit("leave", None, person=person, actor="staff", payload=payload)
    days = {"since": noon(first), "until": noon(last)}
    if effect.substitute is not None:
        letter = Letter(f"leave:{row.id}:{effect.substitute}", "officer/substituting", {"posts": posts, **days})
        to_person(session, effect.substitute, letter)
    reply(session, Reply("officer/leave_set", {"alone": effect.substitute is None, **days}))


def come_back(session: Session, effect: EndLeave) -> None:
    """The leave is over at once; the substitute reads no more."""
    assert session.writing is not None
    leave = session.plan.locked(Leave, effect.leave)
    if leave is None or leave.person_id != session.writing.person.id or leave.revoked_at is not None:
        reply(session, Reply("officer/not_found"))
        return
    leave.revoked_at = session.now
    session.audit("leave_over", None, person=leave.person_id, actor="staff", payload={"leave": leave.id})
    reply(session, Reply("officer/leave_over"))
