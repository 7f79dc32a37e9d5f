"""Telegram's Bot API as plain HTTP: what both bots need beside talking (updates as raw JSON, webhooks, commands)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

import httpx

from bot.webapi import WebApi

T = TypeVar("T")

API_URL = "https://api.telegram.org"
#: The kinds of update that we ask for: what people say and press, and what becomes of a chat.
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
#: How long an ordinary call may take, in seconds.
PATIENCE = 15.0
#: What a long poll may take beside the time that Telegram waits by itself.
SLACK = 10.0


class BotApiError(RuntimeError):
    """A call failed: Telegram's code (0: it was not reached) and its words. Holds neither token nor address.

    `retry_after`: seconds that Telegram asks to be left alone.
    """

    def __init__(self, code: int, description: str, retry_after: float | None = None) -> None:
        super().__init__(f"{code} {description}" if code else description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class BotApi(WebApi):
    """One bot's Bot API. Use it in one event loop, and close it there."""

    def __init__(self, token: str, api_url: str = API_URL, client: httpx.AsyncClient | None = None) -> None:
        """A `client` that is given stays open."""
        super().__init__(token, f"{api_url.rstrip('/')}/bot{token}/", client)

    async def call(self, method: str, *, timeout: float = PATIENCE, **params: Any) -> Any:  # noqa: ASYNC109
        """The `result` of a method, within `timeout` seconds; parameters that are None are left out. BotApiError."""
        return await self._post(method, {name: value for name, value in params.items() if value is not None}, timeout)

    async def get_me(self) -> dict[str, Any]:
        """The bot itself: `id`, `username`, `can_read_all_group_messages` and more."""
        return _of(dict, await self.call("getMe"))

    async def get_updates(
        self, offset: int | None, *, wait: int, most: int, allowed: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Updates from `offset` on as they came; Telegram waits up to `wait` seconds for the first one."""
        params = {"limit": most, "timeout": wait, "allowed_updates": list(allowed)}
        if offset is not None:
            params["offset"] = offset
        return _of(list, await self._post("getUpdates", params, wait + SLACK))

    async def set_webhook(self, url: str, *, secret: str, allowed: Sequence[str], most: int) -> None:
        """Have updates posted to an address, at most so many at once. What waits is never dropped."""
        await self.call("setWebhook", url=url, secret_token=secret, allowed_updates=list(allowed), max_connections=most)

    async def delete_webhook(self) -> None:
        """Have updates wait for getUpdates. What waits is never dropped."""
        await self.call("deleteWebhook")

    async def webhook_info(self) -> dict[str, Any]:
        """The webhook as Telegram has it: `url`, `pending_update_count`, `last_error_date`, `last_error_message`."""
        return _of(dict, await self.call("getWebhookInfo"))

    async def _post(self, method: str, params: dict[str, Any], patience: float) -> Any:
        try:
            async with asyncio.timeout(patience):
                answer = await self._http().post(self._base + method, json=params)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:  # their texts may hold the address
            raise BotApiError(0, f"Telegram was not reached ({type(error).__name__})") from None
        return self._result(answer)

    def _result(self, answer: httpx.Response) -> Any:
        try:
            body = _of(dict, answer.json(), answer.status_code)
        except (ValueError, RecursionError):
            raise _strange(answer.status_code) from None
        if body.get("ok") is True:
            return body.get("result")
        code, parameters = body.get("error_code"), body.get("parameters")
        after = parameters.get("retry_after") if isinstance(parameters, dict) else None
        raise BotApiError(
            code if isinstance(code, int) else answer.status_code,
            str(body.get("description", "")).replace(self._token, "..."),
            float(after) if isinstance(after, (int, float)) else None,
        )


def _of(kind: type[T], value: Any, status: int = 200) -> T:
    if not isinstance(value, kind):
        raise _strange(status)
    return value


def _strange(code: int) -> BotApiError:
    return BotApiError(code, "what answered does not speak the Bot API")
