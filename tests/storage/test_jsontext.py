"""JSON text is the standard library's, whatever the value, and what it cannot say is refused as loudly."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.jsontext import Encoder, dumps

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
SEALED: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}
AUDITED: dict[str, Any] = {"sort_keys": True, "default": str}


@given(VALUES)
def test_the_text_is_that_of_the_standard_library(value: Any) -> None:
    assert dumps(value) == json.dumps(value)
    assert Encoder(**SEALED).encode(value) == json.dumps(value, **SEALED)
    assert Encoder(**AUDITED).encode(value) == json.dumps(value, **AUDITED)


def test_what_json_cannot_say_is_refused_and_the_next_value_is_written_as_ever() -> None:
    encoder = Encoder(**SEALED)
    circle: list[Any] = []
    circle.append(circle)
    for value, error in ((float("nan"), ValueError), (object(), TypeError), (circle, ValueError)):
        with pytest.raises(error):
            encoder.encode(value)
        assert encoder.encode({"a": [1]}) == '{"a":[1]}'


def test_what_a_digest_covers_may_hold_a_moment() -> None:
    at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert Encoder(**AUDITED).encode([at]) == json.dumps([at], default=str)
