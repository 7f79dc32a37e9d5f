"""A stand-in for Meta's Graph API, as far as WhatsApp goes, for tests: `python -m tests.whatsapp.server PORT [LOG]`.

It speaks the documented shapes, keeps the platform's limits and says no with its codes. Each test has an account of its
own; `/control/` is the test's side (tests.whatsapp.standin). It ends when whoever started it is gone.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tests.kit.platforms import hang_up, read_parts, serve, with_faults
from tests.whatsapp import contents, control
from tests.whatsapp.accounts import Account, Accounts, Number
from tests.whatsapp.errors import GraphError, invalid, missing, no_such
from tests.whatsapp.hooks import verify

VERSION = re.compile(r"v\d+\.\d+")


class StandIn:
    """The whole server, as an ASGI application."""

    def __init__(self, log: Path | None = None) -> None:
        self.accounts = Accounts(log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except GraphError as error:
            response = JSONResponse(error.body, error.status)
        if response is None:
            await hang_up(send)
        else:
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """None = hang up without a word."""
        first, *rest = request.url.path.strip("/").split("/")
        if first == "control":
            return await control.handle(self.accounts, request, rest)
        account = self.accounts.caller(request.headers.get("authorization", ""))
        if first == "files" and len(rest) == 1:
            return await _faulty(account, "download", "", _download(account, rest[0], request))
        if not VERSION.fullmatch(first) or not rest:
            raise GraphError(2500, message="Unknown path components", status=400)
        body = await request.body()
        call = _name(account, request.method, rest)
        account.calls[call] += 1
        said = _json(request, body) if call in ("messages", "templates", "template") else {}
        if call == "messages" and said.get("status") == "read":
            account.calls["read"] += 1
            return await _faulty(account, "read", "", _read(account, said))
        doing = _DOERS[call](account, rest[0], said, request, body)
        who = account.person(said) if call == "messages" else None
        return await _faulty(account, call, who.id if who else "", doing)


def _name(account: Account, method: str, path: list[str]) -> str:
    """What a call is, by the object that it is about."""
    key, *more = path
    match method, more:
        case "POST", ["messages" | "media"] if key in account.numbers:
            return more[0]
        case (("GET" | "POST" | "DELETE"), ["message_templates"]) if key == account.id:
            return {"GET": "templates_list", "POST": "templates", "DELETE": "templates_delete"}[method]
        case (("GET" | "POST" | "DELETE"), ["subscribed_apps"]) if key == account.id:
            return "subscribed_apps"
        case "GET", ["phone_numbers"] if key == account.id:
            return "phone_numbers"
        case "GET", [] if key in account.numbers:
            return "number"
        case "GET", [] if key == account.id:
            return "account"
        case (("GET" | "DELETE"), []) if account.media.has(key):
            return "media_info" if method == "GET" else "media_delete"
        case (("GET" | "POST"), []) if account.templates.has(key):
            return "template_info" if method == "GET" else "template"
    account.calls["unknown"] += 1
    raise no_such(key)


def _json(request: Request, body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        raise GraphError(100, "the body is no JSON") from None
    if not isinstance(found, dict):
        raise GraphError(100, "the body is no object")
    return found


async def _faulty(account: Account, method: str, to: str, doing: Coroutine[Any, Any, Response]) -> Response | None:
    fault = account.faults.next(method=method, to=to)
    return await with_faults(fault, account.latency, doing, _broken)


def _broken(fault: dict[str, Any]) -> Response:
    more = {name: fault[name] for name in ("message", "error_subcode", "is_transient") if name in fault}
    error = GraphError(int(fault.get("code", 1)), str(fault.get("details", "")), status=int(fault["status"]), **more)
    return JSONResponse(error.body, error.status, headers=fault.get("headers"))


# messages


async def _send(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    number = account.numbers[key]
    try:
        return JSONResponse(_take(account, number, call))
    except GraphError as error:
        account.refused[str(error.code)] += 1
        account.journal.note("refused", code=error.code, number=key)
        raise


def _take(account: Account, number: Number, call: dict[str, Any]) -> dict[str, Any]:
    content = contents.read(account, number.id, call)
    quotes = call.get("context")
    if quotes is not None and not quotes.get("message_id"):
        raise missing("context['message_id']")
    who = account.person(call)
    name = who.id if who else str(call.get("to") or call.get("recipient"))
    if error := account.paced(number, name):
        raise error
    failing = account.failing.next(to=name).get("fails") or account.trouble(number, who, content)
    if failing and account.at_once:
        raise GraphError(int(failing))
    return account.accept(number, call, content, failing)


async def _read(account: Account, call: dict[str, Any]) -> Response:
    if not account.knows(str(call.get("message_id"))):
        raise invalid("message_id: there is no such message")
    account.reads.append({"message_id": call["message_id"], "typing": "typing_indicator" in call})
    return JSONResponse({"success": True})


# files


async def _upload(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    fields, uploads = read_parts(body, request.headers.get("content-type", ""))
    if fields.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    if "file" not in uploads:
        raise GraphError(100, message="(#100) The parameter file is required.")
    file = account.media.upload(uploads["file"], fields.get("type") or uploads["file"].mime)
    account.journal.note("upload", **file.note)
    return JSONResponse({"id": file.id})


async def _media_info(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    return JSONResponse(account.media.link(key, f"{str(request.base_url).rstrip('/')}/files/{key}"))


async def _media_delete(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    account.media.delete(key)
    return JSONResponse({"success": True})


async def _download(account: Account, key: str, request: Request) -> Response:
    account.calls["download"] += 1
    file = account.media.fetch(key, request.query_params.get("hash", ""))
    return Response(file.data, media_type=file.mime)


# templates


async def _templates(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    made = account.templates.create(call)
    return JSONResponse({"id": made.id, "status": made.status, "category": made.category})


async def _template(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    account.templates.edit(key, call)
    return JSONResponse({"success": True})


async def _template_info(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    return JSONResponse(account.templates.find(key).object)


async def _list(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    url = str(request.url.replace(query=""))
    return JSONResponse(account.templates.page(dict(request.query_params), url))


async def _delete(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    asked = request.query_params
    account.templates.delete(asked.get("name", ""), asked.get("hsm_id"))
    return JSONResponse({"success": True})


# the account


async def _number(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    fields = set(request.query_params.get("fields", "").split(",")) - {""}
    found = account.numbers[key].object
    return JSONResponse({name: value for name, value in found.items() if not fields or name in {*fields, "id"}})


async def _numbers(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    return JSONResponse({"data": [number.object for number in account.numbers.values()]})


async def _account(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    return JSONResponse({"id": account.id, "name": "Tanggap", "timezone_id": "66", "message_template_namespace": "x"})


async def _subscribed(account: Account, key: str, call: dict[str, Any], request: Request, body: bytes) -> Response:
    if request.method == "GET":
        app = {"id": account.app, "link": "https://www.example.com", "name": "Tanggap"}
        return JSONResponse({"data": [{"whatsapp_business_api_data": app}] if account.subscribed else []})
    account.subscribed = request.method == "POST"
    said = _json(request, body) if body else {}
    if url := said.get("override_callback_uri"):
        await verify(url, str(said.get("verify_token", "")))
        account.hook.set(url)
    return JSONResponse({"success": True})


_DOERS = {
    "messages": _send,
    "media": _upload,
    "media_info": _media_info,
    "media_delete": _media_delete,
    "templates": _templates,
    "template": _template,
    "template_info": _template_info,
    "templates_list": _list,
    "templates_delete": _delete,
    "number": _number,
    "phone_numbers": _numbers,
    "account": _account,
    "subscribed_apps": _subscribed,
}


if __name__ == "__main__":
    serve(StandIn(Path(sys.argv[2]) if len(sys.argv) > 2 else None), int(sys.argv[1]))
