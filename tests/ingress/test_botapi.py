"""The Bot API as plain HTTP: what is asked for arrives, and no error tells the token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.botapi import BotApi, BotApiError

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def asked(answer: Callable[[httpx.Request], httpx.Response], method: str, *given: Any, **named: Any) -> Any:
    """What a method of the API returns when the other side answers so."""

    async def ask() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await getattr(BotApi(TOKEN, "https://tg.example/", client), method)(*given, **named)

    return asyncio.run(ask())


def failed(answer: Callable[[httpx.Request], httpx.Response]) -> BotApiError:
    with pytest.raises(BotApiError) as raised:
        asked(answer, "get_me")
    return raised.value


def test_a_call_names_the_bot_its_method_and_its_parameters() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"ok": True, "result": [{"update_id": 7}]})

    found = asked(answer, "get_updates", 7, wait=25, most=50, allowed=("message",))
    assert found == [{"update_id": 7}]
    assert requests[0].url == f"https://tg.example/bot{TOKEN}/getUpdates"
    assert json.loads(requests[0].content) == {
        "offset": 7,
        "limit": 50,
        "timeout": 25,
        "allowed_updates": ["message"],
    }


def test_what_waits_is_never_dropped() -> None:
    bodies: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"ok": True, "result": True})

    asked(answer, "delete_webhook")
    asked(answer, "set_webhook", "https://kota.example/hooks", secret="rahasia", allowed=("message",), most=40)
    assert not any("drop_pending_updates" in body for body in bodies)
    assert bodies[1] == {
        "url": "https://kota.example/hooks",
        "secret_token": "rahasia",
        "allowed_updates": ["message"],
        "max_connections": 40,
    }


@pytest.mark.parametrize(
    ("answer", "code", "retry_after"),
    [
        (httpx.Response(401, json={"ok": False, "error_code": 401, "description": "Unauthorized"}), 401, None),
        (httpx.Response(429, json={"ok": False, "error_code": 429, "parameters": {"retry_after": 3}}), 429, 3.0),
        (httpx.Response(502, text="<html>Bad gateway</html>"), 502, None),
        (httpx.Response(200, json=["no", "object"]), 200, None),
        (httpx.Response(200, json={"ok": True, "result": "nobody"}), 200, None),
        (httpx.Response(404, json={"ok": False, "description": f"no /bot{TOKEN}/getMe here"}), 404, None),
    ],
    ids=["refused", "too fast", "a proxy", "no object", "another shape", "a quoted address"],
)
def test_every_error_is_one_of_ours_and_holds_no_token(
    answer: httpx.Response, code: int, retry_after: float | None
) -> None:
    error = failed(lambda request: answer)
    assert (error.code, error.retry_after) == (code, retry_after)
    assert TOKEN not in repr(error) + str(error)


def test_an_unreached_telegram_is_said_without_its_address() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"cannot reach {request.url}")

    error = failed(answer)
    assert error.code == 0
    assert str(error) == "Telegram was not reached (ConnectError)"
    assert error.__suppress_context__
