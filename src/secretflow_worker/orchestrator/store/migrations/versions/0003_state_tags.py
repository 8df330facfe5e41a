"""A tag on each run, by which its state in memory is known to be the newest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chain_runs", sa.Column("state_tag", sa.String(16), nullable=True))


def downgrade() -> None:
    op.drop_column("chain_runs", "state_tag")
