"""What an event did to a run, told after its transaction: for figures, logs and traces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from secretflow_worker.contract.chain import NodeStatus
from secretflow_worker.orchestrator.core.model import NodeState, RunPlan, RunState


@dataclass(frozen=True)
class Change:
    """`trace_parent` is the W3C ``traceparent`` of what started the run, if that was traced."""

    plan: RunPlan
    before: RunState
    after: RunState
    changed: Sequence[str]
    """The ids of the nodes that are not as they were."""
    at: float
    trace_parent: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the run ended by it."""
        return self.after.status.is_terminal and not self.before.status.is_terminal

    def started(self) -> Iterator[tuple[str, NodeState]]:
        """Yield the nodes whose attempt has begun to run."""
        for node_id in self.changed:
            was, node = self.before.nodes[node_id], self.after.nodes[node_id]
            if node.started_at is not None and was.started_at is None:
                yield node_id, node

    def ended(self) -> Iterator[tuple[str, NodeState, NodeState]]:
        """Yield the nodes whose attempt has ended: as they were, and as they are."""
        for node_id in self.changed:
            was, node = self.before.nodes[node_id], self.after.nodes[node_id]
            is_other = not node.is_in_flight or node.execution_id != was.execution_id
            if was.is_in_flight and is_other:
                yield node_id, was, node


def outcome_of(node: NodeState) -> NodeStatus:
    """Return how an attempt ended: one that will be tried again has failed."""
    return node.status if node.status.is_terminal else NodeStatus.FAILURE
