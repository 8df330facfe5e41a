"""The first schema.

A migration never changes once it is released, so it names its types itself and imports nothing
of this package.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)
MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("facts", DOCUMENT, nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_hash")),
        sa.UniqueConstraint("prev", name=op.f("uq_audit_prev")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_who_seq"), ["who", "seq"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_ins")),
    )
    with op.batch_alter_table("failed_sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_failed_sign_ins_at"), ["at"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("call", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", DOCUMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_name", "call", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idempotency_keys_created_at"), ["created_at"], unique=False
        )

    op.create_table(
        "inbox",
        sa.Column("event_id", sa.String(length=128), nullable=False),
        sa.Column("execution_id", sa.String(length=200), nullable=True),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("parked", sa.Text(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_inbox")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_received_at"), ["received_at"], unique=False)

    op.create_table(
        "task_chains",
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("chain_name", sa.String(length=255), nullable=False),
        sa.Column("chain_type", sa.String(length=50), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("chain_config", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("celery_chain_id", sa.String(length=64), nullable=True),
        sa.Column("total_tasks", sa.Integer(), nullable=False),
        sa.Column("completed_tasks", sa.Integer(), nullable=False),
        sa.Column("failed_tasks", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("metadata", DOCUMENT, nullable=True),
        sa.CheckConstraint(
            "chain_type IN ('sequential', 'parallel', 'chord', 'complex')",
            name=op.f("ck_task_chains_chain_type"),
        ),
        sa.CheckConstraint(
            "status IN ('PENDING', 'RUNNING', 'PAUSED', 'SUCCESS', 'FAILURE', 'CANCELLED')",
            name=op.f("ck_task_chains_status"),
        ),
        sa.PrimaryKeyConstraint("chain_id", name=op.f("pk_task_chains")),
    )
    with op.batch_alter_table("task_chains", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_chains_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_task_chains_created_by_created_at"),
            ["created_by", "created_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_task_chains_status_created_at"), ["status", "created_at"], unique=False
        )

    op.create_table(
        "templates",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("template", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_templates")),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.CheckConstraint("role IN ('viewer', 'operator', 'admin')", name=op.f("ck_users_role")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("token_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "role IN ('viewer', 'operator', 'admin')", name=op.f("ck_api_tokens_role")
        ),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_api_tokens_user_name")
        ),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_tokens_user_name"), ["user_name"], unique=False)

    op.create_table(
        "chain_dependencies",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("from_task_id", sa.String(length=64), nullable=False),
        sa.Column("to_task_id", sa.String(length=64), nullable=False),
        sa.Column("dependency_type", sa.String(length=50), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["task_chains.chain_id"],
            name=op.f("fk_chain_dependencies_chain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_dependencies")),
        sa.UniqueConstraint(
            "chain_id",
            "from_task_id",
            "to_task_id",
            name=op.f("uq_chain_dependencies_chain_id_from_task_id_to_task_id"),
        ),
    )
    op.create_table(
        "chain_versions",
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["task_chains.chain_id"],
            name=op.f("fk_chain_versions_chain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("chain_id", "version", name=op.f("pk_chain_versions")),
    )
    op.create_table(
        "history",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("node_id", sa.String(length=80), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["chain_id"],
            ["task_chains.chain_id"],
            name=op.f("fk_history_chain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_history_chain_id_id"), ["chain_id", "id"], unique=False
        )

    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name=op.f("fk_sessions_user_name")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sessions_user_name"), ["user_name"], unique=False)

    op.create_table(
        "sign_in_links",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_sign_in_links_user_name")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_links")),
    )
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_links_user_name"), ["user_name"], unique=False)

    op.create_table(
        "chain_runs",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("error", DOCUMENT, nullable=True),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("wake_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "status IN ('PENDING', 'RUNNING', 'PAUSED', 'SUCCESS', 'FAILURE', 'CANCELLED')",
            name=op.f("ck_chain_runs_status"),
        ),
        sa.ForeignKeyConstraint(
            ["chain_id", "version"],
            ["chain_versions.chain_id", "chain_versions.version"],
            name=op.f("fk_chain_runs_chain_id_version"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_chain_runs")),
        sa.UniqueConstraint("chain_id", "number", name=op.f("uq_chain_runs_chain_id_number")),
    )
    with op.batch_alter_table("chain_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chain_runs_wake_at"), ["wake_at"], unique=False)
        batch_op.create_index(
            "uq_chain_runs_live",
            ["chain_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('PENDING', 'RUNNING', 'PAUSED')"),
            postgresql_where=sa.text("status IN ('PENDING', 'RUNNING', 'PAUSED')"),
        )

    op.create_table(
        "chain_tasks",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("node_id", sa.String(length=80), nullable=False),
        sa.Column("chain_id", sa.String(length=64), nullable=False),
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("task_request_id", sa.String(length=200), nullable=True),
        sa.Column("task_name", sa.String(length=255), nullable=False),
        sa.Column("task_type", sa.String(length=80), nullable=False),
        sa.Column("execution_mode", sa.String(length=50), nullable=True),
        sa.Column("depends_on", DOCUMENT, nullable=False),
        sa.Column("is_callback", sa.Boolean(), nullable=False),
        sa.Column("celery_task_id", sa.String(length=255), nullable=True),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("execution_order", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("budget_from", sa.Integer(), nullable=False),
        sa.Column("succeeded", DOCUMENT, nullable=True),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("completed_at", MOMENT, nullable=True),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("draining", sa.String(length=200), nullable=True),
        sa.Column("draining_parties", DOCUMENT, nullable=True),
        sa.Column("drained_by", MOMENT, nullable=True),
        sa.Column("result", DOCUMENT, nullable=True),
        sa.Column("error", DOCUMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "status IN ('PENDING', 'QUEUED', 'RUNNING', 'RETRY', 'SUCCESS', 'FAILURE', 'CANCELLED', 'SKIPPED')",
            name=op.f("ck_chain_tasks_status"),
        ),
        sa.CheckConstraint(
            "attempt >= budget_from AND budget_from >= 0", name=op.f("ck_chain_tasks_attempt")
        ),
        sa.CheckConstraint("progress >= 0 AND progress <= 1", name=op.f("ck_chain_tasks_progress")),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["chain_runs.run_id"],
            name=op.f("fk_chain_tasks_run_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "node_id", name=op.f("pk_chain_tasks")),
        sa.UniqueConstraint("task_request_id", name=op.f("uq_chain_tasks_task_request_id")),
    )
    with op.batch_alter_table("chain_tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chain_tasks_status"), ["status"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("execution_id", sa.String(length=200), nullable=False),
        sa.Column("party", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.CheckConstraint("kind IN ('task', 'stop')", name=op.f("ck_outbox_kind")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["chain_runs.run_id"], name=op.f("fk_outbox_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "execution_id", "party", "kind", name=op.f("uq_outbox_execution_id_party_kind")
        ),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outbox_sent_at_priority_id"), ["sent_at", "priority", "id"], unique=False
        )

    op.create_table(
        "task_attempts",
        sa.Column("execution_id", sa.String(length=200), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("node_id", sa.String(length=80), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("request", DOCUMENT, nullable=False),
        sa.Column("parties", DOCUMENT, nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("dispatched_at", MOMENT, nullable=False),
        sa.Column("heard_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("outcomes", DOCUMENT, nullable=True),
        sa.CheckConstraint(
            "status IN ('PENDING', 'QUEUED', 'RUNNING', 'RETRY', 'SUCCESS', 'FAILURE', 'CANCELLED', 'SKIPPED')",
            name=op.f("ck_task_attempts_status"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "node_id"],
            ["chain_tasks.run_id", "chain_tasks.node_id"],
            name=op.f("fk_task_attempts_run_id_node_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("execution_id", name=op.f("pk_task_attempts")),
        sa.UniqueConstraint(
            "run_id", "node_id", "attempt", name=op.f("uq_task_attempts_run_id_node_id_attempt")
        ),
    )
    with op.batch_alter_table("task_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_task_attempts_status_heard_at"), ["status", "heard_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("task_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_attempts_status_heard_at"))

    op.drop_table("task_attempts")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_sent_at_priority_id"))

    op.drop_table("outbox")
    with op.batch_alter_table("chain_tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_chain_tasks_status"))

    op.drop_table("chain_tasks")
    with op.batch_alter_table("chain_runs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_chain_runs_live",
            sqlite_where=sa.text("status IN ('PENDING', 'RUNNING', 'PAUSED')"),
            postgresql_where=sa.text("status IN ('PENDING', 'RUNNING', 'PAUSED')"),
        )
        batch_op.drop_index(batch_op.f("ix_chain_runs_wake_at"))

    op.drop_table("chain_runs")
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_links_user_name"))

    op.drop_table("sign_in_links")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_user_name"))
        batch_op.drop_index(batch_op.f("ix_sessions_expires_at"))

    op.drop_table("sessions")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_chain_id_id"))

    op.drop_table("history")
    op.drop_table("chain_versions")
    op.drop_table("chain_dependencies")
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_user_name"))

    op.drop_table("api_tokens")
    op.drop_table("users")
    op.drop_table("templates")
    with op.batch_alter_table("task_chains", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_task_chains_status_created_at"))
        batch_op.drop_index(batch_op.f("ix_task_chains_created_by_created_at"))
        batch_op.drop_index(batch_op.f("ix_task_chains_created_at"))

    op.drop_table("task_chains")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_received_at"))

    op.drop_table("inbox")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_created_at"))

    op.drop_table("idempotency_keys")
    with op.batch_alter_table("failed_sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_failed_sign_ins_at"))

    op.drop_table("failed_sign_ins")
    op.drop_table("audit_head")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_who_seq"))

    op.drop_table("audit")
