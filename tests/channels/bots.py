"""Both Telegram channels for tests that ask the same of each."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any

from PIL import Image

from bot.channels.base import Channel
from bot.channels.pacing import Pace
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram_citizen import TelegramCitizen
from bot.channels.telegram_staff import TelegramStaff

CLASSES: tuple[type[TelegramChannel], ...] = (TelegramCitizen, TelegramStaff)
TOKEN = "123456789:AAHfiqksKZ8WmR2zMnQ7mTN3j5bVqXyR4eU"
ME = {"id": 123456789, "is_bot": True, "first_name": "Bot", "username": "tanggap_bot"}


def picture() -> bytes:
    """A small JPEG."""
    data = io.BytesIO()
    Image.new("RGB", (32, 24), "green").save(data, "JPEG")
    return data.getvalue()


def make(kind: type[TelegramChannel], **changes: Any) -> TelegramChannel:
    """A channel that is not started: enough to read updates."""
    return kind(**{"token": TOKEN, "pace": Pace.free(), **changes})


@contextlib.asynccontextmanager
async def running(channel: TelegramChannel) -> AsyncIterator[TelegramChannel]:
    """The channel, started."""
    await channel.start()
    try:
        yield channel
    finally:
        await end_session(channel)
        await channel.stop()


async def end_session(channel: Channel) -> None:
    """aiogram's own farewell also sleeps: its session is closed before."""
    session = getattr(getattr(getattr(channel, "_bot", None), "session", None), "_session", None)
    if session is not None:
        await session.close()
