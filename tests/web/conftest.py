"""A demo for every test: the composition of `tanggap demo` over a database of its own, on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.browser import Browser, find_chromium
from tests.kit.databases import Databases
from tests.kit.town import at_start, peopled
from tests.web.serving import Demo, run_demo


@pytest.fixture
def undo_seconds() -> int:
    """How long a tap can be undone; a module that is about undoing says otherwise."""
    return 0


@pytest.fixture
def demo(databases: Databases, tmp_path: Path, undo_seconds: int) -> Iterator[Demo]:
    """A running demo: every post held, Monday 7 September 2026, 09:00, nothing written yet."""
    with run_demo(
        at_start(databases.fresh("sqlite", tmp_path, peopled)), tmp_path, undo_seconds=undo_seconds
    ) as running:
        yield running


@pytest.fixture(scope="module")
def shared(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for the tests of a module that leave nothing behind."""
    folder = tmp_path_factory.mktemp("shared")
    with run_demo(at_start(databases.fresh("sqlite", folder, peopled)), folder) as running:
        yield running


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for the run; its pages share nothing."""
    if find_chromium() is None:
        pytest.skip("There is no Chromium: install one, or name it in the environment as CHROMIUM.")
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running
