"""Runs the migrations on a database, with the keys at hand that the first one needs."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlmodel import SQLModel

import storage.tables  # noqa: F401  (registers every table)
from storage.engine import make_engine


def _config(connection: Connection | None = None, keys: tuple[bytes, ...] = ()) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys
    return config


def newest() -> str:
    """The revision that this program's code expects."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def knows(revision: str) -> bool:
    """Whether a revision is one of this program's: a backup of a newer release has another."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def current(connection: Connection) -> str | None:
    """The revision that a database is at; None = empty."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(url: str, keys: tuple[bytes, ...], revision: str = "head") -> None:
    """Bring the database at `url` to `revision`. The first migration makes the lookup key and wraps it with keys[0]."""
    _run(url, lambda config: command.upgrade(config, revision), keys)


def upgrade_on(connection: Connection, keys: tuple[bytes, ...], revision: str = "head") -> None:
    """The same inside a transaction that somebody else ends (a restore)."""
    command.upgrade(_config(connection, keys), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the database back (tests and a failed release; a release itself only goes forward)."""
    _run(url, lambda config: command.downgrade(config, revision), ())


def differences(connection: Connection) -> list[object]:
    """What the models say and the migrated database does not; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, SQLModel.metadata))


def _run(url: str, work: object, keys: tuple[bytes, ...]) -> None:
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            work(_config(connection, keys))  # type: ignore[operator]
    finally:
        engine.dispose()
