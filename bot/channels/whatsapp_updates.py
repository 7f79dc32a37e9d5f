"""What Meta brings to a webhook, as messages that know no WhatsApp.

The JSON is read here and not by pywa's types: of a body with many messages these see the first only, and they drop
without a word what lacks something that they would like to have (a contact's user_id, a status's contacts, a list
reply's context). What people call themselves and what their files are called is not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.values import place, words
from handlers.messages import Inbound, News, Receipt, Remote

CHANNEL = "whatsapp"
_OBJECT = "whatsapp_business_account"
_MESSAGES = "messages"
_LISTS = (_MESSAGES, "statuses")
#: The field by which some are told that people have new names with Meta; others get a message of type system.
_RENAMED = "user_id_update"
_LONGEST_USER, _LONGEST_ID = 160, 512
#: A media id becomes a part of an address.
_MEDIA_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_DIGITS = re.compile(r"[0-9]{5,20}")
#: Types of messages that carry a file, and what it is to us.
_MEDIA = {"image": "photo", "video": "video", "audio": "voice", "document": "document"}
_ODD = {"contacts": "contact", "sticker": "sticker"}
#: Messages to which nobody expects an answer: a thumb under a page, a page taken back, a chat that was only opened.
_SILENT = frozenset({"reaction", "revoke", "request_welcome"})
_MOVES = frozenset({"user_changed_number", "user_changed_user_id", "customer_changed_number"})
#: What a message or a status and a contact have in common, the surest first.
_SAME = (
    ("from_user_id", "user_id"),
    ("recipient_user_id", "user_id"),
    ("from", "wa_id"),
    ("recipient_id", "wa_id"),
)
_STATUSES = {"sent": "sent", "delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Piece:
    """One message, one status, or one change of another kind, as a body of its own.

    `number` is Meta's id of the number of ours that it concerns, "" where it names none.
    """

    raw: dict[str, Any]
    number: str = ""


def split(body: dict[str, Any]) -> list[Piece]:
    """A body as pieces that can be taken or kept each by itself. Never raises: what has no shape is one piece."""
    entries = body.get("entry")
    if body.get("object") != _OBJECT or not isinstance(entries, list) or not entries:
        return [Piece(body)]
    return [piece for entry in entries for piece in _of_entry(entry)]


def _of_entry(entry: Any) -> Iterator[Piece]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    if not isinstance(changes, list) or not changes:
        yield Piece({"object": _OBJECT, "entry": [entry]})
        return
    for change in changes:
        for one in _of_change(change):
            yield Piece({"object": _OBJECT, "entry": [{**entry, "changes": [one]}]}, _number_of(one))


def _of_change(change: Any) -> Iterator[Any]:
    """The change once for each of its messages and statuses; whole where it has none."""
    value: Any = change.get("value") if isinstance(change, dict) else None
    if not isinstance(value, dict):
        yield change
        return
    lists = {name: value[name] for name in _LISTS if value.get(name)}
    if not lists or not all(isinstance(found, list) for found in lists.values()):
        yield change
        return
    rest = {name: found for name, found in value.items() if name not in _LISTS}
    for name, every in lists.items():
        for one in every:
            yield {**change, "value": {**rest, **_contacts(rest, one), name: [one]}}


def _contacts(value: dict[str, Any], one: Any) -> dict[str, Any]:
    """Only the contact of one message, where it is known."""
    found = _contact(value, one) if isinstance(one, dict) else None
    return {"contacts": [found]} if found else {}


def _number_of(change: Any) -> str:
    value = change.get("value") if isinstance(change, dict) else None
    metadata = value.get("metadata") if isinstance(value, dict) else None
    found = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else ""


def is_about_messages(raw: dict[str, Any]) -> bool:
    """Whether a piece is one of messages and statuses; Meta tells of templates and accounts too."""
    return _field_of(raw) == _MESSAGES


def _field_of(raw: dict[str, Any]) -> object:
    try:
        return raw["entry"][0]["changes"][0]["field"]
    except (KeyError, IndexError, TypeError):
        return None


def read(account: str, body: dict[str, Any]) -> list[Inbound]:
    """What people did and what became of our messages; none for what concerns nobody.

    Raises whatever an odd shape raises.
    """
    if body["object"] != _OBJECT or not body["entry"]:
        raise ValueError("not a body of WhatsApp's")
    return [inbound for piece in split(body) for inbound in _read(account, piece.raw)]


def _read(account: str, raw: dict[str, Any]) -> list[Inbound]:
    (change,) = raw["entry"][0]["changes"]
    field, value = words(change["field"]), change["value"]
    if field == _RENAMED:
        return [_renamed(account, one) for one in value[_RENAMED]]
    if field != _MESSAGES:
        return []
    if value.get(_MESSAGES):
        return _message(account, value[_MESSAGES][0], value)
    if value.get("statuses"):
        return _status(account, value["statuses"][0], value)
    if value.get("errors"):
        return []
    raise ValueError("a change with nothing in it")


def _message(account: str, message: dict[str, Any], value: dict[str, Any]) -> list[Inbound]:
    kind = words(message["type"])
    if kind in _SILENT or message.get("group_id"):
        return []
    if kind == "system":
        return _system(account, message)
    quoted = (message.get("context") or {}).get("id")
    said = Inbound(
        event=_id(message["id"]),
        channel=CHANNEL,
        account=account,
        sender=_sender(message, value),
        reply_to=_id(quoted) if quoted else None,
        message=_id(message["id"]),
        phone=_phone(message, value),
    )
    return _edited(message["edit"], said) if kind == "edit" else [_contents(kind, message, said)]


def _contents(kind: str, message: dict[str, Any], said: Inbound) -> Inbound:
    """The message with what it says, carries or presses; the word for it where we can't take it."""
    if kind in ("interactive", "button"):
        return _pressed(kind, message[kind], said)
    found = said
    if kind == "text":
        found = replace(said, text=words(message["text"]["body"]))
    elif kind in _MEDIA:
        found = replace(said, text=words(message[kind].get("caption")), remote=(_file(kind, message[kind]),))
    elif kind == "location":
        spot = message["location"]
        spelt = place(spot["latitude"], spot["longitude"], spot.get("name"), spot.get("address"))
        found = replace(said, place=spelt)
    if found.text or found.remote or found.place:
        return found
    return replace(said, odd=_ODD.get(kind, "unreadable"))


def _pressed(kind: str, pressed: dict[str, Any], said: Inbound) -> Inbound:
    """A button or a row of a list. The button of a template without data of ours says its own words."""
    if kind == "button":
        data, label = words(pressed.get("payload")), words(pressed.get("text"))
        return replace(said, text=label) if data == label or not data else replace(said, choice=data, reply_to=None)
    reply = pressed.get("button_reply") or pressed.get("list_reply")
    if not reply:
        return replace(said, odd="unreadable")
    return replace(said, choice=_id(reply["id"]), reply_to=None)


def _edited(edit: dict[str, Any], said: Inbound) -> list[Inbound]:
    """New words for an old message, under an event of their own. A file that was changed is no news."""
    original, message = _id(edit["original_message_id"]), edit["message"]
    now = _contents(words(message["type"]), message, said)
    return [replace(said, text=now.text, message=original, edited=True)] if now.text else []


def _file(kind: str, file: dict[str, Any]) -> Remote:
    ref = words(file["id"])
    if not _MEDIA_ID.fullmatch(ref):
        raise ValueError("a file without an id")
    return Remote(_MEDIA[kind], ref, words(file.get("mime_type")).partition(";")[0].strip())


def _system(account: str, message: dict[str, Any]) -> list[Inbound]:
    """That somebody has a new name with Meta, where it says the old one too; else they prove who they are."""
    told = message["system"]
    old, new = told.get("previous_user_id") or message.get("from_user_id"), told.get("user_id")
    if told.get("type") not in _MOVES or not old or not new or old == new:
        return []
    news = News("moved", _user(new))
    phone = told.get("wa_id") or told.get("new_wa_id")
    return [Inbound(_id(message["id"]), CHANNEL, account, _user(old), news=news, phone=_digits(phone))]


def _renamed(account: str, update: dict[str, Any]) -> Inbound:
    old, new = _user(update["user_id"]["previous"]), _user(update["user_id"]["current"])
    news = News("moved", new)
    return Inbound(f"renamed:{old}:{new}", CHANNEL, account, old, news=news, phone=_digits(update.get("wa_id")))


def _status(account: str, status: dict[str, Any], value: dict[str, Any]) -> list[Inbound]:
    """What became of a message of ours. Who it went to may be missing: its key and its id say enough."""
    known = _STATUSES.get(words(status["status"]))
    if known is None or status.get("recipient_type") == "group":
        return []
    message = _id(status["id"])
    to = status.get("recipient_user_id") or (_contact(value, status) or {}).get("user_id")
    receipt = Receipt(known, message, words(status.get("biz_opaque_callback_data")) or None, _code(known, status))
    event = f"{message}:{known}:{status.get('timestamp', '')}"
    return [Inbound(event, CHANNEL, account, _user(to) if to else "", receipt=receipt)]


def _code(known: str, status: dict[str, Any]) -> str:
    errors = status.get("errors")
    return str(errors[0].get("code", "")) if known == "failed" and errors else ""


def _contact(value: dict[str, Any], one: dict[str, Any]) -> dict[str, Any] | None:
    """Whom a message is from or a status about: the contact with their name or number, else the only one there is."""
    told = value.get("contacts")
    contacts = [contact for contact in (told if isinstance(told, list) else ()) if isinstance(contact, dict)]
    for mine, theirs in _SAME:
        for contact in contacts:
            if one.get(mine) and one.get(mine) == contact.get(theirs):
                return contact
    return contacts[0] if len(contacts) == 1 else None


def _sender(message: dict[str, Any], value: dict[str, Any]) -> str:
    """The name by which Meta knows them for us. A number alone is none: it can change hands, and be withheld."""
    found = message.get("from_user_id") or (_contact(value, message) or {}).get("user_id")
    if not found:
        raise ValueError("nobody who could be answered: no user_id")
    return _user(found)


def _phone(message: dict[str, Any], value: dict[str, Any]) -> str | None:
    return _digits(message.get("from")) or _digits((_contact(value, message) or {}).get("wa_id"))


def _user(value: object) -> str:
    found = words(value)
    if not 1 <= len(found) <= _LONGEST_USER or any(symbol.isspace() for symbol in found):
        raise ValueError("a user that is none")
    return found


def _digits(value: object) -> str | None:
    return value if isinstance(value, str) and _DIGITS.fullmatch(value) else None


def _id(value: object) -> str:
    found = words(value)
    if not 1 <= len(found) <= _LONGEST_ID:
        raise ValueError("an id that is none")
    return found
