"""Logs for the operator: one line an event, no message bodies, no addresses, no words that somebody typed."""

from __future__ import annotations

import logging
import re
import sys
import threading
import warnings
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, Literal

import structlog

log = logging.getLogger(__name__)

#: Libraries that would log URLs with tokens or bodies of messages.
QUIET = (
    "PIL",
    "alembic",
    "httpx",
    "httpcore",
    "telegram",
    "aiogram",
    "pywa",
    "pywa_async",
    "apscheduler",
    "sqlalchemy",
    "uvicorn",
    "sse_starlette",
)
#: Of these only the fixed part of a line is kept: at CRITICAL they fill in bodies, in errors what a server said.
BARE = ("httpcore", "httpx", "telegram", "aiogram", "pywa", "pywa_async")
#: A token of Telegram's, alone or in an address.
_TOKEN = re.compile(r"(?<![A-Za-z0-9])(?:bot)?[0-9]+:[A-Za-z0-9_-]{20,}|(?<=/bot)[0-9]+(?::|%3[Aa])[^/\s\"']+")
#: What WhatsApp calls people and messages (the latter hold a number), and an Indonesian mobile number.
_PEOPLE = re.compile(
    r"wamid\.[A-Za-z0-9+/=_-]+"
    r"|(?<![A-Za-z0-9.])[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{12,}"
    r"|(?<![0-9])\+?(?:62|0)8[0-9]{7,11}(?![0-9])"
)
#: A secret that is shorter than this would take ordinary words with it.
_SHORTEST_SECRET = 8
_EXTRA = structlog.stdlib.ExtraAdder()


def set_up_logs(style: Literal["console", "json"], *, secrets: Iterable[str] = ()) -> None:
    """Send the standard library's logging through structlog, in the style that the operator reads.

    `secrets` are the values that no line may hold.
    """
    shared: list[Any] = [
        _bare,
        structlog.stdlib.add_log_level,
        _EXTRA,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _without_values,
            _scrubber(secrets),
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("pywa").setLevel(logging.ERROR)  # it warns of each lost connection, which we tell ourselves
    _catch_the_rest()


def _catch_the_rest() -> None:
    """What Python itself would print beside the log: crashes with the words of their error, warnings with theirs.

    A hook that somebody else has taken is left alone; typer's for the main thread prints everything, so that one goes.
    """
    sys.excepthook = _crashed
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = lambda told: _crashed(told.exc_type, told.exc_value, told.exc_traceback)
    if sys.unraisablehook is sys.__unraisablehook__:
        sys.unraisablehook = lambda told: _crashed(told.exc_type, told.exc_value, told.exc_traceback)
    warnings.showwarning = _warned


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    log.critical("crashed", exc_info=(kind, error or kind(), trace))


def _warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any) -> None:
    log.warning("warned", extra={"kind": category.__name__, "at": f"{filename.rpartition('/')[2]}:{lineno}"})


def _bare(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line of a library that speaks to a platform, without what it filled in."""
    record: logging.LogRecord = event["_record"]
    if record.name.partition(".")[0] in BARE:
        event["event"] = str(record.msg)
    return event


def _scrubber(secrets: Iterable[str]) -> Any:
    """No token and no name of a person's chat leaves in a log, whoever wrote the line."""
    known = [re.escape(secret) for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    hidden = re.compile("|".join((*sorted(known, key=len, reverse=True), _TOKEN.pattern, _PEOPLE.pattern)))

    def scrubbed(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            text = value if isinstance(value, str) else str(value)
            if hidden.search(text):
                event[key] = hidden.sub("...", text)
        return event

    return scrubbed


def _without_values(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A traceback may quote what a person typed: only its last frame and its class are kept, and of a text one line.

    In the lines behind the first one libraries quote errors (asyncio of a task that nobody waited for).
    """
    event["event"] = str(event.get("event", "")).strip().partition("\n")[0]
    info = event.pop("exc_info", None)
    if isinstance(info, tuple) and info[1] is not None:
        event["error"] = type(info[1]).__name__
        frame = info[2]
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        if frame is not None:
            event["at"] = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
    return event
