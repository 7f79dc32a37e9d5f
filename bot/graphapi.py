"""Meta's Graph API as plain HTTP: what WhatsApp needs beside talking (message templates, the number, the webhook)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import httpx

from bot.webapi import WebApi

T = TypeVar("T")

API_URL = "https://graph.facebook.com"
#: The version that the channel's library speaks too.
VERSION = "v26.0"
#: How long a call may take, in seconds.
PATIENCE = 20.0
#: Templates on one page of their list, and so many pages at most: nobody has more.
PAGE, MOST_PAGES = 100, 60

_TEMPLATE_FIELDS = "id,name,language,status,category,rejected_reason,components"
_NUMBER_FIELDS = (
    "display_phone_number,verified_name,quality_rating,throughput,status,"
    "whatsapp_business_manager_messaging_limit,webhook_configuration"
)


class GraphApiError(RuntimeError):
    """A call failed: Meta's code (0: it was not reached) and its words. Holds neither token nor address.

    `details` is what Meta says to the one who has to mend it, often empty; `status` is HTTP's.
    """

    def __init__(self, code: int, description: str, details: str = "", status: int = 0) -> None:
        said = f"{description}: {details}" if details else description
        super().__init__(f"{code} {said}" if code else said)
        self.code = code
        self.description = description
        self.details = details
        self.status = status


class GraphApi(WebApi):
    """The Graph API for one business account. Use it in one event loop, and close it there."""

    def __init__(self, token: str, api_url: str = API_URL, client: httpx.AsyncClient | None = None) -> None:
        """A `client` that is given stays open."""
        super().__init__(token, f"{api_url.rstrip('/')}/{VERSION}/", client)

    async def templates(self, business: str) -> list[dict[str, Any]]:
        """All message templates of a business account, in every language: `id`, `name`, `status`, `components` ..."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        for _ in range(MOST_PAGES):
            asked = {"fields": _TEMPLATE_FIELDS, "limit": str(PAGE), **({"after": after} if after else {})}
            page = await self.get(f"{business}/message_templates", asked)
            found += [_of(dict, one) for one in _of(list, page.get("data"))]
            paging = page.get("paging")
            after = _next(paging) if isinstance(paging, dict) else None
            if after is None:
                break
        return found

    async def create_template(self, business: str, template: Mapping[str, Any]) -> dict[str, Any]:
        """Submit a new template; Meta's answer has `id`, `status` and the `category` that it chose."""
        return await self.post(f"{business}/message_templates", template)

    async def change_template(self, template: str, components: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Submit other words for a template, by its id."""
        return await self.post(template, {"components": list(components)})

    async def number(self, phone: str) -> dict[str, Any]:
        """A telephone number as Meta has it: its name, quality, limits and where its webhooks go."""
        return await self.get(phone, {"fields": _NUMBER_FIELDS})

    async def subscribed_apps(self, business: str) -> list[dict[str, Any]]:
        """The apps that hear what happens in a business account."""
        page = await self.get(f"{business}/subscribed_apps", {})
        return [_of(dict, one) for one in _of(list, page.get("data"))]

    async def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Ask. GraphApiError."""
        return await self._call("GET", path, params=dict(params))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Say. GraphApiError."""
        return await self._call("POST", path, json=dict(body))

    async def _call(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._http().request(method, self._base + path, headers=headers, **given)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:  # their texts may hold the address
            raise GraphApiError(0, f"Meta was not reached ({type(error).__name__})") from None
        return self._result(answer)

    def _result(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            body = _of(dict, answer.json(), answer.status_code)
        except (ValueError, RecursionError):
            raise _strange(answer.status_code) from None
        if "error" not in body and answer.is_success:
            return body
        error = _of(dict, body.get("error"), answer.status_code)
        data = error.get("error_data")
        details = data.get("details") if isinstance(data, dict) else None
        code = error.get("code")
        raise GraphApiError(
            code if isinstance(code, int) else answer.status_code,
            self._without_token(error.get("message")),
            self._without_token(error.get("error_user_msg") or details),
            answer.status_code,
        )

    def _without_token(self, said: Any) -> str:
        return " ".join(str(said or "").replace(self._token, "...").split())[:500]


def _next(paging: dict[str, Any]) -> str | None:
    """The cursor of the next page; None on the last."""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) and paging.get("next") else None


def _of(kind: type[T], value: Any, status: int = 200) -> T:
    if not isinstance(value, kind):
        raise _strange(status)
    return value


def _strange(status: int) -> GraphApiError:
    return GraphApiError(status, "what answered does not speak the Graph API", status=status)
