"""Plan-then-write: what a transaction reads and writes, held in memory until one executemany per table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event, func, insert, select

from domain.vocabulary import Actor, Held, Role
from storage.plan import Plan, Record, table_of
from storage.queries.cases import desk_of
from storage.tables import Address, Beat, Conversation, ExclusionRow, Message, Person, Ticket
from tests.transaction.hall import REGISTRY, REGISTRY_DESK, Hall, siantar

NOW = datetime(2026, 9, 7, 2, 0, tzinfo=UTC)
beats = table_of(Beat)
BEATS = select(beats).order_by(beats.c.name)
PEOPLE = select(table_of(Person))


def ticket(plan: Plan, key: int, **more: Any) -> Record:
    values = {"number": f"TGP-26-{key:06d}", "kind": "complaint", "state": "routed", "identity": "open"}
    values |= {"desk": "officers", "unit_code": REGISTRY, "language": "id", "channel": "phone"}
    return plan.add(Ticket, id=key, **values, received_at=NOW, **more)


def stored(connection: Connection) -> dict[str, tuple[int, str | None]]:
    return {row.name: (row.runs, row.last_error) for row in connection.execute(BEATS)}


@pytest.fixture
def connection(hall: Hall) -> Iterator[Connection]:
    """A transaction that is taken back after the test."""
    with hall.engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def plan(connection: Connection) -> Plan:
    connection.execute(insert(beats), [{"name": name, "runs": 0} for name in ("a", "b", "c", "d")])
    return Plan(connection)


@contextmanager
def written(connection: Connection) -> Iterator[list[str]]:
    """The statements that write, in order, as "INSERT people" or "UPDATE tickets state,version"."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, many: bool) -> None:
        words = statement.replace(",", "").split()
        if words[0] == "INSERT":
            seen.append(f"INSERT {words[2]}")
        if words[0] == "UPDATE":
            columns = re.findall(r"(\w+) ?=", statement.partition("WHERE")[0])
            seen.append(f"UPDATE {words[1]} {','.join(columns)}")

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


class TestTheIdentityMap:
    def test_one_row_is_one_record_however_it_is_read(self, plan: Plan) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        assert plan.fetch(Beat, BEATS)[0] is record
        assert plan.known(Beat, "a") is record
        assert plan.locked(Beat, "a") is record

    def test_a_second_reader_sees_a_change_without_a_round_trip(self, plan: Plan, connection: Connection) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        with written(connection) as statements:
            record.runs = 7
            again = plan.one(Beat, "a")
        assert again is not None
        assert again.runs == 7
        assert statements == []

    def test_what_is_in_memory_is_newer_than_what_is_read(self, plan: Plan) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        record.runs = 7
        assert plan.fetch(Beat, BEATS)[0].runs == 7

    def test_a_planned_row_is_known_before_it_is_written(self, plan: Plan) -> None:
        added = plan.add(Beat, name="new")
        assert plan.one(Beat, "new") is added
        assert added in plan.records(Beat)
        assert added.runs == 0

    def test_a_row_that_is_not_there_is_none(self, plan: Plan) -> None:
        assert plan.one(Beat, "nowhere") is None
        assert plan.locked(Beat, "nowhere") is None
        assert plan.known(Beat, "nowhere") is None

    def test_a_column_that_is_not_there_is_an_error(self, plan: Plan) -> None:
        record = plan.add(Beat, name="new")
        with pytest.raises(AttributeError, match="speed"):
            _ = record.speed
        with pytest.raises(KeyError):
            record.speed = 3


class TestWriting:
    def test_nothing_is_written_where_nothing_changed(self, plan: Plan, connection: Connection) -> None:
        with written(connection) as statements:
            for record in plan.fetch(Beat, BEATS):
                record.runs = 0
            assert plan.close() == []
        assert statements == []

    def test_only_the_changed_columns_are_written(self, plan: Plan, connection: Connection) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        with written(connection) as statements:
            record.runs = 3
            plan.close()
        assert statements == ["UPDATE beats runs"]
        assert stored(connection)["a"] == (3, None)

    def test_rows_with_the_same_changed_columns_share_one_statement(self, plan: Plan, connection: Connection) -> None:
        a, b, c, d = plan.fetch(Beat, BEATS)
        with written(connection) as statements:
            for record in (d, a, b):
                record.runs = 5
            c.runs, c.last_error = 6, "late"
            b.last_error = "late"
            plan.close()
        assert sorted(statements) == ["UPDATE beats last_error,runs", "UPDATE beats runs"]
        assert stored(connection) == {"a": (5, None), "b": (5, "late"), "c": (6, "late"), "d": (5, None)}

    def test_a_new_row_that_changes_is_written_once_and_whole(self, plan: Plan, connection: Connection) -> None:
        with written(connection) as statements:
            plan.add(Beat, name="new").runs = 4
            added = plan.close()
        assert statements == ["INSERT beats"]
        assert [record.name for record in added] == ["new"]
        assert stored(connection)["new"] == (4, None)

    def test_parents_are_written_before_children_whatever_the_order_of_planning(
        self, plan: Plan, connection: Connection
    ) -> None:
        with written(connection) as statements:
            plan.add(Message, id=4, ticket_id=3, seq=1, author="citizen", kind="story", town_at=NOW, real_at=NOW)
            plan.add(Conversation, id=5, address_id=2, touched_at=NOW)
            ticket(plan, 3, reporter_id=1, address_id=2)
            plan.add(Address, id=2, person_id=1, channel="phone", account="citizen", key_hash=b"x", created_at=NOW)
            plan.add(Person, id=1, created_at=NOW)
            plan.close()
        order = [statement.removeprefix("INSERT ") for statement in statements]
        assert sorted(order) == ["addresses", "conversations", "messages", "people", "tickets"]
        assert order.index("people") < order.index("addresses") < order.index("tickets") < order.index("messages")

    def test_many_rows_of_a_table_are_one_statement(self, plan: Plan, connection: Connection) -> None:
        with written(connection) as statements:
            for key in range(20):
                plan.add(Person, id=key + 1, created_at=NOW)
            plan.close()
        assert statements == ["INSERT people"]


class TestReadingWhatIsPending:
    def test_a_read_that_could_see_pending_rows_writes_them_first(self, plan: Plan) -> None:
        plan.add(Beat, name="new", runs=9)
        plan.mark()
        assert [row.name for row in plan.rows(BEATS)] == ["a", "b", "c", "d", "new"]

    def test_a_read_of_another_table_writes_nothing(self, plan: Plan, connection: Connection) -> None:
        plan.add(Beat, name="new")
        plan.mark()
        with written(connection) as statements:
            plan.rows(PEOPLE)
        assert statements == []

    def test_what_was_written_for_a_read_is_not_written_again(self, plan: Plan, connection: Connection) -> None:
        record = plan.add(Beat, name="new")
        plan.mark()
        plan.rows(BEATS)
        record.runs = 2
        with written(connection) as statements:
            added = plan.close()
        assert statements == ["UPDATE beats runs"]
        assert added == [record]

    def test_a_pending_exclusion_keeps_a_case_off_a_desk(self, plan: Plan) -> None:
        officer = Actor(person=1, held=(Held(REGISTRY_DESK, REGISTRY, Role.OFFICER),))
        ticket(plan, 3)
        plan.mark()
        assert [row.id for row in plan.rows(desk_of(officer, siantar(), ["routed"], [REGISTRY]))] == [3]
        plan.add(ExclusionRow, id=4, ticket_id=3, unit_code=REGISTRY, reason="reported", at=NOW)
        plan.mark()
        assert plan.rows(desk_of(officer, siantar(), ["routed"], [REGISTRY])) == []

    def test_a_child_read_writes_its_pending_parent_too(self, plan: Plan, connection: Connection) -> None:
        ticket(plan, 3)
        plan.add(Message, id=4, ticket_id=3, seq=1, author="citizen", kind="story", town_at=NOW, real_at=NOW)
        plan.mark()
        with written(connection) as statements:
            assert len(plan.rows(select(table_of(Message)))) == 1
        assert statements == ["INSERT tickets", "INSERT messages"]


class TestAStepThatFails:
    def test_its_new_rows_and_changes_are_forgotten(self, plan: Plan, connection: Connection) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        mark = plan.mark()
        record.runs = 5
        plan.add(Beat, name="new")
        plan.rollback(mark)
        assert record.runs == 0
        assert plan.known(Beat, "new") is None
        with written(connection) as statements:
            assert plan.close() == []
        assert statements == []

    def test_what_the_step_before_it_did_stays(self, plan: Plan, connection: Connection) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        record.runs = 1
        mark = plan.mark()
        record.runs, record.last_error = 2, "no"
        plan.rollback(mark)
        plan.close()
        assert stored(connection)["a"] == (1, None)

    def test_a_read_in_between_shows_and_leaves_nothing_of_it(self, plan: Plan, connection: Connection) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        record.runs = 1
        mark = plan.mark()
        record.runs, record.last_error = 2, "no"
        plan.add(Beat, name="new")
        assert next((row.name, row.runs, row.last_error) for row in plan.rows(BEATS)) == ("a", 1, None)
        plan.rollback(mark)
        plan.close()
        assert stored(connection) == {"a": (1, None), "b": (0, None), "c": (0, None), "d": (0, None)}

    def test_a_value_that_an_earlier_read_has_written_is_restored(self, plan: Plan, connection: Connection) -> None:
        record = plan.one(Beat, "a")
        assert record is not None
        outer = plan.mark()
        record.runs = 5
        plan.mark()
        plan.rows(BEATS)
        assert stored(connection)["a"] == (5, None)
        plan.rollback(outer)
        plan.close()
        assert stored(connection)["a"] == (0, None)

    def test_an_old_row_never_points_at_a_new_one_that_is_not_written_yet(
        self, plan: Plan, connection: Connection
    ) -> None:
        """A read in the middle of a step writes finished steps only: what they left, not what this step made of it."""
        plan.add(Person, id=1, created_at=NOW)
        case = ticket(plan, 3)
        plan.mark()
        plan.add(Person, id=2, created_at=NOW)
        case.taken_by = 2
        assert plan.rows(select(table_of(Ticket)))[0].taken_by is None
        plan.close()
        assert plan.rows(select(table_of(Ticket)))[0].taken_by == 2


NAMES = st.sampled_from(["a", "b", "c", "d", "new", "newer"])
CHANGE = st.tuples(st.just("change"), NAMES, st.sampled_from(["runs", "last_error"]), st.integers(0, 2))
ADD = st.tuples(st.just("add"), NAMES, st.just(""), st.integers(0, 2))
READ = st.tuples(st.just("read"), NAMES, st.just(""), st.just(0))
STEP = st.tuples(st.lists(st.one_of(CHANGE, CHANGE, ADD, READ), max_size=5), st.booleans())


def value(column: str, number: int) -> Any:
    return number if column == "runs" else (f"e{number}" if number else None)


class Simple:
    """What a plan should do, written as plainly as can be: copies of dictionaries."""

    def __init__(self, rows: dict[str, dict[str, Any]]) -> None:
        self.finished = rows
        self.current = rows

    def begin(self) -> None:
        self.current = {name: dict(row) for name, row in self.finished.items()}

    def as_stored(self) -> dict[str, tuple[int, str | None]]:
        return {name: (row["runs"], row["last_error"]) for name, row in self.finished.items()}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=6))
def test_a_plan_does_what_copies_of_dictionaries_would_do(
    hall: Hall, steps: list[tuple[list[tuple[str, str, str, int]], bool]]
) -> None:
    with hall.engine.connect() as connection:
        connection.execute(insert(beats), [{"name": name, "runs": 0} for name in ("a", "b", "c", "d")])
        plan = Plan(connection)
        model = Simple({name: {"runs": 0, "last_error": None} for name in ("a", "b", "c", "d")})
        for work, fails in steps:
            mark = plan.mark()
            model.begin()
            for what, name, column, number in work:
                record = plan.one(Beat, name)
                assert (record is None) == (name not in model.current)
                if what == "add" and record is None:
                    plan.add(Beat, name=name, runs=number)
                    model.current[name] = {"runs": number, "last_error": None}
                elif what == "change" and record is not None:
                    setattr(record, column, value(column, number))
                    model.current[name][column] = value(column, number)
                elif what == "read":
                    plan.rows(BEATS)
                    assert stored(connection) == model.as_stored()
            if fails:
                plan.rollback(mark)
            else:
                model.finished = model.current
        plan.close()
        assert stored(connection) == model.as_stored()
        connection.rollback()


def test_the_statements_of_lists_do_not_pile_up_in_memory(plan: Plan) -> None:
    """A list for one actor is a statement of its own: remembering each for ever would be a leak."""
    from storage import plan as module

    for person in range(600):
        plan.rows(select(func.count()).select_from(beats).where(beats.c.runs == person))
    assert module._names_in.cache_info().currsize < 600


@contextmanager
def reads(connection: Connection) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def locked_in_part(connection: Connection, *columns: str) -> tuple[Plan, Record]:
    """A case that the database has, locked with only these of its columns."""
    first = Plan(connection)
    ticket(first, 7, matter_code="ktp", refusals=2)
    first.close()
    plan = Plan(connection)
    plan.lock_all(Ticket, [7], ("id", *columns))
    record = plan.known(Ticket, 7)
    assert record is not None
    return plan, record


def test_of_a_case_that_was_read_in_part_the_rest_is_read_once_when_it_is_asked_for(connection: Connection) -> None:
    _, record = locked_in_part(connection, "state", "version")
    with reads(connection) as seen:
        assert (record.state, record.version) == ("routed", 1)
        assert not seen
        assert (record.matter_code, record.received_at, record.refusals) == ("ktp", NOW, 2)
        assert len(seen) == 1
    with pytest.raises(AttributeError):
        record.no_such_column  # noqa: B018


def test_all_values_of_a_case_that_was_read_in_part_are_those_of_one_read_whole(connection: Connection) -> None:
    _, record = locked_in_part(connection, "state")
    whole = Plan(connection).one(Ticket, 7)
    assert whole is not None
    assert record.values == whole.values


def test_what_was_changed_of_a_case_that_was_read_in_part_stays_when_the_rest_is_read(connection: Connection) -> None:
    plan, record = locked_in_part(connection, "state")
    record.state = "accepted"
    mark = plan.mark()
    record.refusals = 3  # a column that was not read
    plan.rollback(mark)
    assert (record.state, record.refusals) == ("accepted", 2)
    record.version = 2
    with written(connection) as seen:
        plan.close()
    assert seen == ["UPDATE tickets state,version"]
    assert record.values["matter_code"] == "ktp"


def test_a_case_that_was_read_before_its_lock_is_read_whole_again(connection: Connection) -> None:
    plan, _ = locked_in_part(connection, "state")
    other = Plan(connection)
    other._writes_alone = False  # as where others write too
    record = other.one(Ticket, 7)
    assert record is not None
    connection.execute(table_of(Ticket).update().values(outcome="handled"))
    other.lock_all(Ticket, [7], ("id", "state"))
    assert record.outcome == "handled"
    assert plan.known(Ticket, 7) is not None
