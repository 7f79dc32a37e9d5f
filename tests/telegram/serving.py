"""What `tanggap serve` is, for a test: a town on Telegram, as fast as it can (its pace has tests of its own)."""

from __future__ import annotations

import asyncio
import importlib
import os

from bot.channels.pacing import Pace
from bot.channels.telegram import TelegramChannel
from bot.logs import set_up_logs
from bot.settings import load_settings
from bot.web.site import server, town_site
from tests.kit.town import siantar


def warm_up() -> None:
    """What is the same for every town, first of all the libraries."""
    importlib.import_module("bot.channels.telegram_citizen")
    importlib.import_module("bot.channels.telegram_staff")
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
        assert isinstance(channel, TelegramChannel)
        channel.pace = Pace.free()
    await server(web, "127.0.0.1", port).serve()
