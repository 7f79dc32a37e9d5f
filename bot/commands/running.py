"""Running the program: the demo, the real thing, the schema, a key."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
import threading
import time
import webbrowser
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from starlette.applications import Starlette

from bot.commands.faults import Fault
from bot.history import live
from bot.logs import set_up_logs
from bot.memory import settle
from bot.settings import Settings, demo_settings, load_settings
from bot.web.site import demo_site, server, town_site
from storage.encryption import new_key as make_key
from storage.migrations import runner

DEMO_FOLDER = Path("data/demo")
Town = Annotated[Path | None, typer.Option("--region", help="The folder of another town, such as regions/dairi.")]


def demo_folder(region: Path | None) -> Path:
    """Where the demo keeps its town; another town's lies beside the usual one's and is called by its folder."""
    return DEMO_FOLDER.with_name(f"{DEMO_FOLDER.name}-{region.resolve().name}") if region else DEMO_FOLDER


class ServeRole(StrEnum):
    """What a process of `serve` does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


def new_key() -> None:
    """Print a new encryption key for TANGGAP_ENCRYPTION_KEYS."""
    typer.echo(make_key())


def migrate() -> None:
    """Bring the database to the newest schema."""
    settings = load_settings()
    runner.upgrade(settings.database_url, settings.keys())
    typer.echo(f"The database is at schema {runner.newest()}.")


def demo(
    port: Annotated[int, typer.Option(help="Where the page is served on this machine.")] = 8080,
    history: Annotated[int, typer.Option(min=0, max=2000, help="Begin with so many invented cases of past weeks.")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the demo's earlier town and start anew.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
    region: Town = None,
) -> None:
    """The whole town on this machine, without any token: phones for everybody, and a clock to move."""
    set_up_logs("console")
    folder = demo_folder(region)
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    settings = demo_settings(folder, region)
    runner.upgrade(settings.database_url, settings.keys())
    if history:
        _live(settings, history)
    program, web = demo_site(settings)
    url = f"http://127.0.0.1:{port}/"
    typer.echo(f"Tanggap demo: {program.region.name} at {url} (Ctrl+C ends it; --fresh starts anew)")
    if not no_browser:
        threading.Timer(1.5, webbrowser.open, [url]).start()

    _listen(web, host="127.0.0.1", port=port)


def _live(settings: Settings, count: int) -> None:
    """An invented past, with one line that says how far it is."""
    started = time.monotonic()
    lived = asyncio.run(live(settings, count, _say_how_far))
    if lived:
        typer.echo(f"\r{lived} invented cases in {time.monotonic() - started:.0f} s.".ljust(60))
    else:
        typer.echo("This town has begun already and keeps its own past; --fresh --history N gives it another.")


def _say_how_far(told: int, count: int, at: datetime) -> None:
    if sys.stdout.isatty() or told % 50 == 0:
        typer.echo(f"\rInventing the past: {told} of {count} cases, {at:%d %B %Y}  ", nl=not sys.stdout.isatty())


def serve(
    role: Annotated[ServeRole, typer.Option(help="Everything, or one half of it.")] = ServeRole.ALL,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
) -> None:
    """The real thing: web, delivery and clock."""
    settings = load_settings()
    set_up_logs(settings.log_format, secrets=settings.secrets())
    if settings.database_url.startswith("sqlite"):
        runner.upgrade(settings.database_url, settings.keys())
    _say_what_is_off(settings)
    _, web = town_site(
        settings, works=role != ServeRole.WEB, hooks=role != ServeRole.WORKER, say=typer.echo, ready=_settle
    )
    _listen(web, host=host, port=port)


def _say_what_is_off(settings: Settings) -> None:
    if not (settings.citizen_telegram_token or settings.staff_telegram_token or settings.whatsapp_token):
        logging.getLogger(__name__).warning("no channel is on: nobody can write in yet")


async def _settle() -> None:
    settle()


def _listen(web: Starlette, *, host: str, port: int) -> None:
    listening = server(web, host, port)
    try:
        asyncio.run(listening.serve())
    except SystemExit:
        raise Fault(f"Port {port} is taken: choose another one with --port.") from None
    except KeyboardInterrupt:
        typer.echo("Stopped.")
    else:
        if not listening.started:
            raise Fault("The program could not start; the lines above say why.")
