"""The town clock as a process: `tanggap tick --at`, to be killed on its way."""

from __future__ import annotations

import subprocess
import sys

from bot.cli import main

if __name__ == "__main__":
    main()


def tick(moment: str, folder: str, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start moving the clock of a town to a moment."""
    command = [sys.executable, "-m", "tests.kill.clock", "tick", "--at", moment]
    return subprocess.Popen(command, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
