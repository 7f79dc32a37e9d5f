"""Of very many steps that are due together a batch is found without sorting them all: the index has their order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    _index("due_at", "id")


def downgrade() -> None:
    _index("due_at")


def _index(*columns: str) -> None:
    op.drop_index("ix_deadlines_due", table_name="deadlines")
    op.create_index(
        "ix_deadlines_due", "deadlines", list(columns), unique=False, sqlite_where=WAITING, postgresql_where=WAITING
    )
