"""The table of saved templates; the built-in ones are files."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from secretflow_worker.orchestrator.store.columns import Moment, OrderedDocument
from secretflow_worker.orchestrator.store.tables import metadata

templates = Table(
    "templates",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("template", OrderedDocument, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(64), nullable=False),
)
