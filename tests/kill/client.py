"""The client of the kill tests: `python -m tests.kill.client URL LOG SEED PHONES POSTS...`, a process of its own.

Citizens tell stories, confirm some of them and ask how things stand; officers take some of the cases that they are
shown. Every message has an id of its own and is posted again with the same id until the server says 200; every page is
acknowledged. What was seen is in the log, one JSON object a line, on disk before the next thing is done.

It reads words from its standard input: `rush` has everybody write without a pause, `deaf` loses every answer on its
way back, `calm` ends both, `stop` lets everybody finish the round in hand, and the end of the input ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

#: Each goes to another desk without a question; `{}` is the word by which the story is told from all others.
STORIES = (
    "Antrean KTP di Disdukcapil lama sekali, sudah tiga bulan belum jadi, {}",
    "Sampah menumpuk di Kelurahan Bukit Sofa sudah seminggu tidak diangkut, {}",
    "Lampu jalan mati di Kelurahan Tomuan, {}",
    "Pasien rujukan RSUD menunggu kamar lama sekali, {}",
    "Izin usaha OSS di DPMPTSP belum terbit sudah sebulan, {}",
    "Petugas loket Disdukcapil minta uang Rp50.000 untuk mengurus KTP, {}",
    "Petugas loket Disdukcapil membentak saya dengan kasar, {}",
)
#: What follows a story, and how often: sent, sent without a name, thrown away, left as it is (only at the end).
ROUNDS = (("send",), ("send", "status"), ("identity", "anonymous", "send"), ("cancel",))
WEIGHTS = (6, 2, 1, 1)
TYPED = {"send": "1", "identity": "2", "anonymous": "anonim", "status": "/status", "cancel": "/batal"}
TAKES = 0.25
RETRY_SECONDS = 0.05
#: How many seconds there are to finish what was begun, once the input has ended.
PATIENCE = 20.0


class Client:
    """All phones of the test, over one HTTP client."""

    def __init__(self, http: httpx.AsyncClient, log: Path, seed: int, pause: float) -> None:
        self._http = http
        self._log = log.open("a", encoding="utf-8", buffering=1)
        self._dice = random.Random(seed)
        self._pause = pause
        self._seen: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopping = asyncio.Event()
        self.hearing = asyncio.Event()
        self.hearing.set()
        self.rushing = False

    def obey(self, word: str) -> None:
        self.rushing = word in ("rush", "deaf")
        if word == "deaf":
            self.hearing.clear()
        else:
            self.hearing.set()
        if word == "stop":
            self.stopping.set()

    async def run(self, citizens: int, officers: Sequence[str], ended: asyncio.Event) -> None:
        phones = [f"citizen-{number}" for number in range(1, citizens + 1)]
        listening = [asyncio.create_task(self._listen(some)) for some in (phones, officers)]
        talking = [asyncio.create_task(self._talk(phone)) for phone in phones]
        await asyncio.gather(*talking)
        self._note("silent")
        await ended.wait()
        while self._tasks:
            await asyncio.gather(*self._tasks)
        for task in listening:
            task.cancel()
        self._log.close()

    def _note(self, what: str, **facts: Any) -> None:
        self._log.write(json.dumps({"at": time.monotonic(), "what": what, **facts}) + "\n")

    async def _talk(self, phone: str) -> None:
        """Rounds until told to stop; then one story more that nobody confirms."""
        await asyncio.sleep(self._dice.random() * self._pause)
        while not self.stopping.is_set():
            (steps,) = self._dice.choices(ROUNDS, WEIGHTS)
            await self._round(phone, steps)
        await self._round(phone, ())

    async def _round(self, phone: str, steps: Sequence[str]) -> None:
        token = f"zx{self._dice.getrandbits(60):015x}"
        story = self._dice.choice(STORIES).format(token)
        await self._post(phone, "story", token, text=story)
        for step in steps:
            await self._post(phone, step, token, text=TYPED[step])

    async def _post(self, phone: str, step: str, token: str, **body: str) -> None:
        """Post a message until it is accepted, always with the same id."""
        event = str(UUID(int=self._dice.getrandbits(128), version=4))
        self._note("posted", event=event, phone=phone, step=step, token=token, **body)
        while (status := await self._request(f"/demo/phones/{phone}/messages", {"id": event, **body})) != 200:
            self._note("refused", event=event, status=status)
            await asyncio.sleep(RETRY_SECONDS)
        self._note("accepted", event=event)
        if not (self.stopping.is_set() or self.rushing):
            await asyncio.sleep(self._pause * (0.5 + self._dice.random()))

    async def _request(self, path: str, body: dict[str, str]) -> int:
        """The status of the answer; 0 where none came, because nobody was there, somebody died, or it was lost."""
        try:
            answer = await self._http.post(path, json=body)
        except httpx.TransportError:
            return 0
        if self.hearing.is_set():
            return answer.status_code
        await self.hearing.wait()
        return 0

    async def _listen(self, phones: Sequence[str]) -> None:
        """One stream of events for these phones, opened again whenever it breaks."""
        while True:
            try:
                async for event in self._events(phones):
                    self._received(event)
            except httpx.TransportError as error:
                if not isinstance(error, httpx.ConnectError):
                    self._note("cut")
                await asyncio.sleep(RETRY_SECONDS)

    async def _events(self, phones: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
        async with self._http.stream("GET", "/demo/events", params={"phone": list(phones)}) as stream:
            kind = ""
            async for line in stream.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "event":
                    kind = value
                elif name == "data" and kind == "message":
                    yield json.loads(value)

    def _received(self, event: dict[str, Any]) -> None:
        phone, key = event["phone"], event["id"]
        self._note("received", id=key, phone=phone, text=event["text"])
        self._soon(self._acknowledge(phone, key))
        if key not in self._seen and not phone.startswith("citizen") and self._dice.random() < TAKES:
            taking = next((choice["data"] for choice in event["choices"] if choice["label"] == "Ambil"), None)
            if taking:
                self._soon(self._post(phone, "take", key, choice=taking))
        self._seen.add(key)

    async def _acknowledge(self, phone: str, key: str) -> None:
        while await self._request(f"/demo/phones/{phone}/acks", {"id": key}) != 200:  # noqa: ASYNC110
            await asyncio.sleep(RETRY_SECONDS)
        self._note("acked", id=key, phone=phone)

    def _soon(self, body: Any) -> None:
        task = asyncio.create_task(body)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _obey(loop: asyncio.AbstractEventLoop, client: Client, ended: asyncio.Event) -> None:
    for word in sys.stdin:
        loop.call_soon_threadsafe(client.obey, word.strip())
    loop.call_soon_threadsafe(ended.set)
    time.sleep(PATIENCE)
    os._exit(1)  # there is nobody left to talk to


async def main(url: str, log: Path, seed: int, citizens: int, rate: float, officers: Sequence[str]) -> None:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=None, limits=limits) as http:
        client = Client(http, log, seed, citizens / rate)
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        threading.Thread(target=_obey, args=(loop, client, ended), daemon=True).start()
        await client.run(citizens, officers, ended)


if __name__ == "__main__":
    address, path, number, phones, speed, *posts = sys.argv[1:]
    asyncio.run(main(address, Path(path), int(number), int(phones), float(speed), posts))
