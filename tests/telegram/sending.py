"""The methods that put messages into chats, change them, or take them away."""

from __future__ import annotations

import time
from typing import Any

from tests.telegram.bots import Bot
from tests.telegram.chats import Chat
from tests.telegram.entities import formatted, units
from tests.telegram.errors import ApiError, bad
from tests.telegram.files import StoredFile
from tests.telegram.forms import Call
from tests.telegram.keyboards import read_markup

MOST_TEXT, MOST_CAPTION = 4096, 1024
ALBUM = range(2, 11)
#: What cannot stand in one album with anything else.
ALONE = ("document", "audio")
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content"
    " and reply markup of the message"
)
#: What the documented object of a medium says beside its file.
MEDIA: dict[str, dict[str, Any]] = {
    "photo": {},
    "document": {},
    "voice": {"duration": 3},
    "audio": {"duration": 30},
    "video": {"width": 640, "height": 360, "duration": 9},
}


def target(bot: Bot, call: Call) -> Chat:
    if not call.text("chat_id"):
        raise bad("chat_id is empty")
    return bot.chats.find(_number(call.text("chat_id")))


def _number(chat: str) -> int:
    try:
        return int(chat)
    except ValueError:
        raise bad("chat not found") from None


def _writable(bot: Bot, call: Call, messages: int = 1) -> tuple[Chat, int | None]:
    """The chat and topic of a send, after every reason why it may not go."""
    chat = target(bot, call)
    if too_many := bot.pace.takes(chat.id, messages):
        raise too_many
    thread = call.number("message_thread_id") or None
    if refusal := chat.refusal(thread):
        raise refusal
    _check_reply(chat, call)
    return chat, thread


def _check_reply(chat: Chat, call: Call) -> None:
    reply = call.json("reply_parameters") or {}
    wanted = reply.get("message_id") or call.number("reply_to_message_id")
    if wanted and int(wanted) not in chat.messages and not reply.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")


def _formatted(call: Call, name: str) -> tuple[str, list[dict[str, Any]]]:
    entities = call.json("entities" if name == "text" else "caption_entities")
    text, found = formatted(call.text(name), call.text("parse_mode"), entities)
    if name == "text" and not text:
        raise bad("message text is empty")
    if units(text) > (MOST_TEXT if name == "text" else MOST_CAPTION):
        raise bad("message is too long" if name == "text" else "message caption is too long")
    return text, found


def _content(call: Call, name: str) -> dict[str, Any]:
    """Text or caption, and the buttons, as the documented Message has them."""
    text, entities = _formatted(call, name)
    key = "entities" if name == "text" else "caption_entities"
    markup = read_markup(call.json("reply_markup"))
    return {
        **({name: text} if text else {}),
        **({key: entities} if entities else {}),
        **({"reply_markup": markup} if markup and "inline_keyboard" in markup else {}),
    }


def _facts(call: Call, *files: StoredFile) -> dict[str, Any]:
    """What a log keeps of a call."""
    names = ("text", "caption", "parse_mode", "message_id")
    said = {name: call.text(name) for name in names if call.text(name)}
    if call.number("message_thread_id"):
        said["thread"] = call.text("message_thread_id")
    if markup := call.json("reply_markup"):
        said["reply_markup"] = markup
    return {**said, "params": call.params, "files": [file.note for file in files]}


# --- new messages


def send_message(bot: Bot, call: Call) -> dict[str, Any]:
    chat, thread = _writable(bot, call)
    message = chat.add(bot.user, _content(call, "text"), thread)
    bot.wrote("sendMessage", chat.id, [message], **_facts(call))
    return message


def send_medium(bot: Bot, call: Call, kind: str, name: str) -> dict[str, Any]:
    chat, thread = _writable(bot, call)
    content = _content(call, "caption")
    file = bot.files.sent(call.uploads.get(kind) or _attached(call, call.text(kind)), call.text(kind), photo=_p(kind))
    message = chat.add(bot.user, {**content, **_medium(kind, file)}, thread)
    bot.wrote(name, chat.id, [message], **_facts(call, file))
    return message


def _p(kind: str) -> bool:
    return kind == "photo"


def _attached(call: Call, value: str) -> Any:
    return call.uploads.get(value.removeprefix("attach://")) if value.startswith("attach://") else None


def _medium(kind: str, file: StoredFile) -> dict[str, Any]:
    if kind == "photo":
        return {"photo": file.sizes()}
    return {kind: {**file.object, **MEDIA[kind], "file_name": file.name, "mime_type": file.mime}}


def send_media_group(bot: Bot, call: Call) -> list[dict[str, Any]]:
    items = call.json("media") or []
    if len(items) not in ALBUM:
        raise bad("media group must include 2-10 items")
    kinds = {item["type"] for item in items}
    if len(kinds) > 1 and kinds & set(ALONE):
        raise bad("documents and audio can't be mixed with other media in an album")
    chat, thread = _writable(bot, call, len(items))
    parts = [_part(bot, call, item) for item in items]
    group = str(time.monotonic_ns())
    messages = [chat.add(bot.user, {**content, "media_group_id": group}, thread) for _, content in parts]
    bot.wrote("sendMediaGroup", chat.id, messages, **_facts(call, *(file for file, _ in parts)))
    return messages


def _part(bot: Bot, call: Call, item: dict[str, Any]) -> tuple[StoredFile, dict[str, Any]]:
    content = _content(Call("", {name: value for name, value in item.items() if value is not None}), "caption")
    file = bot.files.sent(_attached(call, item["media"]), item["media"], photo=_p(item["type"]))
    return file, {**content, **_medium(item["type"], file)}


# --- changes


def _own(bot: Bot, call: Call, what: str) -> tuple[Chat, dict[str, Any]]:
    """A message of the bot that still stands."""
    chat = target(bot, call)
    message = chat.messages.get(call.number("message_id"))
    if message is None:
        raise bad(f"message to {what} not found")
    if refusal := chat.refusal(message.get("message_thread_id")):
        raise refusal
    return chat, message


def _edit(bot: Bot, call: Call, name: str, keeps: tuple[str, ...], content: dict[str, Any]) -> dict[str, Any]:
    chat, message = _own(bot, call, "edit")
    if message.get("from", {}).get("id") != bot.id:
        raise bad("message can't be edited")
    if too_many := bot.pace.takes(chat.id, 1):
        raise too_many
    after = {key: message[key] for key in message if key in keeps or key not in _CHANGES} | content
    if {**after, "edit_date": 0} == {**message, "edit_date": 0}:
        raise bad(SAME)
    after["edit_date"] = int(time.time())
    chat.messages[message["message_id"]] = after
    bot.wrote(name, chat.id, [after], **_facts(call))
    return after


_CHANGES = ("text", "entities", "caption", "caption_entities", "reply_markup")


def edit_text(bot: Bot, call: Call) -> dict[str, Any]:
    if "text" not in _own(bot, call, "edit")[1]:
        raise bad("there is no text in the message to edit")
    return _edit(bot, call, "editMessageText", (), _content(call, "text"))


def edit_caption(bot: Bot, call: Call) -> dict[str, Any]:
    if "text" in _own(bot, call, "edit")[1]:
        raise bad("there is no caption in the message to edit")
    return _edit(bot, call, "editMessageCaption", (), _content(call, "caption"))


def edit_markup(bot: Bot, call: Call) -> dict[str, Any]:
    markup = read_markup(call.json("reply_markup"))
    keeps = tuple(name for name in _CHANGES if name != "reply_markup")
    content = {"reply_markup": markup} if markup and markup["inline_keyboard"] else {}
    return _edit(bot, call, "editMessageReplyMarkup", keeps, content)


def delete_message(bot: Bot, call: Call) -> bool:
    chat, message = _own(bot, call, "delete")
    del chat.messages[message["message_id"]]
    bot.wrote("deleteMessage", chat.id, [message], **_facts(call))
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
