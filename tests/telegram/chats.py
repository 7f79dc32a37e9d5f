"""The chats of one bot: who started it, who blocked it, where it is a member, and the messages in them."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Any

from tests.telegram.errors import ApiError, bad, forbidden

Message = dict[str, Any]

#: Message ids of a chat start anywhere below this.
FIRST_MESSAGE = 90_000
SUPERGROUPS = -1_000_000_000_000


@dataclass(slots=True)
class Chat:
    """One chat. `facts` is what else the documented Chat object says of it: names or a title."""

    id: int
    kind: str
    facts: dict[str, Any]
    started: bool = False
    blocked: bool = False
    member: bool = True
    admin: bool = False
    moved_to: int | None = None
    topics: set[int] = field(default_factory=set)
    messages: dict[int, Message] = field(default_factory=dict)
    last: int = field(default_factory=lambda: random.randrange(1, FIRST_MESSAGE))

    @property
    def private(self) -> bool:
        return self.kind == "private"

    @property
    def object(self) -> dict[str, Any]:
        """The documented Chat object."""
        forum = {"is_forum": True} if self.topics else {}
        return {"id": self.id, "type": self.kind, **self.facts, **forum}

    def new_id(self) -> int:
        self.last += 1
        return self.last

    def refusal(self, thread: int | None) -> ApiError | None:
        """Why the bot may not write here."""
        if self.private and self.blocked:
            return forbidden("bot was blocked by the user")
        if self.private and not self.started:
            return forbidden("bot can't initiate conversation with a user")
        if self.moved_to is not None:
            return bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=self.moved_to)
        if not self.member:
            return forbidden(f"bot was kicked from the {self.kind} chat")
        if thread is not None and thread not in self.topics:
            return bad("message thread not found")
        return None

    def add(self, sender: dict[str, Any], content: dict[str, Any], thread: int | None = None) -> Message:
        """A message that now stands here."""
        topic = {"message_thread_id": thread, "is_topic_message": True} if thread else {}
        message = {
            "message_id": self.new_id(),
            "from": sender,
            "chat": self.object,
            "date": int(time.time()),
            **topic,
            **content,
        }
        self.messages[message["message_id"]] = message
        return message


class Chats:
    """All of them, by id."""

    def __init__(self) -> None:
        self._chats: dict[int, Chat] = {}

    def __iter__(self) -> Any:
        return iter(self._chats.values())

    def find(self, key: int) -> Chat:
        if key not in self._chats:
            raise bad("chat not found")
        return self._chats[key]

    def meet(self, said: dict[str, Any]) -> Chat:
        """The chat that a documented Chat object is about, known from now on."""
        key = int(said["id"])
        if key not in self._chats:
            facts = {name: value for name, value in said.items() if name not in ("id", "type", "is_forum")}
            self._chats[key] = Chat(key, said["type"], facts)
        return self._chats[key]

    def meet_person(self, user: dict[str, Any]) -> Chat:
        """The private chat with somebody, started or not."""
        names: dict[str, Any] = {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
        return self.meet({"id": user["id"], "type": "private", **names})

    def migrate(self, chat: Chat) -> Chat:
        """The supergroup that a group becomes."""
        chat.moved_to = SUPERGROUPS - random.randrange(10**9, 10**10)
        after = self.meet({"id": chat.moved_to, "type": "supergroup", **chat.facts})
        after.topics = set(chat.topics)
        return after
