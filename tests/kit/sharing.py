"""How the tests of a run are shared out: what is made for several tests is made in one process.

Without this each process starts a browser, builds a wheel and lives through a past of its own.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

#: Folders whose tests want a process, and half of the machine, for themselves; they take long, so they come first.
ALONE = ("tests/kill", "tests/telegram")
#: Files that take long, in the order in which they begin.
LONG = (
    "tests/web/test_page.py",
    "tests/transaction/test_concurrency.py",
    "tests/web/test_history.py",
    "tests/year",
    "tests/leaks",
)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """The tests of a file go to one process, those of some folders too."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in ALONE if nodeid.startswith(f"{folder}/")), nodeid.partition("::")[0])


def in_order(items: list[pytest.Item]) -> None:
    """What takes long first, so that no process is left alone with it in the end."""
    first = (*ALONE, *LONG)
    items.sort(key=lambda item: next((n for n, name in enumerate(first) if item.nodeid.startswith(name)), len(first)))
