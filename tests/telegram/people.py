"""What people do in Telegram, as the documented updates: `sari = somebody(); sari.says("halo")`.

Names are invented at random, so that a search for them finds nothing but a leak. Each update is complete; ids and dates
are filled in anew by the stand-in, which knows what came before.
"""

from __future__ import annotations

import itertools
import random
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Update = dict[str, Any]
Message = dict[str, Any]
Chat = dict[str, Any]
FileObject = dict[str, Any]

_dice = random.SystemRandom()
_ids = itertools.count(_dice.randrange(10**6, 10**8))


def invented(length: int = 9) -> str:
    """A word that nobody has ever said."""
    return "Zq" + "".join(_dice.choices(string.ascii_lowercase, k=length))


def some_file(mime: str = "", name: str = "", size: int = 2048) -> FileObject:
    """A file that lies nowhere: for updates that are only read. `Bot.keeps` makes one that can be fetched."""
    kinds = {"mime_type": mime} if mime else {}
    names = {"file_name": name} if name else {}
    return {"file_id": invented(30), "file_unique_id": invented(12), "file_size": size, **kinds, **names}


def group(title: str = "", *, supergroup: bool = False) -> Chat:
    """A group's Chat object."""
    if supergroup:
        return {"id": -1_000_000_000_000 - _dice.randrange(10**9, 10**10), "type": "supergroup", "title": _title(title)}
    return {"id": -_dice.randrange(10**6, 10**9), "type": "group", "title": _title(title)}


def _title(title: str) -> str:
    return title or invented()


def group_migrates(by: Person, chat: Chat, to: int) -> tuple[Update, Update]:
    """The two service messages of a group that becomes a supergroup: in the old chat, and in the new one."""
    after = {**chat, "id": to, "type": "supergroup"}
    return by.sends({"migrate_to_chat_id": to}, chat=chat), by.sends({"migrate_from_chat_id": chat["id"]}, chat=after)


def _update(kind: str, body: dict[str, Any]) -> Update:
    return {"update_id": next(_ids), kind: body}


def _command(text: str) -> list[dict[str, Any]]:
    name = text.split(maxsplit=1)[0]
    return [{"type": "bot_command", "offset": 0, "length": len(name)}] if name.startswith("/") else []


def _only(file: FileObject, *more: str) -> FileObject:
    names = ("file_id", "file_unique_id", "file_size", *more)
    return {name: file[name] for name in names if file.get(name) not in (None, "")}


@dataclass(frozen=True)
class Person:
    """Somebody with Telegram. Every method makes updates and sends nothing."""

    id: int = field(default_factory=lambda: _dice.randrange(10**8, 7 * 10**9))
    first_name: str = field(default_factory=invented)
    last_name: str = field(default_factory=invented)
    username: str = field(default_factory=lambda: invented(12).lower())
    language: str = "id"

    @property
    def user(self) -> dict[str, Any]:
        """The documented User."""
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language,
        }

    @property
    def chat(self) -> Chat:
        """The private chat with a bot."""
        names = {"first_name": self.first_name, "last_name": self.last_name, "username": self.username}
        return {"id": self.id, "type": "private", **names}

    @property
    def names(self) -> tuple[str, ...]:
        """What must be found nowhere."""
        return self.first_name, self.last_name, self.username

    # messages

    def sends(
        self,
        content: dict[str, Any],
        *,
        chat: Chat | None = None,
        reply_to: Message | None = None,
        thread: int | None = None,
    ) -> Update:
        """A message with this content, in the private chat unless another is given."""
        quoted = {name: value for name, value in (reply_to or {}).items() if name != "reply_to_message"}
        message = {
            "message_id": next(_ids),
            "from": self.user,
            "chat": chat or self.chat,
            "date": int(time.time()),
            **({"reply_to_message": quoted} if quoted else {}),
            **({"message_thread_id": thread, "is_topic_message": True} if thread else {}),
            **content,
        }
        return _update("message", message)

    def says(self, text: str, **where: Any) -> Update:
        """Words, or a command."""
        entities = {"entities": found} if (found := _command(text)) else {}
        return self.sends({"text": text, **entities}, **where)

    def starts(self, payload: str = "") -> Update:
        """The Start button, also of a deep link."""
        return self.says(f"/start {payload}".strip())

    def replies(self, message: Message, text: str, **where: Any) -> Update:
        """Words that quote a message of the bot."""
        return self.says(text, reply_to=message, **{"chat": message["chat"], **where})

    def presses(self, message: Message, button: str | int = 0) -> Update:
        """A button below a message of the bot, by its label, its data or its place."""
        buttons = [button for row in message["reply_markup"]["inline_keyboard"] for button in row]
        meant = (b for n, b in enumerate(buttons) if button in (n, b["text"], b.get("callback_data")))
        data = next((b["callback_data"] for b in meant), None)
        assert data is not None, f"no button {button!r} among {[b['text'] for b in buttons]}"
        return self.presses_data(message, data)

    def presses_data(self, message: Message, data: str) -> Update:
        """A press with any data, also of a button that does not exist."""
        press = {
            "id": str(_dice.getrandbits(62)),
            "from": self.user,
            "message": message,
            "chat_instance": str(_dice.getrandbits(62)),
            "data": data,
        }
        return _update("callback_query", press)

    def edits(self, update: Update, text: str) -> Update:
        """Change the words of an own message (the update as the bot got it), or those below its picture."""
        before = update.get("message") or update["edited_message"]
        name = "text" if "text" in before else "caption"
        kept = {key: value for key, value in before.items() if key not in ("entities", "caption_entities")}
        return _update("edited_message", {**kept, name: text, "edit_date": int(time.time())})

    # media: `file` is what `Bot.keeps` gave

    def sends_photo(self, file: FileObject | None = None, caption: str = "", **where: Any) -> Update:
        return self.sends({"photo": self._sizes(file), **_caption(caption)}, **where)

    def sends_album(
        self, files: Sequence[FileObject | None], caption: str = "", caption_at: int = 0, **where: Any
    ) -> list[Update]:
        """Several photos as one album: several updates; the words stand below one of them."""
        key = {"media_group_id": str(_dice.getrandbits(53))}
        captions = [caption if n == caption_at else "" for n in range(len(files))]
        parts = zip(files, captions, strict=True)
        return [self.sends({"photo": self._sizes(file), **key, **_caption(words)}, **where) for file, words in parts]

    def _sizes(self, file: FileObject | None) -> list[dict[str, Any]]:
        """The same picture in three sizes, the largest last."""
        small = [{**_only(some_file()), "width": w, "height": w * 3 // 4} for w in (90, 320)]
        return [*small, {**_only(file or some_file()), "width": 1280, "height": 960}]

    def sends_document(self, file: FileObject | None = None, caption: str = "", **where: Any) -> Update:
        file = file or some_file("application/pdf", f"{invented()}.pdf")
        return self.sends({"document": _only(file, "file_name", "mime_type"), **_caption(caption)}, **where)

    def sends_voice(self, file: FileObject | None = None, **where: Any) -> Update:
        file = file or some_file("audio/ogg")
        return self.sends({"voice": {**_only(file, "mime_type"), "duration": 4}}, **where)

    def sends_video(self, file: FileObject | None = None, caption: str = "", **where: Any) -> Update:
        file = file or some_file("video/mp4", f"{invented()}.mp4")
        video = {**_only(file, "file_name", "mime_type"), "width": 640, "height": 360, "duration": 8}
        return self.sends({"video": video, **_caption(caption)}, **where)

    def sends_video_note(self, file: FileObject | None = None, **where: Any) -> Update:
        return self.sends({"video_note": {**_only(file or some_file()), "length": 240, "duration": 5}}, **where)

    def sends_audio(self, file: FileObject | None = None, caption: str = "", **where: Any) -> Update:
        file = file or some_file("audio/mpeg", f"{invented()}.mp3")
        audio = {**_only(file, "file_name", "mime_type"), "duration": 60, "performer": invented(), "title": invented()}
        return self.sends({"audio": audio, **_caption(caption)}, **where)

    def sends_animation(self, file: FileObject | None = None, **where: Any) -> Update:
        """A moving picture: it is also a document, as the platform has it."""
        file = _only(file or some_file("video/mp4", "animation.mp4"), "file_name", "mime_type")
        moving = {**file, "width": 320, "height": 240, "duration": 2}
        return self.sends({"animation": moving, "document": file}, **where)

    # what is no complaint

    def sends_sticker(self, **where: Any) -> Update:
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self.sends({"sticker": {**_only(some_file()), **shape, "emoji": "👍", "set_name": invented()}}, **where)

    def throws_dice(self, **where: Any) -> Update:
        return self.sends({"dice": {"emoji": "🎲", "value": 4}}, **where)

    def sends_poll(self, **where: Any) -> Update:
        options = [{"text": invented(), "voter_count": 0, "persistent_id": str(n)} for n in range(2)]
        poll = {
            "id": str(_dice.getrandbits(62)),
            "question": invented(),
            "options": options,
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
        return self.sends({"poll": poll}, **where)

    def sends_location(self, latitude: float = 2.9595, longitude: float = 99.0687, **where: Any) -> Update:
        return self.sends({"location": _point(latitude, longitude)}, **where)

    def sends_venue(self, title: str = "", address: str = "", **where: Any) -> Update:
        """A place with a name; the platform also fills in `location`."""
        point = _point(2.9595, 99.0687)
        venue = {"location": point, "title": title or invented(), "address": address or invented()}
        return self.sends({"venue": venue, "location": point}, **where)

    def sends_contact(self, other: Person | None = None, **where: Any) -> Update:
        """A telephone number out of the address book: the own one, or somebody else's."""
        whose = other or self
        number = f"+62811{_dice.randrange(10**7, 10**8)}"
        names = {"first_name": whose.first_name, "last_name": whose.last_name, "user_id": whose.id}
        return self.sends({"contact": {"phone_number": number, **names}}, **where)

    def forwards(self, text: str, *, hidden: bool = False, **where: Any) -> Update:
        """Words of somebody else, who is named (unless `hidden`, then only by a name)."""
        author = Person()
        origin = {"type": "hidden_user", "date": int(time.time()) - 60, "sender_user_name": author.first_name}
        if not hidden:
            origin = {"type": "user", "date": int(time.time()) - 60, "sender_user": author.user}
        return self.sends({"forward_origin": origin, "text": text}, **where)

    # the chat itself

    def places_bot(self, bot: dict[str, Any], before: str, after: str, *, chat: Chat | None = None) -> Update:
        """my_chat_member: the bot (a User) was `before` and is `after`: member, administrator, left, kicked."""
        what = {"chat": chat or self.chat, "from": self.user, "date": int(time.time())}
        places = {"old_chat_member": _place(bot, before), "new_chat_member": _place(bot, after)}
        return _update("my_chat_member", {**what, **places})

    def blocks(self, bot: dict[str, Any]) -> Update:
        return self.places_bot(bot, "member", "kicked")

    def unblocks(self, bot: dict[str, Any]) -> Update:
        return self.places_bot(bot, "kicked", "member")


def somebody(language: str = "id") -> Person:
    """A new person."""
    return Person(language=language)


def _caption(words: str) -> dict[str, str]:
    return {"caption": words} if words else {}


def _point(latitude: float, longitude: float) -> dict[str, float]:
    return {"latitude": latitude, "longitude": longitude}


def _place(bot: dict[str, Any], status: str) -> dict[str, Any]:
    rights = dict.fromkeys(_RIGHTS, False) if status == "administrator" else {}
    return {"user": bot, "status": status, **rights, **({"until_date": 0} if status == "kicked" else {})}


_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_send_welcome_messages",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)


def everything(bot: dict[str, Any]) -> dict[str, list[Update]]:
    """One of each thing that can happen, by its name: for tests that must have an answer to all."""
    sari, place = somebody(), group()
    said = sari.says(invented())
    message = {
        **sari.says(invented())["message"],
        "from": bot,
        "reply_markup": {"inline_keyboard": [[{"text": "Ya", "callback_data": "x.1"}]]},
    }
    return {
        "text": [said],
        "command": [sari.says("/status 12")],
        "start": [sari.starts(invented())],
        "reply": [sari.replies(message, invented())],
        "press": [sari.presses(message)],
        "edited": [sari.edits(said, invented())],
        "photo": [sari.sends_photo(caption=invented())],
        "album": sari.sends_album([None, None, None], invented(), 1),
        "document": [sari.sends_document()],
        "voice": [sari.sends_voice()],
        "video": [sari.sends_video()],
        "video_note": [sari.sends_video_note()],
        "audio": [sari.sends_audio()],
        "animation": [sari.sends_animation()],
        "sticker": [sari.sends_sticker()],
        "dice": [sari.throws_dice()],
        "poll": [sari.sends_poll()],
        "location": [sari.sends_location()],
        "venue": [sari.sends_venue()],
        "contact": [sari.sends_contact(somebody())],
        "forward": [sari.forwards(invented()), sari.forwards(invented(), hidden=True)],
        "group": [sari.says(invented(), chat=place), sari.says("/start", chat=place, thread=7)],
        "migrated": list(group_migrates(sari, place, group(supergroup=True)["id"])),
        "blocked": [sari.blocks(bot), sari.unblocks(bot)],
        "member": [
            sari.places_bot(bot, "left", "administrator", chat=place),
            sari.places_bot(bot, "administrator", "kicked", chat=place),
            sari.places_bot(bot, "member", "left", chat=place),
        ],
    }
