"""The stand-in as a test holds it: its process, and each bot on it.

    bot = standin.bot()
    update = bot.tells(sari.says("KTP saya belum jadi"), wait=5)   # until the program has confirmed it
    bot.texts(sari.id)

All calls here wait for their answer; a test that runs the program in its own loop makes them through `bot.aside`, which
has the same methods to be awaited.
"""

from __future__ import annotations

import asyncio
import random
import string
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.kill.processes import end, free_port, start

READY_SECONDS = 30.0
PATIENCE = 15.0
_LETTERS = string.ascii_letters + string.digits

Update = dict[str, Any]
Message = dict[str, Any]


def new_token() -> str:
    """A token that no other test has."""
    secret = "".join(random.choices(_LETTERS, k=35))
    return f"{random.randrange(10**9, 8 * 10**9)}:{secret}"


class Bot:
    """The test's side of one bot: what happens to it, and what it did."""

    def __init__(self, url: str, token: str, http: httpx.Client) -> None:
        self.api, self.token = url, token
        self.id = int(token.partition(":")[0])
        self._http = http
        self._path = f"/control/{token}"

    @property
    def aside(self) -> Aside:
        """The same, for the loop: each method returns something to be awaited."""
        return Aside(self)

    def _ask(self, method: str, path: str, *, json: Any = None, **more: Any) -> Any:
        if json is not None:
            more["json"] = json
        answer = self._http.request(method, f"{self._path}{path}", **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    # settings and state

    def set(self, **settings: Any) -> dict[str, Any]:
        """username, first_name, can_read_all_group_messages, limits, burst, latency, redelivery, skew, revoked, log,
        deaf (what the program confirms is not heard).
        """
        state: dict[str, Any] = self._ask("POST", "", json=settings).json()
        return state

    @property
    def state(self) -> dict[str, Any]:
        """user, pending, webhook, counters, answered, commands, texts, chats."""
        state: dict[str, Any] = self._ask("GET", "").json()
        return state

    @property
    def pending(self) -> int:
        return int(self.state["pending"])

    @property
    def counters(self) -> dict[str, Any]:
        """calls by method, sends by chat, too_many, conflicts, redeliveries, duplicates, withheld, unwanted."""
        counters: dict[str, Any] = self.state["counters"]
        return counters

    def fails(self, method: str = "*", *, chat: int | None = None, times: int = 1, **does: Any) -> None:
        """The next calls go wrong: status (error_code, description, parameters), delay, cut_before, cut_after, raw."""
        self._ask("POST", "/faults", json={"method": method, "chat_id": chat, "times": times, **does})

    def heals(self) -> None:
        self._ask("DELETE", "/faults")

    # what people do

    def tells(self, *updates: Update, wait: float | None = PATIENCE, keep: bool = False) -> list[Update | None]:
        """Let things happen; returns the updates as the bot gets them (None: it does not).

        `wait`: so many seconds at most until the bot has confirmed them all, or the test fails; None = don't. `keep`:
        send them as they are, with their own ids (a second copy).
        """
        timeout = (wait or 0) + PATIENCE
        body = {"updates": updates, "wait": wait, "keep": keep}
        answer = self._ask("POST", "/updates", json=body, timeout=timeout).json()
        assert answer["confirmed"] or not wait, f"not confirmed within {wait} s"
        told: list[Update | None] = answer["updates"]
        return told

    def keeps(self, data: bytes, *, name: str = "", mime: str = "", size: int | None = None) -> dict[str, Any]:
        """A file that somebody is about to send: what the documented objects say of it. `size`: pretended."""
        asked = {"name": name, "mime": mime, **({} if size is None else {"size": size})}
        file: dict[str, Any] = self._ask("POST", "/files", content=data, params=asked).json()
        return file

    def file(self, file_id: str) -> bytes:
        """The bytes of a file that was sent, by whomever."""
        data: bytes = self._ask("GET", f"/files/{file_id}").content
        return data

    # chats

    def chat(self, chat: dict[str, Any], **more: Any) -> dict[str, Any]:
        """A chat that exists: a documented Chat object, and started, member, admin, topics."""
        (made,) = self.chats([{**chat, **more}])
        return made

    def chats(self, chats: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Many of them."""
        made: list[dict[str, Any]] = self._ask("POST", "/chats", json={"chats": chats}).json()
        return made

    def does(self, chat: int, verb: str, *, wait: float | None = None, **body: Any) -> dict[str, Any]:
        """block, unblock, remove, add, migrate (-> `to`), topic (-> `thread`), drop_topic, forget (a message_id)."""
        timeout = (wait or 0) + PATIENCE
        answer = self._ask("POST", f"/chats/{chat}/{verb}", json={**body, "wait": wait}, timeout=timeout).json()
        assert not wait or answer["confirmed"], f"not confirmed within {wait} s"
        done: dict[str, Any] = answer
        return done

    # what the bot did

    def sent(self, since: int = 0, *, wait: float = 0.0) -> list[dict[str, Any]]:
        """Every call that put, changed or took away a message: n, at, method, chat, ids, messages, text, files ..."""
        asked = {"since": since, "wait": wait}
        calls: list[dict[str, Any]] = self._ask("GET", "/sent", params=asked, timeout=wait + PATIENCE).json()
        return calls

    def messages(self, chat: int) -> list[Message]:
        """What stands in a chat now, as documented Messages, oldest first; the people's own too."""
        found: list[Message] = self._ask("GET", f"/messages/{chat}").json()
        return found

    def texts(self, chat: int) -> list[str]:
        """The texts and captions of the bot that stand in a chat now."""
        own = [m for m in self.messages(chat) if m["from"]["id"] == self.id]
        return [m.get("text") or m.get("caption", "") for m in own]

    def sees(self, chat: int, text: str, seconds: float = PATIENCE) -> Message:
        """The newest message of the bot that contains a text, as soon as it stands in the chat."""
        found: Message = self.until(lambda: self._find(chat, text), f"{text!r} in a chat", seconds)
        return found

    def _find(self, chat: int, text: str) -> Message | None:
        own = [m for m in self.messages(chat) if m["from"]["id"] == self.id]
        return next((m for m in reversed(own) if text in (m.get("text") or m.get("caption", ""))), None)

    def until(self, found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Look again and again until something can be found; returns it."""
        deadline = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.01)
        return answer


class Aside:
    """A bot whose methods are awaited: the loop goes on meanwhile."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            found = await asyncio.to_thread(lambda: getattr(self._bot, name))
            if not callable(found):
                return found
            return await asyncio.to_thread(lambda: found(*arguments, **named))

        return call


class StandIn:
    """The server's process."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        """`log`: where every bot's calls are appended, unless the bot is told of another file."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        arguments = [str(port), *([str(log)] if log else [])]
        self._process = start("tests.telegram.server", arguments, folder, {})
        self._http = httpx.Client(base_url=self.url, timeout=PATIENCE)
        self._until_ready(self._process)

    def bot(self, **settings: Any) -> Bot:
        """A bot of this test alone."""
        bot = Bot(self.url, new_token(), self._http)
        bot.set(**settings)
        return bot

    def said(self) -> str:
        """The end of what it complained of."""
        return (self._folder / "server.log").read_text()[-4000:]

    def _until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                self._http.get("/control")
            except httpx.TransportError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the stand-in did not come up:\n{self.said()}") from None
                time.sleep(0.02)
            else:
                return

    def end(self) -> None:
        self._http.close()
        end(self._process)
