"""The Graph API as plain HTTP: what is asked for arrives, a list is read to its end, and no error tells the token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.graphapi import MOST_PAGES, VERSION, GraphApi, GraphApiError

TOKEN = "EAAGm0PX4ZCpsBAJ93751"
BUSINESS = "102290129340398"
Answer = Callable[[httpx.Request], httpx.Response]


def asked(answer: Answer, method: str, *given: Any) -> Any:
    """What a method of the API returns when the other side answers so."""

    async def ask() -> Any:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await getattr(GraphApi(TOKEN, "https://graph.example/", client), method)(*given)

    return asyncio.run(ask())


def failed(answer: Answer) -> GraphApiError:
    with pytest.raises(GraphApiError) as raised:
        asked(answer, "number", "7")
    return raised.value


def error(status: int = 400, **said: Any) -> Answer:
    return lambda _: httpx.Response(status, json={"error": {"type": "OAuthException", "fbtrace_id": "x", **said}})


def test_a_call_bears_the_token_in_its_header_only() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={"id": "3", "status": "PENDING"})

    assert asked(answer, "create_template", BUSINESS, {"name": "x"}) == {"id": "3", "status": "PENDING"}
    (request,) = requests
    assert (request.method, str(request.url)) == (
        "POST",
        f"https://graph.example/{VERSION}/{BUSINESS}/message_templates",
    )
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(request.content) == {"name": "x"}


@pytest.mark.parametrize("pages", [1, 2, 5])
def test_a_list_is_read_to_its_end(pages: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        at = int(request.url.params.get("after", "0"))
        paging = {"cursors": {"before": "x", "after": str(at + 1)}}
        more = {"next": "https://graph.example/elsewhere"} if at + 1 < pages else {}
        return httpx.Response(200, json={"data": [{"name": f"t{at}"}], "paging": {**paging, **more}})

    assert [one["name"] for one in asked(answer, "templates", BUSINESS)] == [f"t{n}" for n in range(pages)]


def test_a_list_without_an_end_is_left() -> None:
    page = {"data": [{"name": "t"}], "paging": {"cursors": {"after": "x"}, "next": "https://graph.example/again"}}
    assert len(asked(lambda _: httpx.Response(200, json=page), "templates", BUSINESS)) == MOST_PAGES


def test_a_refusal_says_metas_code_and_what_to_mend() -> None:
    fault = failed(error(code=100, message="Invalid parameter", error_user_msg="Too many\nvariables."))
    assert (fault.code, fault.status, str(fault)) == (100, 400, "100 Invalid parameter: Too many variables.")
    fault = failed(error(code=131009, message="(#131009) wrong", error_data={"details": "Name too long"}))
    assert str(fault) == "131009 (#131009) wrong: Name too long"


def test_an_error_never_tells_the_token_or_the_address() -> None:
    fault = failed(error(401, code=190, message=f"Malformed access token {TOKEN}"))
    assert TOKEN not in str(fault)
    assert fault.code == 190

    def unreachable(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no route to {request.url} with {TOKEN}")

    fault = failed(unreachable)
    assert (fault.code, str(fault)) == (0, "Meta was not reached (ConnectError)")
    assert fault.__cause__ is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(200, json=["id"]),
        httpx.Response(200, text="[" * 5000),
        httpx.Response(500, json={}),
        httpx.Response(400, json={"error": "no"}),
    ],
)
def test_what_is_no_graph_api_is_said_to_be_none(answer: httpx.Response) -> None:
    assert "does not speak the Graph API" in str(failed(lambda _: answer))


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": [1]}])
def test_a_list_that_is_none_is_an_error(body: dict[str, Any]) -> None:
    with pytest.raises(GraphApiError):
        asked(lambda _: httpx.Response(200, json=body), "templates", BUSINESS)


def test_an_odd_end_of_a_list_is_its_end() -> None:
    for paging in ({}, {"cursors": None, "next": "x"}, {"cursors": {"after": 3}, "next": "x"}, None):
        page = httpx.Response(200, json={"data": [], "paging": paging})
        assert asked(lambda _, page=page: page, "templates", BUSINESS) == []  # type: ignore[misc]
