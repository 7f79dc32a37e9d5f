"""WhatsApp on pywa: its client, its calls and its errors; no handlers, no filters and no server of it.

The one file that imports pywa. Messages go through the client's plain calls: the comfortable ones take a person's
name with Meta for a group where it holds a letter, and raise after the message has gone where an answer lacks
something that they would like to have.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pywa_async.client import WhatsApp
from pywa_async.errors import WhatsAppError
from pywa_async.utils import webhook_updates_validator

from bot.channels.base import Channel, Later, NotFetchedError, Outcome, Outgoing, Refused, Sent, TooLargeError
from bot.channels.characters import clean
from bot.channels.rates import Rate
from bot.channels.whatsapp_faults import Condition, GraphError
from bot.channels.whatsapp_parts import Part, has_a_wrong_button, message_of, parts_of
from bot.channels.whatsapp_updates import CHANNEL, read
from bot.tls import trusted
from handlers.messages import CITIZEN, Inbound

T = TypeVar("T")
log = logging.getLogger(__name__)

OFFICIAL_API = "https://graph.facebook.com"
#: Where Meta keeps files; nobody else is shown the token.
_MEDIA_HOSTS = (".fbsbx.com", ".facebook.com", ".whatsapp.net")
#: What a file may weigh that people send us.
MOST_BYTES = 20_000_000
#: Seconds that a call may take, and one that carries files.
PATIENCE, PATIENCE_WITH_FILES = 20.0, 90.0
ACKNOWLEDGE_WITHIN = 5.0
#: So many messages are marked as read at a time; in a flood the others go without.
MARKING = 8
CONNECTIONS = 32
#: 80 in a second for a number; a few less, because the way to it is not always equally long.
NUMBER_BURST, NUMBER_EVERY = 4, 1 / 70
#: One in six seconds for a pair of a number and a person, and a burst of 45: one less, for the same reason.
PAIR_BURST, PAIR_EVERY = 44, 6.0
#: Somebody who must rest longer than this is not waited for inside a send.
_SHORT_REST = 1.5
#: So many pages that stopped between two of their messages are remembered.
_MOST_UNFINISHED = 1_000


class WhatsAppChannel(Channel):
    """Our numbers with Meta, by account; one number may serve both."""

    name = CHANNEL
    markup = "plain"
    window = timedelta(hours=24)
    billed = True
    receipts = True

    def __init__(
        self,
        numbers: Mapping[str, str],
        *,
        token: str,
        app_secret: str,
        api_url: str = OFFICIAL_API,
    ) -> None:
        """`numbers` are Meta's ids of our phone numbers by account."""
        if not app_secret:
            raise ValueError("without the app secret anybody could write in somebody's name")
        self.accounts = tuple(numbers)
        self.shared = len(set(numbers.values())) < len(numbers)
        self._numbers = dict(numbers)
        self._token = token
        self._app_secret = app_secret
        self._api_url = api_url.rstrip("/")
        self._condition = Condition()
        self.pairs = Rate(burst=PAIR_BURST, every=PAIR_EVERY)
        self.whole = Rate(burst=NUMBER_BURST, every=NUMBER_EVERY)
        self._unfinished: OrderedDict[tuple[str, str], list[tuple[int, str]]] = OrderedDict()
        self._marking = 0
        self._session: httpx.AsyncClient | None = None
        self._wa: WhatsApp | None = None

    # life

    async def start(self) -> None:
        if self._wa is None:
            limits = httpx.Limits(max_connections=CONNECTIONS)
            self._session = httpx.AsyncClient(timeout=PATIENCE, limits=limits, verify=trusted())
            self._wa = WhatsApp(token=self._token, session=self._session, app_secret=self._app_secret)
            # pywa has no setting for it: its version stays, the host becomes ours
            self._session.base_url = httpx.URL(f"{self._api_url}{self._session.base_url.path}")

    async def stop(self) -> None:
        session, self._session, self._wa = self._session, None, None
        if session is not None:
            await session.aclose()

    # in

    def is_signed(self, body: bytes, signature: str) -> bool:
        """Whether a raw body comes from Meta: its HMAC under the app secret, compared in constant time."""
        try:
            return signature.startswith("sha256=") and webhook_updates_validator(self._app_secret, body, signature)
        except TypeError:  # a signature with letters outside ASCII
            return False

    def account_of(self, number: str) -> str | None:
        """Whose number this is; a number that serves both is the citizens' until it is known better."""
        found = [account for account, known in self._numbers.items() if known == number]
        return CITIZEN if CITIZEN in found else next(iter(found), None)

    def parse(self, account: str, raw: dict[str, Any]) -> list[Inbound]:
        if account not in self.accounts:
            raise ValueError("an update for another number")
        try:
            return read(account, clean(raw))
        except Exception as error:  # whatever an odd shape raises; its words may quote what was typed
            raise ValueError(f"not an update that can be read: {type(error).__name__}") from None

    async def acknowledge(self, raw: dict[str, Any]) -> None:
        """Two blue ticks."""
        number, message = _to_be_read(raw)
        if self._wa is None or not message or self._condition.held() or self._marking >= MARKING:
            return
        self._marking += 1
        try:
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                await self._wa.api.mark_message_as_read(number, message)
        except Exception as error:
            log.debug("a message was not marked as read", extra={"kind": type(error).__name__})
        finally:
            self._marking -= 1

    # out

    def rest(self, to: str) -> float:
        return max(self.pairs.rest(f"{number}/{to}") for number in self._numbers.values())

    async def send(self, outgoing: Outgoing) -> Outcome:
        """`Refused("window")`: they have not written lately, so only a template may go."""
        if self._wa is None:
            return Later(1.0, blameless=True)
        if has_a_wrong_button(outgoing):
            return Refused("button")
        if held := self._condition.held():
            return Later(held, blameless=True)
        parts = parts_of(outgoing)
        return await self._send_parts(outgoing, parts) if parts else Refused("empty")

    async def _send_parts(self, outgoing: Outgoing, parts: Sequence[Part]) -> Outcome:
        """Part by part; a page that stopped in the middle goes on where it did, if its parts are still the same.

        The last one alone carries our key: what its receipt brings back says that the whole page went.
        """
        place = (outgoing.to, outgoing.key)
        done = self._unfinished.pop(place, [])
        for n, part in enumerate(parts):
            if n < len(done) and done[n][0] == hash(part):
                continue
            sent = await self._send_part(outgoing, part, outgoing.key if n + 1 == len(parts) else None)
            if not isinstance(sent, str):
                self._remember(place, done[:n])
                return sent
            done = [*done[:n], (hash(part), sent)]
        category = outgoing.template.category.lower() if outgoing.template else "service"
        return Sent(tuple(message for _, message in done), category)

    def _remember(self, place: tuple[str, str], done: list[tuple[int, str]]) -> None:
        if done:
            self._unfinished[place] = done
        while len(self._unfinished) > _MOST_UNFINISHED:
            self._unfinished.popitem(last=False)

    async def _send_part(self, outgoing: Outgoing, part: Part, key: str | None) -> str | Outcome:
        """Meta's id of the message, or what became of it instead."""
        number = self._numbers[outgoing.account]
        pair = f"{number}/{outgoing.to}"
        if (wait := self.pairs.rest(pair)) > _SHORT_REST:
            return Later(wait, blameless=True)
        await self._turn(number, pair)
        began = time.monotonic()
        try:
            media = await self._upload(number, part)
            kind, content = message_of(part, media=media, opener=outgoing.opener)
            message = await self._hand_over(number, outgoing.to, kind, content, key)
        except GraphError as fault:
            return self._judge(fault, outgoing.to, pair, began)
        self._condition.arrived()
        return message

    async def _turn(self, number: str, pair: str) -> None:
        wait = max(self.pairs.rest(pair), self.whole.rest(number))
        self.pairs.take(pair)  # before the wait: nobody else may take our turn
        self.whole.take(number)
        await asyncio.sleep(wait)

    def _judge(self, fault: GraphError, to: str, pair: str, began: float) -> Outcome:
        outcome = self._condition.judge(fault, to, began=began)
        if fault.is_about_pair and isinstance(outcome, Later):
            self.pairs.hold(pair, outcome.after or 0.0)
        return outcome

    async def _upload(self, number: str, part: Part) -> str:
        """The id of a part's file with Meta, "" where it has none. To be repeated costs nothing."""
        if part.file is None:
            return ""
        file = part.file
        answer = await self._call(self._api.upload_media(number, file.data, file.mime, file.name), repeatable=True)
        return _found(answer, "id", repeatable=True)

    async def _hand_over(self, number: str, to: str, kind: str, content: dict[str, Any], key: str | None) -> str:
        """The one call that sends a message."""
        by_number = to.isascii() and to.isdigit()
        call = self._api.send_message(
            sender=number,
            to=to if by_number else None,
            recipient=None if by_number else to,
            recipient_type="individual",
            typ=kind,
            msg=content,
            biz_opaque_callback_data=key,
        )
        answer = await self._call(call)
        messages = answer.get("messages") if isinstance(answer, dict) else None
        return _found(messages[0] if isinstance(messages, list) and messages else None, "id")

    @property
    def _api(self) -> Any:
        assert self._wa is not None
        return self._wa.api

    async def _call(self, call: Awaitable[T], *, repeatable: bool = False) -> T:
        try:
            return await call
        except Exception as error:
            raise _fault(error, repeatable=repeatable) from None

    # files

    async def fetch(self, ref: str) -> bytes:
        """At most 20 MB. The link to a file lives for minutes only, so it is asked for anew each time."""
        if self._wa is None:
            raise NotFetchedError("the channel is not running", final=False)
        try:
            return await self._fetch(ref)
        except GraphError as fault:
            why = f"the platform did not give the file: {fault.code or fault.status or 'no answer'}"
            raise NotFetchedError(why, final=fault.is_missing) from None

    async def _fetch(self, ref: str) -> bytes:
        told = await self._call(self._api.get_media_url(ref), repeatable=True)
        size, url = told.get("file_size"), _found(told, "url", repeatable=True)
        if str(size).isdigit() and int(size) > MOST_BYTES:
            raise TooLargeError
        if not self._is_metas(url):
            raise NotFetchedError("the platform named a file somewhere else", final=True)
        return await self._call(self._download(url), repeatable=True)

    def _is_metas(self, url: str) -> bool:
        """Whether the token may be shown there."""
        there, here = urlsplit(url), urlsplit(self._api_url)
        if (there.scheme, there.netloc) == (here.scheme, here.netloc):
            return True
        return there.scheme == "https" and f".{there.hostname or ''}".endswith(_MEDIA_HOSTS)

    async def _download(self, url: str) -> bytes:
        data = bytearray()
        async with self._api.stream_media_bytes(url, timeout=PATIENCE_WITH_FILES) as answer:
            if answer.status_code >= 400:  # a link that has died is asked for again
                raise GraphError(status=0 if answer.status_code == 404 else answer.status_code)
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MOST_BYTES:
                    raise TooLargeError
        return bytes(data)


def _fault(error: Exception, *, repeatable: bool) -> Exception:
    """What went wrong in a call, without the platform's words; what is no fault of a call stays as it is."""
    match error:
        case GraphError() | NotFetchedError():
            return error
        case WhatsAppError():
            answer = error.raw_response
            status = answer.status_code if answer is not None else 0
            after = _seconds(answer.headers.get("retry-after")) if answer is not None else None
            # 5xx without a code of Meta's comes from somebody on the way: behind him it may have gone on
            uncertain = not repeatable and error.code == status and (status >= 500 or status == 408)
            return GraphError(error.code, subcode=error.subcode, status=status, after=after, uncertain=uncertain)
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return GraphError()
        case httpx.HTTPError() | httpx.InvalidURL() | ValueError() | KeyError() | TypeError() | AttributeError():
            return GraphError(uncertain=not repeatable)  # no answer, half of one, or one of somebody else's making
    return error


def _found(answer: object, name: str, *, repeatable: bool = False) -> str:
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, str) or not found:
        raise GraphError(uncertain=not repeatable)
    return found


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None


def _to_be_read(raw: dict[str, Any]) -> tuple[str, str]:
    """Our number and the message of a body with a single one; empty where there is none to be marked."""
    try:
        value = raw["entry"][0]["changes"][0]["value"]
        message = value["messages"][0]
        read = "" if message["type"] in ("system", "reaction") else str(message["id"])
        return str(value["metadata"]["phone_number_id"]), read
    except (KeyError, IndexError, TypeError):
        return "", ""
