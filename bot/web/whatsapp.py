"""What Meta calls for WhatsApp: a handshake, and bodies that it has signed. 200 only after the commit of every part."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.whatsapp_updates import Piece, is_about_messages, split
from bot.ingress import Ingress
from bot.template_keeper import Told, told
from bot.web.limits import as_object, body, error

log = logging.getLogger(__name__)

PATH = "/hooks/whatsapp"
_SIGNATURE = "x-hub-signature-256"
#: Meta puts up to 3 MB into one body; what we refuse it brings for seven days, and then never again.
_LARGEST = 4 << 20


class Numbers(Protocol):
    """What the hook asks of the channel."""

    def is_signed(self, body: bytes, signature: str) -> bool: ...

    def account_of(self, number: str) -> str | None: ...


class Hook:
    """The one address of all numbers. `counts`: parts for a number that is not ours (strange).

    `news` hears what becomes of a message template.
    """

    def __init__(
        self,
        numbers: Numbers,
        ingresses: Mapping[str, Ingress],
        verify_token: str,
        news: Callable[[Told], Awaitable[None]] | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._numbers = numbers
        self._ingresses = ingresses
        self._verify_token = verify_token.encode()
        self._news = news

    def routes(self) -> list[Route]:
        return [Route(PATH, self._greet, methods=["GET"]), Route(PATH, self._hear, methods=["POST"])]

    async def _greet(self, request: Request) -> Response:
        """Meta asks whether the address is ours, and hears its own word back."""
        asked = request.query_params
        known = hmac.compare_digest(asked.get("hub.verify_token", "").encode(), self._verify_token)
        if asked.get("hub.mode") != "subscribe" or not known:
            return error(403, "The verify token is wrong.")
        return PlainTextResponse(asked.get("hub.challenge", ""), headers={"x-content-type-options": "nosniff"})

    async def _hear(self, request: Request) -> Response:
        signature = request.headers.get(_SIGNATURE)
        if not signature:
            return error(401, "The signature is missing.")
        raw = await body(request, _LARGEST)
        if not self._numbers.is_signed(raw, signature):
            return error(403, "The signature is wrong.")
        failed = await self._take(split(as_object(raw)))
        for fault in failed:  # whatever it was: that part is not committed, so Meta shall bring it again
            log.warning("an update was not taken", extra={"bot": "whatsapp", "kind": type(fault).__name__})
        return error(500, "Please bring it again.") if failed else JSONResponse({})

    async def _take(self, pieces: Sequence[Piece]) -> list[BaseException]:
        """Every part by itself, in their order: what is wrong with one holds up no other. Returns what went wrong."""
        found = await asyncio.gather(*(self._take_one(piece) for piece in pieces), return_exceptions=True)
        return [fault for fault in found if isinstance(fault, BaseException)]

    async def _take_one(self, piece: Piece) -> None:
        if self._news is not None and (news := told(piece.raw)) is not None:
            await self._news(news)
            return
        account = self._numbers.account_of(piece.number)
        if account is None and piece.number and is_about_messages(piece.raw):
            self.counts["strange"] += 1
            log.error("Meta brings messages of a number that is not ours: check TANGGAP_WHATSAPP_PHONE_ID")
            return
        await self._ingresses[account or next(iter(self._ingresses))].take(piece.raw)
