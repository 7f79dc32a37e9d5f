"""Digests: which are due this morning, and writing one: a page for each person who reads for the post today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from domain.access import may
from domain.mornings import DigestKind, kinds_due, morning_of, subscribers
from domain.region import Post
from domain.vocabulary import Action, Actor, Held, Role
from handlers.actions import addresses, shields
from handlers.actions.overview import overview
from handlers.actions.post import Letter, to_person
from handlers.actions.report import report
from handlers.actions.views import actor_of, view_of
from handlers.flows.overviews import Overview
from handlers.session import Session
from storage.queries import digests, people, talk
from storage.tables import Digest, Ticket

#: Digests that are written in one transaction: a morning must not hold up a citizen.
BATCH = 8
#: Roles that look over others; whoever holds one sees /rekap for those posts, everybody else for the own desk.
_OVERSEERS = frozenset({Role.SUPERVISOR, Role.HEAD})


class Due(NamedTuple):
    """A digest that is to be written."""

    post: str
    kind: DigestKind


def due_now(session: Session) -> list[Due]:
    """The digests of today whose morning has come and that nobody has written; yesterday's are not sent late."""
    if not session.rules.digests:
        return []
    today = {"today": session.today}
    written = {(row.post_code, row.kind) for row in session.plan.rows(digests.WRITTEN, today)}
    ready = _posts(session, people.REACHED_POSTS) & (
        _posts(session, people.SETTLED_POSTS) | _posts(session, digests.WRITTEN_BEFORE)
    )
    due = [Due(post.code, kind) for post in subscribers(session.region) for kind in _kinds(session, post)]
    return [one for one in due if one.post in ready and one not in written]


def _posts(session: Session, statement: Any) -> set[str]:
    return {row.post_code for row in session.plan.rows(statement, {"today": session.today})}


def _kinds(session: Session, post: Post) -> tuple[DigestKind, ...]:
    calendar = session.region.calendar_of(post.unit)
    kinds = kinds_due(session.today, calendar)
    return kinds if kinds and session.now >= morning_of(post, session.today, calendar) else ()


def write_all(session: Session, due: Sequence[Due]) -> int:
    """Write some digests; returns how many pages that were."""
    return sum(write(session, one.post, one.kind) for one in due)


def write(session: Session, post: str, kind: DigestKind) -> int:
    """Write one digest, unless another process just did; returns how many persons it goes to."""
    readers = readers_of(session, post)
    if not readers or not _claim(session, post, kind):
        return 0
    pages = {person: digest_for(session, actor_of(session, person), post, kind) for person in readers}
    shields.renew(session)
    if session.region.posts[post].role is Role.HEAD:  # who has nothing open is not written to every morning
        pages = {person: shown for person, shown in pages.items() if not shown.facts.get("quiet")}
    for person, shown in pages.items():
        key = f"digest:{kind}:{post}:{session.today.isoformat()}:{person}"
        to_person(session, person, Letter(key, shown.page, shown.facts, shown.choices))
    return len(pages)


def readers_of(session: Session, post: str) -> list[int]:
    """The persons who read for a post today and can be written to."""
    present = session.present_of(post)
    return [person for person in present if addresses.of_staff(session, person)]


def _claim(session: Session, post: str, kind: DigestKind) -> bool:
    """The one row of a post, a kind and a day; False when it is there already."""
    row = {
        "id": session.source.id("digests"),
        "post_code": post,
        "kind": str(kind),
        "on_date": session.today,
        "at": session.now,
    }
    connection = session.plan.connection
    statement = talk.insert_new(Digest, connection.dialect.name, ("post_code", "kind", "on_date"), ("id",))
    return connection.execute(statement, [row]).first() is not None


def digest_for(session: Session, actor: Actor, post: str, kind: DigestKind) -> Overview:
    """What one reader of a post is shown."""
    held = held_as(session, post)
    if kind is DigestKind.DAILY:
        return overview(session, actor, held, since=_since(session, post), kind=str(kind))
    return report(session, actor, held, kind)


def still_allowed(session: Session, person: int, choices: Iterable[Sequence[Any]]) -> bool:
    """Whether a page that has waited may go as it was written: its reader may still read every case that it lists.

    For delivery, which asks the access rules once more; a page that may not go is written anew the next morning.
    """
    actor = actor_of(session, person)
    named = [key for code, args in choices if code in ("details", "remind_late") for key in args]
    listed = [session.plan.one(Ticket, int(key)) for key in named]
    return all(ticket is not None and may(actor, Action.READ, view_of(session, ticket)) for ticket in listed)


def held_as(session: Session, post: str) -> Held:
    found = session.region.posts[post]
    return Held(found.code, found.unit, found.role)


def _since(session: Session, post: str) -> datetime:
    """The moment of the post's last digest; before the first one, the last morning on which one might have come."""
    last: datetime | None = session.plan.rows(
        digests.LAST, {"post": post, "kind": str(DigestKind.DAILY), "now": session.now}
    )[0][0]
    found = session.region.posts[post]
    calendar = session.region.calendar_of(found.unit)
    return last or morning_of(found, calendar.before(session.today, 1), calendar)


def recap(session: Session, person: int) -> tuple[Overview, ...]:
    """What a person's posts look like now: those that look over others, else the own desks."""
    actor = actor_of(session, person)
    above = [held for held in actor.held if held.role in _OVERSEERS]
    own = {held.unit: held for held in actor.held}.values()
    return tuple(overview(session, actor, h, since=_since(session, h.post), kind="now") for h in above or own)
