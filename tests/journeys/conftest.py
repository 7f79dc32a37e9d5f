"""Towns for journeys: every test that takes `town` runs on both databases and in both languages.

In the short form each database has one language, and most journeys run on one of the two (see `ON_BOTH`); `make soak`
runs all four pairs of all of them. A test that is about words says
`@pytest.mark.parametrize("language", LANGUAGES)`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.databases import DIALECTS, Prepare, roomy_memory
from tests.kit.town import LANGUAGES, Town, open_town, peopled

HERE = Path(__file__).parent
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


#: Journeys about the clock itself run on both databases always; of the others the short form takes each on one.
ON_BOTH = {"test_ladder", "test_belum", "test_question", "test_silent_officer", "test_jumps"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the short form half of the journeys is on SQLite and half on PostgreSQL, the same half each time."""
    if os.environ.get("TANGGAP_SOAK"):
        return
    left_out = [item for item in items if _is_on_the_other(item)]
    if left_out:
        gone = set(map(id, left_out))
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if id(item) not in gone]


def _is_on_the_other(item: pytest.Item) -> bool:
    if not isinstance(item, pytest.Function) or item.path.parent != HERE or item.path.stem in ON_BOTH:
        return False
    if any("dialect" in mark.args[0] for mark in item.iter_markers("parametrize")):
        return False
    params = getattr(item, "callspec", None)
    dialect = params.params.get("dialect") if params is not None else None
    if dialect is None:
        return False
    name = f"{item.path.stem}.{item.originalname}"
    return bool(DIALECTS[zlib.crc32(name.encode()) % len(DIALECTS)] != dialect)
