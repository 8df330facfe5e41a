"""Alembic's entry: it runs migrations on the connection that ``migrate`` has opened."""

from __future__ import annotations

from alembic import context

from secretflow_worker.orchestrator.store.schema import metadata

connection = context.config.attributes["connection"]
# SQLite changes a table by writing it anew.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
