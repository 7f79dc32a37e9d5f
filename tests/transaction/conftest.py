"""A furnished database and the receiving side of the program on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kit.databases import Prepare
from tests.transaction.hall import Hall, furnished


@pytest.fixture
def prepare() -> Prepare:
    return furnished


@pytest.fixture
def hall(database_url: str) -> Iterator[Hall]:
    hall = Hall(database_url)
    yield hall
    hall.close()
