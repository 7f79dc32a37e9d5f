"""Towns on platforms that start at once: `python -m tests.kit.nursery` imports everything and then forks each.

To import the libraries takes seconds, to be killed and started again must not. A forked town is a process of its
own with nothing but the imported modules; it is killed like any other.

It obeys JSON lines: {"start": [port, folder, settings]} -> {"pid": ...}, {"kill": pid} -> {"code": ...} when it is
gone, {"look": pid} -> {"code": null} while it lives. When the input ends, so does every town.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from tests.kill.processes import start


class Town:
    """A forked town as `tests.kill.processes.Server` holds a process."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self._pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._nursery.ask(look=self._pid)["code"]
        return self._code

    def kill(self) -> int:
        """Kill -9; returns what it ended with when it is gone."""
        if self._code is None:
            self._code = self._nursery.ask(kill=self._pid)["code"]
        return self._code


class Nursery:
    """The process that forks them."""

    def __init__(self, folder: Path) -> None:
        self._process = start("tests.kit.nursery", (), folder, {}, stdout=subprocess.PIPE)
        self._lock = threading.Lock()

    def begin(self, arguments: list[str], folder: Path, settings: Mapping[str, str]) -> Town:
        """Start a town; its settings are all that it sees of the environment."""
        return Town(self, self.ask(start=[*arguments, str(folder), dict(settings)])["pid"])

    def ask(self, **what: Any) -> dict[str, Any]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with self._lock:
            process.stdin.write(json.dumps(what).encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    def end(self) -> None:
        self._process.communicate()


def _serve(port: int, log: IO[bytes], folder: str, settings: dict[str, str], lifeline: int) -> None:
    """In the forked process: become a town."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    os.chdir(folder)
    for name in [name for name in os.environ if name.startswith("TANGGAP_")]:
        del os.environ[name]
    os.environ.update(settings)
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()

    from tests.kit.serving import serve

    asyncio.run(serve(port))


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(1)


def _fork(port: str, folder: str, settings: dict[str, str], lifeline: tuple[int, int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.close(lifeline[1])
        with Path(folder, "server.log").open("ab") as log:
            _serve(int(port), log, folder, settings, lifeline[0])
    finally:
        os._exit(1)


def _code(status: int) -> int:
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    import tests.kit.serving

    tests.kit.serving.warm_up()
    lifeline = os.pipe()
    for line in sys.stdin:
        answer: dict[str, Any]
        match json.loads(line):
            case {"start": [port, folder, settings]}:
                answer = {"pid": _fork(port, folder, settings, lifeline)}
            case {"kill": pid}:
                os.kill(pid, signal.SIGKILL)
                answer = {"code": _code(os.waitpid(pid, 0)[1])}
            case {"look": pid}:
                gone, status = os.waitpid(pid, os.WNOHANG)
                answer = {"code": _code(status) if gone else None}
        print(json.dumps(answer), flush=True)  # noqa: T201 - how it answers


if __name__ == "__main__":
    main()
