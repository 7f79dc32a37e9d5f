"""The page of `tanggap demo`: phones, the town's clock, a ticket's timeline. Local only, without any token."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
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
from domain.mornings import next_morning
from domain.region import Region
from handlers.receive import StepFailedError
from storage.ids import from_text, new_id, to_text
from storage.queries import people

_SCRIPTS = ("demo.js", "demo-base.js", "demo-phones.js", "demo-town.js")
STATIC = {"demo.css": "text/css", **dict.fromkeys(_SCRIPTS, "text/javascript")}
#: The page is ours alone: nothing from elsewhere runs in it or is shown in it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; media-src data:; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
#: Names of citizens' phones: citizen, citizen-2, citizen-3 ...
_CITIZEN = re.compile(r"citizen(?:-([1-9][0-9]{0,3}))?")
MOST_CITIZENS = 100
#: Changes within so many seconds are one piece of news.
NEWS_AFTER = 0.1
#: A page may be put off in the very moment in which its reader comes: then it is fetched a little later.
LOOK_AGAIN = 1.0


class DemoPages:
    """The routes of the demo, over one running program."""

    def __init__(self, program: Program, channel: PhoneChannel) -> None:
        self._program = program
        self._channel = channel
        self._folder = find(Path("templates")) / "web"
        self._extra: dict[str, Phone] = {}
        self._moving = asyncio.Lock()
        self._news: asyncio.Task[None] | None = None
        self._next: str | None = None
        channel.on_arrival = self._arrived

    def routes(self) -> list[Route]:
        return [
            Route("/", self.home),
            Route("/demo", self.page),
            *(Route(f"/demo/{name}", self.static) for name in STATIC),
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
        citizen = _CITIZEN.fullmatch(key)
        return demo.citizen_phone(int(citizen[1] or 1)) if citizen else None

    def _arrived(self, key: str) -> None:
        phone = self._phone(key)
        if phone:
            self._program.arrived(phone.account, phone.id)
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._program.arrived, phone.account, phone.id)

    async def phones(self, request: Request) -> Response:
        opened = [self._phone(key.lower()) for key in demo.OPENED]
        listed = [_plain(self._program.region, phone, opened=True) for phone in opened if phone]
        posts = [phone for phone in self._extra.values() if phone.post]
        listed += [
            _plain(self._program.region, phone, opened=False) for phone in [*await asyncio.to_thread(self._met), *posts]
        ]
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
        phone = demo.phone_of(self._program.region, post.upper()) if post else await self._new_citizen()
        if phone is None:
            return limits.error(409, "This town has no more citizens: open the phone of one it knows.")
        self._extra[phone.id] = phone
        return JSONResponse(_plain(self._program.region, phone, opened=True))

    async def _new_citizen(self) -> Phone | None:
        met = {phone.id for phone in await asyncio.to_thread(self._met)}
        citizens = (demo.citizen_phone(number) for number in range(2, MOST_CITIZENS))
        return next((phone for phone in citizens if phone.id not in met | self._extra.keys()), None)

    def _met(self) -> list[Phone]:
        """Citizens beyond the first who have a phone already: of this run, or of an earlier one of the same town."""
        vault = self._program.house.vault
        beyond = [demo.citizen_phone(number) for number in range(2, MOST_CITIZENS)]
        hashes = {vault.hash("addresses.key_hash", demo.CHANNEL, phone.account, phone.id): phone for phone in beyond}
        with self._program.readers.begin() as connection:
            met = {hashes[row.key_hash].id for row in connection.execute(people.BY_HASH, {"hashes": list(hashes)})}
        return [phone for phone in beyond if phone.id in met or phone.id in self._extra]

    async def message(self, request: Request) -> Response:
        """A message of a phone; 200 after the commit, 500 = send it again with the same id."""
        phone = self._phone(request.path_params["id"])
        if phone is None:
            return limits.error(404, "There is no such phone.")
        raw = await limits.json_body(request)
        try:
            files = raw.get("files") or []
            known = [self._file(phone, file) for file in files] if isinstance(files, list) else files
            inbounds = self._channel.parse(phone.account, {**raw, "phone": phone.id, "files": known})
        except ValueError as error:
            return limits.error(400, f"Not understood: {error}.")
        try:
            await self._program.receive(inbounds)
        except StepFailedError:
            return limits.error(500, "That did not work; please send it again.")
        self._tell()
        return JSONResponse({"ok": True})

    async def upload(self, request: Request) -> Response:
        """A photo, encrypted to disk before any message speaks of it; the name it gets is good for this phone alone."""
        phone = self._phone(request.path_params["id"])
        if phone is None:
            return limits.error(404, "There is no such phone.")
        data = await limits.body(request, limits.FILE)
        if not data:
            return limits.error(400, "The file is empty.")
        key = new_id()
        await asyncio.to_thread(self._program.files.put, key, data)
        return JSONResponse({"file": self._file_name(phone, key)})

    def _file_name(self, phone: Phone, key: int) -> str:
        """A file's id with a seal that belongs to its phone."""
        text = to_text(key)
        return f"{text}-{self._program.house.vault.hash('demo.file', demo.CHANNEL, phone.id, text).hex()}"

    def _file(self, phone: Phone, name: Any) -> int:
        key = from_text(str(name).partition("-")[0])
        if not hmac.compare_digest(str(name).encode("utf-8", "replace"), self._file_name(phone, key).encode()):
            raise ValueError("a file was not uploaded from this phone")
        return key

    async def ack(self, request: Request) -> Response:
        phone = self._phone(request.path_params["id"])
        if phone is None:
            return limits.error(404, "There is no such phone.")
        raw = await limits.json_body(request)
        return JSONResponse({"ok": True, "waited": self._channel.ack(phone.id, str(raw.get("id")))})

    async def events(self, request: Request) -> Response:
        key = request.path_params.get("id")
        wanted = [key] if key else request.query_params.getlist("phone")
        phones = [phone.id for item in wanted if (phone := self._phone(item))]
        if not phones:
            return limits.error(404, "Name at least one phone.")
        return EventSourceResponse(self._stream(phones), headers={"Cache-Control": "no-store"})

    async def _stream(self, phones: list[str]) -> AsyncIterator[dict[str, str]]:
        yield {"event": "clock", "data": json.dumps(await self._clock())}
        async with aclosing(self._channel.listen(phones)) as events:
            async for event in events:
                kind = event["kind"]
                if kind == "message":
                    event = {**event, "at": self._local(await self._program.now())}
                    yield {"event": kind, "id": event["id"], "data": json.dumps(event)}
                    self._tell()
                else:
                    yield {"event": kind, "data": json.dumps(event)}

    def _tell(self) -> None:
        """Something has changed: every screen shall look at the tickets, and learn of another next deadline."""
        if self._news is None:
            self._news = asyncio.create_task(self._announce())

    async def _announce(self) -> None:
        await asyncio.sleep(NEWS_AFTER)
        self._news = None
        self._channel.announce("ticket", {"number": None})
        clock = await self._clock()
        if clock["next"] != self._next:
            self._next = clock["next"]
            self._channel.announce("clock", clock)

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
                return limits.error(400, "move is hour, morning, working_day or next_deadline; none may be left.")
            fired = await self._program.travel_to(target)
        after = await self._clock()
        self._next = after["next"]
        self._channel.announce("clock", after)
        self._tell()
        return JSONResponse({**after, "fired": fired})

    async def _target(self, move: str) -> datetime | None:
        now = await self._program.now()
        calendar = self._program.region.calendars["office"]
        match move:
            case "hour":
                return now + timedelta(hours=1)
            case "morning":
                return next_morning(self._program.region, now)
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


def _plain(region: Region, phone: Phone, *, opened: bool) -> dict[str, Any]:
    kind = "post" if phone.post else "citizen"
    short = demo.short_title(region, phone.post) if phone.post else phone.name
    shown = {"title": phone.title, "short": short, "name": phone.name, "post": phone.post, "open": opened}
    return {"id": phone.id, "kind": kind, **shown}
