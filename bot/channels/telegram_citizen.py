"""The bot that citizens write to, on aiogram: its Bot, types and errors, no Dispatcher and no FSM.

The one file that imports aiogram, which costs a second: it is imported where the bot is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiogram import Bot, exceptions
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    LinkPreviewOptions,
    Update,
)

from bot.channels.base import File
from bot.channels.faults import CallError, Trouble
from bot.channels.parts import Key
from bot.channels.telegram import CONNECTIONS, PATIENCE, PATIENCE_WITH_FILES, TelegramChannel
from handlers.messages import CITIZEN

_TROUBLES: tuple[tuple[type[Exception], Trouble], ...] = (
    (exceptions.TelegramForbiddenError, "forbidden"),
    (exceptions.TelegramBadRequest, "bad"),
    (exceptions.TelegramUnauthorizedError, "token"),
    (exceptions.TelegramNotFound, "missing"),
    (exceptions.TelegramEntityTooLarge, "too_large"),
    (exceptions.TelegramAPIError, "network"),  # 5xx, no connection, and what has no name yet
    (OSError, "network"),  # also the client's own errors while it downloads, and timeouts
    (UnicodeError, "network"),  # an answer that is no text
)
_MEDIA = {"photo": InputMediaPhoto, "document": InputMediaDocument}


class TelegramCitizen(TelegramChannel):
    """The citizen bot."""

    accounts = (CITIZEN,)

    def _read(self, raw: dict[str, Any]) -> Update:
        return Update.model_validate(raw, context={"bot": self._bot})

    def _open(self) -> Bot:
        api = TelegramAPIServer.from_base(self._api_url)
        return Bot(self._token, session=AiohttpSession(api=api, limit=CONNECTIONS, timeout=PATIENCE))

    async def _close(self, bot: Bot) -> None:
        await bot.session.close()

    def _fault(self, error: Exception) -> CallError:
        match error:
            case exceptions.TelegramRetryAfter():
                return CallError("flood", after=float(error.retry_after))
            case exceptions.TelegramMigrateToChat():
                return CallError("moved", to=str(error.migrate_to_chat_id))
            case exceptions.ClientDecodeError():  # an answer of somebody on the way
                return CallError("too_large" if "413 Request Entity Too Large" in str(error.data) else "network")
        if getattr(error, "status", None) in (400, 404):  # a download
            return CallError("missing")
        found = next((trouble for kind, trouble in _TROUBLES if isinstance(error, kind)), None)
        if found is None:
            return CallError("strange", type(error).__name__)
        return CallError(found, getattr(error, "message", ""))

    def _within(self, seconds: int) -> dict[str, Any]:
        return {"request_timeout": seconds}

    def _file(self, file: File) -> BufferedInputFile:
        return BufferedInputFile(file.data, file.name)

    def _album(self, kind: str, files: Sequence[File]) -> list[Any]:
        return [_MEDIA[kind](media=self._file(file)) for file in files]

    def _keyboard(self, keys: list[list[Key]]) -> InlineKeyboardMarkup:
        rows = [
            [InlineKeyboardButton(text=key.label, callback_data=key.data, url=key.url) for key in row] for row in keys
        ]
        return InlineKeyboardMarkup(inline_keyboard=rows)

    def _no_preview(self) -> LinkPreviewOptions:
        return LinkPreviewOptions(is_disabled=True)

    async def _download(self, path: str) -> bytes:
        file = await self._bot.download_file(path, timeout=PATIENCE_WITH_FILES)
        return bytes(file.read())
