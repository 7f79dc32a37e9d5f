"""What Telegram calls: one address for each bot that is on, and 200 only after the commit."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.ingress import Ingress
from bot.web.limits import error, json_body

log = logging.getLogger(__name__)

PATH = "/hooks/telegram/"
_HEADER = "x-telegram-bot-api-secret-token"


def routes(ingresses: Mapping[str, tuple[Ingress, str]]) -> list[Route]:
    """A route for each account, with the secret that Telegram was told."""
    return [_route(account, ingress, secret.encode()) for account, (ingress, secret) in sorted(ingresses.items())]


def _route(account: str, ingress: Ingress, secret: bytes) -> Route:
    async def hook(request: Request) -> Response:
        return _stranger(request, secret) or await _take(request, ingress)

    return Route(f"{PATH}{account}", hook, methods=["POST"])


def _stranger(request: Request, secret: bytes) -> Response | None:
    """The answer to somebody who does not know the secret, before a byte of the body is read."""
    given = request.headers.get(_HEADER)
    if not given:
        return error(401, "The secret token is missing.")
    if not hmac.compare_digest(given.encode("latin-1"), secret):
        return error(403, "The secret token is wrong.")
    return None


async def _take(request: Request, ingress: Ingress) -> Response:
    update = await json_body(request)
    try:
        await ingress.take(update)
    except Exception as raised:  # whatever it was: nothing is committed, so Telegram shall bring it again
        log.warning("an update was not taken", extra={"bot": ingress.account, "kind": type(raised).__name__})
        return error(500, "Please bring it again.")
    return JSONResponse({})
