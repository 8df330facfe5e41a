"""The tables of chains and their runs; document 4's three keep their names and columns.

Invariants are constraints: a chain has one live run at most, a node one row per run, an attempt
one number, a message is sent for an attempt and party once, an event is taken once.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from secretflow_worker.contract.chain import ChainStatus, ChainType, NodeStatus, SkipReason
from secretflow_worker.orchestrator.store.columns import (
    Document,
    Moment,
    OrderedDocument,
    RowId,
    one_of,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_PARKED = "parked IS NOT NULL"
_LIVE = "status IN ('PENDING', 'RUNNING', 'PAUSED')"

task_chains = Table(
    "task_chains",
    metadata,
    Column("chain_id", String(64), primary_key=True),
    Column("chain_name", String(255), nullable=False),
    Column("chain_type", String(50), nullable=False),
    Column("description", Text),
    Column("version", Integer, nullable=False),
    Column("chain_config", OrderedDocument, nullable=False),
    Column("status", String(50), nullable=False),
    Column("celery_chain_id", String(64)),
    Column("total_tasks", Integer, nullable=False, default=0),
    Column("completed_tasks", Integer, nullable=False, default=0),
    Column("failed_tasks", Integer, nullable=False, default=0),
    Column("created_at", Moment, nullable=False),
    Column("started_at", Moment),
    Column("completed_at", Moment),
    Column("updated_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("metadata", Document),
    one_of("status", ChainStatus),
    one_of("chain_type", ChainType),
    Index(None, "status", "created_at"),
    Index(None, "created_by", "created_at"),
    Index(None, "created_at"),
)

chain_versions = Table(
    "chain_versions",
    metadata,
    Column("chain_id", ForeignKey("task_chains.chain_id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", OrderedDocument, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("note", Text),
)

chain_runs = Table(
    "chain_runs",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("chain_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("status", String(50), nullable=False),
    Column("started_at", Moment),
    Column("ended_at", Moment),
    Column("error", Document),
    Column("started_by", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("wake_at", Moment),
    Column("state_tag", String(16)),
    Column("trace_parent", String(55)),
    ForeignKeyConstraint(
        ["chain_id", "version"],
        ["chain_versions.chain_id", "chain_versions.version"],
        ondelete="CASCADE",
    ),
    one_of("status", ChainStatus),
    UniqueConstraint("chain_id", "number"),
    Index("uq_chain_runs_live", "chain_id", unique=True,
          sqlite_where=text(_LIVE), postgresql_where=text(_LIVE)),
    Index(None, "wake_at"),
)  # fmt: skip

chain_tasks = Table(
    "chain_tasks",
    metadata,
    Column("run_id", ForeignKey("chain_runs.run_id", ondelete="CASCADE"), primary_key=True),
    Column("node_id", String(80), primary_key=True),
    Column("chain_id", String(64), nullable=False),
    Column("task_id", String(64), nullable=False),
    Column("task_request_id", String(200), unique=True),
    Column("task_name", String(255), nullable=False),
    Column("task_type", String(80), nullable=False),
    Column("execution_mode", String(50)),
    Column("depends_on", Document, nullable=False),
    Column("is_callback", Boolean, nullable=False, default=False),
    Column("celery_task_id", String(255)),
    Column("status", String(50), nullable=False),
    Column("execution_order", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("budget_from", Integer, nullable=False, default=0),
    Column("succeeded", Document),
    Column("progress", Float, nullable=False, default=0.0),
    Column("queued_at", Moment),
    Column("started_at", Moment),
    Column("completed_at", Moment),
    Column("retry_at", Moment),
    Column("draining", String(200)),
    Column("draining_parties", Document),
    Column("drained_by", Moment),
    Column("result", Document),
    Column("error", Document),
    Column("reused_from", String(200)),
    Column("skip_reason", String(16), one_of("skip_reason", SkipReason)),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    one_of("status", NodeStatus),
    CheckConstraint("attempt >= budget_from AND budget_from >= 0", name="attempt"),
    CheckConstraint("progress >= 0 AND progress <= 1", name="progress"),
    Index(None, "status"),
)

chain_dependencies = Table(
    "chain_dependencies",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("chain_id", ForeignKey("task_chains.chain_id", ondelete="CASCADE"), nullable=False),
    Column("from_task_id", String(64), nullable=False),
    Column("to_task_id", String(64), nullable=False),
    Column("dependency_type", String(50), nullable=False, default="sequential"),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("chain_id", "from_task_id", "to_task_id"),
)

task_attempts = Table(
    "task_attempts",
    metadata,
    Column("execution_id", String(200), primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("node_id", String(80), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("request", Document, nullable=False),
    Column("parties", Document, nullable=False),
    Column("status", String(50), nullable=False),
    Column("dispatched_at", Moment, nullable=False),
    Column("heard_at", Moment),
    Column("ended_at", Moment),
    Column("outcomes", Document),
    ForeignKeyConstraint(
        ["run_id", "node_id"], ["chain_tasks.run_id", "chain_tasks.node_id"], ondelete="CASCADE"
    ),
    one_of("status", NodeStatus),
    UniqueConstraint("run_id", "node_id", "attempt"),
    Index(None, "status", "heard_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("execution_id", String(200), nullable=False),
    Column("party", String(64), nullable=False, default=""),
    Column("kind", String(16), nullable=False),
    Column("run_id", ForeignKey("chain_runs.run_id", ondelete="CASCADE"), nullable=False),
    Column("queue", String(120), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("claimed_until", Moment),
    Column("sent_at", Moment),
    CheckConstraint("kind IN ('task', 'stop')", name="kind"),
    UniqueConstraint("execution_id", "party", "kind"),
    Index(None, "sent_at", "priority", "id"),
)
"""A message to send; its body is made from the attempt's request."""

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", String(128), primary_key=True),
    Column("execution_id", String(200)),
    Column("received_at", Moment, nullable=False),
    Column("parked", Text),
    Column("raw", Text),
    Index(None, "received_at"),
    Index(
        "ix_inbox_parked", "event_id", sqlite_where=text(_PARKED), postgresql_where=text(_PARKED)
    ),
)
"""Taken events, so that a doubled one is known; of unreadable ones the beginning is parked."""

history = Table(
    "history",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("chain_id", ForeignKey("task_chains.chain_id", ondelete="CASCADE"), nullable=False),
    Column("run_id", String(64)),
    Column("node_id", String(80)),
    Column("at", Moment, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", Document, nullable=False),
    Index(None, "chain_id", "id"),
)
"""What happened to a chain, in order; clients resume after the ``id`` that they saw last."""
