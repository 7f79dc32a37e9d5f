"""A peopled town for the whole module, in which every case is undone again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.app import open_town
from storage.encryption import Vault
from storage.engine import make_engine
from tests.clocks.case import Case
from tests.kit.databases import KEYS
from tests.kit.town import peopled, siantar


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Vault]]:
    url = f"sqlite:///{tmp_path_factory.mktemp('clocks') / 'town.db'}"
    peopled(url)
    engine = make_engine(url)
    yield engine, open_town(engine, KEYS)[1]
    engine.dispose()


@pytest.fixture
def case(house: tuple[Engine, Vault]) -> Iterator[Callable[..., Case]]:
    """Makes cases; nothing of them stays."""
    engine, vault = house
    with engine.connect() as connection:
        made: Callable[..., Any] = lambda **how: Case(connection, vault, siantar(), **how)  # noqa: E731
        yield made
        connection.rollback()
