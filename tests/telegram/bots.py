"""One bot as the platform knows it: its token, chats, files, what waits for it and what it did."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.kit.platforms import Faults, Journal
from tests.telegram.chats import Chats
from tests.telegram.errors import ApiError
from tests.telegram.files import Files
from tests.telegram.hooks import Hook
from tests.telegram.pace import Pace
from tests.telegram.updates import Queue, Update, Waiting

TOKEN = re.compile(r"(\d+):[A-Za-z0-9_-]{35}")
#: What a test may set of a bot, beside its limits.
SETTINGS = ("username", "first_name", "can_read_all_group_messages", "latency", "skew", "revoked")
SERVICE = {
    "new_chat_members",
    "left_chat_member",
    "group_chat_created",
    "supergroup_chat_created",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "new_chat_title",
    "forum_topic_created",
    "forum_topic_closed",
    "forum_topic_edited",
    "pinned_message",
}


class Bot:
    """All that belongs to one token."""

    def __init__(self, token: str, log: Path | None = None) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self._journal = Journal(log, bot=self.id)
        self.username = f"tanggap_{self.id}_bot"
        self.first_name = "Tanggap"
        self.can_read_all_group_messages = False
        self.latency = 0.0
        self.skew = 0.0
        self.revoked = False
        self.chats = Chats()
        self.files = Files()
        self.pace = Pace()
        self.queue = Queue(self.note)
        self.hook = Hook(self.queue, self.note)
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.sends: Counter[int] = Counter()
        self.duplicates = 0
        self.withheld = 0
        self.answered: dict[str, dict[str, Any]] = {}
        self.presses: set[str] = set()
        self.commands: dict[tuple[str, str], list[Any]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.sent: list[dict[str, Any]] = []
        self._seen: set[str] = set()

    def log_to(self, path: Path | None) -> None:
        """From now on append what happens to this file, one JSON object a line, on its way before any answer."""
        self._journal.to(path)

    def note(self, what: str, **facts: Any) -> None:
        self._journal.note(what, **facts)

    @property
    def user(self) -> dict[str, Any]:
        """The documented User of the bot."""
        return {"id": self.id, "is_bot": True, "first_name": self.first_name, "username": self.username}

    @property
    def counters(self) -> dict[str, Any]:
        return {
            "calls": dict(self.calls),
            "sends": {str(chat): count for chat, count in self.sends.items()},
            "too_many": self.pace.given,
            "conflicts": self.queue.conflicts,
            "redeliveries": self.hook.redeliveries,
            "most_at_once": self.hook.most_at_once,
            "duplicates": self.duplicates,
            "withheld": self.withheld,
            "unwanted": self.queue.unwanted,
        }

    def fault(self, method: str, chat: str) -> dict[str, Any]:
        """What shall go wrong with this call, if anything."""
        return self.faults.next(method=method, chat_id=int(chat) if chat.lstrip("-").isdigit() else None)

    def wrote(self, method: str, chat: int, messages: list[dict[str, Any]], **facts: Any) -> None:
        """Log what a call put or changed in a chat; the same words or files to the same chat again are a duplicate."""
        if method.startswith("send"):
            self.sends[chat] += len(messages)
            files = [file["sha256"] for file in facts.get("files", ())]
            same = json.dumps([chat, facts.get("thread"), facts.get("text"), facts.get("caption"), files])
            self.duplicates += same in self._seen
            self._seen.add(same)
        ids = [message["message_id"] for message in messages]
        entry = {"method": method, "chat": chat, "ids": ids, "messages": messages, **facts}
        self.sent.append({"n": len(self.sent) + 1, "at": time.monotonic(), **entry})
        self.note("call", token=self.token, **{name: value for name, value in entry.items() if name != "messages"})
        self.queue.wake()

    # what people do

    def receive(self, update: Update, *, keep: bool = False) -> Waiting | None:
        """Something happens in a chat. Ids and dates are filled in, unless `keep`; None where the bot is not told."""
        if not keep:
            update = self._happens(update)
        if self._hidden(update):
            self.withheld += 1
            self.note("withheld")
            return None
        return self.queue.put(update, same_id=keep)

    def _happens(self, update: Update) -> Update:
        if message := update.get("message"):
            return {**update, "message": self._said(message)}
        if press := update.get("callback_query"):
            key = str(random.getrandbits(62))
            self.presses.add(key)
            self.chats.meet_person(press["from"])
            return {**update, "callback_query": {**press, "id": key}}
        if edited := update.get("edited_message"):
            edited = {**edited, "edit_date": int(time.time())}
            self.chats.meet(edited["chat"]).messages[edited["message_id"]] = edited
            return {**update, "edited_message": edited}
        return update

    def _said(self, message: dict[str, Any]) -> dict[str, Any]:
        chat = self.chats.meet(message["chat"])
        self.chats.meet_person(message["from"])
        if chat.private:
            chat.started, chat.blocked = True, False
        message = {**message, "message_id": chat.new_id(), "date": int(time.time())}
        if thread := message.get("message_thread_id"):
            chat.topics.add(thread)
        chat.messages[message["message_id"]] = message
        return message

    def _hidden(self, update: Update) -> bool:
        """Whether privacy mode keeps a group's message from the bot."""
        message = update.get("message") or update.get("edited_message")
        if message is None or message["chat"]["type"] == "private" or self.can_read_all_group_messages:
            return False
        if SERVICE & message.keys() or self.chats.meet(message["chat"]).admin:
            return False
        if (message.get("reply_to_message") or {}).get("from", {}).get("id") == self.id:
            return False
        command = re.match(r"/\w+(?:@(\w+))?", message.get("text", ""))
        return not command or (command[1] or self.username).lower() != self.username.lower()


class Bots:
    """Every bot there is: whoever calls with a well-formed token has one."""

    def __init__(self, log: Path | None = None) -> None:
        self._bots: dict[str, Bot] = {}
        self._log = log

    def find(self, token: str) -> Bot:
        """ApiError where the token is none, or was revoked."""
        if not TOKEN.fullmatch(token):
            raise ApiError(404, "Not Found")
        if token not in self._bots:
            self._bots[token] = Bot(token, self._log)
        return self._bots[token]

    def caller(self, token: str) -> Bot:
        bot = self.find(token)
        if bot.revoked:
            raise ApiError(401, "Unauthorized")
        return bot
