"""Chains in SQL: their newest document, its earlier versions, and their tasks' edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from secretflow_worker.contract.chain import ChainDocument, ChainStatus
from secretflow_worker.orchestrator.core.expand import node_ids_of
from secretflow_worker.orchestrator.core.graph import chain_type_of
from secretflow_worker.orchestrator.store import tables as t

_LIVE = [status.value for status in ChainStatus if not status.is_terminal]


def lock_chain(connection: Connection, chain_id: str) -> Row[Any] | None:
    """Return a chain's row, held until the transaction ends (SQLite's has the lock already)."""
    query = select(t.task_chains).where(t.task_chains.c.chain_id == chain_id).with_for_update()
    return connection.execute(query).one_or_none()


def live_run(connection: Connection, chain_id: str) -> str | None:
    """Return the run of a chain that has not ended."""
    runs = t.chain_runs.c
    query = select(runs.run_id).where(runs.chain_id == chain_id, runs.status.in_(_LIVE))
    return connection.execute(query).scalar()


def insert_chain(
    connection: Connection,
    chain_id: str,
    document: ChainDocument,
    stored: Mapping[str, Any],
    by: str,
    now: float,
    metadata: Mapping[str, Any] | None,
) -> None:
    """Write a new chain, without its version."""
    values = {
        **_described(document, stored),
        "chain_id": chain_id,
        "version": 1,
        "status": ChainStatus.PENDING.value,
        "total_tasks": _count(document),
        "created_at": now,
        "updated_at": now,
        "created_by": by,
        "metadata": None if metadata is None else dict(metadata),
    }
    connection.execute(insert(t.task_chains).values(values))
    _insert_edges(connection, chain_id, document, now)


def change_chain(
    connection: Connection,
    row: Row[Any],
    document: ChainDocument,
    stored: Mapping[str, Any],
    now: float,
) -> None:
    """Write the next version into a chain's row; what its newest run came to stays there."""
    values = {**_described(document, stored), "version": row.version + 1, "updated_at": now}
    if row.celery_chain_id is None:
        values["total_tasks"] = _count(document)
    chains, edges = t.task_chains, t.chain_dependencies
    connection.execute(update(chains).where(chains.c.chain_id == row.chain_id).values(values))
    connection.execute(delete(edges).where(edges.c.chain_id == row.chain_id))
    _insert_edges(connection, row.chain_id, document, now)


def insert_version(
    connection: Connection,
    chain_id: str,
    version: int,
    stored: Mapping[str, Any],
    by: str,
    now: float,
    note: str | None,
) -> None:
    """Write a version; it never changes."""
    connection.execute(
        insert(t.chain_versions).values(
            chain_id=chain_id,
            version=version,
            document=dict(stored),
            created_at=now,
            created_by=by,
            note=note,
        )
    )


def read_version(connection: Connection, chain_id: str, version: int) -> dict[str, Any] | None:
    """Return a version's document."""
    versions = t.chain_versions.c
    query = select(versions.document).where(
        versions.chain_id == chain_id, versions.version == version
    )
    found: dict[str, Any] | None = connection.execute(query).scalar()
    return found


def list_versions(connection: Connection, chain_id: str) -> list[Row[Any]]:
    """Return the versions of a chain without their documents, newest first."""
    versions = t.chain_versions.c
    query = select(versions.version, versions.created_at, versions.created_by, versions.note)
    query = query.where(versions.chain_id == chain_id).order_by(versions.version.desc())
    return list(connection.execute(query))


def delete_chain(connection: Connection, chain_id: str) -> None:
    """Delete a chain with all that hangs on it."""
    connection.execute(delete(t.task_chains).where(t.task_chains.c.chain_id == chain_id))


def _described(document: ChainDocument, stored: Mapping[str, Any]) -> dict[str, Any]:
    graph = {task.task_id: task.depends_on for task in document.tasks}
    return {
        "chain_name": document.chain_name,
        "description": document.description,
        "chain_type": chain_type_of(graph).value,
        "chain_config": dict(stored),
    }


def _count(document: ChainDocument) -> int:
    return sum(len(node_ids_of(task)) for task in document.tasks)


def _insert_edges(
    connection: Connection, chain_id: str, document: ChainDocument, now: float
) -> None:
    rows = [
        {
            "chain_id": chain_id,
            "from_task_id": before,
            "to_task_id": task.task_id,
            "dependency_type": "callback" if task.is_callback else "sequential",
            "created_at": now,
        }
        for task in document.tasks
        for before in dict.fromkeys(task.depends_on)
    ]
    if rows:
        connection.execute(insert(t.chain_dependencies), rows)
