"""Which database this is: a name of its own, kept in it, that moves and is restored with it."""

from __future__ import annotations

import secrets

from sqlalchemy import CheckConstraint, Column, Integer, String, Table, select

from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.inserts import insert_unless_there
from secretflow_worker.orchestrator.store.tables import metadata

database_identity = Table(
    "database_identity",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("identity", String(32), nullable=False),
    CheckConstraint("id = 1", name="one"),
)


def identity_of(database: Database) -> str:
    """Return the database's identity; whoever asks first makes it, and all get the same."""
    query = select(database_identity.c.identity)
    with database.reading() as connection:
        known: str | None = connection.execute(query).scalar()
    if known is not None:
        return known
    with database.transaction() as connection:
        values = {"id": 1, "identity": secrets.token_hex(16)}
        insert_unless_there(connection, database_identity, values)
        return str(connection.execute(query).scalar_one())
