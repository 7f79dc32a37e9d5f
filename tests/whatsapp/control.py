"""What a test tells the stand-in: `/control/<account>/...`, JSON in and out."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.kit.platforms import Upload
from tests.whatsapp.accounts import SETTINGS, Account, Accounts, Number
from tests.whatsapp.errors import GraphError
from tests.whatsapp.hooks import Waiting, verify

Handler = Callable[[Account, Request, list[str]], Awaitable[Response]]

HOOK = ("pause", "longest", "batch", "shape", "ordered", "repeats", "signature", "deaf", "held")
MEDIA = ("link_seconds", "inbound_seconds", "uploaded_seconds")
TEMPLATES = ("approves", "most")


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    return json.loads(raw) if raw else {}


async def configure(account: Account, request: Request, rest: list[str]) -> Response:
    """POST: change settings. GET: everything there is to know."""
    for name, value in (await _body(request)).items():
        if name == "numbers":
            for number in value:
                account.numbers.setdefault(number["id"], Number(number["id"], number["display"]))
        elif name == "log":
            account.journal.to(Path(value))
        elif (owner := _owner(account, name)) is not None:
            setattr(owner, name, value)
        else:
            return JSONResponse({"error": f"no setting {name}"}, 400)
    account.hook.wake()
    return JSONResponse(_state(account))


def _owner(account: Account, name: str) -> Any:
    owners = ((SETTINGS, account), (HOOK, account.hook), (MEDIA, account.media), (TEMPLATES, account.templates))
    return next((owner for names, owner in owners if name in names), None)


def _state(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "app": account.app,
        "token": account.token,
        "secret": account.secret,
        "verify_token": account.verify_token,
        "numbers": [number.object for number in account.numbers.values()],
        "pending": len(account.hook.waiting),
        "webhook": account.hook.url,
        "subscribed": account.subscribed,
        "counters": account.counters,
        "reads": account.reads,
        "templates": [template.object for template in account.templates],
    }


async def subscribe(account: Account, request: Request, rest: list[str]) -> Response:
    """Post events to `url` from now on, once it echoes the challenge (unless `verify` is false); "" = nowhere."""
    body = await _body(request)
    if body["url"] and body.get("verify", True):
        try:
            await verify(body["url"], body.get("token", account.verify_token))
        except GraphError as error:
            return JSONResponse({"verified": False, "why": error.message})
    account.hook.set(body["url"])
    return JSONResponse({"verified": True})


async def inject(account: Account, request: Request, rest: list[str]) -> Response:
    """Events that happen now; `wait`: until the program has confirmed them all, or so many seconds are over."""
    body = await _body(request)
    held, account.hook.held = account.hook.held, True  # all are there before the first goes
    number, keep = body.get("number"), bool(body.get("keep"))
    waiting = [account.receive(event, number, keep=keep) for event in body["events"]]
    account.hook.held = held
    account.hook.wake()
    confirmed = await _until_confirmed(waiting, body.get("wait"))
    return JSONResponse({"events": [each.event for each in waiting], "confirmed": confirmed})


async def _until_confirmed(waiting: Sequence[Waiting], seconds: float | None) -> bool:
    if not seconds:
        return False
    try:
        await asyncio.wait_for(asyncio.gather(*(each.confirmed.wait() for each in waiting)), seconds)
    except TimeoutError:
        return False
    return True


async def sent(account: Account, request: Request, rest: list[str]) -> Response:
    """What the program sent after the n-th; `wait`: so many seconds for something new."""
    since = int(request.query_params.get("since", 0))
    end = time.monotonic() + float(request.query_params.get("wait", 0))
    while len(account.sent) <= since and time.monotonic() < end:  # noqa: ASYNC110 - a test's own patience
        await asyncio.sleep(0.005)
    return JSONResponse(account.sent[since:])


async def files(account: Account, request: Request, rest: list[str]) -> Response:
    """POST: a file that a person sends, of any pretended `size`. GET: the bytes of any file."""
    if request.method == "GET":
        return Response(account.media.find(rest[0]).data, media_type="application/octet-stream")
    asked = request.query_params
    upload = Upload(asked.get("name", ""), asked.get("mime", "application/octet-stream"), await request.body())
    size = int(asked["size"]) if "size" in asked else None
    return JSONResponse(account.media.keep(upload, size=size, inbound=True).note)


async def faults(account: Account, request: Request, rest: list[str]) -> Response:
    """POST: one more thing that goes wrong. DELETE: nothing does."""
    if request.method == "DELETE":
        account.faults.clear()
        account.failing.clear()
        return JSONResponse([])
    body = await _body(request)
    if "fails" in body:
        return JSONResponse(account.failing.take(body, ("to",)))
    return JSONResponse(account.faults.take(body, ("method", "to")))


async def people(account: Account, request: Request, rest: list[str]) -> Response:
    """People whom the platform knows: contacts, each perhaps with `on`, `hides`, `phone`, and `heard` (seconds ago)."""
    for body in (await _body(request))["people"]:
        heard = body.pop("heard", None)
        more = {name: body.pop(name) for name in ("on", "hides", "phone") if name in body}
        known = account.meet(body, **more)
        for number in account.numbers.values() if heard is not None else ():
            number.heard[known.id] = account.now() - float(heard)
    return JSONResponse({"known": len(account.people)})


async def templates(account: Account, request: Request, rest: list[str]) -> Response:
    """POST: a template that is there, in any state. POST templates/<name>/<language>: Meta judges it."""
    body = await _body(request)
    if not rest:
        template = account.templates.create(body)
        template.status = body.get("status", "APPROVED")
        return JSONResponse(template.object)
    template_or_none = account.templates.named(rest[0], rest[1])
    if template_or_none is None:
        return JSONResponse({"error": "no such template"}, 404)
    waiting = account.judge(template_or_none, body["status"], body.get("reason", ""))
    return JSONResponse({"confirmed": await _until_confirmed([waiting], body.get("wait"))})


async def status(account: Account, request: Request, rest: list[str]) -> Response:
    """Something becomes of a message later: read, delivered, failed with a `code`."""
    body = await _body(request)
    entry = next(entry for entry in account.sent if entry["id"] == body["id"])
    number, who = account.numbers[entry["number"]], account.people.get(entry["to"])
    waiting = account.status(number, who, entry, body["status"], body.get("code"))
    return JSONResponse({"confirmed": await _until_confirmed([waiting], body.get("wait"))})


async def shuffle(account: Account, request: Request, rest: list[str]) -> Response:
    """What waits gets another order."""
    account.hook.shuffle()
    return JSONResponse({})


ROUTES: dict[str, Handler] = {
    "": configure,
    "hook": subscribe,
    "events": inject,
    "sent": sent,
    "files": files,
    "faults": faults,
    "people": people,
    "templates": templates,
    "status": status,
    "shuffle": shuffle,
}


async def handle(accounts: Accounts, request: Request, path: list[str]) -> Response:
    """One control call; `path` is that after the word control."""
    if not path:
        return JSONResponse({"ready": True})
    account, *rest = path
    return await ROUTES[rest[0] if rest else ""](accounts.find(account), request, rest[1:])
