"""Fixtures for every test that needs a database.

`empty_url`, `migrated_url` and `database_url` run a test twice, on SQLite and on PostgreSQL, each time with a database
of its own. For other contents override `prepare` in the module: the fixture returns a function of the URL, run once,
whose work `database_url` then copies for each test.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kill.nursery import Nursery
from tests.kit.databases import DIALECTS, Databases, Prepare, migrate
from tests.kit.sharing import ByFile, in_order
from tests.kit.statements import compile_once
from tests.telegram.people import Person, somebody
from tests.telegram.standin import Bot, StandIn
from tests.whatsapp.standin import Graph

#: How many new objects make Python look for cycles: what one test makes is small, and looking cost a sixth of the time.
GARBAGE = 20_000


def pytest_configure() -> None:
    gc.disable()
    compile_once()


def pytest_collection_finish() -> None:
    """What was imported stays for good: the collector need not look at it in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByFile:
    config.option.loadscopereorder = False  # by how long they take, not by how many they are
    return ByFile(config, log)


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


@pytest.fixture
def bot(standin: StandIn) -> Bot:
    """A bot of this test alone."""
    return standin.bot()


@pytest.fixture
def sari(bot: Bot) -> Person:
    """Somebody who has started the bot."""
    person = somebody()
    bot.tells(person.starts(), wait=None)
    return person


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Where programs that are killed come from: what they need is imported once."""
    nursery = Nursery(tmp_path_factory.mktemp("nursery"))
    yield nursery
    nursery.end()


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
