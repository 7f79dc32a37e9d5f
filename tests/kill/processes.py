"""The two processes of a kill test, and the log of what the client saw."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.kit.databases import KEYS

ROOT = Path(__file__).parents[2]
#: Where in its folder a process of the nursery says what it says.
LOG = "server.log"
READY_SECONDS = 30.0
END_SECONDS = 30.0

Event = dict[str, Any]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    module: str, arguments: Sequence[str], folder: Path, settings: Mapping[str, str], stdout: int | None = None
) -> subprocess.Popen[bytes]:
    """A child whose standard input is ours: it ends when we do. In `folder`, where no `.env` lies."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANGGAP_")}
    environment = {**inherited, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **settings}
    with (folder / f"{module.rpartition('.')[2]}.log").open("ab") as log:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log if stdout is None else stdout,
            stderr=log,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Whatever it is doing."""
    process.kill()
    process.communicate()


class Life(Protocol):
    """A process that can be killed."""

    def poll(self) -> int | None: ...

    def kill(self) -> int:
        """Kill -9; returns what it ended with when it is gone."""


#: What starts a process, given its arguments, its folder and its settings.
Begin = Callable[[list[str], Path, Mapping[str, str]], Life]


class Server:
    """The program on one database; started and killed any number of times, always on the same port."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        begin: Begin,
        more: Mapping[str, str] | None = None,
    ) -> None:
        """`begin` starts the process; `more` are settings beside the usual ones."""
        self._begin = begin
        self.url = f"http://127.0.0.1:{free_port()}"
        self.folder = folder
        self._settings = {
            "TANGGAP_ALLOW_TIME_TRAVEL": "1",
            "TANGGAP_DATABASE_URL": url,
            "TANGGAP_DATA_DIR": str(folder / "data"),
            "TANGGAP_ENCRYPTION_KEYS": ",".join(base64.urlsafe_b64encode(key).decode() for key in KEYS),
            "TANGGAP_LOG_FORMAT": "json",
            "TANGGAP_UNDO_SECONDS": "0",
            "TANGGAP_DIGESTS": "0",
            "TANGGAP_PUBLIC_URL": self.url,
            **(more or {}),
        }
        self._process: Life | None = None

    def start(self, *, in_flight: int, pause: float | None = None) -> float:
        """Start it; returns when that was. `pause`: seconds that it stands still between a send and its outcome."""
        settings = {**self._settings, "TANGGAP_SENDS_IN_FLIGHT": str(in_flight)}
        if pause is not None:
            settings["TANGGAP_TEST_PAUSE"] = str(pause)
        started = time.monotonic()
        port = self.url.rpartition(":")[2]
        self._process = self._begin([port], self.folder, settings)
        self._until_ready(self._process)
        return started

    def _until_ready(self, process: Life) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                httpx.get(f"{self.url}/health/live")
            except httpx.TransportError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the server did not come up:\n{self.said()}") from None
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        """Kill -9; it is gone when this returns."""
        assert self._process is not None
        code = self._process.kill()
        assert code == -signal.SIGKILL, f"the server had ended by itself:\n{self.said()}"
        self._process = None

    def said(self) -> str:
        """The end of its log."""
        return (self.folder / LOG).read_text()[-4000:]

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None


class Client:
    """The client's process and its log, read as it grows."""

    def __init__(self, server: Server, *, seed: int, citizens: int, rate: float, officers: Sequence[str]) -> None:
        self._folder = server.folder
        self._log = server.folder / "seen.jsonl"
        self._read = 0
        self.events: list[Event] = []
        arguments = [server.url, str(self._log), str(seed), str(citizens), str(rate), *officers]
        self._process = start("tests.kill.client", arguments, server.folder, {})

    def look(self) -> list[Event]:
        """Everything seen so far, in order."""
        if self._log.exists():
            with self._log.open("rb") as file:
                file.seek(self._read)
                whole, newline, _ = file.read().rpartition(b"\n")
            self._read += len(whole) + len(newline)
            self.events += [json.loads(line) for line in whole.splitlines()]
        return self.events

    def of(self, what: str) -> list[Event]:
        return [event for event in self.look() if event["what"] == what]

    def rate(self, seconds: float = 0.5) -> float:
        """Messages that were accepted in a second, over the last half."""
        assert self._process.poll() is None, f"the client has ended:\n{self.said()}"
        since = time.monotonic() - seconds
        accepted = [event for event in self.look()[-2000:] if event["what"] == "accepted" and event["at"] > since]
        return len(accepted) / seconds

    def said(self) -> str:
        """The end of what it complained of."""
        return (self._folder / "client.log").read_text()[-4000:]

    def tell(self, word: str) -> None:
        """Have everybody `rush`, be `deaf`, `calm` down, or `stop` after the round in hand."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        self._process.stdin.flush()

    def finish(self) -> None:
        """Let it end by itself."""
        self._process.communicate(timeout=END_SECONDS)
        assert self._process.returncode == 0, f"the client did not end well:\n{self.said()}"

    def end(self) -> None:
        end(self._process)
