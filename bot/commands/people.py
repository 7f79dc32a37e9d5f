"""Who may come in."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from bot.app import Program
from bot.commands.faults import Fault
from bot.folders import find
from bot.logs import set_up_logs
from bot.settings import load_settings
from domain.region import Post, Region
from domain.vocabulary import Role
from handlers.actions import people
from handlers.session import Session
from storage.regions import load_region


def invite(
    role: Annotated[Role, typer.Option(help="What the post may do.")],
    post: Annotated[str, typer.Option(help="The post's code.")],
) -> None:
    """A one-time code for one person and one post, its deep link, and until when it is good."""
    settings = load_settings()
    set_up_logs(settings.log_format)
    found = _post(load_region(find(settings.region_dir)), post, role)
    code, expires = asyncio.run(_invite(Program(settings, channels={}), found.code))
    typer.echo(f"Code: {code}\nFor: {found.title}\nGood until: {expires:%Y-%m-%d %H:%M} UTC")
    if settings.staff_telegram_username:
        typer.echo(f"Link: https://t.me/{settings.staff_telegram_username}?start={code}")
    else:
        typer.echo(f"Type in the staff chat: /start {code}")


def _post(region: Region, code: str, role: Role) -> Post:
    found = region.posts.get(code.upper())
    if found is None:
        raise Fault(
            f"There is no post {code}: each unit's posts stand in the region's offices.yaml, or in unit_kinds.yaml."
        )
    if found.role is not role:
        raise Fault(f"{found.code} is a post of role {found.role}, not {role}: say --role {found.role}.")
    return found


async def _invite(program: Program, post: str) -> Any:
    def make(session: Session) -> Any:
        code, row = people.invite(session, post)
        return code, row.expires_at

    async with program.running(deliver=False, beat=False):
        return await program.errand(make)
