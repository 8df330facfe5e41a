"""The decision: what a run's state becomes by an event, and what is to be done.

Pure, total and idempotent: an event that is late, doubled or out of order changes nothing. The
attempt's ``execution_id`` is the fence, and a node that has ended stays as it ended.
"""

from __future__ import annotations

from secretflow_worker.contract.chain import ChainStatus
from secretflow_worker.orchestrator.core.model import (
    CancelAsked,
    Decision,
    Event,
    NodeState,
    PauseAsked,
    Reported,
    ResumeAsked,
    RetryAsked,
    RunPlan,
    RunState,
    Started,
    TimePassed,
)
from secretflow_worker.orchestrator.core.working import Working


def initial_state(plan: RunPlan) -> RunState:
    """Return the state of a run that has not started."""
    return RunState(nodes={node_id: NodeState() for node_id in plan.nodes})


def decide(plan: RunPlan, state: RunState, event: Event) -> Decision:
    """Return the state after an event, and the commands that follow from it."""
    run = Working(plan, state, event.at)
    match event:
        case Started() if run.status is ChainStatus.PENDING:
            run.start(event.reusable)
        case Reported():
            run.take_report(event)
        case TimePassed():
            run.check_deadlines()
        case PauseAsked() if run.status is ChainStatus.RUNNING:
            run.status = ChainStatus.PAUSED
        case ResumeAsked() if run.status is ChainStatus.PAUSED:
            run.status = ChainStatus.RUNNING
        case CancelAsked() if not run.status.is_terminal:
            run.cancel(ChainStatus.CANCELLED)
        case RetryAsked():
            run.retry(event)
    run.advance()
    return run.decision()
