"""What happened to a chain, one line after the other: for people, and for clients that watch."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert

from secretflow_worker.orchestrator.core.model import NodeState, RunPlan, RunState
from secretflow_worker.orchestrator.store import tables as t


def put_node(
    connection: Connection,
    plan: RunPlan,
    node_id: str,
    before: NodeState,
    after: NodeState,
    now: float,
) -> None:
    """Write what became of a node, where it is something that a watcher sees."""
    if (before.status, before.progress, before.attempt) == (
        after.status, after.progress, after.attempt,
    ):  # fmt: skip
        return
    data: dict[str, Any] = {
        "status": after.status.value,
        "attempt": after.attempt,
        "progress": round(after.progress, 4),
    }
    if after.error is not None:
        data["error"] = after.error.model_dump(mode="json", exclude={"traceback"})
    put(connection, plan.chain_id, "task", data, now, run_id=plan.run_id, node_id=node_id)


def put_run(connection: Connection, plan: RunPlan, state: RunState, now: float) -> None:
    """Write what became of the run as a whole."""
    data: dict[str, Any] = {"status": state.status.value}
    if state.error is not None:
        data["error"] = state.error.model_dump(mode="json", exclude={"traceback"})
    put(connection, plan.chain_id, "chain", data, now, run_id=plan.run_id)


def put(
    connection: Connection,
    chain_id: str,
    kind: str,
    data: dict[str, Any],
    now: float,
    *,
    run_id: str | None = None,
    node_id: str | None = None,
) -> None:
    """Write one line."""
    connection.execute(
        insert(t.history).values(
            chain_id=chain_id, run_id=run_id, node_id=node_id, at=now, kind=kind, data=data
        )
    )
