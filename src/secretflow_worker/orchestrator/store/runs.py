"""Runs in SQL: read a run's state, and write what a decision made of it.

A node's row is written by a guarded UPDATE: it must be as it was read, or the transaction fails
and nothing of it is kept. So two services that decide at once can never both win.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from secretflow_worker.contract.chain import ChainStatus, NodeStatus, SkipReason
from secretflow_worker.contract.errors import ErrorReport, InternalError
from secretflow_worker.orchestrator.core.model import NodeState, RunPlan, RunState
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.remembered import Nodes, RememberedStates, make_tag

PRIORITIES = {"low": 9, "normal": 5, "high": 1}
"""A smaller number goes first."""

_STATE_COLUMNS = [
    t.chain_tasks.c[name]
    for name in (
        "node_id", "status", "attempt", "budget_from", "task_request_id", "succeeded", "progress",
        "queued_at", "started_at", "completed_at", "retry_at", "draining", "draining_parties",
        "drained_by", "error", "reused_from", "skip_reason",
    )
]  # fmt: skip


def lock_run(connection: Connection, run_id: str) -> Row[Any] | None:
    """Return a run's row, held until the transaction ends (SQLite's has the lock already).

    The chain's row is held first, as it is by whoever changes a chain: two who take the same rows
    in another order would wait for each other.
    """
    if connection.dialect.name == "postgresql":
        of_run = select(t.chain_runs.c.chain_id).where(t.chain_runs.c.run_id == run_id)
        chain = select(t.task_chains.c.chain_id).where(
            t.task_chains.c.chain_id == of_run.scalar_subquery()
        )
        connection.execute(chain.with_for_update())
    query = select(t.chain_runs).where(t.chain_runs.c.run_id == run_id).with_for_update()
    return connection.execute(query).one_or_none()


def read_state(
    connection: Connection, plan: RunPlan, run: Row[Any], remembered: RememberedStates
) -> RunState:
    """Return the state of a run; results only of nodes that others need, or that are in flight."""
    nodes = remembered.find(plan.run_id, run.state_tag)
    return RunState(
        status=ChainStatus(run.status),
        nodes=_read_nodes(connection, plan) if nodes is None else nodes,
        started_at=run.started_at,
        ended_at=run.ended_at,
        error=_error_of(run.error),
    )


def _read_nodes(connection: Connection, plan: RunPlan) -> Nodes:
    of_run = t.chain_tasks.c.run_id == plan.run_id
    is_in_flight = t.chain_tasks.c.status.in_(("QUEUED", "RUNNING"))
    query = select(t.chain_tasks.c.node_id, t.chain_tasks.c.result).where(
        of_run,
        t.chain_tasks.c.result.is_not(None),
        or_(t.chain_tasks.c.node_id.in_(plan.needed), is_in_flight),
    )
    results = {row.node_id: row.result for row in connection.execute(query)}
    rows = connection.execute(select(*_STATE_COLUMNS).where(of_run))
    return {row.node_id: _node_of(row, results.get(row.node_id)) for row in rows}


def insert_nodes(
    connection: Connection, plan: RunPlan, names: Mapping[str, str], now: float
) -> None:
    """Write the rows of a run's nodes, as yet untouched; `names` are the tasks' own."""
    connection.execute(
        insert(t.chain_tasks),
        [
            {
                "run_id": plan.run_id,
                "node_id": node.node_id,
                "chain_id": plan.chain_id,
                "task_id": node.task_id,
                "task_name": names[node.task_id],
                "task_type": node.task_type,
                "depends_on": list(node.depends_on),
                "status": NodeStatus.PENDING.value,
                "execution_order": order,
                "priority": PRIORITIES[plan.priority],
                "created_at": now,
                "updated_at": now,
            }
            for order, node in enumerate(plan.nodes.values())
        ],
    )


def write_changes(
    connection: Connection,
    plan: RunPlan,
    before: RunState,
    after: RunState,
    now: float,
    remembered: RememberedStates,
) -> list[str]:
    """Write the nodes that a decision changed, and the run; returns the changed nodes.

    Raises:
        InternalError: a row is not as it was read, which the lock should have prevented.
    """
    changed = [
        node_id for node_id, node in after.nodes.items() if node is not before.nodes[node_id]
    ]
    for node_id in changed:
        _write_node(
            connection, plan.run_id, node_id, before.nodes[node_id], after.nodes[node_id], now
        )
    if changed or after is not before:
        tag = make_tag()
        _write_run(connection, plan, after, now, tag)
        remembered.keep(plan.run_id, tag, _without_results(plan, after, changed))
    return changed


def _without_results(plan: RunPlan, state: RunState, changed: Iterable[str]) -> Nodes:
    """Leave out the results that nothing needs any more: the rows have them."""
    nodes = dict(state.nodes)
    for node_id in changed:
        node = nodes[node_id]
        if node.result is not None and not node.is_in_flight and node_id not in plan.needed:
            nodes[node_id] = replace(node, result=None)
    return nodes


def _write_node(
    connection: Connection, run_id: str, node_id: str, old: NodeState, new: NodeState, now: float
) -> None:
    values: dict[str, Any] = {
        "status": new.status.value,
        "attempt": new.attempt,
        "budget_from": new.budget_from,
        "task_request_id": new.execution_id,
        "celery_task_id": new.execution_id,
        "succeeded": sorted(new.succeeded),
        "progress": new.progress,
        "queued_at": new.queued_at,
        "started_at": new.started_at,
        "completed_at": new.ended_at,
        "retry_at": new.retry_at,
        "draining": new.draining,
        "draining_parties": sorted(new.draining_parties),
        "drained_by": new.drained_by,
        "error": None if new.error is None else new.error.model_dump(mode="json"),
        "reused_from": new.reused_from,
        "skip_reason": None if new.skip_reason is None else new.skip_reason.value,
        "updated_at": now,
    }
    # The state holds a result only where it is needed; an unchanged one is left in its row.
    if new.result is not old.result or new.status is NodeStatus.PENDING:
        values["result"] = new.result
    guarded = update(t.chain_tasks).where(
        t.chain_tasks.c.run_id == run_id,
        t.chain_tasks.c.node_id == node_id,
        t.chain_tasks.c.status == old.status.value,
        t.chain_tasks.c.attempt == old.attempt,
    )
    if connection.execute(guarded.values(values)).rowcount != 1:
        raise InternalError(f"the row of {node_id} in run {run_id} changed while it was decided")


def _write_run(
    connection: Connection, plan: RunPlan, state: RunState, now: float, tag: str
) -> None:
    error = None if state.error is None else state.error.model_dump(mode="json")
    connection.execute(
        update(t.chain_runs)
        .where(t.chain_runs.c.run_id == plan.run_id)
        .values(
            status=state.status.value,
            started_at=state.started_at,
            ended_at=state.ended_at,
            error=error,
            state_tag=tag,
        )
    )
    statuses = [node.status for node in state.nodes.values()]
    connection.execute(
        update(t.task_chains)
        .where(t.task_chains.c.chain_id == plan.chain_id)
        .values(
            status=state.status.value,
            celery_chain_id=plan.run_id,
            total_tasks=len(statuses),
            completed_tasks=_done(statuses),
            failed_tasks=statuses.count(NodeStatus.FAILURE),
            started_at=state.started_at,
            completed_at=state.ended_at,
            updated_at=now,
        )
    )


def _done(statuses: list[NodeStatus]) -> int:
    """Count what is done; a skipped task is, unless one failed: that may be why it was."""
    skipped = 0 if NodeStatus.FAILURE in statuses else statuses.count(NodeStatus.SKIPPED)
    return statuses.count(NodeStatus.SUCCESS) + skipped


def _node_of(row: Row[Any], result: Any) -> NodeState:
    return NodeState(
        status=NodeStatus(row.status),
        attempt=row.attempt,
        budget_from=row.budget_from,
        execution_id=row.task_request_id,
        succeeded=frozenset(row.succeeded or ()),
        progress=row.progress,
        queued_at=row.queued_at,
        started_at=row.started_at,
        ended_at=row.completed_at,
        retry_at=row.retry_at,
        draining=row.draining,
        draining_parties=frozenset(row.draining_parties or ()),
        drained_by=row.drained_by,
        result=result,
        error=_error_of(row.error),
        reused_from=row.reused_from,
        skip_reason=None if row.skip_reason is None else SkipReason(row.skip_reason),
    )


def _error_of(document: Mapping[str, Any] | None) -> ErrorReport | None:
    return None if document is None else ErrorReport.model_validate(document)
