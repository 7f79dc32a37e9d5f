"""Cases that are not ours to settle: to which body outside each was referred."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("referred_to", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("tickets", "referred_to")
