"""Models that runs have made, and from where a task's success was taken over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)


def upgrade() -> None:
    op.add_column("chain_tasks", sa.Column("reused_from", sa.String(length=200), nullable=True))
    op.create_table(
        "saved_models",
        sa.Column("model_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("node_id", sa.String(length=80), nullable=False),
        sa.Column("execution_id", sa.String(length=200), nullable=False),
        sa.Column("task_type", sa.String(length=80), nullable=False),
        sa.Column("task_version", sa.Integer(), nullable=False),
        sa.Column("parties", DOCUMENT, nullable=False),
        sa.Column("holders", DOCUMENT, nullable=False),
        sa.Column("parameters", DOCUMENT, nullable=False),
        sa.Column("inputs", DOCUMENT, nullable=False),
        sa.Column("outputs", DOCUMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('model', 'rules')", name=op.f("ck_saved_models_kind")),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["task_chains.chain_id"],
            name=op.f("fk_saved_models_chain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_saved_models")),
    )
    op.create_index(op.f("ix_saved_models_created_at"), "saved_models", ["created_at"])
    op.create_index(
        op.f("ix_saved_models_chain_id_created_at"), "saved_models", ["chain_id", "created_at"]
    )


def downgrade() -> None:
    op.drop_table("saved_models")
    op.drop_column("chain_tasks", "reused_from")
