"""Who reads a new case, once the persons behind the posts are known: exclusions, conflicts of interest, the bell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from functools import lru_cache

from domain.access import may
from domain.region import Post, Region
from domain.routing import Route
from domain.vocabulary import Action, Actor, Desk, Held, Kind
from handlers.actions import groups
from handlers.actions.post import Letter, to_post
from handlers.actions.views import case_of, view_of
from handlers.flows.staff.card import card
from handlers.session import Session
from storage.plan import Record
from storage.queries import people
from storage.tables import ExclusionRow

#: How many answers that only the region's files decide are remembered, of each question: those of a whole town.
REMEMBERED = 8192


def persons_behind(session: Session, route: Route, since: date | None = None) -> frozenset[int]:
    """Everybody who holds an accused post or one of the units today, or did since the start of the day of the event
    (decision 19)."""
    of_units = {post.code for unit in route.excluded for post in session.region.posts_of.get(unit, ())}
    posts = sorted(of_units | ({route.post} if route.post else set()))
    if not posts:
        return frozenset()
    since = since or session.today
    start = session.calendar.at(since, time.min)
    parameters = {"posts": posts, "today": since, "since": since, "since_moment": start}
    return frozenset(row.person_id for row in session.plan.rows(people.CONCERNED, parameters))


def settle_reader(session: Session, goes: Route, excluded: frozenset[int]) -> Route:
    """The route with a reader who is not concerned: a head who is, or who does not exist, is skipped upward.

    Past the top the Inspektorat reads.
    """
    if goes.desk is not Desk.HEAD or _can_read(session, goes.unit, excluded):
        return goes
    for unit in session.region.ancestors(goes.unit):
        if unit not in goes.excluded and _can_read(session, unit, excluded):
            return replace(goes, unit=unit)
    if _is_vacant(session, goes.unit):
        return goes  # nobody above either: it waits for whoever is appointed
    return replace(goes, unit=session.region.inspectorate, desk=Desk.OFFICERS)


def _can_read(session: Session, unit: str, excluded: frozenset[int]) -> bool:
    head = session.region.head_of(unit)
    return head is not None and bool(set(session.holders_of(head.code)) - excluded)


def _is_vacant(session: Session, unit: str) -> bool:
    head = session.region.head_of(unit)
    return head is None or not session.holders_of(head.code)


def exclude(session: Session, ticket: Record, route: Route, persons: frozenset[int], reason: str) -> None:
    """Write down who may not learn of the case."""
    for unit in sorted(route.excluded):
        session.add(ExclusionRow, ticket_id=ticket.id, unit_code=unit, reason=reason, at=session.now)
    if route.post:
        session.add(ExclusionRow, ticket_id=ticket.id, post_code=route.post, reason=reason, at=session.now)
    for person in sorted(persons):
        session.add(ExclusionRow, ticket_id=ticket.id, person_id=person, reason=reason, at=session.now)


#: Kinds of which the head of the unit hears at once.
_HEAD_HEARS = frozenset({Kind.OVERSIGHT, Kind.LETTER})


def readers(session: Session, ticket: Record) -> tuple[Post, ...]:
    """The posts at whose desk the case lies, the desk first; the head hears of an accusation or a letter at once."""
    return _readers(session.region, ticket.unit_code, ticket.desk, ticket.kind)


@lru_cache(maxsize=REMEMBERED)
def _readers(region: Region, unit: str, desk: str, kind: str) -> tuple[Post, ...]:
    head = region.head_of(unit)
    heads = (head,) if head else ()
    if desk == Desk.HEAD:
        return heads
    return (*region.desk_of(unit), *(heads if kind in _HEAD_HEARS else ()))


def post_of(session: Session, ticket: Record, target: str) -> str | None:
    """The post behind `officer`, `unit_head`, `office_head`, `head_of_region`, or the post of that code."""
    return post_behind(session.region, ticket.unit_code, ticket.desk, ticket.kind, target)


@lru_cache(maxsize=REMEMBERED)
def post_behind(region: Region, unit: str, desk: str, kind: str, target: str) -> str | None:
    """The same, of what the region's files decide alone."""
    match target:
        case "officer":
            posts = _readers(region, unit, desk, kind)
            return posts[0].code if posts else None
        case "unit_head":
            head = region.head_of(unit)
        case "office_head":
            head = region.head_of(region.office_of(unit))
        case "head_of_region":
            head = region.head_of(region.head_of_region)
        case _:
            head = region.posts.get(target)
    return head.code if head else None


def ring(
    session: Session, ticket: Record, *, note: str, hold: int = 0, undo_of: int | None = None, but: int | None = None
) -> None:
    """Tell the reader that a case is there: its card, for every post at the desk, and a bell in its groups.

    Not a post at which nobody reads `but` this person, who knows.
    """
    view = view_of(session, ticket)
    case = case_of(session, ticket, view)
    for post in readers(session, ticket):
        # The choices are those of the post; whoever holds it at delivery is asked again by the access rules.
        holder = Actor(person=0, held=(Held(post.code, post.unit, post.role),))
        if not may(holder, Action.READ, view) or session.present_of(post.code) == (but,):
            continue
        page = card(case, holder, session.region, note=note)
        key = f"card:{ticket.id}:v{ticket.version}:{post.code}"
        letter = Letter(key, page.page, page.facts, page.choices, ticket, Action.READ, hold, undo_of)
        to_post(session, post.code, letter)
    groups.bell(session, ticket, f"v{ticket.version}", hold=hold, undo_of=undo_of)
