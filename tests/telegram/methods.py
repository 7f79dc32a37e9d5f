"""The Bot API's methods by name, and those of them that are about the bot itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.telegram import sending
from tests.telegram.bots import Bot
from tests.telegram.errors import ApiError, bad
from tests.telegram.forms import Call

Method = Callable[[Bot, Call], Any]

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MOST_COMMANDS, MOST_COMMAND_TEXT = 100, 256
MOST_CONNECTIONS = 100
MOST_DESCRIPTION, MOST_SHORT_DESCRIPTION = 512, 120
HOOKED_OVER = "terminated by setWebhook request"


def get_me(bot: Bot, _: Call) -> dict[str, Any]:
    return {
        **bot.user,
        "can_join_groups": True,
        "can_read_all_group_messages": bot.can_read_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_webhook(bot: Bot, call: Call) -> bool:
    url, secret = call.text("url"), call.text("secret_token")
    if url and not url.startswith(("https://", "http://127.0.0.1")):  # plain HTTP as a self-hosted server allows it
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    bot.queue.allow(call.json("allowed_updates"))
    _drop(bot, call)
    bot.queue.end_poll(HOOKED_OVER)
    bot.hook.set(url, secret, max(1, min(call.number("max_connections", 40), MOST_CONNECTIONS)))
    return True


def delete_webhook(bot: Bot, call: Call) -> bool:
    _drop(bot, call)
    bot.hook.set("", "", 40)
    return True


def _drop(bot: Bot, call: Call) -> None:
    if call.flag("drop_pending_updates"):
        bot.note("dropped", count=len(bot.queue.waiting))
        bot.queue.waiting.clear()


def webhook_info(bot: Bot, _: Call) -> dict[str, Any]:
    return bot.hook.info()


def get_file(bot: Bot, call: Call) -> dict[str, Any]:
    file = bot.files.fetchable(call.text("file_id"))
    return {**file.object, "file_path": file.path}


def get_chat(bot: Bot, call: Call) -> dict[str, Any]:
    chat = sending.target(bot, call)
    if not chat.private and not chat.member:
        raise ApiError(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return {
        **chat.object,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


# --- what people see before they write


def _where(call: Call) -> tuple[str, str]:
    scope = call.json("scope") or {"type": "default"}
    parts = [str(scope[name]) for name in ("type", "chat_id", "user_id") if name in scope]
    return ":".join(parts), call.text("language_code")


def set_commands(bot: Bot, call: Call) -> bool:
    commands = call.json("commands") or []
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.fullmatch(command["command"].removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= MOST_COMMAND_TEXT:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    bot.commands[_where(call)] = commands
    return True


def get_commands(bot: Bot, call: Call) -> list[Any]:
    return bot.commands.get(_where(call), [])


def delete_commands(bot: Bot, call: Call) -> bool:
    bot.commands.pop(_where(call), None)
    return True


def set_text(bot: Bot, call: Call, name: str, most: int) -> bool:
    text = call.text(name)
    if len(text) > most:
        raise bad(f"{name.upper()}_TOO_LONG")
    bot.texts[name, call.text("language_code")] = text
    return True


def get_text(bot: Bot, call: Call, name: str) -> dict[str, str]:
    return {name: bot.texts.get((name, call.text("language_code")), "")}


_MEDIA = {name: f"send{name.capitalize()}" for name in sending.MEDIA}
_ALL: dict[str, Method] = {
    "getMe": get_me,
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": webhook_info,
    "sendMessage": sending.send_message,
    **{name: partial(sending.send_medium, kind=kind, name=name) for kind, name in _MEDIA.items()},
    "sendMediaGroup": sending.send_media_group,
    "sendChatAction": sending.send_action,
    "editMessageText": sending.edit_text,
    "editMessageCaption": sending.edit_caption,
    "editMessageReplyMarkup": sending.edit_markup,
    "deleteMessage": sending.delete_message,
    "answerCallbackQuery": sending.answer_press,
    "getFile": get_file,
    "getChat": get_chat,
    "leaveChat": sending.leave,
    "setMyCommands": set_commands,
    "getMyCommands": get_commands,
    "deleteMyCommands": delete_commands,
    "setMyDescription": partial(set_text, name="description", most=MOST_DESCRIPTION),
    "getMyDescription": partial(get_text, name="description"),
    "setMyShortDescription": partial(set_text, name="short_description", most=MOST_SHORT_DESCRIPTION),
    "getMyShortDescription": partial(get_text, name="short_description"),
}
NAMES = {name.lower(): name for name in (*_ALL, "getUpdates")}


def answer(bot: Bot, call: Call) -> Any:
    """What a method (of `NAMES`, but getUpdates) returns; ApiError where the platform says no."""
    return _ALL[call.method](bot, call)


def find(name: str) -> str:
    """A method's proper name."""
    if name.lower() not in NAMES:
        raise ApiError(404, "Not Found: method not found")
    return NAMES[name.lower()]
