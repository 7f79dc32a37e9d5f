"""A platform's stand-in as a test holds it: its process, and the control of one account on it.

All calls here wait for their answer; a test that runs the program in its own loop makes them through `.aside`, which
has the same methods to be awaited.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.kill.processes import end, free_port, start

READY_SECONDS = 30.0
PATIENCE = 15.0


class Control:
    """The test's side of one account on a stand-in."""

    def __init__(self, http: httpx.Client, path: str) -> None:
        self._http = http
        self._path = path

    @property
    def aside(self) -> Aside:
        """The same, for the loop: each method returns something to be awaited."""
        return Aside(self)

    def _ask(self, method: str, path: str, *, json: Any = None, **more: Any) -> Any:
        if json is not None:
            more["json"] = json
        answer = self._http.request(method, f"{self._path}{path}", **more)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def set(self, **settings: Any) -> dict[str, Any]:
        """Change settings; returns the state."""
        state: dict[str, Any] = self._ask("POST", "", json=settings).json()
        return state

    @property
    def state(self) -> dict[str, Any]:
        """Everything there is to know."""
        state: dict[str, Any] = self._ask("GET", "").json()
        return state

    @property
    def pending(self) -> int:
        """What the program has not confirmed yet."""
        return int(self.state["pending"])

    @property
    def counters(self) -> dict[str, Any]:
        counters: dict[str, Any] = self.state["counters"]
        return counters

    def heals(self) -> None:
        """Nothing goes wrong any more."""
        self._ask("DELETE", "/faults")

    def sent(self, since: int = 0, *, wait: float = 0.0) -> list[dict[str, Any]]:
        """What the program did after the n-th; `wait`: so many seconds for something new."""
        asked = {"since": since, "wait": wait}
        calls: list[dict[str, Any]] = self._ask("GET", "/sent", params=asked, timeout=wait + PATIENCE).json()
        return calls

    def until(self, found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Look again and again until something can be found; returns it."""
        deadline = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.01)
        return answer


class Aside:
    """An account whose methods are awaited: the loop goes on meanwhile."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def call(*arguments: Any, **named: Any) -> Any:
            found = await asyncio.to_thread(lambda: getattr(self._control, name))
            if not callable(found):
                return found
            return await asyncio.to_thread(lambda: found(*arguments, **named))

        return call


class StandInProcess:
    """The server's process."""

    def __init__(self, module: str, folder: Path, log: Path | None = None) -> None:
        """`log`: where every account's calls are appended, unless it is told of another file."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        arguments = [str(port), *([str(log)] if log else [])]
        self._process = start(module, arguments, folder, {})
        self._http = httpx.Client(base_url=self.url, timeout=PATIENCE)
        self._until_ready(self._process)

    def said(self) -> str:
        """The end of what it complained of."""
        return (self._folder / "server.log").read_text()[-4000:]

    def _until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                self._http.get("/control")
            except httpx.TransportError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the stand-in did not come up:\n{self.said()}") from None
                time.sleep(0.02)
            else:
                return

    def end(self) -> None:
        self._http.close()
        end(self._process)


class Log:
    """What a stand-in wrote down, read as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.lines: list[dict[str, Any]] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def look(self) -> list[dict[str, Any]]:
        """Everything so far, in order."""
        with self._lock:
            if self._path.exists():
                self._take_in()
            return self.lines

    def _take_in(self) -> None:
        with self._path.open("rb") as file:
            file.seek(self._read)
            whole, newline, _ = file.read().rpartition(b"\n")
        self._read += len(whole) + len(newline)
        new = [json.loads(line) for line in whole.splitlines()]
        self._counts.update(line["what"] for line in new)
        self.lines += new

    def count(self, what: str) -> int:
        self.look()
        return self._counts[what]

    def of(self, what: str) -> list[dict[str, Any]]:
        return [line for line in self.look() if line["what"] == what]
