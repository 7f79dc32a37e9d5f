"""The database's history: one line, there and back, and at its end what the models say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Connection, Engine, Integer, inspect, select, text
from sqlmodel import SQLModel

import storage.migrations
from storage.encryption import Unreadable, Vault
from storage.engine import make_engine
from storage.migrations import runner
from storage.plan import table_of
from storage.tables import Town
from tests.kit.databases import KEYS
from tests.migrations.schema import exact, meaning

FOLDER = Path(storage.migrations.__file__).parent


@pytest.fixture
def history() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    engine = make_engine(migrated_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = make_engine(empty_url)
    yield engine
    engine.dispose()


class TestTheFiles:
    def test_are_named_by_number_and_plain_words(self) -> None:
        names = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))
        assert names
        for number, name in enumerate(names, start=1):
            assert re.fullmatch(rf"{number:04d}(_[a-z]+)+\.py", name)

    def test_are_one_line(self, history: ScriptDirectory) -> None:
        revisions = list(history.walk_revisions())[::-1]
        assert history.get_bases() == ["0001"]
        assert len(history.get_heads()) == 1
        before = [None, *(script.revision for script in revisions)]
        assert [script.down_revision for script in revisions] == before[:-1]

    def test_have_the_number_of_their_name(self, history: ScriptDirectory) -> None:
        for script in history.walk_revisions():
            assert Path(script.path).name.startswith(f"{script.revision}_")

    def test_say_what_they_do(self, history: ScriptDirectory) -> None:
        assert all(script.doc.strip().endswith(".") for script in history.walk_revisions())

    def test_end_at_what_the_program_expects(self, history: ScriptDirectory) -> None:
        assert runner.newest() == history.get_current_head()


class TestUpAndDown:
    def test_up_down_up_leaves_the_same_schema(self, empty_url: str, empty: Engine) -> None:
        runner.upgrade(empty_url, KEYS)
        with empty.connect() as connection:
            first = exact(connection)
        runner.downgrade(empty_url)
        with empty.connect() as connection:
            assert exact(connection) == []
            assert inspect(connection).get_table_names() == ["alembic_version"]
            assert runner.current(connection) is None
        runner.upgrade(empty_url, KEYS)
        with empty.connect() as connection:
            assert len(first) > 100 or connection.dialect.name == "sqlite"
            assert exact(connection) == first
            assert runner.current(connection) == runner.newest()

    def test_each_step_can_be_taken_back_alone(self, empty_url: str, empty: Engine, history: ScriptDirectory) -> None:
        for script in list(history.walk_revisions())[::-1]:
            with empty.connect() as connection:
                before = meaning(connection)
            runner.upgrade(empty_url, KEYS, script.revision)
            runner.downgrade(empty_url, script.down_revision or "base")  # type: ignore[arg-type]
            with empty.connect() as connection:
                assert meaning(connection) == before
            runner.upgrade(empty_url, KEYS, script.revision)

    def test_again_changes_nothing(self, migrated_url: str, engine: Engine) -> None:
        with engine.connect() as connection:
            before = (exact(connection), connection.execute(select(table_of(Town))).one())
        runner.upgrade(migrated_url, KEYS)
        with engine.connect() as connection:
            assert (exact(connection), connection.execute(select(table_of(Town))).one()) == before

    def test_one_that_fails_leaves_nothing_half_made(self, empty_url: str, empty: Engine) -> None:
        with empty.begin() as connection:
            connection.execute(text("CREATE TABLE outbox (mine INTEGER)"))
        with pytest.raises(Exception, match="outbox"):
            runner.upgrade(empty_url, KEYS)
        with empty.connect() as connection:
            assert inspect(connection).get_table_names() == ["outbox"]


class TestTheKeys:
    def test_the_first_migration_without_keys_says_what_is_missing(self, empty_url: str, empty: Engine) -> None:
        with pytest.raises(ValueError, match=r"^The first migration needs TANGGAP_ENCRYPTION_KEYS"):
            runner.upgrade(empty_url, ())
        with empty.connect() as connection:
            assert inspect(connection).get_table_names() == []

    def test_the_lookup_key_is_wrapped_by_the_first_key(self, connection: Connection) -> None:
        wrapped = connection.execute(select(table_of(Town).c.lookup_key)).scalar_one()
        assert Vault.unwrap(KEYS, wrapped).hash("purpose", "", "", "value")
        with pytest.raises(Unreadable):
            Vault.unwrap((bytes(32),), wrapped)

    def test_no_two_towns_share_one(self, connection: Connection, empty_url: str, empty: Engine) -> None:
        runner.upgrade(empty_url, KEYS)
        with empty.connect() as other:
            here, there = (c.execute(select(table_of(Town))).one() for c in (connection, other))
        assert here.instance != there.instance
        vaults = [Vault.unwrap(KEYS, town.lookup_key) for town in (here, there)]
        assert len({vault.hash("purpose", "", "", "value") for vault in vaults}) == 2


class TestTheModels:
    def test_say_what_the_migrations_made(self, connection: Connection) -> None:
        assert runner.differences(connection) == []

    def test_made_directly_give_the_same_schema(self, connection: Connection, empty: Engine) -> None:
        """`differences` overlooks, for one, the condition of a partial index."""
        with empty.begin() as fresh:
            SQLModel.metadata.create_all(fresh)
        with empty.connect() as fresh:
            assert meaning(fresh) == meaning(connection)

    @pytest.mark.parametrize(
        "change",
        [
            "ALTER TABLE people ADD COLUMN shoe_size INTEGER",
            "DROP INDEX ix_tickets_desk",
            "CREATE TABLE extra (id BIGINT)",
            "ALTER TABLE erasures DROP COLUMN kind",
        ],
    )
    def test_that_differ_are_noticed(self, engine: Engine, change: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(change))
        with engine.connect() as connection:
            assert len(runner.differences(connection)) == 1


class TestTheColumns:
    def test_ids_and_references_are_made_by_the_program_and_have_64_bits(self) -> None:
        """A plain `int` would be a 32-bit SERIAL on PostgreSQL. The town's own row is number 1."""
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Integer) and (column.primary_key or column.foreign_keys):
                    assert column.autoincrement is False or column.foreign_keys
                    assert isinstance(column.type, BigInteger) or table.name == "town"

    @pytest.mark.parametrize("dialect", ["postgres"])
    def test_on_postgresql_ids_and_references_are_bigint_without_a_sequence(self, connection: Connection) -> None:
        inspector = inspect(connection)
        numbers = {}
        for table in SQLModel.metadata.sorted_tables:
            linked = {name for key in inspector.get_foreign_keys(table.name) for name in key["constrained_columns"]}
            linked |= set(inspector.get_pk_constraint(table.name)["constrained_columns"])
            for column in inspector.get_columns(table.name):
                if column["name"] in linked or column["name"].endswith("_id"):
                    numbers[table.name, column["name"]] = str(column["type"])
                assert "nextval" not in (column["default"] or "")
        others = {place: kind for place, kind in numbers.items() if kind != "BIGINT"}
        assert {place: kind for place, kind in others.items() if kind not in ("VARCHAR", "BYTEA")} == {
            ("town", "id"): "INTEGER"
        }
        assert len(numbers) - len(others) >= 40
        assert connection.execute(text("SELECT count(*) FROM pg_sequences")).scalar_one() == 0

    @pytest.mark.parametrize("dialect", ["postgres"])
    def test_on_postgresql_json_is_jsonb_moments_have_a_zone_and_secrets_are_bytes(
        self, connection: Connection
    ) -> None:
        kinds: dict[str, set[tuple[str, str]]] = {}
        for row in connection.execute(
            text(
                "SELECT table_name, column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name <> 'alembic_version'"
            )
        ):
            kinds.setdefault(row.data_type, set()).add((row.table_name, row.column_name))
        assert kinds["jsonb"] == {
            ("outbox", "choices"), ("work", "subject"), ("tickets", "conduct"), ("tickets", "terms"),
            ("overrides", "value"),
        }  # fmt: skip
        assert kinds.keys() == {
            "bigint", "integer", "boolean", "bytea", "character varying", "date", "jsonb", "timestamp with time zone",
        }  # fmt: skip
        sealed = {
            (table.name, column.name)
            for table in SQLModel.metadata.sorted_tables
            for column in table.columns
            if column.name.endswith(("_sealed", "_hash"))
        }
        assert sealed <= kinds["bytea"]
        assert len(sealed) >= 15
