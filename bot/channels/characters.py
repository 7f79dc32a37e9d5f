"""Characters as platforms send them and as we can keep them."""

from __future__ import annotations

import json
import re
from typing import Any

#: Half of a character: JSON can spell it, nothing can store it.
_HALF = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """The text with every half of a character replaced, so that it can be encoded."""
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


def has_halves(text: str) -> bool:
    """Whether `whole` would change it."""
    return _HALF.search(text) is not None


def clean(raw: dict[str, Any]) -> dict[str, Any]:
    """A body with nothing in it that can't be stored; RecursionError for one that is too deep."""
    text = json.dumps(raw, ensure_ascii=False)
    found: dict[str, Any] = json.loads(whole(text)) if has_halves(text) else raw
    return found
