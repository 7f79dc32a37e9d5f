"""The program that is killed: `python -m tests.kill.server PORT`, set by the environment like `tanggap serve`.

The demo's town and its phones, so that a client needs nothing but HTTP. It ends when whoever started it is gone: its
standard input is a pipe from there.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading

from bot.logs import set_up_logs
from bot.settings import load_settings
from bot.web.site import demo_site, server


def main(port: int) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = load_settings()
    set_up_logs(settings.log_format)
    _, web = demo_site(settings)
    asyncio.run(server(web, "127.0.0.1", port).serve())


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
