"""A stand-in for Telegram's Bot API server, for tests: `python -m tests.telegram.server PORT [LOG]`.

It speaks the documented shapes, keeps the platform's limits and says no in its words. Whatever token of the right form
is used is a bot of its own; `/control/` is the test's side (tests.telegram.standin). It ends when whoever started it
is gone: its standard input is a pipe from there.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Coroutine
from email.utils import formatdate
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.kit.platforms import hang_up, serve, with_faults
from tests.telegram import control, methods
from tests.telegram.bots import Bot, Bots
from tests.telegram.errors import ApiError
from tests.telegram.files import MIB
from tests.telegram.forms import Call, read_call

MOST_BODY = 60 * MIB


class StandIn:
    """The whole server, as an ASGI application."""

    def __init__(self, log: Path | None = None) -> None:
        self.bots = Bots(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except ApiError as error:
            response = JSONResponse(error.body, error.code)
        if response is None:
            await hang_up(send)
        else:
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """None = hang up without a word."""
        first, *rest = request.url.path.strip("/").split("/")
        if first == "control" and rest:
            return await control.handle(self.bots.find(rest[0]), request, rest[1:])
        if first == "control":
            return JSONResponse({"ready": True})
        if first == "file" and rest and rest[0].startswith("bot"):
            return await self._file(rest[0].removeprefix("bot"), "/".join(rest[1:]))
        if first.startswith("bot") and len(rest) == 1:
            return await self._call(self.bots.caller(first.removeprefix("bot")), rest[0], request)
        raise ApiError(404, "Not Found")

    async def _file(self, token: str, path: str) -> Response | None:
        bot = self.bots.caller(token)
        bot.calls["file"] += 1
        return await _with_faults(bot, Call("file"), _download(bot, path))

    async def _call(self, bot: Bot, name: str, request: Request) -> Response | None:
        method = methods.find(name)
        bot.calls[method] += 1
        content_type = request.headers.get("content-type", "")
        body = await request.body()
        if len(body) > MOST_BODY:
            raise ApiError(413, "Request Entity Too Large")
        call = read_call(method, content_type, request.url.query, body)
        response = await _with_faults(bot, call, _do(bot, call, request))
        if response is not None:
            response.headers["date"] = formatdate(time.time() + bot.skew, usegmt=True)
        return response


async def _download(bot: Bot, path: str) -> Response:
    file = bot.files.at(path)
    if file is None:
        raise ApiError(404, "Not Found")
    return Response(file.data, media_type="application/octet-stream")


async def _do(bot: Bot, call: Call, request: Request) -> Response:
    if call.method == "getUpdates":
        return JSONResponse({"ok": True, "result": await _updates(bot, call, request)})
    return JSONResponse({"ok": True, "result": methods.answer(bot, call)})


async def _with_faults(bot: Bot, call: Call, doing: Coroutine[Any, Any, Response]) -> Response | None:
    """The answer to a call, as late or as broken as the test wants it."""
    latency = 0.0 if call.method == "getUpdates" else bot.latency
    return await with_faults(bot.fault(call.method, call.text("chat_id")), latency, doing, _broken)


def _broken(fault: dict[str, Any]) -> Response:
    status = int(fault["status"])
    code = int(fault.get("error_code", status))
    body = {"ok": False, "error_code": code, "description": fault.get("description", "Internal Server Error")}
    more = {"parameters": fault["parameters"]} if "parameters" in fault else {}
    return JSONResponse({**body, **more}, status)


async def _updates(bot: Bot, call: Call, request: Request) -> Any:
    bot.queue.allow(call.json("allowed_updates"))
    gone = asyncio.ensure_future(request.receive())  # the body has been read: the next word is the goodbye
    try:
        seconds = min(call.number("timeout"), 50)
        return await bot.queue.poll(call.number("offset"), call.number("limit", 100), seconds, gone)
    finally:
        gone.cancel()


if __name__ == "__main__":
    serve(StandIn(Path(sys.argv[2]) if len(sys.argv) > 2 else None), int(sys.argv[1]))
