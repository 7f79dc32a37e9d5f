"""The page of `tanggap demo`: phones, the town's clock, a ticket's timeline. Local only, without any token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot import demo
from bot.app import Program
from bot.channels.phone import PhoneChannel
from bot.demo import Phone
from bot.folders import find
from bot.web import limits, timeline
from handlers.receive import StepFailedError
from storage.ids import from_text, new_id, to_text

STATIC = {"demo.css": "text/css", "demo.js": "text/javascript"}
#: The page is ours alone: nothing from elsewhere runs in it or is shown in it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class DemoPages:
    """The routes of the demo, over one running program."""

    def __init__(self, program: Program, channel: PhoneChannel) -> None:
        self._program = program
        self._channel = channel
        self._folder = find(Path("templates")) / "web"
        self._extra: dict[str, Phone] = {}
        self._moving = asyncio.Lock()
        channel.on_arrival = self._arrived

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/demo", self.page),
            Route("/demo/demo.css", self.static),
            Route("/demo/demo.js", self.static),
            Route("/demo/phones", self.phones, methods=["GET"]),
            Route("/demo/phones", self.add_phone, methods=["POST"]),
            Route("/demo/phones/{id}/messages", self.message, methods=["POST"]),
            Route("/demo/phones/{id}/files", self.upload, methods=["POST"]),
            Route("/demo/phones/{id}/acks", self.ack, methods=["POST"]),
            Route("/demo/phones/{id}/events", self.events),
            Route("/demo/events", self.events),
            Route("/demo/posts", self.posts),
            Route("/demo/clock", self.clock, methods=["GET"]),
            Route("/demo/clock", self.move, methods=["POST"]),
            Route("/demo/tickets", self.tickets),
            Route("/demo/tickets/{number}", self.ticket),
        ]

    async def home(self, request: Request) -> Response:
        return RedirectResponse("/demo")

    async def page(self, request: Request) -> Response:
        lang = "en" if request.query_params.get("lang") == "en" else "id"
        words = yaml.safe_load((self._folder / f"demo.{lang}.yaml").read_text(encoding="utf-8"))
        pages = Environment(loader=FileSystemLoader(self._folder), autoescape=True, undefined=StrictUndefined)
        html = pages.get_template("demo.html.j2").render(t=words, lang=lang, town=self._program.region.name)
        return HTMLResponse(html, headers=HEADERS)

    async def static(self, request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        text = (self._folder / name).read_text(encoding="utf-8")
        return Response(text, media_type=STATIC[name], headers=HEADERS)

    def _phone(self, key: str) -> Phone | None:
        region = self._program.region
        if key.upper() in region.posts:
            return demo.phone_of(region, key.upper())
        number = key.removeprefix("citizen").removeprefix("-") or "1"
        return demo.citizen_phone(int(number)) if key.startswith("citizen") and number.isdigit() else None

    def _arrived(self, key: str) -> None:
        phone = self._phone(key)
        if phone:
            self._program.arrived(phone.account, phone.id)

    async def phones(self, request: Request) -> Response:
        opened = [self._phone(key.lower()) for key in demo.OPENED]
        listed = [_plain(phone, opened=True) for phone in opened if phone]
        listed += [_plain(phone, opened=False) for phone in self._extra.values()]
        return JSONResponse({"instance": self._program.instance, "phones": listed})

    async def posts(self, request: Request) -> Response:
        region = self._program.region
        found = [
            {"code": p.code, "title": p.title, "unit": region.units[p.unit].name, "name": demo.invented_name(p.code)}
            for p in region.posts.values()
        ]
        return JSONResponse({"posts": found})

    async def add_phone(self, request: Request) -> Response:
        wanted = await limits.json_body(request)
        post = str(wanted.get("post") or "")
        if post and post.upper() not in self._program.region.posts:
            return limits.error(404, f"There is no post {post}; GET /demo/posts lists them.")
        if post:
            phone = demo.phone_of(self._program.region, post.upper())
        else:
            taken = sum(found.post is None for found in self._extra.values())
            phone = demo.citizen_phone(taken + 2)
        self._extra[phone.id] = phone
        return JSONResponse(_plain(phone, opened=True))

    async def message(self, request: Request) -> Response:
        """A message of a phone; 200 after the commit, 500 = send it again with the same id."""
        phone = self._phone(request.path_params["id"])
        if phone is None:
            return limits.error(404, "There is no such phone.")
        raw = await limits.json_body(request)
        try:
            files = [str(from_text(str(file))) for file in raw.get("files") or []]
            inbounds = self._channel.parse(phone.account, {**raw, "phone": phone.id, "files": files})
        except ValueError as error:
            return limits.error(400, f"Not understood: {error}.")
        try:
            await self._program.receive(inbounds)
        except StepFailedError:
            return limits.error(500, "That did not work; please send it again.")
        self._channel.announce("ticket", {"number": None})
        return JSONResponse({"ok": True})

    async def upload(self, request: Request) -> Response:
        """A photo, encrypted to disk before any message speaks of it."""
        if self._phone(request.path_params["id"]) is None:
            return limits.error(404, "There is no such phone.")
        data = await limits.body(request, limits.FILE)
        key = new_id()
        await asyncio.to_thread(self._program.files.put, key, data)
        return JSONResponse({"file": to_text(key)})

    async def ack(self, request: Request) -> Response:
        raw = await limits.json_body(request)
        known = self._channel.ack(request.path_params["id"], str(raw.get("id")))
        return JSONResponse({"ok": True, "waited": known})

    async def events(self, request: Request) -> Response:
        key = request.path_params.get("id")
        wanted = [key] if key else request.query_params.getlist("phone")
        phones = [phone.id for item in wanted if (phone := self._phone(item))]
        if not phones:
            return limits.error(404, "Name at least one phone.")
        return EventSourceResponse(self._stream(phones), headers={"Cache-Control": "no-store"})

    async def _stream(self, phones: list[str]) -> AsyncIterator[dict[str, str]]:
        yield {"event": "clock", "data": json.dumps(await self._clock())}
        async for event in self._channel.listen(phones):
            kind = event["kind"]
            if kind == "message":
                event = {**event, "at": self._local(await self._program.now())}
                yield {"event": kind, "id": event["id"], "data": json.dumps(event)}
                self._channel.announce("ticket", {"number": None})
            else:
                yield {"event": kind, "data": json.dumps(event)}

    async def clock(self, request: Request) -> Response:
        return JSONResponse(await self._clock())

    async def _clock(self) -> dict[str, Any]:
        now = await self._program.now()
        upcoming = await self._program.next_due()
        calendar = self._program.region.calendars["office"]
        return {
            "now": self._local(now),
            "open": calendar.is_open(now),
            "next": self._local(upcoming) if upcoming else None,
        }

    def _local(self, moment: datetime) -> str:
        return moment.astimezone(ZoneInfo(self._program.region.zone)).isoformat(timespec="seconds")

    async def move(self, request: Request) -> Response:
        """Move the clock; it stops at every due moment on the way until every page is delivered or its phone is off."""
        wanted = (await limits.json_body(request)).get("move")
        async with self._moving:
            target = await self._target(str(wanted))
            if target is None:
                return limits.error(400, "move is hour, working_day or next_deadline; there may be no deadline left.")
            fired = await self._program.travel_to(target)
        after = await self._clock()
        self._channel.announce("clock", after)
        self._channel.announce("ticket", {"number": None})
        return JSONResponse({**after, "fired": fired})

    async def _target(self, move: str) -> datetime | None:
        now = await self._program.now()
        calendar = self._program.region.calendars["office"]
        match move:
            case "hour":
                return now + timedelta(hours=1)
            case "working_day":
                return calendar.opening(calendar.after(calendar.day_of(now), 1))
            case "next_deadline":
                return await self._program.next_due()
        return None

    async def tickets(self, request: Request) -> Response:
        return JSONResponse({"tickets": await asyncio.to_thread(timeline.latest, self._program)})

    async def ticket(self, request: Request) -> Response:
        lang = "en" if request.query_params.get("lang") == "en" else "id"
        found = await asyncio.to_thread(timeline.of_ticket, self._program, request.path_params["number"], lang)
        return JSONResponse(found) if found else limits.error(404, "There is no such ticket.")


def _plain(phone: Phone, *, opened: bool) -> dict[str, Any]:
    kind = "post" if phone.post else "citizen"
    return {"id": phone.id, "kind": kind, "title": phone.title, "name": phone.name, "post": phone.post, "open": opened}
