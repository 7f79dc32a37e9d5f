"""What a case's dates were counted from: rule, calendar, times of waiting, the last handover and `belum`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON_TYPE = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("tickets", sa.Column("reopened_at", MOMENT, nullable=True))
    op.add_column("tickets", sa.Column("desk_since", MOMENT, nullable=True))
    op.add_column("tickets", sa.Column("calendar", sa.String(), nullable=True))
    op.add_column("tickets", sa.Column("terms", JSON_TYPE, nullable=True))
    op.add_column("deadlines", sa.Column("counted_from", MOMENT, nullable=True))
    op.create_table(
        "pauses",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("days", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pauses_ticket_id", "pauses", ["ticket_id"], unique=False)


def downgrade() -> None:
    op.drop_table("pauses")
    op.drop_column("deadlines", "counted_from")
    for name in ("terms", "calendar", "desk_since", "reopened_at"):
        op.drop_column("tickets", name)
