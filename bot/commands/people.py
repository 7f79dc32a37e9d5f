"""Who may come in."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from bot.app import Program
from bot.commands.faults import Fault
from bot.logs import set_up_logs
from bot.settings import load_settings
from domain.vocabulary import Role
from handlers.actions import people
from handlers.session import Session


def invite(
    role: Annotated[Role, typer.Option(help="What the post may do.")],
    post: Annotated[str, typer.Option(help="The post's code.")],
) -> None:
    """A one-time code for one person and one post, its deep link, and until when it is good."""
    settings = load_settings()
    set_up_logs(settings.log_format)
    program = Program(settings, channels={})
    found = program.region.posts.get(post.upper())
    if found is None:
        raise Fault(f"There is no post {post}; the codes stand in the region's files (`tanggap check` reads them).")
    if found.role is not role:
        raise Fault(f"{found.code} is a post for the role {found.role}, not {role}.")
    code, expires = asyncio.run(_invite(program, found.code))
    typer.echo(f"Code: {code}\nFor: {found.title}\nGood until: {expires:%Y-%m-%d %H:%M} UTC")
    if settings.staff_telegram_username:
        typer.echo(f"Link: https://t.me/{settings.staff_telegram_username}?start={code}")
    else:
        typer.echo(f"Type in the staff chat: /start {code}")


async def _invite(program: Program, post: str) -> Any:
    def make(session: Session) -> Any:
        code, row = people.invite(session, post)
        return code, row.expires_at

    async with program.running(deliver=False, beat=False):
        return await program.errand(make)
