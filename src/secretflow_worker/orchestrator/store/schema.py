"""The whole schema, and its migrations from each earlier one to the newest and back."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from secretflow_worker.orchestrator.store import accounts as _accounts
from secretflow_worker.orchestrator.store import audit as _audit
from secretflow_worker.orchestrator.store import identity as _identity
from secretflow_worker.orchestrator.store import models as _models
from secretflow_worker.orchestrator.store import schedules as _schedules
from secretflow_worker.orchestrator.store import templates as _templates
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.tables import metadata

__all__ = ["metadata", "migrate"]

_EVERY_TABLE = (_accounts, _audit, _identity, _models, _schedules, _templates)
"""Modules that add tables to `metadata` when they are imported."""
_LOCK = 0x5F3759DF
"""Any number, the same in every orchestrator: PostgreSQL's advisory lock of migrations."""


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema to a revision: the newest, or an older one such as ``0001`` or ``base``.

    One orchestrator at a time does it, and others that start at once wait for it.
    """
    with database.transaction() as connection:
        if database.is_postgresql:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        is_older = revision != "head" and revision < (current(connection) or "")
        if revision == "base" or is_older:
            command.downgrade(_config(connection), revision)
        else:
            command.upgrade(_config(connection), revision)


def current(connection: Connection) -> str | None:
    """Return the revision that the schema is at; None for an empty database."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "secretflow_worker:orchestrator/store/migrations")
    config.attributes["connection"] = connection
    return config
