"""Who holds what: for the operator who keeps the posts filled."""

from __future__ import annotations

import contextlib
import json as jsonlib
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from bot.app import open_town
from bot.commands.faults import Fault
from bot.commands.in_force import in_force
from bot.commands.people import region_of, started
from bot.settings import Settings
from domain.region import Region
from handlers.actions.groups import groups_today
from handlers.actions.posts import Filled, Holder, posts_today
from handlers.session import Session
from storage.clock import TownClock
from storage.engine import make_engine
from storage.ids import to_text
from storage.plan import Plan
from storage.source import Source


def posts(
    unit: Annotated[str | None, typer.Option("--unit", help="Only the posts of this unit and of those below.")] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Who holds what today, without names: how, from when to when, by which decree, and whether anybody is reached."""
    settings = started()
    region = in_force(settings, region_of(settings)).region
    if unit and unit.upper() not in region.units:
        raise Fault(f"There is no unit {unit}; the codes stand in the region's units.yaml.")
    within = region.within(unit.upper()) if unit else frozenset(region.units)
    with reading(settings, region) as session:
        shown = [filled for filled in posts_today(session) if filled.post.unit in within]
        groups = [code for code in groups_today(session) if code in within]
    typer.echo(jsonlib.dumps([_as_json(filled) for filled in shown]) if json else _as_text(shown, groups))


def filled_posts(settings: Settings, region: Region) -> tuple[Filled, ...]:
    """Every post as it is held today, by the town's clock."""
    with reading(settings, region) as session:
        return posts_today(session)


@contextlib.contextmanager
def reading(settings: Settings, region: Region) -> Iterator[Session]:
    """A session on a connection that only reads."""
    engine = make_engine(settings.database_url, read_only=True)
    try:
        _, vault = open_town(engine, settings.keys())
        with engine.begin() as connection:
            moment = TownClock(may_travel=settings.allow_time_travel).read(connection)
            yield Session(Plan(connection), vault, region, moment, Source())
    finally:
        engine.dispose()


def _as_json(filled: Filled) -> dict[str, Any]:
    return {
        "post": filled.post.code,
        "title": filled.title,
        "unit": filled.post.unit,
        "role": filled.post.role,
        "state": filled.state,
        "reachable": filled.reachable,
        "ended_on": filled.ended_on.isoformat() if filled.ended_on else None,
        "holders": [_holder_as_json(holder) for holder in filled.holders],
    }


def _holder_as_json(holder: Holder) -> dict[str, Any]:
    return {
        "person": to_text(holder.person),
        "kind": holder.kind,
        "from": holder.starts_on.isoformat(),
        "until": holder.ends_on.isoformat() if holder.ends_on else None,
        "decree": holder.decree,
    }


def _as_text(shown: Sequence[Filled], groups: Sequence[str]) -> str:
    lines = [line for filled in shown for line in _lines_of(filled)]
    held = sum(bool(filled.holders) for filled in shown)
    rung = [f"Units with a group that hears bells: {', '.join(groups)}."] if groups else []
    return "\n".join([*lines, f"{held} of {len(shown)} posts are held.", *rung])


def _lines_of(filled: Filled) -> list[str]:
    head = f"{filled.post.code}  {filled.title}"
    if not filled.holders:
        return [f"{head}: {f'vacant since {filled.ended_on} (expired)' if filled.ended_on else 'vacant'}"]
    reach = "" if filled.reachable else ", cannot be reached"
    return [f"{head}: {_paper_of(holder)}{reach}" for holder in filled.holders]


def _paper_of(holder: Holder) -> str:
    until = f" until {holder.ends_on}" if holder.ends_on else ""
    decree = f", {holder.decree}" if holder.decree else ""
    return f"{holder.kind} from {holder.starts_on}{until}{decree}, person {to_text(holder.person)}"
