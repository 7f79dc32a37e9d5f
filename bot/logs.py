"""Logs for the operator: one line an event, no message bodies, no addresses, no words that somebody typed."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

#: Libraries that would log URLs with tokens or bodies of messages.
QUIET = (
    "alembic",
    "httpx",
    "httpcore",
    "telegram",
    "aiogram",
    "pywa",
    "apscheduler",
    "sqlalchemy",
    "uvicorn",
    "sse_starlette",
)
_EXTRA = structlog.stdlib.ExtraAdder()


def set_up_logs(style: Literal["console", "json"]) -> None:
    """Send the standard library's logging through structlog, in the style that the operator reads."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        _EXTRA,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.processors.JSONRenderer() if style == "json" else structlog.dev.ConsoleRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _without_values, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _without_values(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A traceback may quote what a person typed: only its last frame and its class are kept."""
    info = event.pop("exc_info", None)
    if isinstance(info, tuple) and info[1] is not None:
        event["error"] = type(info[1]).__name__
        frame = info[2]
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        if frame is not None:
            event["at"] = f"{frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
    return event
