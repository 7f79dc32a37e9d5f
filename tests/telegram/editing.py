"""The methods that change messages, take them away, or say something beside them."""

from __future__ import annotations

import time
from typing import Any

from tests.telegram.bots import Bot
from tests.telegram.chats import Chat
from tests.telegram.entities import units
from tests.telegram.errors import ApiError, bad
from tests.telegram.forms import Call
from tests.telegram.keyboards import read_markup
from tests.telegram.sending import content, facts, target

SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)
_CHANGES = ("text", "entities", "caption", "caption_entities", "reply_markup")


def _own(bot: Bot, call: Call, what: str) -> tuple[Chat, dict[str, Any]]:
    """A message of the bot that still stands."""
    chat = target(bot, call)
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad(f"message to {what} not found")
    if refusal := chat.refusal(message.get("message_thread_id")):
        raise refusal
    return chat, message


def _edit(bot: Bot, call: Call, name: str, keeps: tuple[str, ...], new: dict[str, Any]) -> dict[str, Any]:
    chat, message = _own(bot, call, "edit")
    if message.get("from", {}).get("id") != bot.id:
        raise bad("message can't be edited")
    if too_many := bot.pace.takes(chat.id, 1):
        raise too_many
    after = {key: message[key] for key in message if key in keeps or key not in _CHANGES} | new
    if {**after, "edit_date": 0} == {**message, "edit_date": 0}:
        raise bad(SAME)
    after["edit_date"] = int(time.time())
    chat.messages[message["message_id"]] = after
    bot.wrote(name, chat.id, [after], **facts(call))
    return after


def edit_text(bot: Bot, call: Call) -> dict[str, Any]:
    if "text" not in _own(bot, call, "edit")[1]:
        raise bad("there is no text in the message to edit")
    return _edit(bot, call, "editMessageText", (), content(call, "text"))


def edit_caption(bot: Bot, call: Call) -> dict[str, Any]:
    if "text" in _own(bot, call, "edit")[1]:
        raise bad("there is no caption in the message to edit")
    return _edit(bot, call, "editMessageCaption", (), content(call, "caption"))


def edit_markup(bot: Bot, call: Call) -> dict[str, Any]:
    markup = read_markup(call.json("reply_markup"))
    keeps = tuple(name for name in _CHANGES if name != "reply_markup")
    new = {"reply_markup": markup} if markup and markup["inline_keyboard"] else {}
    return _edit(bot, call, "editMessageReplyMarkup", keeps, new)


def delete_message(bot: Bot, call: Call) -> bool:
    chat, message = _own(bot, call, "delete")
    del chat.messages[message["message_id"]]
    bot.wrote("deleteMessage", chat.id, [message], **facts(call))
    return True


def send_action(bot: Bot, call: Call) -> bool:
    chat = target(bot, call)
    if refusal := chat.refusal(call.number("message_thread_id") or None):
        raise refusal
    if not call.text("action"):
        raise bad("wrong parameter action in request")
    return True


def answer_press(bot: Bot, call: Call) -> bool:
    key = call.text("callback_query_id")
    if key not in bot.presses:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if units(call.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    bot.answered[key] = call.params
    bot.note("answered", press=key)
    return True


def leave(bot: Bot, call: Call) -> bool:
    chat = target(bot, call)
    if chat.private:
        raise bad("chat member status can't be changed in private chats")
    if not chat.member:
        raise ApiError(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
    chat.member = False
    return True
