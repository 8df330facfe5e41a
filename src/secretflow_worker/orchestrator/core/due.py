"""When something is due in a run although nobody says anything."""

from __future__ import annotations

from collections.abc import Iterator

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.orchestrator.core.model import NodePlan, RunPlan, RunState

GRACE_S = 60.0
"""How much later than the worker itself the core counts a running attempt as timed out."""


def next_due(plan: RunPlan, state: RunState) -> float | None:
    """Return when ``TimePassed`` may change this state next, or None."""
    return min(_times(plan, state), default=None)


def running_limit(plan: NodePlan) -> float | None:
    """Return how long an attempt may be said to run."""
    return None if plan.timeout_s is None else plan.timeout_s + GRACE_S


def _times(plan: RunPlan, state: RunState) -> Iterator[float]:
    for node_id, node in state.nodes.items():
        if node.drained_by is not None:
            yield node.drained_by
        if state.status.is_terminal:
            continue
        of_node = plan.nodes[node_id]
        if node.status is NodeStatus.RETRY and node.retry_at is not None:
            yield node.retry_at
        elif node.status is NodeStatus.QUEUED:
            yield from _after(node.queued_at, of_node.queue_timeout_s)
        elif node.status is NodeStatus.RUNNING:
            yield from _after(node.started_at, running_limit(of_node))
    if not state.status.is_terminal:
        yield from _after(state.started_at, plan.timeout_s)


def _after(since: float | None, limit: float | None) -> Iterator[float]:
    if since is not None and limit is not None:
        yield since + limit
