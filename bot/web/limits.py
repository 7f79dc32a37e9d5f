"""Reading a request's body with a limit, and the one shape of an error: a sentence that says what to do."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

BODY = 1 << 20
FILE = 20 << 20


class TooLargeError(ValueError):
    """The body is larger than allowed."""


class BadRequestError(ValueError):
    """The body is not what was asked for."""


async def body(request: Request, limit: int = BODY) -> bytes:
    """The raw body; TooLargeError as soon as it is over the limit."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise TooLargeError(f"At most {limit >> 20} MiB.")
    read = bytearray()
    async for chunk in request.stream():
        read += chunk
        if len(read) > limit:
            raise TooLargeError(f"At most {limit >> 20} MiB.")
    return bytes(read)


async def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object; BadRequestError for anything else."""
    return as_object(await body(request))


def as_object(raw: bytes) -> dict[str, Any]:
    """A body that was read, as a JSON object; BadRequestError for anything else."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):  # not UTF-8, no JSON, a number or a nesting that nobody needs
        raise BadRequestError("The body is not JSON.") from None
    if not isinstance(found, dict):
        raise BadRequestError("The body is not a JSON object.")
    return found


def error(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status_code=status)


async def on_too_large(request: Request, raised: Exception) -> JSONResponse:
    return error(413, str(raised))


async def on_bad_request(request: Request, raised: Exception) -> JSONResponse:
    return error(400, str(raised))


async def on_gone(request: Request, raised: Exception) -> JSONResponse:
    """Whoever asked has hung up in the middle of the body; nobody hears this."""
    return error(400, "The body is not whole.")
