"""The trace that a run belongs to, and an index of events that nobody can read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PARKED = sa.text("parked IS NOT NULL")


def upgrade() -> None:
    op.add_column("chain_runs", sa.Column("trace_parent", sa.String(length=55), nullable=True))
    op.create_index(
        "ix_inbox_parked", "inbox", ["event_id"], sqlite_where=PARKED, postgresql_where=PARKED
    )


def downgrade() -> None:
    op.drop_index("ix_inbox_parked", "inbox")
    op.drop_column("chain_runs", "trace_parent")
