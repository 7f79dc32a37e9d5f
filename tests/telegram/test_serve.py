"""`tanggap serve` itself with both bots: who writes is answered, and ending and starting again repeats nothing."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.kill.processes import ROOT, free_port
from tests.kit.databases import KEYS
from tests.kit.standins import PATIENCE
from tests.telegram.people import somebody
from tests.telegram.standin import StandIn
from tests.telegram.town import Telegram

#: Each start imports both libraries, which takes seconds; webhooks in short form are tested without a process.
CASES = [("sqlite", "polling"), *([("postgres", "webhook")] if os.environ.get("TANGGAP_SOAK") else [])]
START_SECONDS = 90.0
PROGRAM = [sys.executable, "-c", "from bot.cli import main; raise SystemExit(main())"]


class Command:
    """The installed program in a folder of its own, set for two bots without names."""

    def __init__(self, url: str, folder: Path, telegram: Telegram, mode: str) -> None:
        self.port = free_port()
        self.folder = folder
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANGGAP_")}
        ours = telegram.environment(mode) | {
            "TANGGAP_CITIZEN_TELEGRAM_USERNAME": "",
            "TANGGAP_STAFF_TELEGRAM_USERNAME": "",
            "TANGGAP_DATABASE_URL": url,
            "TANGGAP_ENCRYPTION_KEYS": ",".join(base64.urlsafe_b64encode(key).decode() for key in KEYS),
            "TANGGAP_PUBLIC_URL": f"http://127.0.0.1:{self.port}/",
        }
        self.environment = {**inherited, "PYTHONPATH": str(ROOT), **ours}
        self.log = folder / "log"
        self._running: subprocess.Popen[bytes] | None = None

    def serve(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [*PROGRAM, "serve", "--port", str(self.port)],
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self._until_it_serves()

    def _until_it_serves(self) -> None:
        """On a busy machine the libraries alone take their time; a program that has ended says why."""
        deadline = time.monotonic() + START_SECONDS
        while not self._serves():
            assert self._running is not None
            assert self._running.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, f"it does not serve:\n{self.log.read_text()}"
            time.sleep(0.05)

    def _serves(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}/health/live").is_success
        return False

    def stop(self) -> float:
        """Ask it to end; returns how long that took."""
        assert self._running is not None
        asked = time.monotonic()
        self._running.send_signal(signal.SIGTERM)
        self._running.wait(15)
        return time.monotonic() - asked

    def tells(self, words: str) -> bool:
        """Whether its log has these words."""
        return words in self.log.read_text()

    def end(self) -> None:
        if self._running is not None:
            self._running.kill()
            self._running.wait()


@pytest.fixture
def telegram(standin: StandIn) -> Telegram:
    return Telegram(standin)


@pytest.fixture
def command(migrated_url: str, tmp_path: Path, telegram: Telegram, mode: str) -> Iterator[Command]:
    made = Command(migrated_url, tmp_path, telegram, mode)
    yield made
    made.end()


@pytest.mark.parametrize(("dialect", "mode"), CASES)
def test_who_writes_is_answered_and_a_restart_repeats_nothing(command: Command, telegram: Telegram, mode: str) -> None:
    bot, sari = telegram.citizen, somebody()
    names = [each.state["user"]["username"] for each in telegram.bots]
    command.serve()
    bot.tells(sari.starts(), wait=PATIENCE)
    bot.until(lambda: bot.texts(sari.id), "a welcome")
    telegram.staff.tells(somebody().starts(), wait=PATIENCE)
    for account, name in zip(("citizen", "staff"), names, strict=True):
        told = partial(command.tells, f"The {account} bot is @{name} ({mode}).")
        bot.until(told, "the operator is told of both bots")
    assert bool(bot.state["webhook"]["url"]) == (mode == "webhook")
    assert command.stop() < 5
    assert bot.pending == 0

    sent = len(bot.sent())
    bot.tells(sari.says("KTP saya sudah tiga minggu belum jadi di disdukcapil"), wait=None)
    command.serve()
    bot.until(lambda: bot.pending == 0, "what waited is taken")
    bot.until(lambda: len(bot.sent()) > sent, "it is answered")
    assert len(bot.texts(sari.id)) == sent + 1
    assert command.stop() < 5
    never = ("Traceback", bot.token, telegram.staff.token, "disdukcapil", str(sari.id))
    assert not [word for word in never if command.tells(word)]
