"""The town clock as a process, forked by `tests.kill.nursery`: `tanggap tick --at`, to be killed on its way."""

from __future__ import annotations

from bot.cli import main


def warm_up() -> None:
    """The program is imported; a clock needs nothing else."""


def run(moment: str) -> int:
    """Move the clock of the town that the environment names to a moment."""
    return main(["tick", "--at", moment])
