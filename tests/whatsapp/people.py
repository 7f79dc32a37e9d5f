"""What people do in WhatsApp, as the documented webhooks have it: `sari = somebody(); sari.says("halo")`.

Names are invented at random, so that a search for them finds nothing but a leak. A builder makes an event: a contact
and a message; tests.whatsapp.bodies packs events into bodies. The stand-in fills in the moment anew.
"""

from __future__ import annotations

import random
import string
import time
from dataclasses import dataclass, field
from typing import Any

from tests.whatsapp.bodies import Event, new_wamid
from tests.whatsapp.errors import failure

Message = dict[str, Any]
FileObject = dict[str, Any]
Sent = dict[str, Any]

_dice = random.SystemRandom()
#: The number that a person writes to, where no stand-in says otherwise.
OURS = {"display_phone_number": "6281100000001", "phone_number_id": "106540352242922"}


def invented(length: int = 9) -> str:
    """A word that nobody has ever said."""
    return "Zq" + "".join(_dice.choices(string.ascii_lowercase, k=length))


def some_file(mime: str = "image/jpeg", name: str = "") -> FileObject:
    """A file that lies nowhere: for events that are only read. `Account.keeps` makes one that can be fetched."""
    key = str(_dice.randrange(10**14, 10**15))
    return {"id": key, "mime": mime, "name": name, "sha256": invented(40), "size": 2048}


@dataclass(frozen=True)
class Person:
    """Somebody with WhatsApp. Every method makes an event and sends nothing. `hides`: their number is not told."""

    id: str = field(default_factory=lambda: f"ID.{_dice.randrange(10**15, 10**16)}")
    phone: str = field(default_factory=lambda: f"62811{_dice.randrange(10**8, 10**9)}")
    name: str = field(default_factory=invented)
    username: str = ""
    hides: bool = False

    @property
    def contact(self) -> dict[str, Any]:
        """The documented contact."""
        known = {"username": self.username} if self.username else {}
        number = {} if self.hides else {"wa_id": self.phone}
        return {"profile": {"name": self.name, **known}, **number, "user_id": self.id}

    @property
    def names(self) -> tuple[str, ...]:
        """What must be found nowhere."""
        return tuple(filter(None, (self.name, self.username, self.phone, self.id)))

    # messages

    def sends(self, kind: str, content: Any, *, quotes: Sent | Message | str | None = None, **more: Any) -> Event:
        """A message of this kind; `quotes`: what it answers (a message, or the id of one)."""
        message = {
            **({} if self.hides else {"from": self.phone}),
            "from_user_id": self.id,
            "id": new_wamid(self.phone),
            "timestamp": str(int(time.time())),
            "type": kind,
            **({"context": self._context(quotes)} if quotes else {}),
            kind: content,
            **more,
        }
        return {"metadata": None, "contact": self.contact, "message": message}

    def _context(self, quotes: Sent | Message | str) -> dict[str, str]:
        key = quotes if isinstance(quotes, str) else str(quotes["id"])
        return {"from": OURS["display_phone_number"], "id": key}

    def says(self, text: str, **more: Any) -> Event:
        """Words."""
        return self.sends("text", {"body": text}, **more)

    def replies(self, quotes: Sent | Message | str, text: str) -> Event:
        """Words that quote a message."""
        return self.says(text, quotes=quotes)

    def forwards(self, text: str, *, often: bool = False) -> Event:
        """Words of somebody else, who is not named."""
        return self.says(text, context={"frequently_forwarded" if often else "forwarded": True})

    def edits(self, event: Event, text: str) -> Event:
        """Change the words of an own message."""
        before = event["message"]
        after = {
            "type": "text",
            "text": {"body": text},
            **({"context": before["context"]} if "context" in before else {}),
        }
        return self.sends("edit", {"original_message_id": before["id"], "message": after})

    def revokes(self, event: Event) -> Event:
        """Delete an own message for everybody."""
        return self.sends("revoke", {"original_message_id": event["message"]["id"]})

    # choices

    def presses(self, sent: Sent, choice: str | int = 0) -> Event:
        """A choice of a message that was sent (as the stand-in logs it), by its label, its data or its place."""
        choices = [*sent["buttons"], *sent["rows"]]
        found = [one for n, one in enumerate(choices) if choice in (n, one[0], one[1])]
        assert found, f"no choice {choice!r} among {[one[1] for one in choices]}"
        key, title, *rest = found[0]
        if sent["type"] == "template":
            return self.taps(sent, key, title)
        return self.picks(sent, key, title, *rest) if sent["rows"] else self.replies_by_button(sent, key, title)

    def replies_by_button(self, sent: Sent | str, key: str, title: str = "Ya") -> Event:
        """A reply button, also one that does not exist."""
        return self.sends(
            "interactive", {"type": "button_reply", "button_reply": {"id": key, "title": title}}, quotes=sent
        )

    def picks(self, sent: Sent | str | None, key: str, title: str = "Ya", description: str = "") -> Event:
        """A row of a list; `sent` None: without a context, as it also comes."""
        row = {"id": key, "title": title, **({"description": description} if description else {})}
        return self.sends("interactive", {"type": "list_reply", "list_reply": row}, quotes=sent)

    def taps(self, sent: Sent | str, payload: str, text: str = "Lihat") -> Event:
        """A quick-reply button of a template."""
        return self.sends("button", {"payload": payload, "text": text}, quotes=sent)

    # media: `file` is what `Account.keeps` gave

    def sends_photo(self, file: FileObject | None = None, caption: str = "", **more: Any) -> Event:
        return self._sends_file("image", file or some_file(), caption, **more)

    def sends_document(self, file: FileObject | None = None, caption: str = "", **more: Any) -> Event:
        file = file or some_file("application/pdf", f"{invented()}.pdf")
        return self._sends_file("document", file, caption, names={"filename": file["name"]}, **more)

    def sends_voice(self, file: FileObject | None = None, **more: Any) -> Event:
        file = {**(file or some_file("audio/ogg"))}
        file["mime"] = "audio/ogg; codecs=opus"
        return self._sends_file("audio", file, names={"voice": True}, **more)

    def sends_audio(self, file: FileObject | None = None, **more: Any) -> Event:
        return self._sends_file("audio", file or some_file("audio/mpeg"), names={"voice": False}, **more)

    def sends_video(self, file: FileObject | None = None, caption: str = "", **more: Any) -> Event:
        return self._sends_file("video", file or some_file("video/mp4"), caption, **more)

    def sends_sticker(self, file: FileObject | None = None, **more: Any) -> Event:
        return self._sends_file("sticker", file or some_file("image/webp"), names={"animated": False}, **more)

    def _sends_file(
        self, kind: str, file: FileObject, caption: str = "", names: dict[str, Any] | None = None, **more: Any
    ) -> Event:
        about = {"mime_type": file["mime"], "sha256": file["sha256"], "id": file["id"]}
        return self.sends(kind, {**(names or {}), **({"caption": caption} if caption else {}), **about}, **more)

    # what is no complaint

    def sends_location(
        self, latitude: float = 2.9595, longitude: float = 99.0687, name: str = "", address: str = "", **more: Any
    ) -> Event:
        """A point, or a place with a name."""
        named = {key: value for key, value in (("name", name), ("address", address)) if value}
        return self.sends("location", {"latitude": latitude, "longitude": longitude, **named}, **more)

    def sends_contact(self, other: Person | None = None) -> Event:
        whose = other or self
        names = {"formatted_name": whose.name, "first_name": whose.name}
        phone = {"phone": f"+{whose.phone}", "wa_id": whose.phone, "type": "CELL"}
        return self.sends("contacts", [{"name": names, "phones": [phone]}])

    def reacts(self, sent: Sent | Message | str, emoji: str = "👍") -> Event:
        """A reaction to a message; "" takes it back."""
        key = sent if isinstance(sent, str) else str(sent["id"])
        return self.sends("reaction", {"message_id": key, **({"emoji": emoji} if emoji else {})})

    def orders(self) -> Event:
        item = {"product_retailer_id": invented(), "quantity": 1, "item_price": 5000, "currency": "IDR"}
        return self.sends("order", {"catalog_id": "194836987003835", "text": invented(), "product_items": [item]})

    def sends_unsupported(self) -> Event:
        """A poll, a view-once picture and the like."""
        why = {"code": 131051, "title": "Message type unknown", "message": "Message type unknown"}
        error = {**why, "error_data": {"details": "Message type is currently not supported."}}
        return self.sends("unsupported", {"type": "poll"}, errors=[error])

    # what becomes of the person

    def changes_number(self, to: Person) -> Event:
        """They have another number: no contacts, and the old one is `from`."""
        body = f"User {self.name} changed from {self.phone} to {to.phone}"
        return self._system({"body": body, "wa_id": to.phone, "type": "user_changed_number"})

    def changes_id(self, to: Person) -> Event:
        """They have another BSUID, because of another number; the old one stands in the words alone."""
        body = f"User {self.name} changed from {self.id} to {to.id}"
        number = {} if to.hides else {"wa_id": to.phone}
        return self._system({"body": body, **number, "user_id": to.id, "type": "user_changed_user_id"})

    def _system(self, system: dict[str, Any]) -> Event:
        event = self.sends("system", system)
        del event["message"]["from_user_id"]
        return {**event, "contact": None}

    def updates_id(self, to: Person) -> Event:
        """The same as a webhook of its own field, which names both."""
        update = {
            "detail": f"User {self.name} changed",
            "user_id": {"previous": self.id, "current": to.id},
            "timestamp": str(int(time.time())),
            **({} if to.hides else {"wa_id": to.phone}),
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": OURS,
            "contacts": [to.contact],
            "user_id_update": [update],
        }
        return {"field": "user_id_update", "value": value}


def somebody(**about: Any) -> Person:
    """A new person."""
    return Person(**about)


def status_of(
    wamid: str, who: Person, status: str = "delivered", *, tracker: str = "", code: int = 0, contacts: bool = True
) -> Event:
    """What has become of a message of ours, for tests that only read it; the stand-in makes its own."""
    more = {"biz_opaque_callback_data": tracker} if tracker else {}
    errors = {"errors": [failure(code)]} if code else {}
    number = {} if who.hides else {"recipient_id": who.phone}
    said = {"id": wamid, "status": status, "timestamp": str(int(time.time())), **number, "recipient_user_id": who.id}
    return {"metadata": OURS, "contact": who.contact if contacts else None, "status": {**said, **more, **errors}}


def errors_event(code: int = 131000) -> Event:
    """Something is wrong with the number itself: a value with errors and nothing else."""
    value = {"messaging_product": "whatsapp", "metadata": OURS, "errors": [failure(code)]}
    return {"field": "messages", "value": value}


def nameless(event: Event, *, wa_id: str = "6281100000000") -> Event:
    """The same from before BSUIDs: contacts have no `user_id`."""
    contact = {"profile": {"name": invented()}, "wa_id": wa_id}
    message = {**event["message"], "from": wa_id}
    message.pop("from_user_id", None)
    return {**event, "contact": contact, "message": message}


def placed(event: Event, metadata: dict[str, str] = OURS) -> Event:
    """The event with the number that it came to, for a body that is made without the stand-in."""
    return {**event, "metadata": event.get("metadata") or metadata} if "value" not in event else event


def everything(who: Person | None = None) -> dict[str, list[Event]]:
    """One of each thing that can happen, by its name: for tests that must have an answer to all."""
    sari = who or somebody()
    said = sari.says(invented())
    ours = new_wamid()
    return {
        "text": [said],
        "reply": [sari.replies(ours, invented())],
        "forward": [sari.forwards(invented()), sari.forwards(invented(), often=True)],
        "edit": [sari.edits(said, invented())],
        "revoke": [sari.revokes(said)],
        "button_reply": [sari.replies_by_button(ours, "x.1")],
        "list_reply": [sari.picks(ours, "x.1", description=invented()), sari.picks(None, "x.1")],
        "button": [sari.taps(ours, "x.1")],
        "image": [sari.sends_photo(), sari.sends_photo(caption=invented())],
        "document": [sari.sends_document(caption=invented())],
        "voice": [sari.sends_voice()],
        "audio": [sari.sends_audio()],
        "video": [sari.sends_video(caption=invented())],
        "sticker": [sari.sends_sticker()],
        "location": [sari.sends_location(), sari.sends_location(name=invented(), address=invented())],
        "contacts": [sari.sends_contact(), sari.sends_contact(somebody())],
        "reaction": [sari.reacts(ours), sari.reacts(ours, "")],
        "order": [sari.orders()],
        "unsupported": [sari.sends_unsupported()],
        "system": [sari.changes_number(somebody()), sari.changes_id(somebody()), sari.updates_id(somebody())],
        "status": [status_of(ours, sari, name) for name in ("sent", "delivered", "read")],
        "failed": [status_of(ours, sari, "failed", code=131047, contacts=False)],
        "errors": [errors_event()],
    }
