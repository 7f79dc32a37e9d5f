"""The program that is killed: `python -m tests.kill.server PORT`, set by the environment like `tanggap serve`.

The demo's town and its phones, so that a client needs nothing but HTTP; with the token of a Telegram bot the town on
Telegram, as fast as it can (its pace has tests of its own). It ends when whoever started it is gone: its standard input
is a pipe from there.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading

from starlette.applications import Starlette

from bot.app import Program
from bot.channels.pacing import Pace
from bot.logs import set_up_logs
from bot.settings import Settings, load_settings
from bot.web.site import demo_site, server, town_site


def main(port: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = load_settings()
    set_up_logs(settings.log_format)
    _, web = _on_telegram(settings) if settings.citizen_telegram_token else demo_site(settings)
    asyncio.run(server(web, "127.0.0.1", port).serve())


def _on_telegram(settings: Settings) -> tuple[Program, Starlette]:
    program, web = town_site(settings)
    for channel in program.channels:
        channel.pace = Pace.free()  # type: ignore[attr-defined]
    return program, web


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
