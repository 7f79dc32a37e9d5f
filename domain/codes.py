"""One-time codes that people type: an invitation's, and the one that joins two chats."""

from __future__ import annotations

from collections.abc import Callable

from domain.numbers import SYMBOLS

#: How many symbols each has: of the shorter one tries are counted.
INVITATION, JOINING = 10, 8

_LOOKALIKE = str.maketrans("OIL", "011")


def code(length: int, draw: Callable[[], int]) -> str:
    """A code of so many symbols; `draw` gives a random number below 32."""
    return "".join(SYMBOLS[draw()] for _ in range(length))


def parse_code(typed: str, length: int) -> str | None:
    """The code that was typed, or None. Small letters, spaces, dashes and look-alikes are forgiven."""
    found = "".join(typed.split()).replace("-", "").upper().translate(_LOOKALIKE)
    return found if len(found) == length and set(found) <= set(SYMBOLS) else None
