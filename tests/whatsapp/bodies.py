"""Webhook bodies: how the platform packs what happened, and how it signs it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]

SIGNATURE = "X-Hub-Signature-256"
SHAPES = ("entries", "changes", "values")


def new_wamid(of: str = "") -> str:
    """A message id of the platform's shape."""
    inside = b"HB\x18" + of.encode()[-12:] + b"\x15\x02\x00" + secrets.token_bytes(12)
    return "wamid." + base64.b64encode(inside).decode()


def sign(secret: str, raw: bytes) -> str:
    """The header's value."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def raw_of(body: dict[str, Any]) -> bytes:
    """As Meta writes it: everything that is not ASCII is escaped."""
    return json.dumps(body, separators=(",", ":")).encode()


def pack(account: str, events: Sequence[Event], shape: str = "entries") -> dict[str, Any]:
    """One body with all of these events: each in an entry, or in a change, of its own, or as many in one value as fit.

    An event is {"metadata", "contact"?, "message" | "status"}, or {"field", "value"} as it is.
    """
    changes = _merged(events) if shape == "values" else [_change([event]) for event in events]
    groups = [[change] for change in changes] if shape == "entries" else [changes]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": account, "changes": group} for group in groups],
    }


def _merged(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Messages of one number share a value, and so do statuses."""
    groups: dict[Any, list[Event]] = {}
    for n, event in enumerate(events):
        metadata = event.get("metadata") or {}
        key = (metadata.get("phone_number_id"), _kind(event)) if _kind(event) else n
        groups.setdefault(key, []).append(event)
    return [_change(group) for group in groups.values()]


def _kind(event: Event) -> str | None:
    return next((kind for kind in ("message", "status") if kind in event), None)


def _change(events: Sequence[Event]) -> dict[str, Any]:
    first = events[0]
    kind = _kind(first)
    if kind is None:
        return {"field": first["field"], "value": first["value"]}
    contacts = [event["contact"] for event in events if event.get("contact")]
    once = [contact for n, contact in enumerate(contacts) if contact not in contacts[:n]]
    value = {
        "messaging_product": "whatsapp",
        "metadata": first["metadata"],
        **({"contacts": once} if once else {}),
        f"{kind}es" if kind == "status" else f"{kind}s": [event[kind] for event in events],
    }
    return {"field": "messages", "value": value}
