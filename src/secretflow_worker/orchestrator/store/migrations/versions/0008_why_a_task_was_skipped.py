"""Why a task was skipped."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # In one statement: SQLite takes no check later, and to make the table anew would delete the
    # attempts that refer to it.
    op.execute(
        "ALTER TABLE chain_tasks ADD COLUMN skip_reason VARCHAR(16)"
        " CONSTRAINT ck_chain_tasks_skip_reason"
        " CHECK (skip_reason IN ('when', 'trigger_rule', 'depends_on', 'stop_on_error'))"
    )
    # Of earlier ones nothing is known: this is the reason after which a retry looks at them again.
    op.execute("UPDATE chain_tasks SET skip_reason = 'stop_on_error' WHERE status = 'SKIPPED'")


def downgrade() -> None:
    op.drop_column("chain_tasks", "skip_reason")
