"""What WhatsApp needs: windows and consent, what became of a message, its templates, its price, one person twice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
OUTBOX = ("arrival", "arrival_code", "template")


def upgrade() -> None:
    op.add_column("addresses", sa.Column("heard_at", MOMENT, nullable=True))
    op.add_column("addresses", sa.Column("phone_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("addresses", sa.Column("consented_at", MOMENT, nullable=True))
    for name in OUTBOX:
        op.add_column("outbox", sa.Column(name, sa.String(), nullable=True))
    op.create_table(
        "join_codes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("ix_join_codes_address_id", "join_codes", ["address_id"], unique=False)
    op.create_table(
        "message_templates",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "name", "language"),
    )
    op.create_table(
        "message_counts",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "channel", "account", "category"),
    )


def downgrade() -> None:
    op.drop_table("message_counts")
    op.drop_table("message_templates")
    op.drop_index("ix_join_codes_address_id", table_name="join_codes")
    op.drop_table("join_codes")
    for name in OUTBOX:
        op.drop_column("outbox", name)
    for name in ("consented_at", "phone_sealed", "heard_at"):
        op.drop_column("addresses", name)
