"""Fixtures for the command line: a real folder to stand in, an environment without settings, and `run`."""

from __future__ import annotations

import io
import logging
import os
import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from bot.cli import main
from bot.commands import checking, templates
from bot.commands.in_force import in_force
from storage.encryption import new_key

STORY = "KK saya sudah tiga minggu belum jadi di disdukcapil, setiap datang disuruh kembali"


class Ran(NamedTuple):
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """What it said on standard error, which has to be one line."""
        (said,) = self.err.splitlines()
        return said


Run = Callable[..., Ran]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that the commands are run in, with no setting of ours in the environment."""
    place = tmp_path / "folder"
    place.mkdir()
    monkeypatch.chdir(place)
    for name in [name for name in os.environ if name.startswith("TANGGAP_")]:
        monkeypatch.delenv(name)
    return place


@pytest.fixture
def run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], usual_logs: None, read_once: None
) -> Run:
    """Run a command as the installed program does, in this process: `run("check", "--json", typed="")`."""

    # Once a year the days off of the next one are asked for, which is nothing that these tests are about.
    monkeypatch.setattr(checking, "today_here", lambda region: date(2026, 6, 1))
    # And what no office has supplied yet is always said (tests/cli/test_standards.py).
    monkeypatch.setattr(checking, "unwritten", lambda region: ())
    monkeypatch.setattr(checking, "in_force", lambda *given: in_force(*given)._replace(now=None))

    def command(*arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        code = main(arguments)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return command


#: The same text is the same tree, and nobody changes one: most commands of most tests read what ships.
_template, _yaml = cache(templates.parse), cache(yaml.compose)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates and YAML are taken apart once a run."""
    monkeypatch.setattr(templates, "parse", _template)
    monkeypatch.setattr(yaml, "compose", _yaml)


@pytest.fixture
def usual_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands set up logs and hooks of their own; afterwards pytest has its back."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in root.manager.loggerDict}
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """An encryption key, set."""
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS", made := new_key())
    return made


@dataclass(frozen=True)
class Town:
    """A demo's folder, and its database for a look behind the program's back."""

    database: Path

    def ask(self, question: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return list(connection.execute(question))

    def change(self, statement: str) -> int:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            return connection.execute(statement).rowcount


@pytest.fixture(scope="module")
def told_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's town with one complaint in it, made once and copied by `town`."""
    return tmp_path_factory.mktemp("told") / "demo"


@pytest.fixture
def town(run: Run, told_town: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """A town with one complaint; every command of this test works on it, and its clock may be moved."""
    place = folder / "data" / "demo"
    if not told_town.exists():
        assert run("talk", typed=f"{STORY}\n1\n").code == 0
        shutil.copytree(place, told_town)
    else:
        shutil.copytree(told_town, place)
    made = Town(place / "tanggap.db")
    made.change("DELETE FROM leases")  # the process that made the town has ended
    monkeypatch.setenv("TANGGAP_DATABASE_URL", f"sqlite:///{made.database}")
    monkeypatch.setenv("TANGGAP_DATA_DIR", str(place))
    monkeypatch.setenv("TANGGAP_ENCRYPTION_KEYS_FILE", str(place / "encryption.key"))
    monkeypatch.setenv("TANGGAP_ALLOW_TIME_TRAVEL", "1")
    monkeypatch.setenv("TANGGAP_DIGESTS", "0")  # a whole town's mornings take their time
    return made
