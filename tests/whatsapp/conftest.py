"""Fixtures of the tests over the stand-in of Meta's Graph API (`graph` itself is in tests/conftest.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.whatsapp.calling import Door
from tests.whatsapp.people import Person, somebody
from tests.whatsapp.standin import Account, Graph


@pytest.fixture
def account(graph: Graph) -> Account:
    return graph.account()


@pytest.fixture
def sari(account: Account) -> Person:
    """Somebody who has just written."""
    person = somebody()
    account.knows(person, heard=0)
    return person


@pytest.fixture
def door() -> Iterator[Door]:
    """Where the stand-in brings what happens, instead of a program."""
    with Door() as door:
        yield door
