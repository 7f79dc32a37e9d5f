"""Towns for journeys: every test that takes `town` runs on both databases and in both languages.

In the short form each database has one language; `make soak` runs all four pairs. A test that is about words says
`@pytest.mark.parametrize("language", LANGUAGES)`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.databases import Prepare, roomy_memory
from tests.kit.town import LANGUAGES, Town, open_town, peopled

#: The language of a database in the short form.
SPOKEN = {"sqlite": "id", "postgres": "en"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=LANGUAGES if os.environ.get("TANGGAP_SOAK") else ["spoken"])
def language(request: pytest.FixtureRequest, dialect: str) -> str:
    """The language that everybody speaks in this run of the test."""
    return SPOKEN[dialect] if request.param == "spoken" else str(request.param)


@pytest.fixture
def database_folder(tmp_path: Path) -> Iterator[Path]:
    """In memory where there is room: hundreds of small towns would wait for a disk that nobody reads again."""
    memory = roomy_memory()
    if memory is None:
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(prefix="tanggap-", dir=memory))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def town_url(new_database: Callable[[Prepare | None], str]) -> str:
    """A database of this test alone, with a holder on every post."""
    return new_database(peopled)


@pytest.fixture
def undo_seconds() -> int:
    """How long a tap can be undone; a module that is about undoing says otherwise."""
    return 0


@pytest.fixture
async def town(town_url: str, tmp_path: Path, language: str, undo_seconds: int) -> AsyncIterator[Town]:
    """A running town, every post held, on Monday 7 September 2026, 09:00."""
    async with open_town(town_url, tmp_path, language=language, undo_seconds=undo_seconds) as town:
        yield town
        await town.ends_in_order()
