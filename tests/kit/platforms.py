"""The inside of a platform's stand-in: what every one of them does the same way, whatever it speaks."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Send

_DISPOSITION = re.compile(rb'(\w+)="((?:[^"\\]|\\.)*)"')


# what goes wrong


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next calls that it fits. `does`: status, delay, cut_before, cut_after or raw.

    `where`: what a call must be like, by names that the platform has for it; "*" or None fits all.
    """

    does: dict[str, Any]
    where: dict[str, Any] = field(default_factory=dict)
    times: int = 1

    def fits(self, call: dict[str, Any]) -> bool:
        return self.times > 0 and all(want in ("*", None, call[name]) for name, want in self.where.items())


class Faults(list[Fault]):
    """The faults that lie in wait."""

    def next(self, **call: Any) -> dict[str, Any]:
        """What shall go wrong with this call, if anything."""
        for fault in self:
            if fault.fits(call):
                fault.times -= 1
                return fault.does
        return {}

    def take(self, body: dict[str, Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
        """One more fault, as a test describes it: its `names` say where, `times` how often, the rest what."""
        where = {name: body.pop(name) for name in names if name in body}
        times = int(body.pop("times", 1))
        self.append(Fault(body, where, times))
        return [fault.does for fault in self]


async def with_faults(
    fault: dict[str, Any], latency: float, doing: Coroutine[Any, Any, Response], broken: Callable[[Any], Response]
) -> Response | None:
    """The answer to a call, as late or as broken as the test wants it; None = hang up. `broken` words a fault."""
    if delay := fault.get("delay", 0.0) + latency:
        await asyncio.sleep(delay)
    if "cut_before" in fault:
        doing.close()
        return None
    if "raw" in fault:
        doing.close()
        return Response(fault["raw"], int(fault.get("status", 200)), media_type=fault.get("mime", "text/html"))
    if "status" in fault:
        doing.close()
        return broken(fault)
    response = await doing
    return None if "cut_after" in fault else response


async def hang_up(send: Send) -> None:
    """Close the connection without an answer."""
    transport = cast("Any", send).__self__.transport
    transport.close()
    while not cast("Any", send).__self__.disconnected:  # noqa: ASYNC110 - uvicorn tells nobody
        await asyncio.sleep(0)


# how fast one may write


@dataclass(slots=True)
class Bucket:
    """So many at once, so many a second."""

    room: float
    rate: float
    left: float = field(init=False)
    at: float = field(init=False)
    closed_until: float = 0.0

    def __post_init__(self) -> None:
        self.left, self.at = self.room, time.monotonic()

    def waits(self, wanted: int, now: float) -> float:
        """How many seconds until so many may go; 0 = now."""
        self.left = min(self.room, self.left + max(0.0, now - self.at) * self.rate)
        self.at = now
        missing = min(wanted, self.room) - self.left
        return max(self.closed_until - now, missing / self.rate, 0.0)


# what is written down


class Journal:
    """What happens, one JSON object a line, on its way before any answer."""

    def __init__(self, path: Path | None, **always: Any) -> None:
        self._always = always
        self._log: IO[str] | None = None
        self.to(path)

    def to(self, path: Path | None) -> None:
        """From now on append to this file."""
        self._log = path.open("a", encoding="utf-8", buffering=1) if path else None

    def note(self, what: str, **facts: Any) -> None:
        if self._log is not None:
            line = {"at": time.monotonic(), "what": what, **self._always, **facts}
            self._log.write(json.dumps(line, ensure_ascii=False) + "\n")


# files in a call


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call."""

    name: str
    mime: str
    data: bytes


def read_parts(body: bytes, content_type: str) -> tuple[dict[str, str], dict[str, Upload]]:
    """The fields and the files of a multipart body."""
    boundary = content_type.partition("boundary=")[2].strip().strip('"').encode()
    fields: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, found, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found:
            continue  # the end
        said = dict(_DISPOSITION.findall(head))
        name = said[b"name"].decode()
        if b"filename" in said or b"filename*" in head:
            uploads[name] = Upload(said.get(b"filename", b"").decode(), _mime(head), data)
        else:
            fields[name] = data.decode()
    return fields, uploads


def _mime(head: bytes) -> str:
    found = re.search(rb"content-type:\s*([^\r\n;]+)", head, re.IGNORECASE)
    return found[1].decode() if found else "application/octet-stream"


# the process


def serve(application: ASGIApp, port: int) -> None:
    """Serve until whoever started us is gone: standard input is a pipe from there."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        date_header=False,
        timeout_keep_alive=60,
    )
    asyncio.run(uvicorn.Server(settings).serve())


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)
