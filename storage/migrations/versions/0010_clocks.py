"""When words count as an answer, dates that were missed as facts, and for each open case the steps that write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.ids import new_id

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
#: A date of a case, and the clock whose it is.
CLOCKS = ("verify", "first_response", "resolve", "statutory", "binding")
OPEN = ("received", "routed", "accepted", "in_progress", "reopened", "waiting_citizen")
BATCH = 1000


def upgrade() -> None:
    op.add_column("messages", sa.Column("reach", sa.String(), nullable=True))
    op.add_column("messages", sa.Column("reached_at", MOMENT, nullable=True))
    op.add_column("tickets", sa.Column("unreached", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "breaches",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("post_code", sa.String(), nullable=True),
        sa.Column("calendar_version", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticket_id", "cycle", "clock"),
    )
    _lay_steps(op.get_bind())


def downgrade() -> None:
    op.execute("DELETE FROM deadlines WHERE step = 'breach'")
    op.execute("UPDATE deadlines SET state = 'waiting' WHERE state = 'held'")
    op.drop_table("breaches")
    op.drop_column("tickets", "unreached")
    for name in ("reached_at", "reach"):
        op.drop_column("messages", name)


def _lay_steps(connection: sa.Connection) -> None:
    """Every open case of an older release gets the steps that write down what it misses from now on."""
    tickets = sa.table(
        "tickets",
        sa.column("id", sa.BigInteger()),
        sa.column("cycle", sa.Integer()),
        sa.column("kind", sa.String()),
        sa.column("state", sa.String()),
        sa.column("taken_by", sa.BigInteger()),
        sa.column("first_response_at", MOMENT),
        *(sa.column(f"{clock}_by", MOMENT) for clock in CLOCKS),
    )
    steps = sa.table(
        "deadlines",
        *(sa.column(name, sa.BigInteger()) for name in ("id", "ticket_id")),
        sa.column("cycle", sa.Integer()),
        *(sa.column(name, sa.String()) for name in ("clock", "step", "target", "state")),
        sa.column("due_at", MOMENT),
    )
    wanted = sa.select(tickets).where(tickets.c.state.in_(OPEN)).order_by(tickets.c.id).limit(BATCH)
    last = 0
    while found := connection.execute(wanted.where(tickets.c.id > last)).mappings().all():
        rows = [row for ticket in found for row in _steps_of(ticket)]
        if rows:
            connection.execute(sa.insert(steps), rows)
        last = found[-1]["id"]


def _steps_of(ticket: Any) -> list[dict[str, Any]]:
    dates: dict[str, datetime | None] = {clock: ticket[f"{clock}_by"] for clock in CLOCKS}
    if ticket["taken_by"] is not None or ticket["first_response_at"] is not None:
        dates["verify"] = None
    if ticket["first_response_at"] is not None:
        dates["first_response"] = None
    if ticket["kind"] == "aspiration":
        dates["binding"] = None
    return [
        {
            "id": new_id(),
            "ticket_id": ticket["id"],
            "cycle": ticket["cycle"],
            "clock": clock,
            "step": "breach",
            "target": "",
            "state": "paused" if ticket["state"] == "waiting_citizen" and clock != "statutory" else "waiting",
            "due_at": due.replace(second=0, microsecond=0) + timedelta(minutes=1),
        }
        for clock, due in dates.items()
        if due is not None
    ]
