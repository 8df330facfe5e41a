"""When something is due in a run although nobody says anything."""

from __future__ import annotations

from collections.abc import Iterator

from secretflow_worker.contract.chain import ChainStatus, NodeStatus
from secretflow_worker.orchestrator.core.model import NodePlan, NodeState, RunPlan, RunState

GRACE_S = 60.0
"""How much later than the worker itself the core counts a running attempt as timed out."""


def next_due(plan: RunPlan, state: RunState) -> float | None:
    """Return when ``TimePassed`` may change this state next, or None.

    What an event has to come before, time alone does not change: it is not due.
    """
    return min(_times(plan, state), default=None)


def running_limit(plan: NodePlan) -> float | None:
    """Return how long an attempt may be said to run."""
    return None if plan.timeout_s is None else plan.timeout_s + GRACE_S


def _times(plan: RunPlan, state: RunState) -> Iterator[float]:
    may_start = state.status is ChainStatus.RUNNING and _has_room(plan, state)
    for node_id, node in state.nodes.items():
        if node.drained_by is not None:
            yield node.drained_by
        if not state.status.is_terminal:
            yield from _of_node(plan.nodes[node_id], node, may_start)
    if not state.status.is_terminal:
        yield from _after(state.started_at, plan.timeout_s)


def _of_node(plan: NodePlan, node: NodeState, may_start: bool) -> Iterator[float]:
    if node.status is NodeStatus.RETRY:
        if may_start and node.draining is None and node.retry_at is not None:
            yield node.retry_at
    elif node.status is NodeStatus.QUEUED:
        yield from _after(node.queued_at, plan.queue_timeout_s)
    elif node.status is NodeStatus.RUNNING:
        yield from _after(node.started_at, running_limit(plan))


def _has_room(plan: RunPlan, state: RunState) -> bool:
    limit = plan.max_parallel
    return limit is None or sum(node.is_in_flight for node in state.nodes.values()) < limit


def _after(since: float | None, limit: float | None) -> Iterator[float]:
    if since is not None and limit is not None:
        yield since + limit
