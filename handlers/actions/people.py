"""Persons: enrolling for a post by a one-time code, the language, the name."""

from __future__ import annotations

from datetime import date, timedelta

from domain.vocabulary import HoldingKind
from handlers.actions.answers import code_hash
from handlers.actions.post import reply
from handlers.flows.effects import Enrol, SetLanguage, SetName
from handlers.messages import Reply
from handlers.session import Session
from storage.plan import Record
from storage.tables import Holding, Invitation

#: How long a code is good for (real time): long enough to be handed over, short enough to be lost.
CODE_LIFE = timedelta(days=3)
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 10


def invite(
    session: Session,
    post: str,
    *,
    kind: HoldingKind = HoldingKind.DEFINITIVE,
    ends_on: date | None = None,
    decree: str | None = None,
) -> tuple[str, Record]:
    """Make a one-time code for a post. The code is shown once; only its keyed hash is kept."""
    code = "".join(_SYMBOLS[session.source.below("code", 32)] for _ in range(_CODE_LENGTH))
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


def enrol(session: Session, effect: Enrol) -> None:
    """The code's post is held from now on by the person who typed it; the code is used up."""
    assert session.writing is not None
    invitation = session.plan.locked(Invitation, effect.invitation)
    if invitation is None or invitation.used_at is not None:
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
    post = session.region.posts[invitation.post_code]
    reply(session, Reply("officer/enrolled", {"post": post.title, "town": session.region.name}))


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
