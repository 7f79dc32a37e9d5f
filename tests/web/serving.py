"""The demo as somebody outside meets it: a server on a loopback port, and screens that speak HTTP and nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bot.app import Program
from bot.web.site import Server, demo_site, server
from tests.kit.town import LANGUAGES, label, settings_for, siantar

PATIENCE = 15.0
Event = dict[str, Any]


class Screen:
    """Whoever watches some phones: reads their stream of events, acknowledges each message, writes and presses."""

    def __init__(self, url: str, phones: tuple[str, ...], *, acks: bool) -> None:
        self.messages: list[Event] = []
        self.events: list[tuple[str, Event]] = []
        self.lines: list[str] = []
        self._acks = acks
        self._answered: dict[str, int] = {}
        self._phones = phones
        self._news = threading.Condition()
        self._http = httpx.Client(base_url=url, timeout=httpx.Timeout(PATIENCE, read=None))
        self._open = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self._open.wait(PATIENCE), "the stream did not open"

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        self._http.close()

    # what is on it

    def of(self, phone: str) -> list[Event]:
        """The messages of one phone, oldest first."""
        return [message for message in self.messages if message["phone"] == phone]

    def wait(self, found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Wait until something can be found; returns it."""
        end = time.monotonic() + seconds
        with self._news:
            while not (answer := found()):
                if not self._news.wait(end - time.monotonic()):
                    texts = [f"{message['phone']}: {message['text']}" for message in self.messages[-6:]]
                    raise AssertionError("\n---\n".join([f"{what} did not come within {seconds} s", *texts]))
        return answer

    def sees(self, phone: str, text: str, seconds: float = PATIENCE) -> Event:
        """The newest message of a phone that contains a text, when it has come."""
        message: Event = self.wait(
            lambda: next((m for m in reversed(self.of(phone)) if text in m["text"]), None),
            f"{text!r} on {phone}",
            seconds,
        )
        return message

    def hears(self, kind: str, seconds: float = PATIENCE) -> Event:
        """The newest event of a kind, when there is one."""
        event: Event = self.wait(
            lambda: next((data for name, data in reversed(self.events) if name == kind), None), kind, seconds
        )
        return event

    # what the thumb does

    def types(self, phone: str, text: str, **more: Any) -> None:
        self.posts(phone, text=text, **more).raise_for_status()

    def posts(self, phone: str, **body: Any) -> httpx.Response:
        """One message; its id is new unless it is given."""
        self._answered[phone] = len(self.of(phone))
        return self._http.post(f"/demo/phones/{phone}/messages", json={"id": str(uuid4()), **body})

    def presses(self, phone: str, *codes: str) -> None:
        """Press these choices one after the other, each on what came after this phone last wrote or pressed."""
        for code in codes:
            labels = {label(code, language) for language in LANGUAGES}
            data = self.wait(partial(self._choice, phone, labels), f"{code} on {phone}")
            self.posts(phone, choice=data).raise_for_status()

    def _choice(self, phone: str, labels: set[str]) -> str | None:
        new = self.of(phone)[self._answered.get(phone, 0) :]
        choices = (choice for message in reversed(new) for choice in message["choices"])
        return next((choice["data"] for choice in choices if choice["label"] in labels), None)

    def complains(self, phone: str, story: str, **more: Any) -> str:
        """Tell a story and send it; returns the number of the new ticket."""
        before = {ticket["number"] for ticket in self._tickets()}
        self.types(phone, story, **more)
        self.presses(phone, "send")
        (number,) = {ticket["number"] for ticket in self._tickets()} - before
        return str(number)

    def _tickets(self) -> list[dict[str, str]]:
        tickets: list[dict[str, str]] = self._http.get("/demo/tickets").json()["tickets"]
        return tickets

    # the stream

    def _listen(self) -> None:
        wanted = self._http.stream("GET", "/demo/events", params={"phone": list(self._phones)})
        with contextlib.suppress(httpx.TransportError, OSError), wanted as stream:
            stream.raise_for_status()
            self._socket = stream.extensions["network_stream"].get_extra_info("socket")
            self._read(stream.iter_lines())

    def _read(self, lines: Iterator[str]) -> None:
        kind = ""
        for line in lines:
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                self._happened(kind, json.loads(value))
            with self._news:
                self.lines.append(line)
                self._news.notify_all()

    def _happened(self, kind: str, data: Event) -> None:
        with self._news:
            self.events.append((kind, data))
            if kind == "message":
                self.messages.append(data)
        if kind == "message" and self._acks:
            self._http.post(f"/demo/phones/{data['phone']}/acks", json={"id": data["id"]})
        self._open.set()  # the first event is the clock's: by then the phones are being looked at


class Demo:
    """A running demo."""

    def __init__(self, url: str, program: Program, database: Path) -> None:
        self.url = url
        self.program = program
        self.database = database
        self.http = httpx.Client(base_url=url, timeout=PATIENCE)
        self.loop: asyncio.AbstractEventLoop
        self._screens: list[Screen] = []

    def screen(self, *phones: str, acks: bool = True) -> Screen:
        """Open the stream of these phones; closed at the latest with the demo."""
        self._screens.append(Screen(self.url, phones, acks=acks))
        return self._screens[-1]

    def close(self) -> None:
        for screen in self._screens:
            screen.close()
        self.http.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What another connection to the database sees at this moment."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(query, values).fetchall()

    def does(self, query: str, *values: Any) -> None:
        """Change something behind the program's back."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as connection:
            connection.execute(query, values)
            connection.commit()

    def until(self, found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Look again and again until something is true; returns it."""
        end = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < end, f"not within {seconds} s: {what}"
            time.sleep(0.02)
        return answer


@contextlib.contextmanager
def run_demo(database: str, folder: Path, *, undo_seconds: int = 0) -> Iterator[Demo]:
    """What `tanggap demo` is, in a thread, over a peopled SQLite database (an URL); its port is free."""
    program, web = demo_site(settings_for(database, folder, undo_seconds=undo_seconds), siantar())
    listening = socket.create_server(("127.0.0.1", 0))
    serving = server(web, "127.0.0.1", 0)
    demo = Demo(f"http://127.0.0.1:{listening.getsockname()[1]}", program, Path(database.removeprefix("sqlite:///")))
    thread = threading.Thread(target=lambda: asyncio.run(_serve(serving, listening, demo)), daemon=True)
    thread.start()
    try:
        demo.until(lambda: serving.started or not thread.is_alive(), "the server runs")
        assert serving.started, "the server did not start"
        yield demo
    finally:
        demo.close()
        serving.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive(), "the server did not end"


async def _serve(serving: Server, listening: socket.socket, demo: Demo) -> None:
    demo.loop = asyncio.get_running_loop()
    await serving.serve(sockets=[listening])
