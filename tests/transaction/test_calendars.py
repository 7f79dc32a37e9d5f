"""A decision about the calendars, and every process of the town: each sees it with its next transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

import pytest

from domain import decisions
from domain.overrides import CalendarChange, ChangeKind, version_of
from handlers.actions import deciding
from handlers.session import Session
from storage.tables import Override
from tests.transaction.hall import Hall

FREE = date(2026, 4, 24)
CHANGE = CalendarChange(ChangeKind.LOCAL, FREE, FREE)


@pytest.fixture
def other(database_url: str, hall: Hall) -> Iterator[Hall]:
    """A second process on the same database."""
    other = Hall(database_url)
    yield other
    other.close()


def decides(session: Session) -> int:
    row = deciding.write_down(session, decisions.calendar(CHANGE), "SK", session.moment.revision, None)
    deciding.sign(session, row, person=None)
    return int(row.id)


def works(session: Session) -> bool:
    return session.region.calendars["office"].is_working(FREE)


def test_what_one_process_decides_every_other_sees_with_its_next_transaction(hall: Hall, other: Hall) -> None:
    assert hall.errand(works)
    assert other.errand(works)
    key = hall.errand(decides)
    assert not other.errand(works)
    assert not hall.errand(works)
    other.errand(lambda session: deciding.undo(session, session.plan.locked(Override, key), person=None))  # type: ignore[arg-type]
    assert hall.errand(works)
    assert other.errand(works)


def test_the_region_is_read_anew_only_when_something_was_decided(hall: Hall) -> None:
    first = hall.errand(lambda session: session.region)
    assert hall.errand(lambda session: session.region) is first
    hall.errand(decides)
    second = hall.errand(lambda session: session.region)
    assert second is not first
    assert hall.errand(lambda session: session.region) is second


def test_a_reader_that_began_earlier_never_takes_an_older_state_back(hall: Hall, other: Hall) -> None:
    with hall.readers.connect() as connection, connection.begin():
        before = hall.house.clock.read(connection)
        other.errand(decides)
        hall.errand(works)
        hall.house.moment(connection)
        assert before.revision == 0
        assert version_of(hall.house.region.calendars["office"]) != version_of(hall.house.files.calendars["office"])


def test_of_many_who_sign_at_once_what_each_saw_alone_exactly_one_does(hall: Hall, other: Hall) -> None:
    seen = hall.errand(lambda session: session.moment.revision)
    ended: list[str] = []

    def sign(session: Session) -> None:
        row = deciding.write_down(session, decisions.calendar(CHANGE), "SK", seen, None)
        deciding.sign(session, row, person=None)

    def tries(at: Hall) -> None:
        try:
            at.errand(sign)
            ended.append("done")
        except deciding.ConflictError:
            ended.append("conflict")

    threads = [threading.Thread(target=tries, args=(at,)) for at in (hall, other) * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["conflict"] * 5 + ["done"]
    assert len([row for row in hall.rows(Override) if row.signed_at]) == 1
