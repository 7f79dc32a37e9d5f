"""The program that is killed, forked by `tests.kill.nursery` and set by the environment like `tanggap serve`.

The demo's town and its phones, so that a client needs nothing but HTTP.
"""

from __future__ import annotations

import asyncio

from bot.logs import set_up_logs
from bot.settings import load_settings
from bot.web.site import demo_site, server
from tests.kit.town import siantar


def warm_up() -> None:
    """What is the same for every server."""
    siantar()


def run(port: str) -> int:
    """Serve until killed."""
    settings = load_settings()
    set_up_logs(settings.log_format)
    _, web = demo_site(settings, region=siantar())
    asyncio.run(server(web, "127.0.0.1", int(port)).serve())
    return 0
