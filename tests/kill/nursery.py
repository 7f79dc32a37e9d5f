"""Processes that start at once: `python -m tests.kill.nursery` imports what they need once and then forks each.

To import the program takes a second and the libraries of Telegram two more, to be killed and started again must not. A
forked process has nothing of another one but the imported modules; it is killed like any other.

It obeys JSON lines: {"start": [module, arguments, folder, settings]} -> {"pid": ...}, {"kill": pid} -> {"code": ...}
when it is gone, {"look": pid} -> {"code": null} while it lives. What a module makes of the first start is `warm_up()`,
what it is in each process `run(*arguments)`, which returns its exit code. When the input ends, so does every process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.kill.processes import LOG, Begin, start

LOOK_EVERY = 0.01


class Fork:
    """A forked process as `tests.kill.processes.Server` holds one."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery = nursery
        self._pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            self._code = self._nursery.ask(look=self._pid)["code"]
        return self._code

    def wait(self, seconds: float) -> int:
        """What it ended with, by itself. Raises TimeoutError."""
        patience = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > patience:
                raise TimeoutError(f"it still runs after {seconds} s")
            time.sleep(LOOK_EVERY)
        return code

    def kill(self) -> int:
        """Kill -9; returns what it ended with when it is gone."""
        if self._code is None:
            self._code = int(self._nursery.ask(kill=self._pid)["code"])
        return self._code


class Nursery:
    """The process that forks them."""

    def __init__(self, folder: Path) -> None:
        self._process = start("tests.kill.nursery", (), folder, {}, stdout=subprocess.PIPE)
        self._lock = threading.Lock()

    def begin(self, module: str, arguments: Sequence[str], folder: Path, settings: Mapping[str, str]) -> Fork:
        """Start one, its output in the `LOG` of the folder; its settings are all that it sees of ours."""
        return Fork(self, self.ask(start=[module, list(arguments), str(folder), dict(settings)])["pid"])

    def beginner(self, module: str) -> Begin:
        """What starts processes of a module."""
        return partial(self.begin, module)

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


def _warm(module: str) -> ModuleType:
    """A module that is ready to be forked; what it made stays for good, so the collector need not look at it."""
    if (known := sys.modules.get(module)) is not None:
        return known
    made = importlib.import_module(module)
    made.warm_up()
    gc.collect()
    gc.freeze()
    return made


def _fork(module: ModuleType, arguments: list[str], folder: Path, settings: dict[str, str], lifeline: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _settle(folder / LOG, settings, lifeline)
        code = module.run(*arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _settle(log: Path, settings: dict[str, str], lifeline: int) -> None:
    """In the forked process: nothing of the nursery's is left."""
    os.setsid()
    with log.open("ab") as written:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
    os.chdir(log.parent)
    for name in [name for name in os.environ if name.startswith("TANGGAP_")]:
        del os.environ[name]
    os.environ.update(settings)
    threading.Thread(target=_end_with_parent, args=(lifeline,), daemon=True).start()


def _end_with_parent(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(1)


def _code(status: int) -> int:
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    reads, writes = os.pipe()
    os.register_at_fork(after_in_child=lambda: os.close(writes))
    for line in sys.stdin:
        answer: dict[str, Any]
        match json.loads(line):
            case {"start": [module, arguments, folder, settings]}:
                answer = {"pid": _fork(_warm(module), arguments, Path(folder), settings, reads)}
            case {"kill": pid}:
                os.kill(pid, signal.SIGKILL)
                answer = {"code": _code(os.waitpid(pid, 0)[1])}
            case {"look": pid}:
                gone, status = os.waitpid(pid, os.WNOHANG)
                answer = {"code": _code(status) if gone else None}
        print(json.dumps(answer), flush=True)  # noqa: T201 - how it answers


if __name__ == "__main__":
    main()
