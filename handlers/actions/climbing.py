"""Who is told on a case's ladder: posts above posts, vacancies and excluded holders passed over, a dead letter last."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from domain import ladder
from domain.access import is_excluded, may
from domain.ladder import StepDue
from domain.region import Region, Rung
from domain.vocabulary import Action, Actor, Clock, Kind, TicketView
from handlers.actions import addresses, schedule
from handlers.actions.post import Letter, to_post
from handlers.actions.reading import REMEMBERED, post_behind, post_of
from handlers.actions.views import actor_of, exclusions_of, thread_of, view_of
from handlers.session import Session
from handlers.shown import moment, noon
from storage.plan import Record
from storage.tables import ExclusionRow

log = logging.getLogger(__name__)


def rung_of(session: Session, ticket: Record, step: str) -> Rung | None:
    """The rung of the region's ladder that a step hangs on; None for one of our own."""
    return session.region.rung(ticket.kind, step)


def chain_of(session: Session, ticket: Record) -> tuple[str, ...]:
    """The posts of a case's ladder, lowest first, each once: officer, head of unit, head of office, and so on up."""
    return _chain(session.region, ticket.unit_code, ticket.desk, ticket.kind)


@lru_cache(maxsize=REMEMBERED)
def _chain(region: Region, unit: str, desk: str, kind: str) -> tuple[str, ...]:
    targets = dict.fromkeys(rung.to for rung in region.ladder.get(Kind(kind), ()))
    posts = (post_behind(region, unit, desk, kind, target) for target in targets)
    return tuple(dict.fromkeys(post for post in posts if post))


def informed(session: Session, ticket: Record, *, in_cycle: int | None = None) -> frozenset[str]:
    """The posts that a reminder of this case has told, in one cycle or in all."""
    rows = schedule.steps_of(session, ticket)
    return frozenset(row.post_code for row in rows if row.post_code and in_cycle in (None, row.cycle))


def told_late(session: Session, ticket: Record) -> frozenset[str]:
    """The posts above the desk that were told that the promise as it stands now is not kept (decision 15)."""
    refused = [part.at for part in thread_of(session, ticket) if part.kind == "refusal"]
    since = refused[-1] if refused else ticket.received_at
    rows = (row for row in schedule.steps_of(session, ticket) if row.post_code and row.fired_at >= since)
    return frozenset(row.post_code for row in rows if is_late(session, ticket, row.step))


def rungs_for(session: Session, ticket: Record, posts: frozenset[str]) -> frozenset[str]:
    """The late rungs of the ladder that would tell one of these posts."""
    rungs = session.region.ladder.get(ticket.kind, ())
    return frozenset(
        r.code for r in rungs if is_late(session, ticket, r.code) and post_of(session, ticket, r.to) in posts
    )


def is_late(session: Session, ticket: Record, step: str) -> bool:
    """Whether a step says that the promise was not kept."""
    rung = rung_of(session, ticket, step)
    return rung is not None and ladder.is_late(rung)


def reachable(session: Session, ticket: Record, target: str) -> str | None:
    """The post that hears what was meant for `target`: itself, or the next above with somebody there who may know.

    Decision 19: a post whose unit, post or every holder is excluded is skipped upward; a vacant one too. It is the same
    for all cases of a desk that exclude nobody and whose citizen reads for no post.
    """
    if not _is_like_others(session, ticket):
        return _reachable(session, ticket, target, view_of(session, ticket))
    desk = (ticket.unit_code, ticket.desk, ticket.kind, ticket.state, ticket.identity)
    view = session.once(("view", desk), lambda: replace(view_of(session, ticket), reporter=None))
    return session.once(("reachable", target, desk), lambda: _reachable(session, ticket, target, view))


def _is_like_others(session: Session, ticket: Record) -> bool:
    """Whether a case of a batch excludes nobody, not since it was read either, and its citizen reads for no post."""
    batch = session.batch
    if batch is None or ticket.reporter_id in batch.readers or ticket.id not in batch.unrestricted:
        return False
    return not session.plan.records_of(ExclusionRow, ticket.id)


def _reachable(session: Session, ticket: Record, target: str, view: TicketView) -> str | None:
    return next((post for post in _upward(session, ticket, target) if _can_hear(session, ticket, post, view)), None)


def _upward(session: Session, ticket: Record, target: str) -> Iterator[str]:
    wanted = post_of(session, ticket, target)
    if wanted is not None:
        yield wanted
    chain = chain_of(session, ticket)
    yield from chain[chain.index(wanted) + 1 :] if wanted in chain else chain


def above(session: Session, ticket: Record, post: str) -> str | None:
    """The next post of the ladder above `post` that can hear of the case."""
    chain = chain_of(session, ticket)
    higher = chain[chain.index(post) + 1 :] if post in chain else ()
    return next((found for found in higher if can_hear(session, ticket, found)), None)


def can_hear(session: Session, ticket: Record, post: str) -> bool:
    """Whether somebody with a living address reads for the post today, and may know of the case."""
    return _can_hear(session, ticket, post, view_of(session, ticket))


def _can_hear(session: Session, ticket: Record, post: str, view: TicketView) -> bool:
    if _is_barred(session, view, post):
        return False
    action = Action.COUNT if counts_only(session, ticket, post) else Action.READ
    return any(may(actor, action, view) for actor in listeners(session, post))


def listeners(session: Session, post: str) -> tuple[Actor, ...]:
    """Whoever reads for a post today and has a living address."""
    return session.once(("listeners", post), lambda: _listeners(session, post))


def _listeners(session: Session, post: str) -> tuple[Actor, ...]:
    present = session.present_of(post)
    return tuple(actor_of(session, person) for person in present if addresses.of_staff(session, person))


def is_kept_from_all(session: Session, ticket: Record, target: str) -> bool:
    """Whether nobody above may know of the case: each rung is held by whom it is about, none merely out of reach."""
    view, posts = view_of(session, ticket), tuple(_upward(session, ticket, target))
    return bool(posts) and all(_is_kept_from(session, view, post) for post in posts)


def _first_who_may(session: Session, ticket: Record, target: str) -> str | None:
    """The post to whom a letter on paper may go: the one that was meant, or the next above that the case is not kept
    from."""
    view = view_of(session, ticket)
    return next((post for post in _upward(session, ticket, target) if not _is_kept_from(session, view, post)), None)


def _is_kept_from(session: Session, view: TicketView, post: str) -> bool:
    if _is_barred(session, view, post):
        return True
    holders = session.present_of(post)
    return bool(holders) and all(is_excluded(actor_of(session, person), view) for person in holders)


def _is_barred(session: Session, view: TicketView, post: str) -> bool:
    return session.region.posts[post].unit in view.exclusions.units or post in view.exclusions.posts


def counts_only(session: Session, ticket: Record, post: str) -> bool:
    """Beyond the Inspektorat an oversight case is a number among others."""
    return bool(ticket.kind == Kind.OVERSIGHT) and session.region.posts[post].unit != ticket.unit_code


def raise_reminder(session: Session, ticket: Record) -> str | None:
    """After `belum` the first reminder goes one post above the highest told so far; returns that post (decision 15)."""
    post = ladder.one_above(chain_of(session, ticket), informed(session, ticket))
    due = ticket.binding_by or ticket.first_response_by
    clock = Clock.BINDING if ticket.binding_by else Clock.FIRST_RESPONSE
    if post is None or due is None:
        return None
    hours = schedule.reader_hours(session.region, ticket.unit_code, post)
    at = schedule.again_moment(session.now, due, hours)
    schedule.set_step(session, ticket, StepDue(clock, ladder.AGAIN, at, post))
    organisation = session.region.head_of(session.region.front_desk)
    if ticket.refusals >= ladder.THIRD_REFUSAL and organisation and organisation.code != post:
        opening = session.region.calendar_of(organisation.unit).next_opening(session.now)
        step = StepDue(clock, ladder.AGAIN_ORGANISATION, opening, organisation.code)
        schedule.set_step(session, ticket, step)
    return post


def dead_letter(session: Session, ticket: Record, row: Record) -> None:
    """Nobody on the ladder can be reached: the front desk has to find somebody by other means.

    Of a case that it may not know it learns that there is one: no number, and no date that tells when it came.
    """
    desk = session.region.desk_of(session.region.front_desk)
    head = session.region.head_of(session.region.front_desk)
    wanted = _first_who_may(session, ticket, row.target)
    title = session.title_of(wanted) if wanted else session.region.units[ticket.unit_code].name
    hidden = ticket.kind == Kind.OVERSIGHT or bool(exclusions_of(session, ticket))
    shown = {
        "number": None if hidden else ticket.number,
        "unit": session.region.units[ticket.unit_code].name,
        "post": title,
        "by": None if hidden else moment(ticket.binding_by or ticket.first_response_by),
        "since": None if hidden else moment(ticket.received_at),
        "town": session.region.name,
        "date": noon(session.today),
    }
    log.error("a step has nobody to speak to", extra={"step": row.id})
    session.audit("unreachable", ticket.id, person=None, actor=f"clock:{row.step}", payload={"post": wanted})
    for post in (*desk, *((head,) if head and not desk else ())):
        to_post(session, post.code, Letter(f"dead:{row.id}:{post.code}", "officer/dead_letter", shown))
