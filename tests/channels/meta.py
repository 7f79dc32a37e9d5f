"""What Meta brings: bodies of a webhook, as its documentation describes them."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

NUMBER, STAFF_NUMBER = "106540352242922", "106540352242923"
USER, PHONE = "ID.1502A34bcD9871203498", "6281200004711"
SECRET = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
VERIFY = "kata-yang-kita-pilih"
WHEN = "1764238453"
Body = dict[str, Any]


def body(*changes: Body) -> Body:
    """A body with each change in an entry of its own."""
    entries = [{"id": "102290129340398", "changes": [change]} for change in changes]
    return {"object": "whatsapp_business_account", "entry": entries}


def change(*, number: str = NUMBER, field: str = "messages", **value: Any) -> Body:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": number}
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def contact(user: str | None = USER, phone: str | None = PHONE) -> Body:
    """Who wrote; either name may be withheld."""
    found: Body = {"profile": {"name": "Nama Yang Ditulis Sendiri"}}
    return found | ({"user_id": user} if user else {}) | ({"wa_id": phone} if phone else {})


def message(
    kind: str, content: Any = None, *, wamid: str = "wamid.HBgL1", phone: str | None = PHONE, **more: Any
) -> Body:
    found: Body = {"id": wamid, "timestamp": WHEN, "type": kind, **more}
    if content is not None:
        found[kind] = content
    return found | ({"from": phone} if phone else {})


def said(*messages: Body, number: str = NUMBER, contacts: list[Body] | None = None) -> Body:
    """Messages of one person in one body."""
    return body(change(number=number, contacts=[contact()] if contacts is None else contacts, messages=list(messages)))


def text(words: str, wamid: str = "wamid.HBgL1", **more: Any) -> Body:
    return message("text", {"body": words}, wamid=wamid, **more)


def file(kind: str, mime: str, **more: Any) -> Body:
    return message(kind, {"id": "1003383421387256", "mime_type": mime, "sha256": "x=", **more})


def status(what: str = "delivered", *, wamid: str = "wamid.HBgLo", user: str | None = USER, **more: Any) -> Body:
    found: Body = {"id": wamid, "status": what, "timestamp": WHEN, "recipient_id": PHONE, **more}
    return found | ({"recipient_user_id": user} if user else {})


def told(*statuses: Body, contacts: list[Body] | None = None) -> Body:
    """Statuses in one body; newer ones bring the contact too."""
    more: Body = {} if contacts is None else {"contacts": contacts}
    return body(change(statuses=list(statuses), **more))


def system(kind: str, phone: str | None = PHONE, **more: Any) -> Body:
    """A message that nobody wrote; it comes without contacts."""
    return body(change(messages=[message("system", {"type": kind, "body": "User changed", **more}, phone=phone)]))


def signed(raw: bytes, secret: str = SECRET) -> dict[str, str]:
    """The header by which Meta signs the bytes of a body."""
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def as_bytes(found: Body) -> bytes:
    """As Meta spells it: escaped, and with no regard to how others would."""
    return json.dumps(found, separators=(",", ":")).encode()
