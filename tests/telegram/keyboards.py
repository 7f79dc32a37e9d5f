"""Buttons below a message, checked as the platform checks them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.telegram.errors import bad

MOST_BUTTONS, MOST_IN_A_ROW, MOST_DATA = 100, 8, 64
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_markup(markup: Any) -> dict[str, Any] | None:
    """The markup as it is kept; ApiError where a button is wrong."""
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return markup
    if any(len(row) > MOST_IN_A_ROW for row in rows) or sum(len(row) for row in rows) > MOST_BUTTONS:
        raise bad("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return {"inline_keyboard": [row for row in rows if row]}


def _check_button(button: dict[str, Any]) -> None:
    if not button.get("text"):
        raise bad("text buttons are unallowed in the inline keyboard")
    if (data := button.get("callback_data")) is not None:
        if not 1 <= len(data.encode()) <= MOST_DATA:
            raise bad("BUTTON_DATA_INVALID")
    elif "url" in button:
        _check_url(button["url"])
    elif len(button) < 2:
        raise bad("text buttons are unallowed in the inline keyboard")


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "tg") or not parts.netloc:
        raise bad(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    payloads = parse_qs(parts.query, keep_blank_values=True).get("start", [])
    if not all(PAYLOAD.fullmatch(payload) for payload in payloads):
        raise bad("BUTTON_URL_INVALID")
