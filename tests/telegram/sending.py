"""The methods that put messages into chats."""

from __future__ import annotations

import time
from typing import Any

from tests.telegram.bots import Bot
from tests.telegram.chats import Chat
from tests.telegram.entities import formatted, units
from tests.telegram.errors import bad
from tests.telegram.files import StoredFile
from tests.telegram.forms import Call
from tests.telegram.keyboards import read_markup

MOST_TEXT, MOST_CAPTION = 4096, 1024
ALBUM = range(2, 11)
#: What cannot stand in one album with anything else.
ALONE = ("document", "audio")
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


def content(call: Call, name: str) -> dict[str, Any]:
    """Text or caption, and the buttons, as the documented Message has them."""
    text, entities = _formatted(call, name)
    key = "entities" if name == "text" else "caption_entities"
    markup = read_markup(call.json("reply_markup"))
    return {
        **({name: text} if text else {}),
        **({key: entities} if entities else {}),
        **({"reply_markup": markup} if markup and "inline_keyboard" in markup else {}),
    }


def facts(call: Call, *files: StoredFile) -> dict[str, Any]:
    """What a log keeps of a call."""
    names = ("text", "caption", "parse_mode", "message_id")
    said = {name: call.text(name) for name in names if call.text(name)}
    if call.number("message_thread_id"):
        said["thread"] = call.text("message_thread_id")
    if markup := call.json("reply_markup"):
        said["reply_markup"] = markup
    return {**said, "params": call.params, "files": [file.note for file in files]}


def send_message(bot: Bot, call: Call) -> dict[str, Any]:
    chat, thread = _writable(bot, call)
    message = chat.add(bot.user, content(call, "text"), thread)
    bot.wrote("sendMessage", chat.id, [message], **facts(call))
    return message


def send_medium(bot: Bot, call: Call, kind: str, name: str) -> dict[str, Any]:
    chat, thread = _writable(bot, call)
    caption = content(call, "caption")
    file = bot.files.sent(
        call.uploads.get(kind) or _attached(call, call.text(kind)), call.text(kind), photo=kind == "photo"
    )
    message = chat.add(bot.user, {**caption, **_medium(kind, file)}, thread)
    bot.wrote(name, chat.id, [message], **facts(call, file))
    return message


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
    messages = [chat.add(bot.user, {**said, "media_group_id": group}, thread) for _, said in parts]
    bot.wrote("sendMediaGroup", chat.id, messages, **facts(call, *(file for file, _ in parts)))
    return messages


def _part(bot: Bot, call: Call, item: dict[str, Any]) -> tuple[StoredFile, dict[str, Any]]:
    caption = content(Call("", {name: value for name, value in item.items() if value is not None}), "caption")
    file = bot.files.sent(_attached(call, item["media"]), item["media"], photo=item["type"] == "photo")
    return file, {**caption, **_medium(item["type"], file)}
