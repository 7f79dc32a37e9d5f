"""A Telegram update, parsed by either library, as messages that know no Telegram.

Both libraries name fields as the Bot API does, so one reading serves both. What people call themselves, what their
files are called and whose message they forwarded is not read at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.channels.values import place, whole_number, words
from handlers.messages import CITIZEN, STAFF, Inbound, News, Remote

#: What a bot may download.
MOST_BYTES = 20_000_000
_GROUPS = ("group", "supergroup")
#: The fields of a file, in the order in which they are looked at (an animation is also a document), what each is to
#: us, and its type where the platform names none.
_MEDIA = (
    ("photo", "photo", "image/jpeg"),
    ("animation", "video", "video/mp4"),
    ("video", "video", "video/mp4"),
    ("video_note", "video", "video/mp4"),
    ("voice", "voice", "audio/ogg"),
    ("audio", "voice", "audio/mpeg"),
    ("document", "document", ""),
)
_ODD = {"contact": "contact", "sticker": "sticker", "dice": "sticker"}
#: Messages that nobody wrote, as they may come in a private chat.
_SERVICE = frozenset(
    {
        "boost_added", "chat_background_set", "chat_owner_changed", "chat_owner_left", "chat_shared",
        "checklist_tasks_added", "checklist_tasks_done", "connected_website", "delete_chat_photo",
        "direct_message_price_changed", "forum_topic_closed", "forum_topic_created", "forum_topic_edited",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden", "gift",
        "gift_upgrade_sent", "giveaway_completed", "giveaway_created", "group_chat_created", "left_chat_member",
        "managed_bot_created", "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id",
        "new_chat_members", "new_chat_photo", "new_chat_title", "paid_message_price_changed", "passport_data",
        "pinned_message", "poll_option_added", "poll_option_deleted", "proximity_alert_triggered", "refunded_payment",
        "successful_payment", "suggested_post_approval_failed", "suggested_post_approved", "suggested_post_declined",
        "suggested_post_paid", "suggested_post_refunded", "supergroup_chat_created", "unique_gift", "user_shared",
        "users_shared", "video_chat_ended", "video_chat_participants_invited", "video_chat_scheduled",
        "video_chat_started", "web_app_data", "write_access_allowed",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Me:
    """The bot that was written to: its account here, its id, and its name ("" while unknown)."""

    account: str
    id: int
    username: str = ""


def read_update(update: Any, raw: Mapping[str, Any], me: Me) -> list[Inbound]:
    """What a person did, none for what concerns nobody. Raises whatever an odd shape raises."""
    number = whole_number(update.update_id)
    if update.message is not None:
        return _message(update.message, frozenset(raw["message"]), number, me)
    if update.edited_message is not None:
        return _edited(update.edited_message, number, me)
    if update.callback_query is not None:
        return _pressed(update.callback_query, number, me)
    if update.my_chat_member is not None:
        return _member(update.my_chat_member, number, me)
    return []


def _message(message: Any, fields: frozenset[str], number: int, me: Me) -> list[Inbound]:
    event = f"{number}:message:{whole_number(message.chat.id)}:{whole_number(message.message_id)}"
    if message.chat.type in _GROUPS:
        return _in_group(message, event, me) if me.account == STAFF else []
    if message.chat.type != "private" or not _is_by_a_person(message):
        return []
    return _contents(message, fields, _said(message, event, me))


def _is_by_a_person(message: Any) -> bool:
    return message.from_user is not None and not message.from_user.is_bot and message.sender_chat is None


def _said(message: Any, event: str, me: Me) -> Inbound:
    """A message of a private chat without what it carries beside words."""
    return Inbound(
        event=event,
        channel="telegram",
        account=me.account,
        sender=str(whole_number(message.from_user.id)),
        text=words(message.text) or words(message.caption),
        reply_to=str(whole_number(message.reply_to_message.message_id)) if message.reply_to_message else None,
        language=_language(message.from_user, me),
        message=str(whole_number(message.message_id)),
    )


def _contents(message: Any, fields: frozenset[str], said: Inbound) -> list[Inbound]:
    """The message with its file or place. Something that we can't take is a message of its own beside its words."""
    file = _file(message)
    if file is not None and file.size > MOST_BYTES:
        odd = replace(said, event=f"{said.event}:too_large", text="", odd="too_large")
        return [said, odd] if said.text else [odd]
    found = replace(said, remote=(file,) if file else (), place=_place(message))
    if found.text or found.remote or found.place:
        return [found]
    if fields & _SERVICE:
        return []
    return [replace(found, odd=next((word for name, word in _ODD.items() if name in fields), "unreadable"))]


def _file(message: Any) -> Remote | None:
    for name, kind, mime in _MEDIA:
        found = getattr(message, name, None)
        if found:
            file = _largest(found) if name == "photo" else found
            named = words(getattr(file, "mime_type", None))
            return Remote(kind, _ref(file), named or mime, _size(file))
    return None


def _largest(sizes: Any) -> Any:
    """The largest picture that may be downloaded, else the smallest there is."""
    ordered = sorted(sizes, key=lambda size: (whole_number(size.width) * whole_number(size.height), _size(size)))
    return next((size for size in reversed(ordered) if _size(size) <= MOST_BYTES), ordered[0])


def _ref(file: Any) -> str:
    if not (ref := words(file.file_id)):
        raise ValueError("a file without an id")
    return ref


def _size(file: Any) -> int:
    return whole_number(file.file_size or 0)


def _place(message: Any) -> str | None:
    venue = message.venue
    location = venue.location if venue else message.location
    if location is None:
        return None
    return place(location.latitude, location.longitude, *((venue.title, venue.address) if venue else ()))


def _edited(message: Any, number: int, me: Me) -> list[Inbound]:
    """New words for an old message. A place that moves on (a live location) is no news, nor is a picture turned."""
    if message.chat.type != "private" or not _is_by_a_person(message):
        return []
    said = _said(message, "", me)
    digest = hashlib.sha256(said.text.encode()).hexdigest()[:16]
    event = f"{number}:edited:{whole_number(message.chat.id)}:{said.message}:{_stamp(message.edit_date)}:{digest}"
    return [replace(said, event=event, edited=True)] if said.text else []


def _in_group(message: Any, event: str, me: Me) -> list[Inbound]:
    """Of a group only that it has moved, commands, and what answers this bot."""
    if message.migrate_to_chat_id:
        news = News("moved", str(whole_number(message.migrate_to_chat_id)))
        return [Inbound(event, "telegram", me.account, str(whole_number(message.chat.id)), news=news)]
    if not _is_by_a_person(message):
        return []
    said = _said(message, event, me)
    to_us = _answers(message, me)
    if not (to_us or _commands(said.text, me)):
        return []
    return [replace(said, group=_group(message), reply_to=said.reply_to if to_us else None)]


def _answers(message: Any, me: Me) -> bool:
    replied = message.reply_to_message
    return bool(replied and replied.from_user and whole_number(replied.from_user.id) == me.id)


def _commands(text: str, me: Me) -> bool:
    """Whether it is a command, and for nobody else as far as we know our own name."""
    if not text.startswith("/"):
        return False
    name = text.split(maxsplit=1)[0].partition("@")[2].casefold()
    return not (name and me.username and name != me.username.casefold())


def _group(message: Any) -> str:
    chat = str(whole_number(message.chat.id))
    topic = getattr(message, "is_topic_message", None) and message.message_thread_id
    return f"{chat}/{whole_number(topic)}" if topic else chat


def _pressed(query: Any, number: int, me: Me) -> list[Inbound]:
    """A button, also one under a message that is too old to be shown to us again."""
    data = words(query.data)
    in_group = query.message is not None and query.message.chat.type != "private"
    if not data or query.from_user.is_bot or (in_group and me.account == CITIZEN):
        return []
    return [
        Inbound(
            event=f"{number}:press:{words(query.id)}",
            channel="telegram",
            account=me.account,
            sender=str(whole_number(query.from_user.id)),
            choice=data,
            language=_language(query.from_user, me),
            group=_group(query.message) if in_group else None,
        )
    ]


def _member(change: Any, number: int, me: Me) -> list[Inbound]:
    """This bot was blocked, removed, or is welcome again."""
    chat, new = change.chat, change.new_chat_member
    is_ours = chat.type == "private" or (chat.type in _GROUPS and me.account == STAFF)
    what = _standing(new)
    if not is_ours or what is None:
        return []
    event = f"{number}:member:{whole_number(chat.id)}:{_stamp(change.date)}:{what}"
    return [Inbound(event, "telegram", me.account, str(chat.id), news=News(what))]


def _standing(member: Any) -> str | None:
    match str(getattr(member.status, "value", member.status)):
        case "left" | "kicked":
            return "gone"
        case "restricted":
            return "back" if member.is_member and member.can_send_messages else "gone"
        case "member" | "administrator" | "creator":
            return "back"
    return None


def _language(user: Any, me: Me) -> str | None:
    """The language of a citizen's phone, if it is one of ours; staff are asked nothing about themselves."""
    code = words(user.language_code).casefold().partition("-")[0]
    if me.account != CITIZEN:
        return None
    return {"id": "id", "in": "id", "en": "en"}.get(code)


def _stamp(value: object) -> int:
    """A moment as the platform spells it; one library keeps it so, the other makes it a datetime."""
    return int(value.timestamp()) if isinstance(value, datetime) else whole_number(value or 0)
