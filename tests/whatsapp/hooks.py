"""The webhook side: what happened is posted, signed, again and again until the program takes it with 200."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.tls import trusted
from tests.whatsapp.bodies import SHAPES, SIGNATURE, Event, pack, raw_of, sign
from tests.whatsapp.errors import GraphError

TIMEOUT = 60.0
#: After so long Meta gives up.
WEEK = 7 * 86_400.0
CONNECTIONS = 20
CHALLENGE = "1158201444"


@dataclass(slots=True)
class Waiting:
    """One event on its way to the program. Events of one `sender` stay in order."""

    id: int
    event: Event
    sender: str
    since: float
    confirmed: asyncio.Event = field(default_factory=asyncio.Event)
    body: Body | None = None


@dataclass(slots=True)
class Body:
    """What is posted as one, and - where it failed - posted again as it was."""

    raw: bytes
    events: list[Waiting]
    tries: int = 0
    not_before: float = 0.0
    busy: bool = False


class Hook:
    """Where an account's events are posted to.

    `pause`: seconds before a failed body is posted again, doubled each time up to `longest`; `batch`: how many events
    it may hold, and `shape` how they are packed ("mixed": by chance); `ordered`: whether nobody's events overtake each
    other; `repeats`: how often each body comes again although it was taken; `signature`: right, wrong or none; `deaf`:
    what the program
    answers is not heard; `held`: nothing is posted.
    """

    def __init__(self, account: str, secret: Callable[[], str], now: Callable[[], float], note: Any) -> None:
        self.url = ""
        self.pause = 0.05
        self.longest = 3_600.0
        self.batch = 1
        self.shape = "mixed"
        self.ordered = True
        self.repeats = 0
        self.signature = "right"
        self.deaf = False
        self.held = False
        self.waiting: dict[int, Waiting] = {}
        self.deliveries = self.redeliveries = self.given_up = self.most_at_once = 0
        self._account, self._secret, self._now, self._note = account, secret, now, note
        self._dice = random.Random(account)
        self._bodies: list[Body] = []
        self._next = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def set(self, url: str) -> None:
        """From now on post there; "" = nowhere, and everything waits."""
        self.url = url
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for body in self._bodies:
            body.busy, body.not_before = False, 0.0
        if url:
            self._task = asyncio.ensure_future(self._run())

    def put(self, event: Event, sender: str) -> Waiting:
        self._next += 1
        waiting = self.waiting[self._next] = Waiting(self._next, event, sender, self._now())
        self._note("injected" if "message" in event else "announced", event=waiting.id, **_names(event))
        self.wake()
        return waiting

    def shuffle(self) -> None:
        """What waits, and is in no body yet, gets another order."""
        free = [waiting for waiting in self.waiting.values() if waiting.body is None]
        mixed = self._dice.sample(free, len(free))
        for old, new in zip([one.id for one in free], mixed, strict=True):
            self.waiting[old] = new
            new.id = old

    def wake(self) -> None:
        """Whoever waits for news looks again."""
        self._news.set()
        self._news = asyncio.Event()

    def news(self) -> asyncio.Event:
        return self._news

    async def _run(self) -> None:
        async with httpx.AsyncClient(
            timeout=TIMEOUT, limits=httpx.Limits(max_connections=None), verify=trusted()
        ) as client:
            posting: set[asyncio.Task[None]] = set()
            try:
                while True:
                    news = self._news
                    for body in self._ready():
                        body.busy = True
                        posting.add(task := asyncio.ensure_future(self._post(client, body)))
                        task.add_done_callback(posting.discard)
                    self.most_at_once = max(self.most_at_once, len(posting))
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(news.wait(), self._until_next())
            finally:
                for task in posting:
                    task.cancel()

    def _ready(self) -> list[Body]:
        if self.held:
            return []
        now = time.monotonic()
        room = CONNECTIONS - sum(body.busy for body in self._bodies)
        again = [body for body in self._bodies if not body.busy and body.not_before <= now][: max(0, room)]
        new: list[Body] = []
        while len(again) + len(new) < room and (body := self._pack()) is not None:
            new.append(body)
        return [*again, *new]

    def _pack(self) -> Body | None:
        """The next body out of what may go now."""
        held_back = {one.sender for body in self._bodies for one in body.events} if self.ordered else set()
        found: list[Waiting] = []
        for waiting in self.waiting.values():
            if waiting.body is None and waiting.sender not in held_back and len(found) < max(1, self.batch):
                found.append(waiting)
            elif waiting.body is None:
                held_back |= {waiting.sender} if self.ordered else set()
        if not found:
            return None
        shape = self._dice.choice(SHAPES) if self.shape == "mixed" else self.shape
        body = Body(raw_of(pack(self._account, [one.event for one in found], shape)), found)
        for one in found:
            one.body = body
        self._bodies.append(body)
        return body

    def _until_next(self) -> float | None:
        """How long to sleep without news: until the first failed body may go again."""
        moments = [body.not_before for body in self._bodies if not body.busy and body.not_before]
        return max(0.001, min(moments) - time.monotonic()) if moments else None

    async def _post(self, client: httpx.AsyncClient, body: Body) -> None:
        self.redeliveries += body.tries > 0
        body.tries += 1
        status = await self._status(client, body)
        self._note("delivered", events=[one.id for one in body.events], status=status, tries=body.tries)
        body.busy = False
        if status == 200:
            self._confirm(body)
            for _ in range(self.repeats):
                self.redeliveries += 1
                await self._status(client, body)
        elif self._now() - body.events[0].since > WEEK:
            self.given_up += len(body.events)
            self._drop(body)
        else:
            body.not_before = time.monotonic() + min(self.pause * 2 ** min(body.tries - 1, 20), self.longest)
        self.wake()

    def _confirm(self, body: Body) -> None:
        for one in body.events:
            self._note("confirmed" if "message" in one.event else "heard", event=one.id, **_names(one.event))
            one.confirmed.set()
        self._drop(body)

    def _drop(self, body: Body) -> None:
        self._bodies.remove(body)
        for one in body.events:
            self.waiting.pop(one.id, None)

    async def _status(self, client: httpx.AsyncClient, body: Body) -> int:
        """What the program answered, 0 for nothing."""
        self.deliveries += 1
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if self.signature != "none":
            secret = self._secret() if self.signature == "right" else "another secret"
            headers[SIGNATURE] = sign(secret, body.raw)
        try:
            answer = await client.post(self.url, content=body.raw, headers=headers)
        except httpx.TransportError:
            return 0
        return 0 if self.deaf else answer.status_code


def _names(event: Event) -> dict[str, Any]:
    """What a log may say of an event: its platform id and what it is."""
    if "message" in event:
        return {"kind": "message", "key": event["message"].get("id")}
    if "status" in event:
        return {"kind": "status", "key": event["status"].get("id"), "status": event["status"].get("status")}
    return {"kind": event["field"], "key": None}


async def verify(url: str, token: str) -> None:
    """Ask the program whether it wants our webhooks; GraphError where it does not echo the challenge."""
    asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": CHALLENGE}
    try:
        async with httpx.AsyncClient(timeout=10, verify=trusted()) as client:
            answer = await client.get(url, params=asked)
    except httpx.TransportError as error:
        raise GraphError(2200, message=f"(#2200) Callback verification failed: {type(error).__name__}") from None
    if answer.status_code != 200 or answer.text != CHALLENGE:
        why = f"HTTP Status Code = {answer.status_code}; HTTP Message = {answer.reason_phrase}"
        raise GraphError(2200, message=f"(#2200) Callback verification failed: {why}")
