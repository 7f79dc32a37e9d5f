"""Two pictures of a database's schema: exactly as the database keeps it, and what it means."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, inspect, text

_SQLITE = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY type, name"
_POSTGRES = (
    "SELECT table_name, ordinal_position::text, column_name, data_type, is_nullable, column_default"
    " FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    " ORDER BY 1",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass ORDER BY 1, 2",
    "SELECT sequencename FROM pg_sequences",
)


def exact(connection: Connection) -> list[tuple[Any, ...]]:
    """What the database's own catalogue says."""
    statements = (_SQLITE,) if connection.dialect.name == "sqlite" else _POSTGRES
    return [tuple(row) for statement in statements for row in connection.execute(text(statement))]


def meaning(connection: Connection) -> dict[str, dict[str, Any]]:
    """Columns, keys and indexes of each table, however they were made and in whatever order."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(table)
            },
            "primary": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(key["column_names"] for key in inspector.get_unique_constraints(table)),
            "indexes": sorted(
                (
                    str(index["name"]),
                    index["column_names"],
                    bool(index["unique"]),
                    str(index.get("dialect_options", {}).get(f"{connection.dialect.name}_where")),
                )
                for index in inspector.get_indexes(table)
            ),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }
