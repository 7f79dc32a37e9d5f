"""What a test tells the stand-in: `/control/<token>/...`, JSON in and out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.kit.platforms import Upload
from tests.telegram.bots import SETTINGS, Bot
from tests.telegram.chats import Chat
from tests.telegram.happenings import VERBS, until_confirmed

Handler = Callable[[Bot, Request, list[str]], Awaitable[Response]]


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    return json.loads(raw) if raw else {}


async def configure(bot: Bot, request: Request, rest: list[str]) -> Response:
    """POST: change settings. GET: everything there is to know."""
    for name, value in (await _body(request)).items():
        if name in SETTINGS:
            setattr(bot, name, value)
        elif name == "limits":
            bot.pace.on = bool(value)
        elif name == "burst":
            bot.pace.burst = float(value)
        elif name == "redelivery":
            bot.hook.pause = float(value)
        elif name == "deaf":
            bot.queue.deaf = bool(value)
        elif name == "log":
            bot.log_to(Path(value))
        else:
            return JSONResponse({"error": f"no setting {name}"}, 400)
    return JSONResponse(_state(bot))


def _state(bot: Bot) -> dict[str, Any]:
    return {
        "user": bot.user,
        "pending": len(bot.queue.waiting),
        "webhook": bot.hook.info(),
        "counters": bot.counters,
        "answered": bot.answered,
        "commands": {"/".join(where): commands for where, commands in bot.commands.items()},
        "texts": {"/".join(where): text for where, text in bot.texts.items()},
        "chats": [_chat(chat) for chat in bot.chats],
    }


def _chat(chat: Chat) -> dict[str, Any]:
    names = ("started", "blocked", "member", "moved_to")
    return {**chat.object, **{name: getattr(chat, name) for name in names}, "topics": sorted(chat.topics)}


async def inject(bot: Bot, request: Request, rest: list[str]) -> Response:
    """Updates that happen now; `wait`: until the bot has confirmed them all, or so many seconds are over."""
    body = await _body(request)
    waiting = [bot.receive(update, keep=bool(body.get("keep"))) for update in body["updates"]]
    confirmed = await until_confirmed(waiting, body.get("wait"))
    updates = [each.update if each else None for each in waiting]
    return JSONResponse({"updates": updates, "confirmed": confirmed})


async def sent(bot: Bot, request: Request, rest: list[str]) -> Response:
    """What the bot did in chats after the n-th; `wait`: so many seconds for something new."""
    since = int(request.query_params.get("since", 0))
    end = time.monotonic() + float(request.query_params.get("wait", 0))
    while len(bot.sent) <= since and (left := end - time.monotonic()) > 0:
        try:
            await asyncio.wait_for(bot.queue.news().wait(), left)
        except TimeoutError:
            break
    return JSONResponse(bot.sent[since:])


async def messages(bot: Bot, request: Request, rest: list[str]) -> Response:
    """What stands in a chat now, oldest first."""
    chat = bot.chats.find(int(rest[0]))
    return JSONResponse([chat.messages[key] for key in sorted(chat.messages)])


async def files(bot: Bot, request: Request, rest: list[str]) -> Response:
    """POST: a file that a person sends, of any pretended `size`. GET: the bytes of any file of this bot."""
    if request.method == "GET":
        return Response(bot.files.find(rest[0]).data, media_type="application/octet-stream")
    asked = request.query_params
    upload = Upload(asked.get("name", ""), asked.get("mime", "application/octet-stream"), await request.body())
    size = int(asked["size"]) if "size" in asked else None
    file = bot.files.keep(upload, size=size)
    return JSONResponse({**file.object, "mime_type": file.mime, "file_name": file.name})


async def faults(bot: Bot, request: Request, rest: list[str]) -> Response:
    """POST: one more thing that goes wrong. DELETE: nothing does."""
    if request.method == "DELETE":
        bot.faults.clear()
        return JSONResponse([])
    body = await _body(request)
    return JSONResponse(bot.faults.take(body, ("method", "chat_id")))


async def chats(bot: Bot, request: Request, rest: list[str]) -> Response:
    """POST chats: chats that exist. POST chats/<id>/<verb>: something happens to one."""
    body = await _body(request)
    if not rest:
        return JSONResponse([_chat(_make(bot, chat)) for chat in body["chats"]])
    chat = bot.chats.find(int(rest[0]))
    found = await VERBS[rest[1]](bot, chat, body)
    return JSONResponse(found)


def _make(bot: Bot, body: dict[str, Any]) -> Chat:
    more = {name: body.pop(name) for name in ("started", "member", "admin", "topics") if name in body}
    chat = bot.chats.meet(body)
    for name, value in more.items():
        setattr(chat, name, set(value) if name == "topics" else value)
    return chat


ROUTES: dict[str, Handler] = {
    "": configure,
    "updates": inject,
    "sent": sent,
    "messages": messages,
    "files": files,
    "faults": faults,
    "chats": chats,
}


async def handle(bot: Bot, request: Request, rest: list[str]) -> Response:
    """One control call; `rest` is the path after the token."""
    return await ROUTES[rest[0] if rest else ""](bot, request, rest[1:])
