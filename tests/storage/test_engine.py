from __future__ import annotations

import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Executable,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session, UTCDateTime

from storage import engine as engine_module
from storage.engine import is_busy, is_lost, is_retryable, make_engine, real_now
from tests.kit import databases as databases_module
from tests.kit.databases import Databases, PostgresServer, Prepare

metadata = MetaData()
rows = Table(
    "rows",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UTCDateTime(), nullable=True),
    Column("data", LargeBinary, nullable=True),
)
ONE_MINUTE = timedelta(minutes=1)


def two_rows(url: str) -> None:
    engine = make_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(rows), [{"id": 1}, {"id": 2}])
    engine.dispose()


@pytest.fixture
def prepare() -> Prepare:
    return two_rows


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, pool_size=4)
    yield engine
    engine.dispose()


@pytest.fixture
def reader(database_url: str) -> Iterator[Engine]:
    reader = make_engine(database_url, read_only=True, pool_size=2)
    yield reader
    reader.dispose()


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(rows)).scalar_one()


def open_and_write(url: str) -> bool:
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS t (x)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    engine.dispose()
    return True


def write_and_fail(connection: Connection, statement: Executable) -> None:
    connection.execute(statement)
    connection.execute(insert(rows), {"id": 1})


only_sqlite = pytest.mark.parametrize("dialect", ["sqlite"])
only_postgres = pytest.mark.parametrize("dialect", ["postgres"])


class TestUrls:
    @pytest.mark.parametrize("url", ["", "nonsense", "mysql://root:geheim@db/x", "postgresql+:"])
    def test_an_unusable_url_is_refused_without_its_password(self, url: str) -> None:
        with pytest.raises(ValueError, match=r"^The database URL .*\.$") as caught:
            make_engine(url)
        assert "geheim" not in str(caught.value)

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"])
    def test_a_database_in_memory_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError, match="must name a file"):
            make_engine(url)

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_every_spelling_of_postgresql_means_psycopg(self, scheme: str) -> None:
        engine = make_engine(f"{scheme}://u:p@db.example/town?sslmode=require")
        assert engine.dialect.driver == "psycopg"
        assert engine.url.query == {"sslmode": "require"}

    def test_the_folder_of_the_file_is_made(self, tmp_path: Path) -> None:
        engine = make_engine(f"sqlite:///{tmp_path}/a/b/town.db")
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (x)"))
        engine.dispose()
        assert (tmp_path / "a/b/town.db").is_file()

    def test_many_processes_may_open_a_new_file_at_once(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        with context.Pool(4) as pool:
            for number in range(5):
                url = f"sqlite:///{tmp_path}/new{number}.db"
                assert pool.map(open_and_write, [url] * 8, chunksize=1) == [True] * 8


class TestTransactions:
    def test_what_is_committed_stays_and_what_fails_leaves_nothing(self, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(insert(rows), {"id": 3})
        with pytest.raises(IntegrityError), engine.begin() as connection:
            write_and_fail(connection, insert(rows).values(id=4))
        with engine.connect() as connection:
            assert count(connection) == 3

    def test_tables_made_in_a_failed_transaction_are_gone(self, engine: Engine) -> None:
        with pytest.raises(IntegrityError), engine.begin() as connection:
            write_and_fail(connection, text("CREATE TABLE half (x INTEGER)"))
        with engine.connect() as connection:
            assert not connection.dialect.has_table(connection, "half")

    def test_a_savepoint_takes_back_its_part_only(self, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(insert(rows), {"id": 3})
            with pytest.raises(IntegrityError), connection.begin_nested():
                write_and_fail(connection, insert(rows).values(id=4))
        with engine.connect() as connection:
            assert count(connection) == 3

    def test_a_session_works_too(self, engine: Engine) -> None:
        with Session(engine) as session:
            session.connection().execute(insert(rows), {"id": 3})
            session.commit()
        with engine.connect() as connection:
            assert count(connection) == 3

    def test_a_reader_sees_the_state_before_an_open_transaction(self, engine: Engine, reader: Engine) -> None:
        with engine.begin() as writing:
            writing.execute(insert(rows), {"id": 3})
            with reader.connect() as reading:
                assert count(reading) == 2
        with reader.connect() as reading:
            assert count(reading) == 3

    def test_a_reader_cannot_write(self, reader: Engine) -> None:
        with pytest.raises(DBAPIError, match=r"readonly|read-only") as caught, reader.begin() as connection:
            connection.execute(insert(rows), {"id": 3})
        assert not is_retryable(caught.value)

    def test_error_texts_keep_parameters_to_themselves(self, engine: Engine) -> None:
        with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
            connection.execute(insert(rows), {"id": 1, "data": b"rahasia"})
        assert "rahasia" not in str(caught.value)
        assert not is_retryable(caught.value)
        assert not is_lost(caught.value)


@only_sqlite
class TestSqlite:
    def test_each_connection_is_set_up(self, engine: Engine, reader: Engine) -> None:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
        for some_engine, query_only in ((engine, 0), (reader, 1)):
            with some_engine.connect() as connection:
                for name, value in {**wanted, "query_only": query_only}.items():
                    assert connection.execute(text(f"PRAGMA {name}")).scalar() == value, name

    def test_a_writer_holds_the_database_from_its_first_statement(self, engine: Engine, database_url: str) -> None:
        with engine.connect() as connection:
            count(connection)
            with (
                closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=0)) as other,
                pytest.raises(sqlite3.OperationalError, match="locked"),
            ):
                other.execute("BEGIN IMMEDIATE")

    def test_a_reader_holds_nobody_up(self, engine: Engine, reader: Engine) -> None:
        with reader.connect() as reading:
            count(reading)
            with engine.begin() as writing:
                writing.execute(insert(rows), {"id": 3})

    def test_a_busy_database_is_an_error_to_retry_and_the_connection_is_as_good_as_new(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine_module, "BUSY_TIMEOUT", timedelta(milliseconds=50))
        engine, other = make_engine(database_url), make_engine(database_url)
        with engine.connect() as connection:
            with other.begin() as holding:
                holding.execute(insert(rows), {"id": 3})
                with pytest.raises(OperationalError) as caught:
                    count(connection)
            assert is_busy(caught.value)
            assert is_retryable(caught.value)
            assert not is_lost(caught.value)

            connection.execute(insert(rows), {"id": 4})
            connection.rollback()
            assert count(connection) == 3
        engine.dispose()
        other.dispose()

    def test_a_waiting_writer_gets_its_turn(self, engine: Engine) -> None:
        def write(number: int) -> None:
            with engine.begin() as connection:
                connection.execute(insert(rows), {"id": number})
                time.sleep(0.01)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(3, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with engine.connect() as connection:
            assert count(connection) == 8

    def test_a_statement_outside_transactions_takes_the_raw_connection(self, engine: Engine) -> None:
        raw = engine.raw_connection()
        raw.cursor().execute("VACUUM")
        raw.close()

    def test_a_full_disk_and_a_broken_file_are_lost_databases(self, engine: Engine, database_url: str) -> None:
        with engine.connect() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar()
            connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            with pytest.raises(DBAPIError) as full:
                connection.execute(insert(rows), {"id": 9, "data": bytes(100_000)})
        assert is_lost(full.value)
        assert not is_retryable(full.value)

        engine.dispose()
        Path(database_url.removeprefix("sqlite:///")).write_bytes(b"no database at all" * 1000)
        with pytest.raises(DBAPIError) as broken, engine.connect() as connection:
            count(connection)
        assert is_lost(broken.value)


@only_postgres
class TestPostgres:
    def test_each_connection_is_set_up(self, engine: Engine, reader: Engine) -> None:
        wanted = {"transaction_isolation": "read committed", "timezone": "UTC", "fsync": "on"}
        for some_engine, name in ((engine, "tanggap"), (reader, "tanggap reader")):
            with some_engine.connect() as connection:
                for setting, value in {**wanted, "application_name": name}.items():
                    assert connection.execute(text(f"SHOW {setting}")).scalar() == value, setting

    def test_options_of_the_url_are_kept(self, database_url: str) -> None:
        engine = make_engine(database_url + "&options=-c%20statement_timeout%3D7s")
        with engine.connect() as connection:
            assert connection.execute(text("SHOW statement_timeout")).scalar() == "7s"
            assert connection.execute(text("SHOW timezone")).scalar() == "UTC"
        engine.dispose()

    def test_a_lock_refused_at_once_is_busy(self, engine: Engine) -> None:
        first = select(rows.c.id).where(rows.c.id == 1)
        with engine.begin() as holding, engine.connect() as asking:
            holding.execute(first.with_for_update())
            with pytest.raises(OperationalError) as caught:
                asking.execute(first.with_for_update(nowait=True))
        assert is_busy(caught.value)
        assert is_retryable(caught.value)
        assert not is_lost(caught.value)

    def test_a_real_deadlock_is_to_be_run_again(self, engine: Engine) -> None:
        errors: list[BaseException] = []
        both = threading.Barrier(2)

        def lock(first: int, second: int) -> None:
            try:
                with engine.begin() as connection:
                    connection.execute(update(rows).where(rows.c.id == first).values(data=b"x"))
                    both.wait()
                    connection.execute(update(rows).where(rows.c.id == second).values(data=b"x"))
            except DBAPIError as error:
                errors.append(error)

        threads = [threading.Thread(target=lock, args=order) for order in ((1, 2), (2, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (error,) = errors
        assert is_retryable(error)
        assert not is_busy(error)
        assert not is_lost(error)

    def test_a_serialization_failure_is_to_be_run_again(self, engine: Engine) -> None:
        change = update(rows).where(rows.c.id == 1).values(data=b"x")
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as late:
            count(late)
            with engine.begin() as early:
                early.execute(change)
            with pytest.raises(OperationalError) as caught:
                late.execute(change)
        assert is_retryable(caught.value)

    def test_a_cut_connection_is_lost_and_the_next_one_works(self, engine: Engine, postgres_url: str) -> None:
        with engine.connect() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
            with psycopg.connect(postgres_url, autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            with pytest.raises(OperationalError) as caught:
                count(connection)
        assert is_lost(caught.value)
        assert not is_retryable(caught.value)
        with engine.connect() as connection:
            assert count(connection) == 2

    def test_a_connection_cut_while_it_was_idle_is_replaced_unseen(self, engine: Engine, postgres_url: str) -> None:
        with engine.connect() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        with engine.connect() as connection:
            assert count(connection) == 2


class TestErrors:
    def test_other_errors_are_neither_busy_nor_lost(self) -> None:
        for error in (ValueError("x"), sqlite3.IntegrityError("x"), KeyError(1)):
            assert not is_retryable(error)
            assert not is_lost(error)

    @pytest.mark.parametrize(
        ("error", "lost"),
        [
            (psycopg.errors.DiskFull(), True),
            (psycopg.errors.AdminShutdown(), True),
            (psycopg.errors.CannotConnectNow(), True),
            (psycopg.errors.TooManyConnections(), True),
            (psycopg.errors.IoError(), True),
            (psycopg.errors.QueryCanceled(), False),
            (psycopg.errors.UniqueViolation(), False),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
    )
    def test_postgresql_states_are_sorted(self, error: psycopg.Error, lost: bool) -> None:
        assert is_lost(OperationalError("SELECT 1", {}, error)) == lost

    def test_a_server_that_is_not_there_is_lost(self, tmp_path: Path) -> None:
        engine = make_engine(f"postgresql://nobody@/none?host={tmp_path}")
        with pytest.raises(OperationalError) as caught, engine.connect():
            pass
        assert is_lost(caught.value)
        assert not is_retryable(caught.value)


class TestRealNow:
    def test_it_is_the_real_time_in_utc(self, engine: Engine) -> None:
        with engine.connect() as connection:
            now = connection.execute(select(real_now())).scalar_one()
        assert now.tzinfo is UTC
        assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)

    def test_it_is_moved_by_a_timedelta_in_both_directions(self, engine: Engine) -> None:
        moved = select(real_now(), real_now(timedelta(hours=25, milliseconds=500)), real_now(-ONE_MINUTE))
        with engine.connect() as connection:
            now, later, earlier = connection.execute(moved).one()
        assert later - now == pytest.approx(timedelta(hours=25, milliseconds=500), abs=timedelta(milliseconds=50))
        assert now - earlier == pytest.approx(ONE_MINUTE, abs=timedelta(milliseconds=50))

    def test_it_moves_on_within_a_transaction(self, engine: Engine) -> None:
        with engine.connect() as connection:
            before = connection.execute(select(real_now())).scalar_one()
            time.sleep(0.02)
            assert connection.execute(select(real_now())).scalar_one() - before >= timedelta(milliseconds=15)

    def test_it_is_stored_and_compared_like_any_moment(self, engine: Engine) -> None:
        passed = select(rows.c.id).where(rows.c.at <= real_now()).order_by(rows.c.id)
        with engine.begin() as connection:
            connection.execute(update(rows).where(rows.c.id == 1).values(at=datetime.now(UTC) - ONE_MINUTE))
            connection.execute(update(rows).where(rows.c.id == 2).values(at=datetime.now(UTC) + ONE_MINUTE))
            assert connection.execute(passed).scalars().all() == [1]
            connection.execute(update(rows).values(at=real_now()))
            time.sleep(0.01)
            assert connection.execute(passed).scalars().all() == [1, 2]

            stored = connection.execute(select(rows.c.at).where(rows.c.id == 1)).scalar_one()
            found = connection.execute(select(rows.c.id).where(rows.c.at == stored)).scalars().all()
        assert stored.tzinfo is UTC
        assert 1 in found

    @only_sqlite
    def test_sqlite_keeps_it_in_the_form_of_every_other_moment(self, engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(update(rows).where(rows.c.id == 1).values(at=real_now(timedelta(days=1))))
            connection.execute(update(rows).where(rows.c.id == 2).values(at=datetime.now(UTC)))
            ours, theirs = connection.execute(text("SELECT at FROM rows ORDER BY id")).scalars().all()
        shape = str.maketrans("123456789", "000000000")
        assert ours.translate(shape) == theirs.translate(shape) == "0000-00-00 00:00:00.000000"

    def test_a_statement_built_once_takes_its_seconds_as_a_parameter(self, engine: Engine) -> None:
        lease = update(rows).values(at=real_now(bindparam("seconds"))).where(rows.c.id == bindparam("row"))
        with engine.begin() as connection:
            connection.execute(lease, [{"row": 1, "seconds": 60}, {"row": 2, "seconds": 0.5}])
            now = connection.execute(select(real_now())).scalar_one()
            first, second = connection.execute(select(rows.c.at).order_by(rows.c.id)).scalars().all()
        assert first - now == pytest.approx(ONE_MINUTE, abs=timedelta(milliseconds=100))
        assert second - now == pytest.approx(timedelta(seconds=0.5), abs=timedelta(milliseconds=100))


class TestFixtures:
    def test_each_test_has_its_own_copy_of_what_was_prepared(
        self, new_database: Callable[[Prepare | None], str]
    ) -> None:
        for _ in range(2):
            engine = make_engine(new_database(two_rows))
            with engine.begin() as connection:
                assert count(connection) == 2
                connection.execute(insert(rows), {"id": 3})
            engine.dispose()

    def test_an_empty_database_has_no_table(self, empty_url: str) -> None:
        engine = make_engine(empty_url)
        with engine.connect() as connection:
            assert not connection.dialect.has_table(connection, "rows")
        engine.dispose()

    @pytest.mark.skipif(databases_module.roomy_memory() is None, reason="a disk may be slower")
    def test_a_copy_takes_less_than_150_milliseconds(self, databases: Databases, tmp_path: Path) -> None:
        databases.drop(databases.fresh("postgres", tmp_path, two_rows))
        times = []
        for _ in range(5):
            start = time.perf_counter()
            url = databases.fresh("postgres", tmp_path, two_rows)
            times.append(time.perf_counter() - start)
            databases.drop(url)
        assert min(times) < 0.15

    def test_a_server_that_does_not_start_says_why(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(databases_module._SETTINGS, "max_connections", "many")
        with pytest.raises(RuntimeError, match='invalid value for parameter "max_connections"'):
            PostgresServer()

    def test_the_server_is_gone_with_its_folder_when_it_is_stopped(self) -> None:
        server = PostgresServer()
        folder = Path(server.url("postgres").partition("host=")[2])
        assert folder.is_dir()
        server.stop()
        assert not folder.exists()
