"""Fixtures of the tests over Telegram's stand-in (`standin`, `bot` and `sari` are in tests/conftest.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.telegram.nursery import Nursery


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where towns on Telegram come from: the libraries are imported once."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.end()


@pytest.fixture
def spans_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of the old way."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
