"""The spans of a run and of its tasks' attempts, told when they have ended.

The run stands below the call or the schedule that started it; an attempt has the place of its
``execution_id`` in that trace, which the message to its workers carries, so that theirs stand
below it.
"""

from __future__ import annotations

from secretflow_worker.broker.telemetry import Place, Span, Telemetry
from secretflow_worker.contract.chain import ChainStatus, NodeStatus
from secretflow_worker.orchestrator.core.model import NodeState, RunPlan
from secretflow_worker.orchestrator.services.changes import Change, outcome_of


class RunSpans:
    """Its ``tell`` watches a ``Runs``."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def tell(self, change: Change) -> None:
        """Tell of what has ended by a change, in a run that is traced."""
        started_by = Place.read(change.trace_parent)
        if started_by is None:
            return
        run = started_by.named(change.plan.run_id)
        for node_id, was, node in change.ended():
            self._tell_attempt(change.plan, node_id, was, node, run, change.at)
        if change.has_ended:
            self._tell_run(change, run, started_by)

    def _tell_run(self, change: Change, run: Place, started_by: Place) -> None:
        status, error = change.after.status, change.after.error
        self._telemetry.tell(
            Span(
                "run",
                run,
                started_by,
                change.after.started_at or change.at,
                change.at,
                {
                    "chain_id": change.plan.chain_id,
                    "run_id": change.plan.run_id,
                    "status": status.value,
                },
                error=None if status is ChainStatus.SUCCESS else _code(error, status.value),
            )
        )

    def _tell_attempt(
        self, plan: RunPlan, node_id: str, was: NodeState, node: NodeState, run: Place, at: float
    ) -> None:
        if was.execution_id is None or was.queued_at is None:
            return
        status = outcome_of(node)
        task_type = plan.nodes[node_id].task_type
        place = run.named(was.execution_id)
        self._telemetry.tell(
            Span(
                f"task {task_type}",
                place,
                run,
                was.queued_at,
                at,
                {
                    "run_id": plan.run_id,
                    "task_id": node_id,
                    "task_type": task_type,
                    "execution_id": was.execution_id,
                    "attempt": was.attempt,
                    "status": status.value,
                },
                kind="producer",
                error=None if status is NodeStatus.SUCCESS else _code(node.error, status.value),
            )
        )
        begun = was.started_at if was.started_at is not None else node.started_at
        if begun is not None:
            self._telemetry.tell(Span("queue", place.child(), place, was.queued_at, begun))


def carried_by(trace_parent: str | None, execution_id: str) -> dict[str, str]:
    """Return the headers by which a message to a worker carries its attempt's place."""
    started_by = Place.read(trace_parent)
    return {} if started_by is None else {"traceparent": started_by.named(execution_id).write()}


def _code(error: object, otherwise: str) -> str:
    return str(getattr(error, "code", otherwise))
