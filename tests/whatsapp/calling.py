"""Calls to the stand-in as tests make them, through pywa or bare, and a door at which it knocks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from pywa_async.client import WhatsApp

from tests.whatsapp.bodies import SIGNATURE
from tests.whatsapp.standin import Account

VERSION = "v23.0"


def with_pywa(account: Account, body: Callable[[WhatsApp], Awaitable[None]], *, number: str | None = None) -> None:
    """Do something with pywa's client, in a loop of its own."""

    async def run() -> None:
        async with httpx.AsyncClient() as session:
            client = WhatsApp(phone_id=number or account.number, token=account.token, session=session)
            session.base_url = httpx.URL(f"{account.api}/{VERSION}")
            await body(client)

    asyncio.run(run())


def call(account: Account, method: str, path: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """A bare call: the status, and the answer or the error."""
    headers = {"Authorization": f"Bearer {more.pop('token', account.token)}"}
    answer = httpx.request(method, f"{account.api}/{VERSION}/{path}", headers=headers, timeout=10, **more)
    body = answer.json()
    return answer.status_code, body.get("error", body)


def send(account: Account, to: str, kind: str, content: Any, **more: Any) -> tuple[int, dict[str, Any]]:
    """A message to a BSUID."""
    about = {"messaging_product": "whatsapp", "recipient_type": "individual", "recipient": to, "type": kind}
    return call(account, "POST", f"{account.number}/messages", json={**about, kind: content, **more})


def refused(account: Account, to: str, kind: str, content: Any, **more: Any) -> int:
    """The code with which the platform says no."""
    status, error = send(account, to, kind, content, **more)
    assert status >= 400, error
    return int(error["code"])


class Door:
    """A small web server that keeps what it gets. `answers`: the next statuses, then 200; `token`: what it verifies."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.raw: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        self.token = ""
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = dict(parse_qsl(urlsplit(self.path).query))
                known = asked.get("hub.verify_token") == door.token and asked.get("hub.mode") == "subscribe"
                self._answer(200 if known else 403, asked.get("hub.challenge", ""))

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                door.raw.append((self.headers.get(SIGNATURE, ""), raw))
                door.bodies.append(json.loads(raw))
                self._answer(door.answers.pop(0) if door.answers else 200, "")

            def _answer(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hooks/whatsapp"

    def __enter__(self) -> Door:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def values(self) -> list[dict[str, Any]]:
        """The value of every change of every entry that came, in order."""
        return [change["value"] for body in self.bodies for entry in body["entry"] for change in entry["changes"]]

    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.values for message in value.get("messages", ())]

    def statuses(self) -> list[dict[str, Any]]:
        return [status for value in self.values for status in value.get("statuses", ())]
