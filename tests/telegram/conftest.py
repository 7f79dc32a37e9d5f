"""Fixtures of the tests over Telegram's stand-in (`standin`, `bot` and `sari` are in tests/conftest.py)."""

from __future__ import annotations

import pytest


@pytest.fixture
def spans_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of the old way."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
