"""What is read once for many due steps is what each would have read alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, String, cast, event, select

from domain.vocabulary import Kind
from handlers.actions import groups
from handlers.actions.batching import foresee
from handlers.actions.climbing import reachable
from handlers.actions.schedule import late_steps
from handlers.session import Session
from storage.plan import Plan, Record, table_of
from storage.queries import cases, people
from storage.source import Source
from storage.tables import Address, Deadline, ExclusionRow, Group, Holding, Leave, Outbox, Person, Ticket
from tests.transaction.hall import REGISTRY, REGISTRY_DESK, REGISTRY_HEAD, Hall

NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)


def somebody(session: Session, *posts: str, account: str = "staff", ends: int | None = None) -> int:
    """A person with a chat, who holds posts since last week; `ends`: for so many more days."""
    person = session.add(Person, language="id", created_at=NOW)
    key = {"key_hash": person.id.to_bytes(16, "big"), "created_at": NOW}
    session.add(Address, person_id=person.id, channel="phone", account=account, **key)
    last = session.today + timedelta(days=ends) if ends is not None else None
    for post in posts:
        starts = session.today - timedelta(days=7)
        session.add(Holding, person_id=person.id, post_code=post, starts_on=starts, ends_on=last, created_at=NOW)
    return int(person.id)


def people_them(session: Session) -> None:
    """An officer who is away with a substitute, a second one, one whose time is over, an acting head, a group."""
    away = somebody(session, REGISTRY_DESK)
    stands_in = somebody(session, REGISTRY_HEAD)
    somebody(session, REGISTRY_DESK, "KABAG-ORGANISASI")
    somebody(session, REGISTRY_DESK, ends=-1)
    silent = session.add(Person, language="id", created_at=NOW)
    session.add(Holding, person_id=silent.id, post_code="SEKDA", starts_on=session.today, created_at=NOW)
    on = {"starts_on": session.today, "ends_on": session.today, "created_at": NOW}
    session.add(Leave, person_id=away, substitute_id=stands_in, **on)
    nobody = session.add(Person, language="id", created_at=NOW)
    key = {"key_hash": b"group", "created_at": NOW}
    address = session.add(Address, person_id=nobody.id, channel="phone", account="staff", **key)
    session.add(Group, unit_code=REGISTRY, address_id=address.id, created_at=NOW)


def due_step(session: Session, number: int, step: str, told: str | None = None) -> tuple[Record, Record]:
    case = {"kind": str(Kind.COMPLAINT), "state": "routed", "identity": "open", "desk": "officers"}
    case |= {"unit_code": REGISTRY, "language": "id", "channel": "phone", "number": f"D-{number}"}
    ticket = session.add(Ticket, **case, received_at=NOW, binding_by=NOW)
    target = "office_head" if told else "officer"
    kept = {"clock": "binding", "cycle": 1, "target": target, "due_at": NOW}
    if told:
        session.add(Deadline, ticket_id=ticket.id, step="due_unit_head", state="done", post_code=told, **kept)
    return ticket, session.add(Deadline, ticket_id=ticket.id, step=step, **kept)


@pytest.fixture
def session(hall: Hall) -> Iterator[Session]:
    """A town that can be read, in a transaction that is taken back."""
    with hall.engine.connect() as connection:
        moment = hall.house.clock.read(connection)
        session = Session(Plan(connection), hall.vault, hall.house.region, moment, Source(), hall.house.rules)
        people_them(session)
        yield session
        connection.rollback()


def asked(connection: Connection) -> list[str]:
    """Every statement from now on."""
    seen: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *told: seen.append(told[2]))
    return seen


def test_what_is_foreseen_is_what_each_would_have_read_alone(session: Session) -> None:
    steps = [due_step(session, 1, "due_officer"), due_step(session, 2, "late_office_head", told=REGISTRY_HEAD)]
    (excluding, _), (late, _) = steps
    session.add(ExclusionRow, ticket_id=excluding.id, post_code="SEKDA", reason="named", at=NOW)
    session.plan.close()
    posts = sorted({REGISTRY_DESK, REGISTRY_HEAD, "KABAG-ORGANISASI", "SEKDA"})
    today = {"today": session.today}
    alone = Plan(session.plan.connection)
    present = {post: alone.rows(people.PRESENT, {"post": post, **today}) for post in posts}
    persons = sorted({row.person_id for rows in present.values() for row in rows})
    questions: list[tuple[Executable, dict[str, Any]]] = [
        *((people.PRESENT, {"post": post, **today}) for post in posts),
        *((people.HELD, {"person": person, **today}) for person in persons),
        *((people.ADDRESSES_OF, {"person": person, "account": "staff"}) for person in persons),
        (people.GROUPS_OF, {"unit": REGISTRY}),
        (people.ACTING, today),
        *((cases.EXCLUSIONS, {"ticket": ticket.id}) for ticket, _ in steps),
        (cases.STEPS, {"ticket": late.id, "late": late_steps(session.region)}),
    ]
    expected = [_said(alone, *question) for question in questions]
    assert [len(present[post]) for post in posts] == [1, 1, 2, 1], "the town is not as it was meant"
    foresee(session, steps)
    statements = asked(session.plan.connection)
    assert [_said(session.plan, *question) for question in questions] == expected
    assert statements == []
    assert sum(map(bool, expected)) > len(posts) + len(persons)


def _said(plan: Plan, statement: Executable, parameters: dict[str, Any]) -> list[Any]:
    """The columns that somebody reads; who asked for all of one person need not be told whose they are."""
    unread = {"person_id"} if statement is people.HELD else {"post_code"} if statement is people.PRESENT else set()
    rows = plan.rows(statement, parameters)
    return [{name: value for name, value in row._mapping.items() if name not in unread} for row in rows]


def test_what_was_foreseen_is_read_anew_once_something_is_written(session: Session) -> None:
    ticket, step = due_step(session, 1, "due_officer")
    session.plan.close()
    foresee(session, [(ticket, step)])
    before = session.present_of(REGISTRY_DESK)
    somebody(session, REGISTRY_DESK)
    session.plan.mark()
    assert len(session.present_of(REGISTRY_DESK)) == len(before) + 1


def test_each_case_rings_once_for_one_moment_and_no_bell_asks_on_its_own(session: Session) -> None:
    steps = [due_step(session, number, "due_officer") for number in range(3)]
    groups.bell(session, steps[0][0], groups.at(session.now))
    session.plan.close()  # an earlier batch of the same moment has rung for the first case
    foresee(session, steps)
    statements = asked(session.plan.connection)
    for ticket, _ in (*steps, *steps):
        groups.bell(session, ticket, groups.at(session.now))
    assert statements == []
    rung = sorted(row.ticket_id for row in session.plan.records(Outbox) if row.page == groups.BELL)
    assert rung == sorted(ticket.id for ticket, _ in steps)


class TestOfABatch:
    """Whom a step reaches is asked once for all cases of a desk, but for those that are not like the others."""

    @pytest.fixture
    def cases_of_a_desk(self, session: Session) -> list[tuple[Record, Record]]:
        steps = [due_step(session, number, "due_officer") for number in range(4)]
        session.plan.close()
        return steps

    def reached(self, session: Session, steps: list[tuple[Record, Record]]) -> list[str | None]:
        return [reachable(session, ticket, "officer") for ticket, _ in steps]

    def test_all_are_told_what_each_would_be_told(
        self, session: Session, cases_of_a_desk: list[tuple[Record, Record]]
    ) -> None:
        excluding = cases_of_a_desk[1][0]
        session.add(ExclusionRow, ticket_id=excluding.id, post_code=REGISTRY_DESK, reason="named", at=NOW)
        session.plan.close()
        alone = self.reached(session, cases_of_a_desk)
        assert [post == REGISTRY_DESK for post in alone] == [True, False, True, True]
        foresee(session, cases_of_a_desk)
        assert self.reached(session, cases_of_a_desk) == alone

    def test_what_a_step_of_the_batch_excludes_is_excluded(
        self, session: Session, cases_of_a_desk: list[tuple[Record, Record]]
    ) -> None:
        foresee(session, cases_of_a_desk)
        assert set(self.reached(session, cases_of_a_desk)) == {REGISTRY_DESK}
        excluding = cases_of_a_desk[2][0]
        session.add(ExclusionRow, ticket_id=excluding.id, post_code=REGISTRY_DESK, reason="named", at=NOW)
        assert [post == REGISTRY_DESK for post in self.reached(session, cases_of_a_desk)] == [True, True, False, True]

    def test_a_case_that_was_not_foreseen_keeps_its_exclusions(
        self, session: Session, cases_of_a_desk: list[tuple[Record, Record]]
    ) -> None:
        late = cases_of_a_desk[3][0]
        session.add(ExclusionRow, ticket_id=late.id, post_code=REGISTRY_DESK, reason="named", at=NOW)
        session.plan.close()
        plan = Plan(session.plan.connection)
        session.plan = plan
        foresee(session, cases_of_a_desk[:3])
        assert [post == REGISTRY_DESK for post in self.reached(session, cases_of_a_desk)] == [True, True, True, False]

    def test_an_officer_who_is_a_citizen_changes_nothing_for_the_others(
        self, session: Session, cases_of_a_desk: list[tuple[Record, Record]]
    ) -> None:
        """May everything with an own case, but is told of no other that keeps the officer out."""
        own, other = cases_of_a_desk[0][0], cases_of_a_desk[1][0]
        own.identity = other.identity = "anonymous"
        (own.reporter_id,) = session.present_of(REGISTRY_HEAD)[:1]
        session.plan.close()
        alone = self.reached(session, cases_of_a_desk)
        foresee(session, cases_of_a_desk)
        assert self.reached(session, cases_of_a_desk) == alone


def test_a_large_insert_leaves_out_what_is_empty_and_the_rows_are_the_same(session: Session) -> None:
    """Emptiness is a value in JSON, which a small insert writes too."""
    for number in range(80):
        due_step(session, number, "due_officer")
    session.plan.close()
    connection = session.plan.connection
    few = due_step(session, 100, "due_officer")[0]
    session.plan.close()
    rows = [row for row in connection.execute(select(table_of(Ticket))) if row.number in ("D-7", few.number)]
    one, other = ({**row._mapping, "id": 0, "number": ""} for row in rows)
    assert one == other
    empty = table_of(Ticket).c.conduct
    stored = connection.execute(select(table_of(Ticket).c.id).where(cast(empty, String) == "null"))
    assert len(stored.all()) == 81
