"""Which sessions began by a one-time link, and with which token a token was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "sessions",
        sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("api_tokens", sa.Column("made_with", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("api_tokens", "made_with")
    op.drop_column("sessions", "by_link")
