"""Chains stored without the services, what is stored, and what workers tell of them."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import insert, select, update

from secretflow_worker.contract.chain import parse_chain
from secretflow_worker.contract.events import Status, StatusEvent, utc_now
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database

LINE = {
    "chain_name": "line",
    "tasks": [
        {"task_id": "a", "task_type": "psi", "task_params": {"task_config": {}}},
        {
            "task_id": "b",
            "task_type": "psi",
            "depends_on": ["a"],
            "task_params": {"task_config": {"n": "${tasks.a.result.count}"}},
        },
    ],
    "options": {"parties": ["alice", "bob"], "priority": "high"},
}


def store_chain(database: Database, document: dict[str, Any], chain_id: str = "c-1") -> str:
    parse_chain(document)
    with database.transaction() as connection:
        connection.execute(
            insert(t.task_chains).values(
                chain_id=chain_id, chain_name="line", chain_type="sequential", version=1,
                chain_config=document, status="PENDING", created_at=1.0, updated_at=1.0,
                created_by="me",
            )
        )  # fmt: skip
        connection.execute(
            insert(t.chain_versions).values(
                chain_id=chain_id, version=1, document=document, created_at=1.0, created_by="me"
            )
        )
    return chain_id


def event(execution_id: str, status: Status, **data: Any) -> StatusEvent:
    ids = {"task_id": "c-1", "subtask_id": "a", "execution_id": execution_id}
    return StatusEvent(
        event_id=str(uuid.uuid4()), seq=1, task_request_id=execution_id, status=status,
        timestamp=utc_now(), data=data, worker_container="w", **ids,
    )  # fmt: skip


def success(
    execution_id: str, result: Any = None, peaks: dict[str, Any] | None = None, **data: Any
) -> StatusEvent:
    metrics = {} if peaks is None else {"peak_rss_bytes": peaks}
    outcome = {"status": "success", "result": result, "performance_metrics": metrics}
    return event(execution_id, Status.SUCCESS, result=outcome, **data)


def rows(database: Database, table: Any, *order: Any) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(table).order_by(*order)))


def statuses(database: Database) -> dict[str, str]:
    return {row.node_id: row.status for row in rows(database, t.chain_tasks)}


def send_all(database: Database) -> None:
    """Do what the relay does: from now on a worker may have every message."""
    with database.transaction() as connection:
        connection.execute(update(t.outbox).values(sent_at=2.0))
