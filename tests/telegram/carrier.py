"""The people of a test's town in Telegram: they do what the stand-in tells the bots, and see what stands in its chats.

    async with open_town(url, folder, channel=TelegramCarrier(standin, "polling")) as town: ...

The program's side is what `serve` runs: both bots through their real libraries, and the poller or a web server with
the hooks. Only the pace is off, for a journey has no second to spare.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
import math
import re
import socket
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import uuid4

import uvicorn
from pydantic import SecretStr
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot import demo
from bot.app import Program
from bot.bots import Bot as OurBot
from bot.bots import Bots, bots_of
from bot.channels.base import Channel, File, Gone, Later, Moved, NotFetchedError, Outcome, Outgoing, Refused, Sent
from bot.channels.pacing import Pace
from bot.channels.telegram import TelegramChannel
from bot.settings import Settings
from handlers.messages import CITIZEN, STAFF, News
from storage.plan import table_of
from storage.tables import Attachment
from tests.channels.bots import end_session
from tests.kit.carriers import Page
from tests.kit.standins import PATIENCE
from tests.kit.town import GroupChat, siantar
from tests.kit.town import Person as TownPerson
from tests.telegram.people import Message, Person, Update, some_file
from tests.telegram.standin import Bot, StandIn
from tests.telegram.town import CITIZEN_SECRET, STAFF_SECRET, Telegram, staff

STAFF_NAME = "tanggap_bot"
#: More than a bot may download.
TOO_LARGE = 30_000_000
#: The pages of a test are compared as plain text.
_MARKUP = {"b": "*", "i": "_"}
_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>')
_TAG = re.compile(r"</?(\w+)>")
_VENUE = re.compile(r"(?:(.+) \()?(-?[\d.]+), (-?[\d.]+)\)?")
_FAULTS: dict[type[Outcome], dict[str, Any]] = {
    Gone: {"status": 403, "description": "Forbidden: bot was blocked by the user"},
    Refused: {"status": 400, "description": "Bad Request: message is too long"},
}
_LOST = {"status": 400, "description": "Bad Request: wrong file_id or the file is temporarily unavailable"}


@cache
def _holders() -> dict[str, Person]:
    """The invented holders of posts by their phones, as `town_on_telegram` has moved them."""
    return {demo.phone_of(siantar(), post).id: person for post, person in staff().items()}


class Screens:
    """What one bot has put before people, as the pages of the record that they are."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.pages: dict[str, list[Page]] = defaultdict(list)
        self.calls: list[dict[str, Any]] = []
        self._sent: deque[tuple[Outgoing, tuple[str, ...]]] = deque()
        self._new: dict[tuple[str, str], deque[dict[str, Any]]] = defaultdict(deque)
        self._last: dict[tuple[str, str], dict[str, Any]] = {}
        self._pages_of: dict[tuple[str, str], str] = {}
        self._buttons: dict[str, Message] = {}

    def watch(self, channel: Channel) -> None:
        """Note which messages each page has become."""
        send = channel.send

        async def watched(outgoing: Outgoing) -> Outcome:
            outcome = await send(outgoing)
            if isinstance(outcome, Sent):
                self._sent.append((outgoing, outcome.parts))
            return outcome

        channel.send = watched  # type: ignore[method-assign]

    def look(self) -> None:
        """Read what is new."""
        new = self.bot.sent(since=len(self.calls)) if self._sent else []
        self.calls += new
        for call in new:
            for key, message in zip(call["ids"], call["messages"], strict=True):
                self._new[str(call["chat"]), str(key)].append({**call, "message": message})
        while self._sent:
            outgoing, parts = self._sent.popleft()
            self.pages[outgoing.to].append(self._page(outgoing, parts))

    def message(self, to: str, key: str) -> Message | None:
        """A message of the bot as it stood last."""
        found = self._last.get((to.partition("/")[0], key))
        return found["message"] if found else None

    def below(self, data: str) -> Message | None:
        """The message with a button."""
        return self._buttons.get(data)

    def _page(self, outgoing: Outgoing, parts: tuple[str, ...]) -> Page:
        chat = outgoing.to.partition("/")[0]
        calls = {call["n"]: call for call in (self._shown(chat, part) for part in parts)}
        before = self._pages_of.get((chat, parts[-1]))
        self._pages_of |= dict.fromkeys(((chat, part) for part in parts), outgoing.key)
        last = self._last[chat, parts[-1]]
        buttons = [
            button for row in last["message"].get("reply_markup", {}).get("inline_keyboard", ()) for button in row
        ]
        for button in buttons:
            self._buttons[button.get("callback_data", "")] = last["message"]
        return Page(
            key=outgoing.key,
            text="\n".join(filter(None, (_plain(call) for call in calls.values()))),
            buttons=tuple(button["text"] for button in buttons),
            data=tuple(button.get("callback_data", "") for button in buttons),
            files=tuple(self._file(file) for call in calls.values() for file in call["files"]),
            edits=before if before != outgoing.key else None,
            message=parts[-1],
            opens=tuple(_opened(button) for button in buttons),
        )

    def _shown(self, chat: str, key: str) -> dict[str, Any]:
        """The call that brought a message into its present form; the earlier one where an edit changed nothing."""
        place = (chat, key)
        if self._new[place]:
            call = self._new[place].popleft()
            if call["method"].startswith("edit"):  # its files are still there
                call["files"] = self._last[place]["files"]
            self._last[place] = call
        return self._last[place]

    def _file(self, note: dict[str, Any]) -> File:
        return File(note["name"], note["mime"], self.bot.file(note["file_id"]))


def _plain(call: dict[str, Any]) -> str:
    """The words of a call as a phone shows them."""
    said = call.get("text") or call.get("caption") or ""
    if not call.get("parse_mode"):
        return said
    return html.unescape(_TAG.sub(lambda tag: _MARKUP.get(tag[1], ""), _LINK.sub(r"\2 \1", said)))


def _opened(button: dict[str, Any]) -> str | None:
    return button["url"].partition("?start=")[2] if "url" in button else None


class TelegramCarrier:
    """Both bots of a town. `mode`: polling or webhook."""

    name = "telegram"

    def __init__(self, standin: StandIn, mode: str) -> None:
        telegram = Telegram(standin)
        telegram.staff.set(username=STAFF_NAME)
        self._url, self._mode = telegram.url, mode
        self._screens = {CITIZEN: Screens(telegram.citizen), STAFF: Screens(telegram.staff)}
        self._people: dict[str, Person] = dict(_holders())
        self._said: dict[str, Update] = {}
        self._groups: dict[str, int] = {}
        self._writers: dict[str, set[str]] = {CITIZEN: set(), STAFF: set()}
        self._door = socket.socket()
        self._ours: list[OurBot] = []
        self._program: Program | None = None

    # the program's side

    @property
    def channels(self) -> Sequence[Channel]:
        return [ours.channel for ours in self._ours]

    def settings(self, settings: Settings) -> Settings:
        self._door.bind(("127.0.0.1", 0))
        changed = settings.model_copy(
            update={
                "citizen_telegram_secret": SecretStr(CITIZEN_SECRET),
                "citizen_telegram_token": SecretStr(self._screens[CITIZEN].bot.token),
                "citizen_telegram_username": "tanggap_warga_bot",
                "public_url": f"http://127.0.0.1:{self._door.getsockname()[1]}",
                "staff_telegram_secret": SecretStr(STAFF_SECRET),
                "staff_telegram_token": SecretStr(self._screens[STAFF].bot.token),
                "staff_telegram_username": STAFF_NAME,
                "telegram_api_url": self._url,
                "telegram_mode": self._mode,
            }
        )
        self._ours = bots_of(changed)
        for ours in self._ours:
            assert isinstance(ours.channel, TelegramChannel)
            ours.channel.pace = Pace.free()
            self._screens[ours.account].watch(ours.channel)
        return changed

    @contextlib.asynccontextmanager
    async def hearing(self, program: Program) -> AsyncIterator[None]:
        self._program = program
        bots, listening = Bots(program, self._ours), asyncio.Event()
        async with self._serving(bots, listening), bots.hearing(polls=True, listening=listening):
            yield
        for ours in self._ours:
            await end_session(ours.channel)

    @contextlib.asynccontextmanager
    async def _serving(self, bots: Bots, listening: asyncio.Event) -> AsyncIterator[None]:
        """The web server that Telegram brings updates to; none where it is asked."""
        with self._door:
            if self._mode != "webhook":
                yield
                return
            web = Starlette(routes=bots.routes())
            server = uvicorn.Server(uvicorn.Config(web, lifespan="off", log_level="warning", access_log=False))
            serving = asyncio.create_task(server.serve([self._door]))
            while not server.started:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.002)
            listening.set()
            yield
            server.should_exit = True
            await serving

    # people

    def address_of(self, person: TownPerson) -> str:
        return self._value(person.phone)

    def _value(self, phone: str) -> str:
        """What a phone of the tests is here: the id of a person, or that of a group and its topic."""
        group, _, topic = phone.partition("/")
        if not group.startswith("-"):
            return str(self._who(phone).id)
        return "/".join(filter(None, (str(self._groups.get(group, group)), topic)))

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
        who = replace(self._who(person.phone), language=message["language"])
        await self._happens(person.account, message["id"], who, message, {})

    async def hear(self, group: GroupChat, person: TownPerson, message: dict[str, Any]) -> None:
        chat, topic = await self._group(group)
        where = {"chat": chat, "thread": topic}
        await self._happens(group.account, str(uuid4()), self._who(person.phone), message, where)

    async def _group(self, group: GroupChat) -> tuple[dict[str, Any], int | None]:
        """The group's Chat object and topic; the bot is a member of it."""
        chat, _, topic = self._value(group.phone).partition("/")
        title = f"Grup {chat}"
        about = {"id": int(chat), "type": "supergroup", "title": title}
        await self._screens[group.account].bot.aside.chat(dict(about), **({"topics": [int(topic)]} if topic else {}))
        return about, int(topic) if topic else None

    async def _happens(
        self, account: str, event: str, who: Person, message: dict[str, Any], where: dict[str, Any]
    ) -> None:
        """Let a message happen, or the same update come again."""
        screens = self._screens[account]
        tells = screens.bot.aside.tells
        if event in self._said:
            await tells(self._said[event], keep=True)
            return
        for update in self._updates(screens, who, message, where):
            (told,) = await tells(update)
            if told is not None:
                self._said[event] = told

    def _updates(
        self, screens: Screens, who: Person, message: dict[str, Any], where: dict[str, Any]
    ) -> Iterator[Update]:
        """A message of a test as the platform tells it."""
        text = message.get("text", "")
        if quoted := self._quoted(screens, who, message.get("reply_to"), where):
            where = {**where, "reply_to": quoted}
        if data := message.get("choice"):
            yield who.presses_data(self._offering(screens, who, data), data)
        elif event := message.get("edits"):
            yield who.edits({"message": self._own(who, event)}, text)
        elif files := self._files(message):
            yield from _with_words([_file(who, kind, file, where) for kind, file in files], text)
        elif place := message.get("place"):
            yield from _with_words([_place(who, place, where)], text)
        elif odd := message.get("odd"):
            yield _odd(who, odd)
        else:
            yield who.says(text, **where)

    def _files(self, message: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        photos = [("photo", file) for file in message.get("files") or ()]
        return photos + list(message.get("remote") or ())

    def _own(self, who: Person, event: str) -> Message:
        """A message of one's own, or of the same number where it was somebody else's."""
        return {**self._said[event]["message"], "from": who.user, "chat": who.chat}

    def _quoted(self, screens: Screens, who: Person, key: str | None, where: dict[str, Any]) -> Message | None:
        if key is None:
            return None
        if key in self._said:
            return self._own(who, key)
        chat = where.get("chat") or who.chat
        return screens.message(str(chat["id"]), key)

    def _offering(self, screens: Screens, who: Person, data: str) -> Message:
        """The message with a button, or - of a button that never was - any."""
        screens.look()
        bot = {"id": screens.bot.id, "is_bot": True, "first_name": "Tanggap"}
        return screens.below(data) or {"message_id": 1, "from": bot, "chat": who.chat, "date": 1, "text": "?"}

    # what becomes of a chat

    async def tell(self, person: TownPerson, news: News) -> None:
        chat, bot = self._value(person.phone).partition("/")[0], self._screens[person.account].bot.aside
        verbs = {"gone": "remove", "back": "add"} if chat.startswith("-") else {"gone": "block", "back": "unblock"}
        if news.what != "moved":
            await bot.does(int(chat), verbs[news.what], wait=PATIENCE)
            return
        assert news.to is not None
        self._groups[news.to] = (await bot.does(int(chat), "migrate", wait=PATIENCE))["to"]

    # files

    async def upload(self, person: TownPerson, photo: bytes) -> Any:
        return await self._screens[person.account].bot.aside.keeps(photo, mime="image/jpeg")

    def attachment_of(self, uploaded: Any) -> int:
        """The newest: everybody waits for what their own message has caused."""
        assert self._program is not None
        attachments = table_of(Attachment)
        with self._program.readers.begin() as connection:
            return int(connection.execute(select(func.max(attachments.c.id))).scalar_one())

    async def keep(
        self, person: TownPerson, kind: str, data: bytes, size: int, faults: Sequence[Exception]
    ) -> tuple[str, dict[str, Any]]:
        bot = self._screens[person.account].bot.aside
        for fault in faults:
            lost = isinstance(fault, NotFetchedError) and fault.final
            await bot.fails("getFile", **(_LOST if lost else {"status": 502}))
        return kind, await bot.keeps(data, mime="text/plain", size=size)

    @property
    def fetches(self) -> int:
        return sum(screens.bot.counters["calls"].get("getFile", 0) for screens in self._screens.values())

    # faults, and what must never be

    def answers(self, to: str, *outcomes: Outcome) -> None:
        chat, _, topic = self._value(to).partition("/")
        for outcome in outcomes:
            if topic and outcome == Moved(to.partition("/")[0]):
                self._screens[STAFF].bot.does(int(chat), "drop_topic", thread=int(topic))
                continue
            for screens in self._screens.values():
                screens.bot.fails(chat=int(chat), **self._fault(outcome))

    def _fault(self, outcome: Outcome) -> dict[str, Any]:
        if isinstance(outcome, Later):
            return {"status": 429, "parameters": {"retry_after": math.ceil(outcome.after or 1)}}
        if isinstance(outcome, Moved):
            to = {"migrate_to_chat_id": int(self._value(outcome.to))}
            return {"status": 400, "description": "Bad Request: group chat was upgraded", "parameters": to}
        return _FAULTS[type(outcome)]

    def ends_in_order(self) -> None:
        """Nobody polled beside us, and no staff was told the account of a citizen."""
        for screens in self._screens.values():
            screens.look()
            assert not screens.bot.counters["conflicts"]
        hidden = [self._who(phone) for phone in self._writers[CITIZEN] - self._writers[STAFF]]
        shown = "\n".join(_everything_said(call) for call in self._screens[STAFF].calls)
        for word in (word for who in hidden for word in (*who.names, str(who.id))):
            assert word not in shown, f"the staff bot said {word} of a citizen's account"


def _everything_said(call: dict[str, Any]) -> str:
    said = {name: call.get(name) for name in ("text", "caption", "reply_markup", "files")}
    return json.dumps(said, ensure_ascii=False)


def _with_words(updates: list[Update], text: str) -> Iterator[Update]:
    """The words stand below the first."""
    for n, update in enumerate(updates):
        if text and not n:
            update["message"]["caption"] = text
        yield update


def _file(who: Person, kind: str, file: dict[str, Any], where: dict[str, Any]) -> Update:
    update: Update = getattr(who, f"sends_{kind}")(file, **where)
    return update


def _place(who: Person, place: str, where: dict[str, Any]) -> Update:
    """A point, or a venue: `Pasar Horas, Jalan Merdeka (2.95950, 99.06870)`."""
    found = _VENUE.fullmatch(place)
    assert found is not None, f"no place for Telegram: {place}"
    point = {"latitude": float(found[2]), "longitude": float(found[3])}
    if not found[1]:
        return who.sends_location(**point, **where)
    title, _, address = found[1].partition(", ")
    venue = {"location": point, "title": title, "address": address}
    return who.sends({"venue": venue, "location": point}, **where)


def _odd(who: Person, what: str) -> Update:
    match what:
        case "sticker":
            return who.sends_sticker()
        case "contact":
            return who.sends_contact()
        case "too_large":
            return who.sends_video(some_file("video/mp4", size=TOO_LARGE))
    return who.sends_poll()
