"""The stand-in as a test holds it: its process, and each bot on it.

    bot = standin.bot()
    update = bot.tells(sari.says("KTP saya belum jadi"), wait=5)   # until the program has confirmed it
    bot.texts(sari.id)

All calls here wait for their answer; a test that runs the program in its own loop makes them through `bot.aside`, which
has the same methods to be awaited.
"""

from __future__ import annotations

import random
import string
from pathlib import Path
from typing import Any

import httpx

from tests.kit.standins import PATIENCE, Control, StandInProcess

_LETTERS = string.ascii_letters + string.digits

Update = dict[str, Any]
Message = dict[str, Any]


def new_token() -> str:
    """A token that no other test has."""
    secret = "".join(random.choices(_LETTERS, k=35))
    return f"{random.randrange(10**9, 8 * 10**9)}:{secret}"


class Bot(Control):
    """The test's side of one bot: what happens to it, and what it did."""

    def __init__(self, url: str, token: str, http: httpx.Client) -> None:
        super().__init__(http, f"/control/{token}")
        self.api, self.token = url, token
        self.id = int(token.partition(":")[0])

    def set(self, **settings: Any) -> dict[str, Any]:
        """username, first_name, can_read_all_group_messages, limits, burst, latency, redelivery, skew, revoked, log,
        deaf (what the program confirms is not heard).
        """
        return super().set(**settings)

    def fails(self, method: str = "*", *, chat: int | None = None, times: int = 1, **does: Any) -> None:
        """The next calls go wrong: status (error_code, description, parameters), delay, cut_before, cut_after, raw."""
        self._ask("POST", "/faults", json={"method": method, "chat_id": chat, "times": times, **does})

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


class StandIn(StandInProcess):
    """The server's process, on which each test makes bots of its own."""

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        super().__init__("tests.telegram.server", folder, log)

    def bot(self, **settings: Any) -> Bot:
        """A bot of this test alone."""
        bot = Bot(self.url, new_token(), self._http)
        bot.set(**settings)
        return bot
