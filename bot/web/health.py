"""Whether the process lives, and whether it does its work."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.app import Program
from storage.queries import due

#: A clock that has not beaten for so long stands still.
STILL = timedelta(minutes=2)


def routes(program: Program) -> list[Route]:
    async def live(request: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    async def ready(request: Request) -> JSONResponse:
        """Ready = the database answers and the clock has beaten lately."""
        faults = await asyncio.to_thread(_faults, program)
        return JSONResponse({"ok": not faults, "faults": faults}, status_code=503 if faults else 200)

    return [Route("/health/live", live), Route("/health/ready", ready)]


def _faults(program: Program) -> list[str]:
    try:
        with program.readers.begin() as connection:
            real = program.house.clock.read(connection).real
            beats: dict[str, Any] = {row.name: row.last_ok for row in connection.execute(due.BEATS)}
    except Exception as error:
        return [f"the database does not answer: {type(error).__name__}"]
    last = beats.get("deadlines")
    return [] if last is not None and real - last < STILL else ["the clock of deadlines stands still"]
