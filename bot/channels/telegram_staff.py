"""The bot that offices write to, on python-telegram-bot: its Bot, types and errors, no Application and no JobQueue.

The one file that imports telegram: it is imported where the bot is on.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Update,
)
from telegram import (
    error as errors,
)
from telegram.request import HTTPXRequest

from bot.channels.base import File
from bot.channels.faults import CallError, Trouble
from bot.channels.parts import Key
from bot.channels.telegram import CONNECTIONS, PATIENCE, PATIENCE_WITH_FILES, TelegramChannel
from bot.tls import trusted
from handlers.messages import STAFF

#: The library's own switch: lengths of time as such. Without it making a RetryAfter is a warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")

_TROUBLES: tuple[tuple[type[Exception], Trouble], ...] = (
    (errors.Forbidden, "forbidden"),
    (errors.BadRequest, "bad"),  # before NetworkError, whose subclass it is
    (errors.TelegramError, "network"),  # 5xx, no connection, an answer that is no JSON, and what has no name yet
)
#: How this library tells of a 413, which it has no class for.
_TOO_LARGE = ("request entity too large", "content too large")
_MEDIA = {"photo": InputMediaPhoto, "document": InputMediaDocument}


class TelegramStaff(TelegramChannel):
    """The staff bot."""

    accounts = (STAFF,)

    def _read(self, raw: dict[str, Any]) -> Update:
        return Update.de_json(raw, self._bot)

    def _open(self) -> Bot:
        """Not initialized: that would ask the network who we are."""
        request = HTTPXRequest(
            connection_pool_size=CONNECTIONS,
            connect_timeout=10,
            read_timeout=PATIENCE,
            write_timeout=PATIENCE,
            pool_timeout=PATIENCE,
            media_write_timeout=PATIENCE_WITH_FILES,
            httpx_kwargs={"verify": trusted()},
        )
        return Bot(
            self._token,
            base_url=f"{self._api_url}/bot",
            base_file_url=f"{self._api_url}/file/bot",
            request=request,
            get_updates_request=request,
        )

    async def _close(self, bot: Bot) -> None:
        await bot.request.shutdown()

    def _fault(self, error: Exception) -> CallError:
        text = str(error)
        match error:
            case errors.RetryAfter():
                return CallError("flood", after=_seconds(error.retry_after))
            case errors.ChatMigrated():
                return CallError("moved", to=str(error.new_chat_id))
            case errors.InvalidToken():  # 401 and 404
                return CallError("missing" if "not found" in text.casefold() else "token")
        if any(words in text.casefold() for words in _TOO_LARGE):
            return CallError("too_large")
        found = next((trouble for kind, trouble in _TROUBLES if isinstance(error, kind)), None)
        return CallError(found, text) if found else CallError("strange", type(error).__name__)

    def _within(self, seconds: int) -> dict[str, Any]:
        return {"read_timeout": seconds}

    def _file(self, file: File) -> InputFile:
        return InputFile(file.data, filename=file.name)

    def _album(self, kind: str, files: Sequence[File]) -> list[Any]:
        return [_MEDIA[kind](media=file.data, filename=file.name) for file in files]

    def _keyboard(self, keys: list[list[Key]]) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(
            [[InlineKeyboardButton(key.label, callback_data=key.data, url=key.url) for key in row] for row in keys]
        )

    def _no_preview(self) -> LinkPreviewOptions:
        return LinkPreviewOptions(is_disabled=True)

    async def _download(self, path: str) -> bytes:
        return bytes(await self._bot.request.retrieve(self._file_url() + path, read_timeout=PATIENCE_WITH_FILES))


def _seconds(value: int | timedelta) -> float:
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
