"""The database's history: one line, up and down and up again, and the same as the models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select, text

import storage.migrations
from storage.encryption import Vault, WrongKey, new_key, parse_keys
from storage.engine import make_engine
from storage.migrations import runner
from storage.plan import table_of
from storage.tables import Town
from tests.kit.databases import KEYS

VERSIONS = Path(storage.migrations.__file__).parent / "versions"


def _shape(connection: Connection) -> dict[str, Any]:
    """Every table with its columns, keys and indexes, as the database says."""
    looked = inspect(connection)
    keys = looked.get_foreign_keys
    return {
        table: {
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in looked.get_columns(table)),
            "indexes": sorted(str((i["name"], i["column_names"], i["unique"])) for i in looked.get_indexes(table)),
            "unique": sorted(str(u["column_names"]) for u in looked.get_unique_constraints(table)),
            "refers": sorted(
                str((f["constrained_columns"], f["referred_table"])) for f in looked.get_foreign_keys(table)
            ),
        }
        for table in sorted(looked.get_table_names())
        if table != "alembic_version"
    }


def _looked_at(url: str) -> dict[str, Any]:
    engine = make_engine(url)
    with engine.connect() as connection:
        shape = _shape(connection)
    engine.dispose()
    return shape


def test_up_down_and_up_again_leaves_the_same_tables(empty_url: str) -> None:
    runner.upgrade(empty_url, KEYS)
    first = _looked_at(empty_url)
    assert len(first) > 20
    runner.downgrade(empty_url)
    assert _looked_at(empty_url) == {}
    runner.upgrade(empty_url, KEYS)
    assert _looked_at(empty_url) == first


def test_the_models_say_what_the_migrations_made(migrated_url: str) -> None:
    engine = make_engine(migrated_url)
    with engine.connect() as connection:
        assert runner.differences(connection) == []
    engine.dispose()


def test_the_history_is_one_line_and_its_files_say_in_plain_words_what_they_do() -> None:
    scripts = ScriptDirectory(str(VERSIONS.parent))
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    names = sorted(path.name for path in VERSIONS.glob("*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9]+(_[a-z0-9]+)*\.py", name) for name in names)
    assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]
    assert all((script.doc or "").strip() for script in scripts.walk_revisions())


def test_without_a_key_the_first_migration_says_what_it_needs_and_leaves_nothing(empty_url: str) -> None:
    with pytest.raises(ValueError, match="TANGGAP_ENCRYPTION_KEYS"):
        runner.upgrade(empty_url, ())
    if not empty_url.startswith("sqlite"):  # SQLite's driver commits each CREATE TABLE on its own
        assert _looked_at(empty_url) == {}


def test_the_lookup_key_opens_with_the_operators_key_alone(migrated_url: str) -> None:
    engine = make_engine(migrated_url)
    with engine.connect() as connection:
        wrapped = connection.execute(select(table_of(Town).c.lookup_key)).scalar_one()
    engine.dispose()
    assert Vault.unwrap(KEYS, wrapped).hash("people", "phone", "citizen", "1")
    with pytest.raises(WrongKey):
        Vault.unwrap(parse_keys(new_key()), wrapped)


def test_two_towns_have_different_names_and_lookup_keys(new_database: Any) -> None:
    rows = []
    for _ in range(2):
        url = new_database(None)
        runner.upgrade(url, KEYS)
        engine = make_engine(url)
        with engine.connect() as connection:
            rows.append(connection.execute(select(table_of(Town))).one())
        engine.dispose()
    assert rows[0].instance != rows[1].instance
    vaults = [Vault.unwrap(KEYS, row.lookup_key) for row in rows]
    assert vaults[0].hash("people", "phone", "citizen", "1") != vaults[1].hash("people", "phone", "citizen", "1")


@pytest.mark.parametrize("dialect", ["postgres"])
def test_on_postgres_ids_have_64_bits_json_is_binary_and_moments_know_their_zone(migrated_url: str) -> None:
    engine = make_engine(migrated_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "select table_name, column_name, data_type from information_schema.columns where table_schema='public'"
            )
        ).all()
    engine.dispose()
    kinds = {(table, column): kind for table, column, kind in rows if table != "alembic_version"}
    ids = {place: kind for place, kind in kinds.items() if place[1] == "id" or place[1].endswith("_id")}
    assert {kind for place, kind in ids.items() if place != ("town", "id")} == {"bigint"}
    assert "json" not in kinds.values()
    assert kinds["tickets", "conduct"] == kinds["outbox", "choices"] == "jsonb"
    assert not [place for place, kind in kinds.items() if kind == "timestamp without time zone"]


HOT = {
    "an event by its hash": ("select * from inbox where key_hash = :x", "inbox"),
    "an address by its hash": (
        "select * from addresses where channel = 'phone' and account = 'citizen' and key_hash = :x",
        "addresses",
    ),
    "a conversation by its address": ("select * from conversations where address_id = 1", "conversations"),
    "a ticket by its number": ("select * from tickets where number = 'TGP'", "tickets"),
    "the tickets of a citizen": ("select * from tickets where reporter_id = 1", "tickets"),
    "the tickets of a desk": ("select * from tickets where unit_code = 'X' and state = 'routed'", "tickets"),
    "the messages of a ticket": ("select * from messages where ticket_id = 1 order by seq", "messages"),
    "the steps of a ticket": ("select * from deadlines where ticket_id = 1", "deadlines"),
    "what is due": ("select * from deadlines where state = 'waiting' and due_at <= '2026-01-01'", "deadlines"),
    "what is queued": ("select * from outbox where state = 'queued' and account = 'citizen' order by id", "outbox"),
    "a page by its platform id": ("select * from outbox_parts where external_hash = :x", "outbox_parts"),
    "the trail of a ticket": ("select * from audit where ticket_id = 1 order by id", "audit"),
    "what the trail has not sealed": ("select * from audit where seq is null order by id", "audit"),
    "the holders of a post": ("select * from holdings where post_code = 'X'", "holdings"),
    "the exclusions of a ticket": ("select * from exclusions where ticket_id = 1", "exclusions"),
}


@pytest.mark.parametrize("what", HOT)
def test_what_runs_at_every_message_finds_its_rows_by_an_index(what: str, migrated_url: str) -> None:
    statement, table = HOT[what]
    engine = make_engine(migrated_url)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.execute(text(f"explain query plan {statement}"), {"x": b""} if ":x" in statement else {})
        else:
            connection.execute(text("set local enable_seqscan = off"))  # a table of no rows is always scanned
            plan = connection.execute(text(f"explain {statement}"), {"x": b""} if ":x" in statement else {})
        said = " ".join(str(part) for row in plan for part in row)
    engine.dispose()
    assert re.search(r"USING (COVERING )?INDEX|Index .*Scan|Bitmap Index Scan", said), said
    assert f"SCAN {table}" not in said.replace(f"SCAN {table} USING", "")
    assert "Seq Scan" not in said
