"""`tanggap whatsapp templates`: our message templates, handed to Meta and compared with what it has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import typer

from bot.app import open_town
from bot.commands.faults import Fault
from bot.commands.people import region_of, started
from bot.folders import find
from bot.graphapi import GraphApi, GraphApiError
from bot.message_templates import MessageTemplates
from bot.rendering import Renderer
from bot.settings import Settings
from bot.template_account import Compared, Remote, compare, is_final, note
from bot.template_account import push as submit
from storage.clock import TownClock
from storage.engine import make_engine

T = TypeVar("T")

HELP = "What WhatsApp lets us say to somebody who has not written for a day."


def push() -> None:
    """Submit the templates that Meta lacks or has in other words. Nothing is ever deleted there."""
    settings, templates = _prepared()

    async def run() -> tuple[bool, list[Compared]]:
        api, well = _api(settings), True
        try:
            async for good, line in submit(api, settings.whatsapp_business_id, templates):
                typer.echo(line, err=not good)
                well = well and good
            compared, _ = await compare(api, settings.whatsapp_business_id, templates)
        finally:
            await api.close()
        return well, compared

    well, compared = _asked(run)
    _write_down(settings, compared)
    if not well:
        raise typer.Exit(1)


def status() -> None:
    """What Meta says of each template, written down for delivery; exit 1 if one that we need can't be sent."""
    settings, templates = _prepared()

    async def run() -> tuple[list[Compared], list[Remote]]:
        api = _api(settings)
        try:
            return await compare(api, settings.whatsapp_business_id, templates)
        finally:
            await api.close()

    compared, idle = _asked(run)
    _write_down(settings, compared)
    for one in compared:
        category = one.remote.category if one.remote else one.spec.category.upper()
        typer.echo("  ".join([one.label.ljust(36), one.status.ljust(9), category, *one.troubles]).rstrip())
    for remote in idle:
        typer.echo(f"{remote.name} ({remote.language})".ljust(36) + f"  {remote.status.ljust(9)}  not used any more")
    if bad := sum(not one.is_well for one in compared):
        typer.echo(f"{bad} of {len(compared)} templates cannot be sent as they are here.", err=True)
        raise typer.Exit(1)


def _prepared() -> tuple[Settings, MessageTemplates]:
    settings = started()
    for name in ("whatsapp_token", "whatsapp_business_id"):
        if not getattr(settings, name):
            raise Fault(f"TANGGAP_{name.upper()} is not set: docs/whatsapp.md says where Meta shows it.")
    region, folder = region_of(settings), find(Path("templates"))
    return settings, MessageTemplates(folder, Renderer(folder, zone=region.zone, town=region.name))


def _api(settings: Settings) -> GraphApi:
    assert settings.whatsapp_token is not None
    return GraphApi(settings.whatsapp_token.get_secret_value(), settings.whatsapp_api_url)


def _asked(run: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        return asyncio.run(run())
    except GraphApiError as error:
        raise Fault(_said(error)) from None


def _said(error: GraphApiError) -> str:
    if error.code == 0:
        return f"{error}: check the network, and TANGGAP_WHATSAPP_API_URL."
    if error.code in (4, 80008) or error.status == 429:
        return f"Meta asks to be left alone for an hour: try again then ({error})."
    if is_final(error):
        return f"Meta does not let us ({error}): check TANGGAP_WHATSAPP_TOKEN, and what it may do (docs/whatsapp.md)."
    return f"Meta did not do it ({error}): check TANGGAP_WHATSAPP_BUSINESS_ID."


def _write_down(settings: Settings, compared: list[Compared]) -> None:
    """In a transaction of its own; a process that delivers reads it at its next page."""
    engine = make_engine(settings.database_url)
    try:
        open_town(engine, settings.keys())
        with engine.begin() as connection:
            note(connection, compared, TownClock(may_travel=settings.allow_time_travel).read(connection).real)
    finally:
        engine.dispose()
