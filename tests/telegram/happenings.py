"""What happens to a chat at a test's word: blocked, removed, migrated ... The bot is told as the platform tells it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.telegram.bots import Bot
from tests.telegram.chats import Chat
from tests.telegram.updates import Waiting

_NOBODY = {"first_name": "Nobody"}


async def until_confirmed(waiting: list[Waiting | None], seconds: float | None) -> bool:
    ends = [each.confirmed for each in waiting if each]
    if seconds:
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(end.wait() for end in ends))
        except TimeoutError:
            return False
    return all(end.is_set() for end in ends)


async def _member(bot: Bot, chat: Chat, body: dict[str, Any], before: str, after: str) -> dict[str, Any]:
    """The bot's place in a chat changes, and the bot is told."""
    user = body.get("by") or {"id": abs(chat.id), "is_bot": False, **(chat.facts if chat.private else _NOBODY)}
    what = {"chat": chat.object, "from": user, "date": int(time.time())}
    places = {
        "old_chat_member": _place(bot, before),
        "new_chat_member": _place(bot, after),
    }
    waiting = bot.receive({"my_chat_member": {**what, **places}})
    return {"updates": [waiting.update if waiting else None], "confirmed": await _wait([waiting], body)}


def _place(bot: Bot, status: str) -> dict[str, Any]:
    return {"user": bot.user, "status": status, **({"until_date": 0} if status == "kicked" else {})}


async def _wait(waiting: list[Waiting | None], body: dict[str, Any]) -> bool:
    return await until_confirmed(waiting, body.get("wait"))


async def block(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    chat.blocked = True
    return await _member(bot, chat, body, "member", "kicked")


async def unblock(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    chat.blocked, chat.started = False, True
    return await _member(bot, chat, body, "kicked", "member")


async def remove(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    chat.member = False
    return await _member(bot, chat, body, "member", "kicked")


async def add(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    chat.member = True
    return await _member(bot, chat, body, "left", "member")


async def migrate(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    """A group becomes a supergroup; both service messages come."""
    after = bot.chats.migrate(chat)
    by = body.get("by") or {"id": 1_087_968_824, "is_bot": True, "first_name": "Group"}
    service = (
        {"from": by, "chat": chat.object, "migrate_to_chat_id": after.id},
        {"from": by, "chat": after.object, "migrate_from_chat_id": chat.id},
    )
    waiting = [bot.receive({"message": message}) for message in service]
    updates = [each.update if each else None for each in waiting]
    return {"to": after.id, "updates": updates, "confirmed": await _wait(waiting, body)}


async def topic(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    """A topic that exists from now on."""
    chat.topics.add(thread := int(body.get("thread") or chat.new_id()))
    return {"thread": thread}


async def drop_topic(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    chat.topics.discard(int(body["thread"]))
    return {}


async def forget(bot: Bot, chat: Chat, body: dict[str, Any]) -> dict[str, Any]:
    """Somebody deletes a message."""
    chat.messages.pop(int(body["message_id"]), None)
    return {}


VERBS: dict[str, Callable[[Bot, Chat, dict[str, Any]], Awaitable[dict[str, Any]]]] = {
    "block": block,
    "unblock": unblock,
    "remove": remove,
    "add": add,
    "migrate": migrate,
    "topic": topic,
    "drop_topic": drop_topic,
    "forget": forget,
}
