"""Migrations, on both databases: they make what the tables say, and take it back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, text, update
from sqlalchemy.exc import IntegrityError

from secretflow_worker.orchestrator import store
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.schema import current, metadata, migrate
from tests.orchestrator.stored import LINE, rows, store_chain

MIGRATIONS = Path(str(store.__file__)).parent / "migrations"


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


def test_from_each_earlier_schema_to_the_newest_and_back(empty: Database) -> None:
    revisions = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    assert len(revisions) >= 4
    for revision in reversed(revisions):
        migrate(empty, revision)
        before = shape_of(empty)
        migrate(empty)
        migrate(empty, revision)
        assert shape_of(empty) == before


def test_a_migration_keeps_what_is_stored(empty: Database) -> None:
    migrate(empty, "0001")
    chain = (
        "INSERT INTO task_chains (chain_id, chain_name, chain_type, version, chain_config, status,"
        " total_tasks, completed_tasks, failed_tasks, created_at, updated_at, created_by) VALUES"
        " ('c-1', 'n', 'parallel', 1, '{}', 'PENDING', 1, 0, 0, '2025-01-01', '2025-01-01', 'me')"
    )
    with empty.transaction() as connection:
        connection.execute(text(chain))
    migrate(empty)
    migrate(empty, "0001")
    with empty.reading() as connection:
        assert connection.execute(text("SELECT chain_id FROM task_chains")).scalars().all() == [
            "c-1"
        ]


def test_a_task_that_was_skipped_before_the_reason_was_kept_can_be_retried(empty: Database) -> None:
    migrate(empty)
    store_chain(empty, LINE)
    times = {"created_at": 1.0, "updated_at": 1.0}
    run = {"run_id": "r-1", "chain_id": "c-1"}
    shown = {"task_name": "psi", "task_type": "psi", "depends_on": [], "priority": 5}
    with empty.transaction() as connection:
        ended = {"version": 1, "number": 1, "status": "FAILURE", "started_by": "me"}
        connection.execute(insert(t.chain_runs).values(**run, **ended, created_at=1.0))
        for order, status in enumerate(("FAILURE", "SKIPPED")):
            node = {"node_id": status, "task_id": status, "status": status}
            connection.execute(
                insert(t.chain_tasks).values(**run, **node, **shown, **times, execution_order=order)
            )
    migrate(empty, "0007")
    migrate(empty)
    reasons = {row.node_id: row.skip_reason for row in rows(empty, t.chain_tasks)}
    assert reasons == {"FAILURE": None, "SKIPPED": "stop_on_error"}
    with pytest.raises(IntegrityError, match="skip_reason"), empty.transaction() as connection:
        connection.execute(update(t.chain_tasks).values(skip_reason="because"))


def shape_of(database: Database) -> dict[str, list[str]]:
    """Return the columns and indexes of each table, as the database tells them."""
    looked_at = inspect(database.engine)
    return {
        table: sorted(
            [f"{column['name']} {column['type']}" for column in looked_at.get_columns(table)]
            + [str(index["name"]) for index in looked_at.get_indexes(table)]
        )
        for table in looked_at.get_table_names()
    }


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


def test_a_new_file_is_read_by_its_user_alone(tmp_path: Path) -> None:
    """Also in a folder that others may look into, and so are the files that SQLite puts beside."""
    tmp_path.chmod(0o755)
    database = Database.open(f"sqlite:///{tmp_path}/chains.db")
    migrate(database)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    database.close()
    assert set(modes.values()) == {0o600}, modes
