"""The questions that are asked all day are answered by an index, on a database that has seen a few years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, event, insert

from domain.vocabulary import Actor, Held, Role
from storage.engine import make_engine
from storage.plan import Plan, table_of
from storage.queries import cases, due, people, recounts, talk
from storage.tables import (
    Address,
    Attachment,
    AuditRow,
    Breach,
    Conversation,
    Deadline,
    ExclusionRow,
    Holding,
    Inbox,
    Message,
    Office,
    Outbox,
    OutboxPart,
    Person,
    PostRow,
    Ticket,
    UnitRow,
)
from tests.kit.databases import Prepare, migrate
from tests.transaction.hall import siantar

ROWS = 1500
NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)


def digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


def row(model: Any, number: int) -> dict[str, Any]:
    """The n-th row of a table: most are finished, as in a town that keeps up with its work."""
    at = NOW - timedelta(minutes=number)
    late = number % 100 == 0
    common: dict[Any, dict[str, Any]] = {
        Person: {"created_at": at},
        Address: {
            "person_id": number, "channel": "phone", "account": "citizen", "key_hash": digest(number), "created_at": at,
        },
        Conversation: {"address_id": number, "touched_at": at},
        Holding: {
            "person_id": number, "post_code": f"P{number % 200}", "starts_on": date(2020, 1, 1), "created_at": at,
        },
        Inbox: {"key_hash": digest(number), "channel": "phone", "town_at": at, "real_at": at},
        Ticket: {
            "number": f"TGP-26-{number:06d}", "kind": "complaint", "state": "routed" if late else "closed",
            "identity": "open", "desk": "officers", "unit_code": f"U{number % 50}", "language": "id",
            "channel": "phone", "reporter_id": number, "address_id": number, "received_at": at,
        },
        Message: {
            "ticket_id": (number + 3) // 4, "seq": number, "author": "citizen", "kind": "story", "town_at": at,
            "real_at": at,
        },
        ExclusionRow: {"ticket_id": number, "person_id": number, "reason": "reported", "at": at},
        Attachment: {"ticket_id": number, "kind": "photo", "mime": "", "size": 0, "state": "clean", "real_at": at},
        Deadline: {
            "ticket_id": number, "cycle": 1, "clock": "verify", "step": "s", "target": "officer", "due_at": at,
            "state": "waiting" if late else "done",
        },
        Breach: {
            "ticket_id": number, "cycle": 1, "clock": "verify", "due_at": at, "at": at, "unit_code": f"U{number % 50}",
        },
        AuditRow: {
            "ticket_id": number, "actor": "staff", "action": "take", "digest": digest(number), "town_at": at,
            "real_at": at, "seq": None if late else number,
        },
        Outbox: {
            "dedupe_key": f"k{number}", "account": "citizen", "address_id": number, "ticket_id": number, "page": "p",
            "state": "queued" if late else "sent", "created_at": at,
        },
        OutboxPart: {"outbox_id": number, "n": 0, "external_hash": digest(number)},
    }  # fmt: skip
    return {"id": number, **common[model]}


ORDER = (
    Person, Address, Conversation, Holding, Inbox, Ticket, Message, ExclusionRow, Attachment, Deadline, Breach,
    AuditRow, Outbox, OutboxPart,
)  # fmt: skip


def years_later(url: str) -> None:
    """A `Prepare`: some thousand rows in every table that grows."""
    migrate(url)
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(table_of(Office)), {"code": "O", "name": "O"})
        units = [{"code": f"U{n}", "office_code": "O", "name": "U", "kind": "office"} for n in range(50)]
        connection.execute(insert(table_of(UnitRow)), units)
        posts = [{"code": f"P{n}", "unit_code": f"U{n % 50}", "title": "P", "role": "officer"} for n in range(200)]
        connection.execute(insert(table_of(PostRow)), posts)
        for model in ORDER:
            plan = Plan(connection)
            for number in range(1, ROWS + 1):
                plan.add(model, **row(model, number))
            plan.close()
        if connection.dialect.name != "sqlite":  # where nobody does it: PostgreSQL does by itself
            connection.exec_driver_sql("ANALYZE")
    engine.dispose()


@pytest.fixture
def prepare() -> Prepare:
    return years_later


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = make_engine(database_url, read_only=True)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def plan_of(connection: Connection, statement: Executable, parameters: dict[str, Any]) -> str:
    """How the database would answer, asked with the very text and values that it gets from the program."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"

    def ask(_c: Any, _cursor: Any, text: str, values: Any, _context: Any, _many: bool) -> tuple[str, Any]:
        return f"{explain} {text.replace(' FOR UPDATE', '')}", values

    event.listen(connection, "before_cursor_execute", ask, retval=True)
    try:
        answer = connection.execute(statement, parameters)
        assert answer.cursor is not None
        return "\n".join(str(line[-1]) for line in answer.cursor.fetchall())
    finally:
        event.remove(connection, "before_cursor_execute", ask)


OFFICER = Actor(person=7, held=(Held("P7", "U7", Role.OFFICER),))
KEYS = {"hashes": [digest(number) for number in (5, 900, 1499)]}
IDS = {"ids": [5, 900, 1499]}
MOMENTS = {"real": NOW, "town": NOW, "patience": NOW, "most": 100, "account": "citizen"}

QUESTIONS: dict[str, tuple[Executable, dict[str, Any], str, str]] = {
    "what is in the inbox": (talk.SEEN, KEYS, "inbox", "key_hash"),
    "who wrote": (people.BY_HASH, KEYS, "addresses", "key_hash"),
    "where they stand": (people.TALKS, IDS, "conversations", "address_id"),
    "what is quoted": (talk.QUOTED, KEYS, "outbox_parts", "external_hash"),
    "what was offered": (talk.OFFERS, IDS, "outbox", "id"),
    "what is due": (due.DUE, {"now": NOW, "most": 200}, "deadlines", "due_at"),
    "what was missed": (due.MARKS, {"now": NOW, "most": 500}, "deadlines", "due_at"),
    "what is due next": (due.NEXT, {}, "deadlines", "due_at"),
    "what waits to be sent": (talk.READY, MOMENTS, "outbox", "account"),
    "the own cases": (cases.OF_REPORTER, {"person": 7}, "tickets", "reporter_id"),
    "a case by its number": (cases.BY_NUMBER, {"number": "TGP-26-000007"}, "tickets", "number"),
    "the messages of a case": (cases.MESSAGES, {"ticket": 7}, "messages", "ticket_id"),
    "who is kept from a case": (cases.EXCLUSIONS, {"ticket": 7}, "exclusions", "ticket_id"),
    "what a case missed": (cases.BREACHES, {"ticket": 7}, "breaches", "ticket_id"),
    "the steps of a case": (cases.DEADLINES, {"ticket": 7}, "deadlines", "ticket_id"),
    "the files of a case": (cases.FILES, {"ticket": 7}, "attachments", "ticket_id"),
    "the posts of a person": (people.HELD, {"person": 7, "today": date(2026, 9, 7)}, "holdings", "person_id"),
    "who reads for a post": (people.PRESENT, {"post": "P7", "today": date(2026, 9, 7)}, "holdings", "post_code"),
    "the files of a message": (cases.FILES_OF, {"ticket": 7, "message": 8}, "attachments", "ticket_id"),
    "the rows of a post's row": (talk.CHILDREN, {"parent": 7}, "outbox", "parent_id"),
    "the holders of a post": (people.HOLDERS, {"post": "P7", "today": date(2026, 9, 7)}, "holdings", "post_code"),
    "the next open cases": (recounts.OPEN_AFTER, {"after": 700, "most": 25}, "tickets", "id"),
    "the cases on a desk": (cases.desk_of(OFFICER, siantar(), ["routed"], ["DISDUKCAPIL"]), {}, "tickets", "unit_code"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_hot_questions_are_answered_by_an_index(connection: Connection, question: str) -> None:
    statement, parameters, table, column = QUESTIONS[question]
    plan = plan_of(connection, statement, parameters)
    if connection.dialect.name != "sqlite":
        assert f"Seq Scan on {table}" not in plan, plan
        assert "Index" in plan
        return
    lines = [line for line in plan.splitlines() if f" {table} " in f"{line} "]
    assert lines
    for line in lines:
        assert line.startswith(f"SEARCH {table} USING") or f"USING INDEX ix_{table}" in line, plan
        assert f"({column}" in line or f"INDEX ix_{table}" in line, plan
