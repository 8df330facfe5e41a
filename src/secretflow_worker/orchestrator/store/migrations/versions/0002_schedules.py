"""Schedules and their firings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("schedule_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("cron", sa.String(length=100), nullable=True),
        sa.Column("at", MOMENT, nullable=True),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("missed", sa.String(length=16), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint("missed IN ('skip', 'run_once')", name=op.f("ck_schedules_missed")),
        sa.CheckConstraint("(cron IS NULL) <> (at IS NULL)", name=op.f("ck_schedules_kind")),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["task_chains.chain_id"],
            name=op.f("fk_schedules_chain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("schedule_id", name=op.f("pk_schedules")),
    )
    for column in ("due_at", "chain_id", "created_at"):
        op.create_index(op.f(f"ix_schedules_{column}"), "schedules", [column], unique=False)
    op.create_table(
        "schedule_firings",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("schedule_id", sa.String(length=64), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("fired_at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('started', 'skipped', 'missed', 'failed')",
            name=op.f("ck_schedule_firings_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedules.schedule_id"],
            name=op.f("fk_schedule_firings_schedule_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule_firings")),
        sa.UniqueConstraint(
            "schedule_id", "due_at", name=op.f("uq_schedule_firings_schedule_id_due_at")
        ),
    )
    op.create_index(
        op.f("ix_schedule_firings_schedule_id_id"), "schedule_firings", ["schedule_id", "id"]
    )


def downgrade() -> None:
    op.drop_table("schedule_firings")
    op.drop_table("schedules")
