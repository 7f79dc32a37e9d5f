"""What is past its time goes, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, func, insert, select

from storage.engine import make_engine
from storage.ids import first_id, new_id
from storage.plan import table_of
from storage.tables import Address, Attachment, Conversation, Inbox, Outbox, Override, Person
from storage.tidying import kept_files, tidy

NOW = datetime(2026, 12, 7, 2, 0, tzinfo=UTC)


def _somebody(connection: Connection) -> int:
    """A citizen; the key of the address."""
    person, address = new_id(), new_id()
    connection.execute(insert(table_of(Person)), {"id": person, "created_at": NOW})
    values = {"channel": "phone", "account": "citizen", "key_hash": b"x" * 16, "state": "alive", "created_at": NOW}
    connection.execute(insert(table_of(Address)), {"id": address, "person_id": person, **values})
    return address


@pytest.mark.parametrize(("age", "kept"), [(timedelta(days=6), True), (timedelta(days=8), False)])
def test_a_draft_is_forgotten_after_seven_days(migrated_url: str, age: timedelta, kept: bool) -> None:
    engine = make_engine(migrated_url)
    with engine.begin() as connection:
        address = _somebody(connection)
        talk = {"id": new_id(), "address_id": address, "state": "confirm", "memory_sealed": b"draft"}
        connection.execute(insert(table_of(Conversation)), {**talk, "touched_at": NOW - age})
        tidy(connection, NOW)
        row = connection.execute(select(table_of(Conversation))).one()
    engine.dispose()
    assert (row.memory_sealed is not None) is kept
    assert row.state == ("confirm" if kept else "idle")


@pytest.mark.parametrize(("age", "left"), [(timedelta(days=29), 1), (timedelta(days=31), 0)])
def test_a_seen_event_is_forgotten_after_thirty_days(migrated_url: str, age: timedelta, left: int) -> None:
    engine = make_engine(migrated_url)
    row = {"id": new_id(), "key_hash": b"k" * 16, "channel": "phone", "state": "done", "attempts": 0}
    with engine.begin() as connection:
        connection.execute(insert(table_of(Inbox)), {**row, "town_at": NOW, "real_at": NOW - age})
        tidy(connection, NOW)
        count = connection.execute(select(func.count()).select_from(table_of(Inbox))).scalar_one()
    engine.dispose()
    assert count == left


@pytest.mark.parametrize(("age", "signed", "left"), [(6, False, 1), (8, False, 0), (8, True, 1)])
def test_a_proposal_that_nobody_signed_goes_after_a_week_and_a_decision_never(
    migrated_url: str, age: int, signed: bool, left: int
) -> None:
    engine = make_engine(migrated_url)
    key = first_id(NOW - timedelta(days=age))
    row = {"id": key, "subject": "calendar", "code": "", "field": "local", "starts_on": NOW.date(), "at": NOW}
    with engine.begin() as connection:
        connection.execute(insert(table_of(Override)), {**row, "signed_at": NOW if signed else None})
        tidy(connection, NOW)
        count = connection.execute(select(func.count()).select_from(table_of(Override))).scalar_one()
    engine.dispose()
    assert count == left


@pytest.mark.parametrize("state", ["queued", "sent"])
def test_the_words_of_a_page_go_thirty_days_after_it_but_never_before_it_is_sent(migrated_url: str, state: str) -> None:
    engine = make_engine(migrated_url)
    row = {"id": new_id(), "dedupe_key": "in:1:1", "page": "citizen/welcome", "facts_sealed": b"x", "state": state}
    more = {"lane": 0, "attempts": 0, "created_at": NOW - timedelta(days=31)}
    with engine.begin() as connection:
        connection.execute(insert(table_of(Outbox)), {**row, **more})
        tidy(connection, NOW)
        facts = connection.execute(select(table_of(Outbox).c.facts_sealed)).scalar_one()
    engine.dispose()
    assert (facts is None) is (state == "sent")


@pytest.mark.parametrize(("age", "kept"), [(timedelta(days=6), True), (timedelta(days=8), False)])
def test_a_file_of_a_draft_goes_with_what_the_platform_called_it(migrated_url: str, age: timedelta, kept: bool) -> None:
    engine = make_engine(migrated_url)
    with engine.begin() as connection:
        address = _somebody(connection)
        file = {"id": new_id(), "address_id": address, "kind": "voice", "mime": "", "size": 9, "state": "raw"}
        connection.execute(insert(table_of(Attachment)), {**file, "ref_sealed": b"ref", "real_at": NOW - age})
        tidy(connection, NOW)
        row = connection.execute(select(table_of(Attachment))).one()
        assert (row.id in kept_files(connection)) is kept
    engine.dispose()
    assert (row.ref_sealed, row.address_id) == ((b"ref", address) if kept else (None, None))
