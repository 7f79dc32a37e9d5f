"""Who may come in, who hands over, who leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from bot.app import Program
from bot.commands.faults import Fault
from bot.commands.in_force import in_force
from bot.folders import find
from bot.logs import set_up_logs
from bot.settings import Settings, load_settings
from domain.region import Post, Region
from domain.vocabulary import HoldingKind, Role
from handlers.actions import people
from handlers.session import Session
from storage.ids import from_text
from storage.regions import load_region

PostCode = Annotated[str, typer.Option("--post", help="The post's code.")]
Kind = Annotated[HoldingKind, typer.Option("--kind", help="How the post is held.", case_sensitive=False)]
Until = Annotated[datetime | None, typer.Option("--until", help="The last day of the holding.", formats=["%Y-%m-%d"])]
Decree = Annotated[str | None, typer.Option("--decree", help="Number and date of the decree.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would end; nothing changes.")]


def invite(
    role: Annotated[Role, typer.Option(help="What the post may do.")],
    post: PostCode,
    kind: Kind = HoldingKind.DEFINITIVE,
    until: Until = None,
    decree: Decree = None,
) -> None:
    """A one-time code for one person and one post, its deep link, and until when it is good."""
    settings = started()
    found = _post(_known(settings), post, role)
    paper = _paper(kind, until, decree)

    def make(session: Session) -> Any:
        code, row = people.invite(session, found.code, **paper)
        return code, row.expires_at, *people.doors(session)

    _tell_code(found, *_done(settings, make))


def handover(
    post: PostCode,
    kind: Kind = HoldingKind.DEFINITIVE,
    until: Until = None,
    decree: Decree = None,
    dry_run: DryRun = False,
) -> None:
    """End whoever holds a post, at once, and print a one-time code for the successor. Its cases stay where they are."""
    settings = started()
    found = _post(_known(settings), post)
    paper = _paper(kind, until, decree)
    if dry_run:
        _tell_ended(_would_end(settings, found), found, would=True)
        return

    def make(session: Session) -> Any:
        ended, code, row = people.handover(session, found.code, **paper)
        return ended, code, row.expires_at, *people.doors(session)

    ended, *told = _done(settings, make)
    _tell_ended(ended, found)
    _tell_code(found, *told)


def revoke(
    post: PostCode,
    person: Annotated[str | None, typer.Option("--person", help="Only this one: an id from `tanggap posts`.")] = None,
    dry_run: DryRun = False,
) -> None:
    """End whoever holds a post, at once: from then on that person is a stranger, and unread pages are dropped."""
    settings = started()
    found = _post(_known(settings), post)
    who = _person(person)
    if dry_run:
        ended = _would_end(settings, found, who)
    else:
        ended = _done(settings, lambda session: len(people.revoke(session, found.code, person=who)))
    if not ended:
        raise Fault(f"Nobody{' of that id' if who else ''} holds {found.code}: `tanggap posts` shows who holds what.")
    _tell_ended(ended, found, would=dry_run)


def _would_end(settings: Settings, post: Post, person: int | None = None) -> int:
    return int(_done(settings, lambda session: len(people.ending(session, post.code, person=person))))


def _tell_ended(ended: int, post: Post, *, would: bool = False) -> None:
    typer.echo(f"{'Would end' if would else 'Ended'}: {ended} holding{'' if ended == 1 else 's'} of {post.title}")


def started() -> Settings:
    """The settings, with logs set up by them."""
    settings = load_settings()
    set_up_logs(settings.log_format, secrets=settings.secrets())
    return settings


def _known(settings: Settings) -> Region:
    """The region with the units that the town has added."""
    return in_force(settings, region_of(settings)).region


def region_of(settings: Settings) -> Region:
    """The region that is set."""
    return load_region(find(settings.region_dir))


def _post(region: Region, code: str, role: Role | None = None) -> Post:
    found = region.posts.get(code.upper())
    if found is None:
        raise Fault(
            f"There is no post {code}: each unit's posts stand in the region's offices.yaml, or in unit_kinds.yaml."
        )
    if role not in (None, found.role):
        raise Fault(f"{found.code} is a post of role {found.role}, not {role}: say --role {found.role}.")
    return found


def _paper(kind: HoldingKind, until: datetime | None, decree: str | None) -> dict[str, Any]:
    """What the decree says. A post held for a time without an end is taken, with a warning: papers are like that."""
    ends_on = until.date() if until else None
    if ends_on and ends_on < date.today():  # noqa: DTZ011 - a day of this machine, to catch a slip of the pen
        raise Fault(f"--until {ends_on} is over already.")
    if kind is not HoldingKind.DEFINITIVE and ends_on is None:
        typer.echo(f"warning: {kind} without --until never ends by itself; end it with `tanggap revoke`", err=True)
    return {"kind": kind, "ends_on": ends_on, "decree": decree}


def _person(text: str | None) -> int | None:
    try:
        return from_text(text) if text else None
    except ValueError:
        raise Fault(f"{text} is no id of a person: `tanggap posts` shows them.") from None


def _done(settings: Settings, body: Callable[[Session], Any]) -> Any:
    """One errand of a program that neither delivers nor beats; a process that serves finds what it left."""

    async def run(program: Program) -> Any:
        async with program.running(deliver=False, beat=False):
            return await program.errand(body)

    return asyncio.run(run(Program(settings)))


def _tell_code(post: Post, code: str, expires: datetime, bot: str | None, number: str) -> None:
    typer.echo(f"Code: {code}\nFor: {post.title}\nGood until: {expires:%Y-%m-%d %H:%M} UTC")
    if bot:
        typer.echo(f"Link: https://t.me/{bot}?start={code}")
    if number:
        typer.echo(f"WhatsApp: https://wa.me/{number}?text={quote(f'/start {code}', safe='')}")
    if not bot:
        typer.echo(f"Type in the staff chat: /start {code}")
