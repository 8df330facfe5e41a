"""Migrations, on both databases: they make what the tables say, and take it back."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schema import current, metadata, migrate


@pytest.fixture
def empty(database_url: str) -> Iterator[Database]:
    database = Database.open(database_url)
    yield database
    database.close()


def test_the_newest_schema_is_what_the_tables_say(empty: Database) -> None:
    migrate(empty)
    with empty.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        indexes = inspect(connection).get_indexes("chain_runs")
    live = [index for index in indexes if index["name"] == "uq_chain_runs_live"]
    assert live[0]["unique"], "one live run of a chain at a time"


def test_every_migration_can_be_taken_back(empty: Database) -> None:
    migrate(empty)
    migrate(empty, "base")
    assert inspect(empty.engine).get_table_names() == ["alembic_version"]
    migrate(empty)
    with empty.reading() as connection:
        assert current(connection) is not None


def test_orchestrators_that_start_at_once_migrate_once(empty: Database) -> None:
    faults: list[BaseException] = []
    together = threading.Barrier(4)

    def start() -> None:
        together.wait()
        try:
            migrate(empty)
        except BaseException as fault:  # noqa: BLE001 - told to the test
            faults.append(fault)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert set(metadata.tables) < set(inspect(empty.engine).get_table_names())
