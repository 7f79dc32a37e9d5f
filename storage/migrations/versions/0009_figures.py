"""What the figures of a past month are counted from: the turns of each case, and cases by their day of receipt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.ids import new_id

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TURNS = {"closing": "settled", "refusal": "refused"}
ENDS = {"accepted": "accepted", "silence": "silence", "citizen": "withdrawn", "lapsed": "lapsed"}
ROWS_AT_ONCE = 500


def upgrade() -> None:
    milestones = op.create_table(
        "milestones",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("binding_by", MOMENT, nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_milestones_ticket_id", "milestones", ["ticket_id"], unique=False)
    op.create_index("ix_tickets_received_at", "tickets", ["received_at"], unique=False)
    _tell_the_past(op.get_bind(), milestones)


def _tell_the_past(connection: sa.Connection, milestones: sa.Table) -> None:
    """What older rows still say: words and ends, by the unit that has the case now. A former promise is not known."""
    tickets = sa.table(
        "tickets", *(sa.column(n) for n in ("id", "unit_code", "outcome")),
        *(sa.column(n, MOMENT) for n in ("binding_by", "closed_at")),
    )  # fmt: skip
    messages = sa.table("messages", *(sa.column(n) for n in ("ticket_id", "seq", "kind")), sa.column("town_at", MOMENT))
    said = (
        sa.select(messages.c.ticket_id, messages.c.kind, messages.c.town_at, tickets.c.unit_code, tickets.c.binding_by)
        .join(tickets, tickets.c.id == messages.c.ticket_id)
        .where(messages.c.kind.in_(sorted(TURNS)))
        .order_by(messages.c.ticket_id, messages.c.seq)
    )
    rows = [
        {"ticket_id": row.ticket_id, "turn": TURNS[row.kind], "at": row.town_at, "unit_code": row.unit_code,
         "binding_by": row.binding_by}
        for row in connection.execute(said)
    ]  # fmt: skip
    newest = {row["ticket_id"]: row for row in rows}
    for row in rows:
        if row is not newest[row["ticket_id"]]:
            row["binding_by"] = None
    ended = sa.select(tickets).where(tickets.c.closed_at.is_not(None)).order_by(tickets.c.id)
    rows += [
        {"ticket_id": row.id, "turn": ENDS[row.outcome], "at": row.closed_at, "unit_code": row.unit_code,
         "binding_by": row.binding_by}
        for row in connection.execute(ended)
        if row.outcome in ENDS
    ]  # fmt: skip
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = [{"id": new_id(), "undone": False, **row} for row in rows[first : first + ROWS_AT_ONCE]]
        connection.execute(milestones.insert(), some)


def downgrade() -> None:
    op.drop_index("ix_tickets_received_at", table_name="tickets")
    op.drop_index("ix_milestones_ticket_id", table_name="milestones")
    op.drop_table("milestones")
