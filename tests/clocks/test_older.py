"""A case of a release that kept its dates and not what they were counted from is counted from the same things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.app import open_town
from domain.deadlines import Deadlines
from domain.vocabulary import Clock
from handlers.actions import promises
from storage.engine import make_engine
from storage.migrations import runner
from tests.clocks.case import Case
from tests.kit.databases import KEYS, Prepare
from tests.kit.town import peopled, siantar


def as_it_came(it: Case) -> None:
    pass


def handed_over(it: Case) -> None:
    it.takes()
    it.goes_on(days=1)
    it.forwards()


def taken_back_forward(it: Case) -> None:
    it.goes_on(days=1)
    it.forwards()
    it.undoes()


def asked_twice(it: Case) -> None:
    for days in (2, 5):
        it.goes_on(days=1)
        it.asks()
        it.arrives("question")
        it.goes_on(days=days)
        it.adds()


def asked_and_answered_by_the_office(it: Case) -> None:
    it.asks()
    it.arrives("question")
    it.goes_on(days=3)
    it.answers()


def still_asked(it: Case) -> None:
    asked_twice(it)
    it.asks()
    it.arrives("question")
    it.goes_on(days=4)


def asked_in_vain(it: Case) -> None:
    it.asks()
    it.goes_on(days=4)
    it.fails()


def finished(it: Case) -> None:
    asked_twice(it)
    it.finishes()


def sent_back(it: Case) -> None:
    finished(it)
    it.arrives("resolved")
    it.goes_on(days=3)
    it.belum()


def sent_back_and_handed_over(it: Case) -> None:
    sent_back(it)
    it.goes_on(days=1)
    it.forwards()


def sent_back_and_asked(it: Case) -> None:
    sent_back(it)
    it.asks()
    it.arrives("question")
    it.goes_on(days=4)
    it.adds()


STORIES = (
    as_it_came, handed_over, taken_back_forward, asked_twice, asked_and_answered_by_the_office, still_asked,
    asked_in_vain, finished, sent_back, sent_back_and_handed_over, sent_back_and_asked,
)  # fmt: skip


@pytest.fixture
def older(new_database: Callable[[Prepare | None], str]) -> Iterator[tuple[Engine, str]]:
    url = new_database(peopled)
    engine = make_engine(url)
    yield engine, url
    engine.dispose()


def test_what_is_open_is_counted_as_it_was_promised(older: tuple[Engine, str]) -> None:
    engine, url = older
    vault = open_town(engine, KEYS)[1]
    before = {}
    with engine.begin() as connection:
        for story in STORIES:
            it = Case(connection, vault, siantar()).opens()
            story(it)
            before[story.__name__] = (it, dates(it))
    runner.downgrade(url, "0004")
    runner.upgrade(url, KEYS)
    with engine.begin() as connection:
        found = {}
        for name, (it, _) in before.items():
            it.connection = connection
            found[name] = recounted(it)
        assert found == {name: told for name, (_, told) in before.items()}
        waiting, _ = before["still_asked"]
        waiting.adds()
        assert waiting.ticket.binding_by > before["still_asked"][1].binding_by, "those four days too"
        marks = {row.clock for row in waiting.steps(Clock.BINDING) if row.step == "breach"}
        assert marks == {"binding"}
        waiting.lives_until(waiting.ticket.binding_by + timedelta(hours=1))
        assert (waiting.ticket.cycle, "binding") in waiting.breaches()
        assert waiting.breach(Clock.BINDING).due_at == waiting.ticket.binding_by


def recounted(it: Case) -> Deadlines:
    return it.looks(lambda session: promises.counted(session, it._ticket(session)))


def dates(it: Case) -> Deadlines:
    return it.looks(lambda session: promises.dates_of(it._ticket(session)))
