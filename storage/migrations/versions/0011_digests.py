"""What digests keep: the numbers of shielded cases that stand until enough of them have moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shielded_counts",
        sa.Column("cell", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("cell"),
    )


def downgrade() -> None:
    op.drop_table("shielded_counts")
