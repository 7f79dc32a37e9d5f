"""What whoever watches needs: explanations with a date, priority, letters of the Ombudsman, findings of visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOT_YET = sa.text("remind_at IS NOT NULL AND reminded_at IS NULL")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("priority", sa.String(), nullable=False, server_default="normal"))
    op.create_table(
        "explanations",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("asker_code", sa.String(), nullable=False),
        sa.Column("asked_code", sa.String(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"]),
        sa.ForeignKeyConstraint(["answer_id"], ["messages.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_explanations_ticket_id", "explanations", ["ticket_id"], unique=False)
    op.create_table(
        "incoming_letters",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("reference_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id"),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("post_code", sa.String(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("remind_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"]),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_findings_unit", "findings", ["unit_code", "id"], unique=False)
    op.create_index(
        "ix_findings_due", "findings", ["remind_at"], unique=False, sqlite_where=NOT_YET, postgresql_where=NOT_YET
    )


def downgrade() -> None:
    op.drop_index("ix_findings_due", table_name="findings")
    op.drop_index("ix_findings_unit", table_name="findings")
    op.drop_table("findings")
    op.drop_table("incoming_letters")
    op.drop_index("ix_explanations_ticket_id", table_name="explanations")
    op.drop_table("explanations")
    op.drop_column("tickets", "priority")
