"""A digest on the operator's screen, as its readers would be sent it. Reads only: no row, no clock, nothing sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from bot.app import open_town, rules_of
from bot.channels.base import File
from bot.commands.clock import town_moment
from bot.commands.faults import Fault
from bot.commands.in_force import region_in_force
from bot.drawings import drawn
from bot.folders import find
from bot.rendering import Renderer
from bot.settings import Settings, load_settings
from domain.mornings import DigestKind, subscribers
from domain.region import Post, Region
from domain.vocabulary import Actor
from handlers.actions.digests import digest_for, held_as, readers_of
from handlers.actions.views import actor_of
from handlers.flows.overviews import Overview
from handlers.session import Session
from storage.clock import TownClock
from storage.engine import make_engine
from storage.plan import Plan
from storage.source import Source
from storage.tables import Person

_AT = (
    "As if it were that moment: its date, and what is late by then, of the cases that came before it. The cases"
    " themselves are as the records have them now; no clock is moved. Without an offset it is the town's time."
)
_OUT = "Write KIND-POST-DATE.txt into this folder, and what goes with it: the picture (.png), the paper (.pdf)."
_BETWEEN = "\n\n---\n\n"


def digest(
    post: Annotated[str, typer.Option(help="The post's code.")],
    kind: Annotated[
        DigestKind, typer.Option(help="The morning's, or the last whole week or month.")
    ] = DigestKind.DAILY,
    at: Annotated[str | None, typer.Option(help=_AT)] = None,
    out: Annotated[Path | None, typer.Option(help=_OUT)] = None,
) -> None:
    """What a post would be sent: for each person who reads for it today."""
    settings = load_settings()
    region = region_in_force(settings)
    found = _post(region, post)
    shown, day = _shown(settings, region, found, kind, at)
    if found not in subscribers(region):
        typer.echo(f"{found.code} is sent no digest by itself: those go to supervisors and heads of offices.", err=True)
    if out is None:
        typer.echo(_BETWEEN.join(page.text for page in shown))
        return
    out.mkdir(parents=True, exist_ok=True)
    for file in _write(shown, out / f"{kind}-{found.code}-{day}"):
        typer.echo(str(file))


class Shown(NamedTuple):
    """A page as its reader would have it: the words with the buttons below, and the files."""

    text: str
    files: tuple[File, ...]


def _write(shown: Sequence[Shown], place: Path) -> Iterator[Path]:
    """One text with the pages of all readers; the files of the second and every later one have its number."""
    text = place.with_name(f"{place.name}.txt")
    text.write_text(_BETWEEN.join(page.text for page in shown) + "\n", encoding="utf-8")
    yield text
    for n, page in enumerate(shown, start=1):
        for file in page.files:
            ending = f"-{n}{Path(file.name).suffix}" if n > 1 else Path(file.name).suffix
            path = place.with_name(place.name + ending)
            path.write_bytes(file.data)
            yield path


def _post(region: Region, code: str) -> Post:
    found = region.posts.get(code.upper())
    if found is None:
        raise Fault(
            f"There is no post {code}: each unit's posts stand in the region's offices.yaml, or in unit_kinds.yaml."
        )
    return found


def _shown(settings: Settings, region: Region, post: Post, kind: DigestKind, at: str | None) -> tuple[list[Shown], str]:
    """The pages, and the town's date."""
    engine = make_engine(settings.database_url, read_only=True)
    try:
        _, vault = open_town(engine, settings.keys())
        with engine.connect() as connection:
            now = TownClock(may_travel=settings.allow_time_travel).read(connection)
            moment = replace(now, town=town_moment(at, region)) if at else now
            session = Session(Plan(connection), vault, region, moment, Source(), rules_of(settings))
            renderer = Renderer(find(Path("templates")), zone=region.zone, town=region.name)
            pages = [_as_sent(renderer, page, language) for page, language in _pages(session, post, kind)]
            return pages, session.today.isoformat()
    finally:
        engine.dispose()


def _pages(session: Session, post: Post, kind: DigestKind) -> Iterator[tuple[Overview, str]]:
    """A page for each reader, with their language; where there is none, that of the post without anybody in it."""
    readers = readers_of(session, post.code)
    if not readers:
        typer.echo(f"Nobody who can be reached holds {post.code} today: nothing would be sent. As the post:", err=True)
        yield digest_for(session, Actor(person=0, held=(held_as(session, post.code),)), post.code, kind), "id"
    for person in readers:
        row = session.plan.one(Person, person)
        yield digest_for(session, actor_of(session, person), post.code, kind), (row and row.language) or "id"


def _as_sent(renderer: Renderer, page: Overview, language: str) -> Shown:
    shown = renderer.render(page.page, page.facts, page.choices, language=language, markup="plain")
    buttons = [f"  {n}. {label}" for n, label in enumerate(shown.labels, start=1)]
    return Shown("\n".join([shown.text, *buttons]), tuple(drawn(renderer, page.page, page.facts, language)))
