"""What the desk and the ladder need: pauses, hand-backs, refusals, ratings, leaves, digests, who was told and knows it.

The new columns refer to people without a foreign key: SQLite can only add one by writing the whole table anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _new_columns() -> tuple[tuple[str, tuple[sa.Column[object], ...]], ...]:
    """By table; made anew for each use, because a column belongs to one statement."""
    tickets: tuple[sa.Column[object], ...] = (
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("waiting_since", MOMENT, nullable=True),
        sa.Column("days_paused", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("postponed_until", sa.Date(), nullable=True),
        sa.Column("handbacks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("refusals", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
    )
    deadlines: tuple[sa.Column[object], ...] = (
        sa.Column("post_code", sa.String(), nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
    )
    outbox: tuple[sa.Column[object], ...] = (
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("step_id", sa.BigInteger(), nullable=True),
    )
    return (("tickets", tickets), ("deadlines", deadlines), ("outbox", outbox))


def upgrade() -> None:
    for table, columns in _new_columns():
        for column in columns:
            op.add_column(table, column)
    op.create_index(
        "ix_outbox_parent",
        "outbox",
        ["parent_id"],
        unique=False,
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_table(
        "ratings",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "cycle"),
    )
    op.create_table(
        "leaves",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("substitute_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.ForeignKeyConstraint(["substitute_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_leaves_person_id", "leaves", ["person_id"], unique=False)
    op.create_index("ix_leaves_substitute_id", "leaves", ["substitute_id"], unique=False)
    op.create_table(
        "digests",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("post_code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["post_code"], ["posts.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("post_code", "kind", "on_date"),
    )


def downgrade() -> None:
    op.drop_table("digests")
    op.drop_index("ix_leaves_substitute_id", table_name="leaves")
    op.drop_index("ix_leaves_person_id", table_name="leaves")
    op.drop_table("leaves")
    op.drop_table("ratings")
    op.drop_index(
        "ix_outbox_parent",
        table_name="outbox",
        sqlite_where=sa.text("parent_id IS NOT NULL"),
        postgresql_where=sa.text("parent_id IS NOT NULL"),
    )
    for table, columns in _new_columns():
        for column in columns:
            op.drop_column(table, column.name)
