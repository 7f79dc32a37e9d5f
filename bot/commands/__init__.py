"""One file per group of commands; each command is a function with typer's options as arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.commands import decided
from bot.commands.calendar import HELP as CALENDAR_HELP
from bot.commands.calendar import add, cancel, confirm, local, recount, show, undo
from bot.commands.checking import check
from bot.commands.clock import deadline, tick
from bot.commands.digests import digest
from bot.commands.doctor import doctor
from bot.commands.evaluating import evaluate
from bot.commands.explaining import explain
from bot.commands.exporting import export
from bot.commands.faults import Fault
from bot.commands.keeping import backup, restore
from bot.commands.measuring import bench
from bot.commands.people import handover, invite, revoke
from bot.commands.posts import posts
from bot.commands.region import HELP as REGION_HELP
from bot.commands.region import missing, new, schema
from bot.commands.running import demo, migrate, new_key, serve
from bot.commands.standards import standards
from bot.commands.talking import talk
from bot.commands.town import audit, route
from bot.commands.training import train
from bot.commands.whatsapp import HELP as WHATSAPP_HELP
from bot.commands.whatsapp import push, status

ALL: tuple[Callable[..., Any], ...] = (
    demo, serve, talk, migrate, new_key, check, invite, handover, revoke, posts, tick, deadline, explain, digest,
    export, standards, route, evaluate, train, audit, backup, restore, bench, doctor,
)  # fmt: skip

#: Commands of several words: the words before the last, their help, and the functions.
GROUPS: tuple[tuple[tuple[str, ...], str, tuple[Callable[..., Any], ...]], ...] = (
    (("calendar",), CALENDAR_HELP, (show, add, cancel, local, confirm, undo, recount)),
    (
        ("decide",),
        decided.HELP,
        (
            decided.show,
            decided.closure,
            decided.alias,
            decided.area,
            decided.unit,
            decided.answer,
            decided.wording,
            decided.undo,
        ),
    ),
    (("region",), REGION_HELP, (new, missing, schema)),
    (("whatsapp", "templates"), WHATSAPP_HELP, (push, status)),
)


def name_of(command: Callable[..., Any]) -> str:
    """How a command is typed."""
    return command.__name__.replace("_", "-")


__all__ = ["ALL", "GROUPS", "Fault", "name_of"]
