"""Calendars under decisions of the town: signed overrides, and which calendar every date was counted in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
#: Cases whose dates still matter; written out, because an index of some rows serves only the same words.
OPEN = "state IN ('accepted', 'in_progress', 'received', 'reopened', 'resolved', 'routed', 'waiting_citizen')"


def upgrade() -> None:
    op.add_column("overrides", sa.Column("basis_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("overrides", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("overrides", sa.Column("effect", JSON_TYPE, nullable=True))
    op.add_column("overrides", sa.Column("signed_at", MOMENT, nullable=True))
    op.add_column("overrides", sa.Column("undone_at", MOMENT, nullable=True))
    op.add_column("overrides", sa.Column("undone_by", sa.BigInteger(), nullable=True))
    op.add_column("town", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tickets", sa.Column("calendar_version", sa.String(), nullable=True))
    op.add_column("tickets", sa.Column("moved_from", MOMENT, nullable=True))
    op.add_column("tickets", sa.Column("moved_at", MOMENT, nullable=True))
    op.add_column("deadlines", sa.Column("calendar_version", sa.String(), nullable=True))
    op.create_index("ix_tickets_open", "tickets", ["id"], sqlite_where=sa.text(OPEN), postgresql_where=sa.text(OPEN))
    op.create_table(
        "calendar_versions",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("content", JSON_TYPE, nullable=True),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )


def downgrade() -> None:
    op.drop_table("calendar_versions")
    op.drop_index("ix_tickets_open", table_name="tickets")
    op.drop_column("deadlines", "calendar_version")
    for name in ("moved_at", "moved_from", "calendar_version"):
        op.drop_column("tickets", name)
    op.drop_column("town", "revision")
    for name in ("undone_by", "undone_at", "signed_at", "effect", "revision", "basis_sealed"):
        op.drop_column("overrides", name)
