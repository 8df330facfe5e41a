"""The tables of schedules and of their firings.

Invariants are constraints: a schedule is either a cron expression or one moment, and a due time
of it is taken once, whoever sees it first.
"""

from __future__ import annotations

from enum import Enum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from secretflow_worker.orchestrator.store.columns import Moment, RowId, one_of
from secretflow_worker.orchestrator.store.tables import metadata


class Missed(str, Enum):
    """What to do about due times at which no orchestrator ran."""

    SKIP = "skip"
    """Nothing; the next due time is the next that comes."""
    RUN_ONCE = "run_once"
    """One run for all of them, as soon as an orchestrator runs again."""


class Outcome(str, Enum):
    """What came of a due time."""

    STARTED = "started"
    SKIPPED = "skipped"
    """The chain had a run that had not ended."""
    MISSED = "missed"
    """No orchestrator ran then."""
    FAILED = "failed"
    """The chain could not be run; the reason says why."""


schedules = Table(
    "schedules",
    metadata,
    Column("schedule_id", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("chain_id", ForeignKey("task_chains.chain_id", ondelete="CASCADE"), nullable=False),
    Column("cron", String(100)),
    Column("at", Moment),
    Column("time_zone", String(64), nullable=False),
    Column("missed", String(16), nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("due_at", Moment),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("updated_at", Moment, nullable=False),
    one_of("missed", Missed),
    CheckConstraint("(cron IS NULL) <> (at IS NULL)", name="kind"),
    Index(None, "due_at"),
    Index(None, "chain_id"),
    Index(None, "created_at"),
)
"""`due_at` is null where nothing is to come: it is disabled, or its one moment is over."""

schedule_firings = Table(
    "schedule_firings",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("schedule_id", ForeignKey("schedules.schedule_id", ondelete="CASCADE"), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("fired_at", Moment, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("missed", Integer, nullable=False),
    Column("reason", Text),
    Column("run_id", String(64)),
    one_of("outcome", Outcome),
    UniqueConstraint("schedule_id", "due_at"),
    Index(None, "schedule_id", "id"),
)
"""`missed` counts the due times before `due_at` that passed while no orchestrator ran."""
