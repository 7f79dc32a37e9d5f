"""Fixtures for every test that needs a database.

`empty_url`, `migrated_url` and `database_url` run a test twice, on SQLite and on PostgreSQL, each time with a database
of its own. For other contents override `prepare` in the module: the fixture returns a function of the URL, run once,
whose work `database_url` then copies for each test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.databases import DIALECTS, Databases, Prepare, migrate
from tests.telegram.standin import StandIn
from tests.whatsapp.standin import Graph


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """All databases of this run."""
    databases = Databases(tmp_path_factory.mktemp("databases"))
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """Telegram, as far as tests can tell: one process for a whole run, on which each test makes bots of its own."""
    standin = StandIn(tmp_path_factory.mktemp("standin"))
    yield standin
    standin.end()


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """Meta, as far as tests can tell: one process for a whole run, on which each test makes accounts of its own."""
    graph = Graph(tmp_path_factory.mktemp("graph"))
    yield graph
    graph.end()


@pytest.fixture(scope="session")
def postgres_url(databases: Databases) -> str:
    """The PostgreSQL server's own database, for administration."""
    return databases.postgres().url("postgres")


@pytest.fixture(params=DIALECTS, ids=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Which database this run of the test is on; `@pytest.mark.parametrize("dialect", ["postgres"])` narrows it."""
    return str(request.param)


@pytest.fixture
def database_folder(tmp_path: Path) -> Path:
    """Where SQLite keeps the files of this test."""
    return tmp_path


@pytest.fixture
def new_database(
    databases: Databases, dialect: str, database_folder: Path
) -> Iterator[Callable[[Prepare | None], str]]:
    """Make any number of databases, empty (None) or prepared by a function of a module; gone after the test."""
    made: list[str] = []

    def new(prepare: Prepare | None = None) -> str:
        made.append(databases.fresh(dialect, database_folder, prepare))
        return made[-1]

    yield new
    for url in made:
        databases.drop(url)


@pytest.fixture
def prepare() -> Prepare | None:
    """What `database_url` holds; nothing, unless a module says otherwise."""
    return None


@pytest.fixture
def database_url(new_database: Callable[[Prepare | None], str], prepare: Prepare | None) -> str:
    """A database of this test alone, as `prepare` left it."""
    return new_database(prepare)


@pytest.fixture
def empty_url(new_database: Callable[[Prepare | None], str]) -> str:
    """A database of this test alone without any table."""
    return new_database(None)


@pytest.fixture
def migrated_url(new_database: Callable[[Prepare | None], str]) -> str:
    """A database of this test alone with the newest tables, and `tests.kit.databases.KEYS` as its keys."""
    return new_database(migrate)
