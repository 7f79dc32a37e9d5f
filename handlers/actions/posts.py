"""Who holds what today, without names: for the operator who keeps the posts filled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.region import Post, title
from domain.vocabulary import HoldingKind
from handlers.session import Session
from storage.queries import people


@dataclass(frozen=True, slots=True)
class Holder:
    """One holding: who (an id, never a name), how, from when to when, by which decree."""

    person: int
    kind: HoldingKind
    starts_on: date
    ends_on: date | None
    decree: str | None


@dataclass(frozen=True, slots=True)
class Filled:
    """A post today: its holders, when the last holding ended where there are none, and whether anybody reads there."""

    post: Post
    title: str
    holders: tuple[Holder, ...]
    ended_on: date | None
    reachable: bool

    @property
    def state(self) -> str:
        """held, expired (a vacancy of which the paper says until when) or vacant."""
        if self.holders:
            return "held"
        return "expired" if self.ended_on else "vacant"


def posts_today(session: Session) -> tuple[Filled, ...]:
    """Every post of the region, in the order of its files. Reads four short lists, whatever the number of posts."""
    today = session.today
    holdings: dict[str, list[Any]] = {}
    for row in session.plan.rows(people.UNREVOKED):
        holdings.setdefault(row.post_code, []).append(row)
    away = {row.person_id: row.substitute_id for row in session.plan.rows(people.AWAY, {"today": today})}
    reachable = {row.person_id for row in session.plan.rows(people.REACHABLE)}
    return tuple(
        _filled(post, holdings.get(post.code, ()), today, away, reachable) for post in session.region.posts.values()
    )


def _filled(post: Post, rows: Iterable[Any], today: date, away: dict[int, int | None], reachable: set[int]) -> Filled:
    begun = [row for row in rows if row.starts_on <= today]
    held = [row for row in begun if row.ends_on is None or row.ends_on >= today]
    holders = tuple(
        Holder(row.person_id, HoldingKind(row.kind), row.starts_on, row.ends_on, row.decree) for row in held
    )
    readers = {away.get(holder.person, holder.person) for holder in holders}
    acting = next((holder.kind for holder in holders if holder.kind is not HoldingKind.DEFINITIVE), None)
    ended_on = max((row.ends_on for row in begun), default=None) if not holders else None
    return Filled(post, title(post, acting), holders, ended_on, bool(readers & reachable))
