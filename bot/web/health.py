"""Whether the process lives, and whether it does its work."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.app import Program
from handlers.actions.counting import spent
from handlers.session import Session
from storage.plan import Plan
from storage.queries import due
from storage.source import Source

#: A clock that has not beaten for so long stands still.
STILL = timedelta(minutes=2)
#: A bot that has not been heard for so many seconds is deaf; a platform keeps what people write for a day only.
DEAF = 300.0
_LIMITS = {"free": "free service messages are used", "budget": "messages of the budget are used"}


def routes(program: Program) -> list[Route]:
    async def live(request: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    async def ready(request: Request) -> JSONResponse:
        """Ready = the database answers, the clock has beaten lately, and every bot that this process asks is heard.

        Warnings are for whoever looks; they stop nothing.
        """
        faults = await asyncio.to_thread(_faults, program)
        warnings = [] if faults else await asyncio.to_thread(_warnings, program)
        found = {"ok": not faults, "faults": faults, "warnings": warnings}
        return JSONResponse(found, status_code=503 if faults else 200)

    return [Route("/health/live", live), Route("/health/ready", ready)]


def _warnings(program: Program) -> list[str]:
    """Limits of billed messages that are nearly or quite used up."""
    house = program.house
    with program.readers.begin() as connection:
        moment = house.moment(connection)
        found = spent(Session(Plan(connection), house.vault, house.region, moment, Source(), house.rules))
    return [
        f"{channel}: {limit.used} of {limit.most} {_LIMITS[limit.what]} this month"
        for channel, limits in found.items()
        for limit in limits
        if limit.stage
    ]


def _faults(program: Program) -> list[str]:
    try:
        with program.readers.begin() as connection:
            real = program.house.moment(connection).real
            beats: dict[str, Any] = {row.name: row.last_ok for row in connection.execute(due.BEATS)}
    except Exception as error:
        return [f"the database does not answer: {type(error).__name__}"]
    last = beats.get("deadlines")
    still = [] if last is not None and real - last < STILL else ["the clock of deadlines stands still"]
    return [*still, *_deaf(program.heard, time.monotonic())]


def _deaf(heard: dict[str, float], now: float) -> list[str]:
    silent = sorted((account, now - at) for account, at in dict(heard).items() if now - at > DEAF)
    return [f"the {account} bot has not been heard for {seconds / 60:.0f} minutes" for account, seconds in silent]
