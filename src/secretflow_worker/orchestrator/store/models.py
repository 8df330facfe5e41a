"""Models and rules files that runs have made: where they came from, and who holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    func,
    select,
)

from secretflow_worker.orchestrator.store.columns import Document, Moment
from secretflow_worker.orchestrator.store.inserts import insert_unless_there
from secretflow_worker.orchestrator.store.tables import metadata

KINDS = ("model", "rules")

saved_models = Table(
    "saved_models",
    metadata,
    Column("model_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("chain_id", ForeignKey("task_chains.chain_id", ondelete="CASCADE"), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("node_id", String(80), nullable=False),
    Column("execution_id", String(200), nullable=False),
    Column("task_type", String(80), nullable=False),
    Column("task_version", Integer, nullable=False),
    Column("parties", Document, nullable=False),
    Column("holders", Document, nullable=False),
    Column("parameters", Document, nullable=False),
    Column("inputs", Document, nullable=False),
    Column("outputs", Document, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
    CheckConstraint("kind IN ('model', 'rules')", name="kind"),
    Index(None, "created_at"),
    Index(None, "chain_id", "created_at"),
)
"""`holders` are paths by party; `inputs` and `outputs` fingerprints by party and path."""


@dataclass(frozen=True)
class Filters:
    """What a list of models is narrowed to; None narrows nothing."""

    kind: str | None = None
    task_type: str | None = None
    chain_id: str | None = None


def put_model(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a model, unless it is known."""
    insert_unless_there(connection, saved_models, values)


def list_models(
    connection: Connection, filters: Filters, page: int, page_size: int
) -> tuple[Sequence[Row[Any]], int]:
    """Return a page of models, newest first, and how many there are on all pages."""
    wanted = [
        saved_models.c[name] == value for name, value in vars(filters).items() if value is not None
    ]
    count = select(func.count()).select_from(saved_models).where(*wanted)
    total = connection.execute(count).scalar() or 0
    query = (
        select(saved_models)
        .where(*wanted)
        .order_by(saved_models.c.created_at.desc(), saved_models.c.model_id)
    )
    rows = connection.execute(query.limit(page_size).offset((page - 1) * page_size)).all()
    return rows, total


def find_model(connection: Connection, model_id: str) -> Row[Any] | None:
    """Return one model."""
    query = select(saved_models).where(saved_models.c.model_id == model_id)
    return connection.execute(query).one_or_none()
