"""The people of a test's town in WhatsApp: they do what the stand-in's webhooks tell, and see what arrived.

    async with open_town(url, folder, channel=WhatsAppCarrier(graph)) as town: ...

The program's side is what `serve` runs: the channel on the real pywa, and a web server with the hook, which is set as
Meta sets it. Only the pace is off, for a journey has no second to spare.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import uvicorn
from pydantic import SecretStr
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot import demo
from bot.app import Program
from bot.channels.base import Channel, Gone, Later, NotFetchedError, Outcome, Refused
from bot.numbers import Numbers, whatsapp_of
from bot.settings import Settings
from handlers.messages import CITIZEN, STAFF, Inbound, News
from storage.plan import table_of
from storage.tables import Attachment
from tests.kit.carriers import Page
from tests.kit.serving import unpace
from tests.kit.town import GroupChat, siantar
from tests.kit.town import Person as TownPerson
from tests.whatsapp.bodies import Event, new_wamid
from tests.whatsapp.people import Person
from tests.whatsapp.screens import TYPED, Screens
from tests.whatsapp.standin import Graph
from tests.whatsapp.town import account_of_a_town, staff

#: More than the program fetches.
TOO_LARGE = 30_000_000
_VENUE = re.compile(r"(?:(.+) \()?(-?[\d.]+), (-?[\d.]+)\)?")
_FAULTS: dict[type[Outcome], dict[str, Any]] = {
    Gone: {"status": 400, "code": 131026},
    Refused: {"status": 400, "code": 131009},
}


@cache
def _holders() -> dict[str, Person]:
    """The invented holders of posts by their phones, as `town_on_whatsapp` has moved them."""
    return {demo.phone_of(siantar(), post).id: person for post, person in staff().items()}


class WhatsAppCarrier:
    """A town with a number for citizens and one for staff, or (`numbers` 1) one for both."""

    name = "whatsapp"

    def __init__(self, graph: Graph, numbers: int = 2) -> None:
        self.account = account_of_a_town(graph, numbers, batch=10)
        self._numbers = {CITIZEN: self.account.number, STAFF: self.account.staff_number}
        self._screens = {through: Screens(self.account, through) for through in self._numbers}
        self._people: dict[str, Person] = dict(_holders())
        self._languages: dict[str, str] = {}
        self._said: dict[str, Event] = {}
        self._writers: dict[str, set[str]] = {CITIZEN: set(), STAFF: set()}
        self._door = socket.socket()
        self._channel: Channel | None = None
        self._program: Program | None = None

    # the program's side

    @property
    def channels(self) -> Sequence[Channel]:
        assert self._channel is not None
        return (self._channel,)

    def settings(self, settings: Settings) -> Settings:
        self._door.bind(("127.0.0.1", 0))
        own = self.account.staff_number if self.account.staff_number != self.account.number else ""
        changed = settings.model_copy(
            update={
                "public_url": f"http://127.0.0.1:{self._door.getsockname()[1]}",
                "whatsapp_api_url": self.account.api,
                "whatsapp_app_secret": SecretStr(self.account.secret),
                "whatsapp_business_id": self.account.id,
                "whatsapp_phone_id": self.account.number,
                "whatsapp_staff_phone_id": own,
                "whatsapp_token": SecretStr(self.account.token),
                "whatsapp_verify_token": SecretStr(self.account.verify_token),
            }
        )
        self._channel = whatsapp_of(changed)
        assert self._channel is not None
        unpace(self._channel)
        self._tell_languages(self._channel)
        for screens in self._screens.values():
            screens.watch(self._channel)
        return changed

    def _tell_languages(self, channel: Channel) -> None:
        """WhatsApp tells nobody's language: in a test that speaks another, citizens have chosen it before."""
        parse = channel.parse

        def told(account: str, raw: dict[str, Any]) -> list[Inbound]:
            return [replace(said, language=self._languages.get(said.sender)) for said in parse(account, raw)]

        channel.parse = told  # type: ignore[method-assign]

    @contextlib.asynccontextmanager
    async def hearing(self, program: Program) -> AsyncIterator[None]:
        self._program = program
        numbers = Numbers(program, self.channels[0])
        with self._door:
            web = Starlette(routes=numbers.routes())
            server = uvicorn.Server(uvicorn.Config(web, lifespan="off", log_level="warning", access_log=False))
            serving = asyncio.create_task(server.serve([self._door]))
            while not server.started:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.002)
            refused = await self.account.aside.subscribe(f"{program.settings.public_url}/hooks/whatsapp")
            assert not refused, refused
            yield
            await self.account.aside.subscribe("")
            server.should_exit = True
            await serving
            await numbers.stop()

    # people

    def address_of(self, person: TownPerson) -> str:
        return self._who(person.phone).id

    def _who(self, phone: str) -> Person:
        return self._people.setdefault(phone, Person())

    def received(self, person: TownPerson) -> list[Page]:
        screens = self._screens[person.account]
        screens.look()
        return screens.pages[self.address_of(person)]

    def seen(self, account: str) -> Mapping[str, Sequence[Page]]:
        self._screens[account].look()
        return self._screens[account].pages

    # what they do

    async def hand_in(self, person: TownPerson, message: dict[str, Any]) -> None:
        self._writers[person.account].add(person.phone)
        who, event = self._who(person.phone), message["id"]
        if person.account == CITIZEN:
            self._languages[who.id] = message["language"]
        tells, number = self.account.aside.tells, self._numbers[person.account]
        if event in self._said:
            await tells(self._said[event], number=number, keep=True)
            return
        for one in self._events(self._screens[person.account], who, message):
            (self._said[event],) = await tells(one, number=number)

    def _events(self, screens: Screens, who: Person, message: dict[str, Any]) -> Iterator[Event]:
        """A message of a test as the platform tells it."""
        text = message.get("text", "")
        more = {"quotes": self._quoted(key)} if (key := message.get("reply_to")) else {}
        if data := message.get("choice"):
            yield _press(screens, who, data)
        elif event := message.get("edits"):
            yield who.edits(self._said[event], text)
        elif files := self._files(message):
            if text and files[0][0] == "voice":  # which carries no words
                yield who.says(text, **more)
                text, more = "", {}
            for n, (kind, file) in enumerate(files):
                words = {"caption": text} if text and not n else {}
                yield _file(who, kind, file, words, more)
                more = {}
        elif place := message.get("place"):
            yield _place(who, place, more)
        elif odd := message.get("odd"):
            yield self._odd(who, odd)
        else:
            yield who.says(text, **more)

    def _files(self, message: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        photos = [("photo", file) for file in message.get("files") or ()]
        return photos + list(message.get("remote") or ())

    def _quoted(self, key: str) -> str:
        """The platform's id of a message of one's own, or of a page."""
        return str(self._said[key]["message"]["id"]) if key in self._said else key

    def _odd(self, who: Person, what: str) -> Event:
        match what:
            case "sticker":
                return who.sends_sticker()
            case "contact":
                return who.sends_contact()
            case "too_large":
                return who.sends_video(self.account.keeps(b"x", mime="video/mp4", size=TOO_LARGE))
        return who.sends_unsupported()

    # what WhatsApp does not have

    async def hear(self, group: GroupChat, person: TownPerson, message: dict[str, Any]) -> None:
        raise AssertionError("there are no groups in WhatsApp: say so with @WITH_GROUPS")

    async def tell(self, person: TownPerson, news: News) -> None:
        """Only that somebody is somebody else now; who has left or come back is never said."""
        assert news.what == "moved", "WhatsApp does not say so: say that with @ON_PHONES"
        assert news.to is not None
        await self.account.aside.tells(self._who(person.phone).changes_id(self._who(news.to)))

    # files

    async def upload(self, person: TownPerson, photo: bytes) -> Any:
        return await self.account.aside.keeps(photo, mime="image/jpeg")

    def attachment_of(self, uploaded: Any) -> int:
        """The newest: everybody waits for what their own message has caused."""
        assert self._program is not None
        attachments = table_of(Attachment)
        with self._program.readers.begin() as connection:
            return int(connection.execute(select(func.max(attachments.c.id))).scalar_one())

    async def keep(
        self, person: TownPerson, kind: str, data: bytes, size: int, faults: Sequence[Exception]
    ) -> tuple[str, dict[str, Any]]:
        for fault in faults:
            lost = isinstance(fault, NotFetchedError) and fault.final
            does = {"status": 400, "code": 100, "error_subcode": 33} if lost else {"status": 503, "code": 2}
            await self.account.aside.fails("media_info", **does)
        return kind, await self.account.aside.keeps(data, mime=_MIMES[kind], size=size)

    @property
    def fetches(self) -> int:
        return int(self.account.counters["calls"].get("media_info", 0))

    # faults, and what must never be

    def answers(self, to: str, *outcomes: Outcome) -> None:
        for outcome in outcomes:
            self.account.fails("messages", to=self._who(to).id, **_fault(outcome))

    def ends_in_order(self) -> None:
        """Nothing was beyond a limit or outside a window, and no staff was told the account of a citizen."""
        for screens in self._screens.values():
            screens.look()
        counters = self.account.counters
        assert not counters["refused"], f"the platform refused: {counters['refused']}"
        assert not counters["failed"], f"the platform could not deliver: {counters['failed']}"
        hidden = [self._who(phone) for phone in self._writers[CITIZEN] - self._writers[STAFF]]
        shown = "\n".join(json.dumps(call["raw"], ensure_ascii=False) for call in self._screens[STAFF].shown)
        for word in (word for who in hidden for word in who.names):
            assert word not in shown, f"staff were told {word} of a citizen's account"


_MIMES = {"photo": "image/jpeg", "document": "application/pdf", "voice": "audio/ogg", "video": "video/mp4"}


def _press(screens: Screens, who: Person, data: str) -> Event:
    """A choice that was offered, or one that never was."""
    if data.startswith(TYPED):
        return who.says(data.removeprefix(TYPED))
    offering = screens.offering(data)
    return who.presses(offering, data) if offering else who.replies_by_button(new_wamid(), data)


def _file(who: Person, kind: str, file: dict[str, Any], words: dict[str, Any], more: dict[str, Any]) -> Event:
    event: Event = getattr(who, f"sends_{kind}")(file, **words, **more)
    return event


def _place(who: Person, place: str, more: dict[str, Any]) -> Event:
    """A point, or a place with a name: `Pasar Horas, Jalan Merdeka (2.95950, 99.06870)`."""
    found = _VENUE.fullmatch(place)
    assert found is not None, f"no place for WhatsApp: {place}"
    name, _, address = (found[1] or "").partition(", ")
    return who.sends_location(float(found[2]), float(found[3]), name, address, **more)


def _fault(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Later) and outcome.blameless:
        return {"status": 400, "code": 131056, "headers": {"Retry-After": str(int(outcome.after or 6))}}
    if isinstance(outcome, Later):
        return {"status": 500, "code": 131000}
    return _FAULTS[type(outcome)]
