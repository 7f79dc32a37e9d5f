"""What two Telegram bots need: files fetched later, which message a case was made of, groups, the bots' own names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("attachments", sa.Column("ref_sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "message_sources",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("external_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"]),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("message_id", "ticket_id", "external_hash"):
        op.create_index(f"ix_message_sources_{column}", "message_sources", [column], unique=False)
    op.create_table(
        "groups",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("bound_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["addresses.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("address_id"),
    )
    op.create_index("ix_groups_unit_code", "groups", ["unit_code"], unique=False)
    op.create_table(
        "bot_accounts",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "account"),
    )


def downgrade() -> None:
    op.drop_table("bot_accounts")
    op.drop_index("ix_groups_unit_code", table_name="groups")
    op.drop_table("groups")
    for column in ("external_hash", "ticket_id", "message_id"):
        op.drop_index(f"ix_message_sources_{column}", table_name="message_sources")
    op.drop_table("message_sources")
    op.drop_column("attachments", "ref_sealed")
