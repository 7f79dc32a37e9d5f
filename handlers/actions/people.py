"""Persons and posts: coming in by a one-time code, handing over, leaving; the language, the name."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from domain import codes
from domain.region import title
from domain.vocabulary import HoldingKind
from handlers.actions.post import reply
from handlers.flows.effects import Enrol, SetLanguage, SetName
from handlers.messages import STAFF, Reply
from handlers.session import Session
from storage import accounts
from storage.plan import Record
from storage.queries import people
from storage.tables import Holding, Invitation, Outbox, PostRow

#: How long a code is good for (real time): long enough to be handed over, short enough to be lost.
CODE_LIFE = timedelta(days=3)


def code_hash(session: Session, code: str) -> bytes:
    """What is kept of an invitation's code."""
    return session.vault.hash("invitations.code_hash", "", "", code.strip().upper())


def invite(
    session: Session,
    post: str,
    *,
    kind: HoldingKind = HoldingKind.DEFINITIVE,
    ends_on: date | None = None,
    decree: str | None = None,
) -> tuple[str, Record]:
    """Make a one-time code for a post. The code is shown once; only its keyed hash is kept."""
    code = codes.code(codes.INVITATION, lambda: session.source.below("code", 32))
    row = session.add(
        Invitation,
        code_hash=code_hash(session, code),
        post_code=post,
        kind=str(kind),
        starts_on=session.today,
        ends_on=ends_on,
        decree=decree,
        expires_at=session.moment.real + CODE_LIFE,
        created_at=session.moment.real,
    )
    session.audit("invite", None, person=None, actor="admin", payload={"post": post, "kind": str(kind)})
    return code, row


def handover(
    session: Session,
    post: str,
    *,
    kind: HoldingKind = HoldingKind.DEFINITIVE,
    ends_on: date | None = None,
    decree: str | None = None,
) -> tuple[int, str, Record]:
    """End the present holdings of a post at once and make a code for the successor; also how many were ended.

    What lies at the desk stays there: cards belong to the post.
    """
    ended = len(revoke(session, post))
    code, row = invite(session, post, kind=kind, ends_on=ends_on, decree=decree)
    return ended, code, row


def revoke(session: Session, post: str, *, person: int | None = None) -> list[Record]:
    """End the holdings of a post (those of one person) at once; returns them. Codes for the post are void too."""
    ended = ending(session, post, person=person)
    for row in ended:
        row.revoked_at = session.now
        session.audit("revoke", None, person=row.person_id, actor="admin", payload={"post": post})
    if person is None:
        for invitation in session.plan.fetch(
            Invitation, people.OPEN_INVITATIONS, {"post": post, "real": session.moment.real}
        ):
            invitation.expires_at = session.moment.real
    for who in sorted({row.person_id for row in ended}):
        _drop_waiting(session, who, post)
    return ended


def ending(session: Session, post: str, *, person: int | None = None) -> list[Record]:
    """The holdings that `revoke` would end."""
    rows = session.plan.fetch(Holding, people.TO_REVOKE, {"post": post, "today": session.today})
    return [row for row in rows if person in (None, row.person_id)]


def _drop_waiting(session: Session, person: int, post: str) -> None:
    """Pages for the post that wait for somebody who has left go to nobody; of the last post, every page."""
    values: dict[str, Any] = {"person": person}
    statement = people.WAITING_FOR_STAFF
    if {held.post for held in session.held_by(person)} - {post}:
        statement, values["post"] = people.WAITING_FOR_HOLDER, post
    for row in session.plan.fetch(Outbox, statement, values):
        row.state, row.error, row.lease_until = "dropped", "access", None
        payload = {"page": row.page}
        session.audit("dropped", row.ticket_id, person=person, actor="delivery", payload=payload)


def doors(session: Session) -> tuple[str | None, str]:
    """Where staff come in with a code: the staff bot's name at Telegram, and the digits of the number in WhatsApp."""
    bot = session.rules.staff_bot
    return accounts.name_of(
        session.plan.connection, "telegram", STAFF
    ) if bot == "" else bot, session.rules.staff_number


def enrol(session: Session, effect: Enrol) -> None:
    """The code's post is held from now on by the person who typed it; the code is used up."""
    assert session.writing is not None
    invitation = session.plan.locked(Invitation, effect.invitation)
    if invitation is not None:  # who decides about the post meanwhile is waited for
        session.plan.locked(PostRow, invitation.post_code)
    is_good = invitation is not None and invitation.expires_at > session.moment.real
    if invitation is None or not is_good or invitation.used_at is not None:
        reply(session, Reply("officer/bad_code"))
        return
    person = session.writing.person.id
    invitation.used_at, invitation.used_by = session.moment.real, person
    hold(
        session,
        person,
        invitation.post_code,
        kind=HoldingKind(invitation.kind),
        starts_on=invitation.starts_on,
        ends_on=invitation.ends_on,
        decree=invitation.decree,
    )
    session.audit("enrol", None, person=person, actor="staff", payload={"post": invitation.post_code})
    shown = title(session.region.posts[invitation.post_code], HoldingKind(invitation.kind))
    reply(session, Reply("officer/enrolled", {"post": shown, "town": session.region.name}))


def hold(
    session: Session,
    person: int,
    post: str,
    *,
    kind: HoldingKind = HoldingKind.DEFINITIVE,
    starts_on: date | None = None,
    ends_on: date | None = None,
    decree: str | None = None,
) -> Record:
    """Write down that a person holds a post, from today on unless said otherwise."""
    return session.add(
        Holding,
        person_id=person,
        post_code=post,
        kind=str(kind),
        starts_on=starts_on or session.today,
        ends_on=ends_on,
        decree=decree,
        created_at=session.moment.real,
    )


def set_language(session: Session, effect: SetLanguage) -> None:
    assert session.writing is not None
    session.writing.person.language = effect.language


def set_name(session: Session, effect: SetName) -> None:
    """Keep the name that the citizen wants to be shown."""
    assert session.writing is not None
    person = session.writing.person
    person.name_sealed = session.seal("people.name_sealed", person.id, effect.name)
