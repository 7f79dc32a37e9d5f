"""What `tanggap serve` is, for a test: a town on its platforms, as fast as it can (their pace has tests of its own)."""

from __future__ import annotations

import asyncio
import importlib
import os
from typing import Any

from bot.channels.pacing import Pace
from bot.channels.rates import Rate
from bot.logs import set_up_logs
from bot.settings import load_settings
from bot.web.site import server, town_site
from tests.kit.town import siantar


def warm_up(*channels: str) -> None:
    """What is the same for every town, first of all the libraries of these channels."""
    for channel in channels:
        importlib.import_module(f"bot.channels.{channel}")
    siantar()


def run(port: str) -> int:
    """Serve until killed."""
    asyncio.run(serve(int(port)))
    return 0


async def serve(port: int) -> None:
    """Serve as the environment says, until killed; with TANGGAP_TEST_ROLE=web it hears and does not speak."""
    settings = load_settings()
    set_up_logs(settings.log_format)
    program, web = town_site(settings, works=os.environ.get("TANGGAP_TEST_ROLE") != "web", region=siantar())
    for channel in program.channels:
        unpace(channel)
    await server(web, "127.0.0.1", port).serve()


def unpace(channel: Any) -> None:
    """Let a platform's channel send as fast as it can."""
    if channel.name == "whatsapp":
        channel.pairs = channel.whole = Rate.free()
    else:
        channel.pace = Pace.free()
