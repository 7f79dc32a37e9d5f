"""Fixtures of the tests over Telegram's stand-in (`standin` itself is in tests/conftest.py)."""

from __future__ import annotations

import pytest

from tests.telegram.people import Person, somebody
from tests.telegram.standin import Bot, StandIn


@pytest.fixture
def spans_are_timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """python-telegram-bot warns of the old way."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
def bot(standin: StandIn) -> Bot:
    return standin.bot()


@pytest.fixture
def sari(bot: Bot) -> Person:
    """Somebody who has started the bot."""
    person = somebody()
    bot.tells(person.starts(), wait=None)
    return person
