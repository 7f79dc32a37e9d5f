"""Values of a platform's body that are what they should be, or a ValueError."""

from __future__ import annotations

import math

_LONGEST_ID = 1 << 63


def whole_number(value: object) -> int:
    """A whole number that a database can keep."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _LONGEST_ID:
        raise ValueError("a number that is none")
    return value


def words(value: object) -> str:
    """A text; empty where there is none."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError("a text that is none")
    return value


def line(value: object) -> str:
    """A text without line breaks."""
    return " ".join(words(value).split())


def place(latitude: object, longitude: object, *names: object) -> str:
    """A point as "2.95950, 99.06870", with what it is called before it where it has names."""
    point = f"{_degrees(latitude, 90):.5f}, {_degrees(longitude, 180):.5f}"
    called = ", ".join(filter(None, map(line, names)))
    return f"{called} ({point})" if called else point


def _degrees(value: object, most: int) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > most:
        raise ValueError("a place that is none")
    return float(value)
