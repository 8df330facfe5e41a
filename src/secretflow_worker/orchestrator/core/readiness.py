"""Whether a node may run, and with what message."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from secretflow_worker.contract.chain import NodeStatus, SkipReason, TriggerRule
from secretflow_worker.contract.errors import ConfigError, ErrorReport
from secretflow_worker.orchestrator.core.conditions import ConditionFault, evaluate
from secretflow_worker.orchestrator.core.model import NodePlan, NodeState, RunPlan, wire_id
from secretflow_worker.orchestrator.core.references import ReferenceFault, render


class Verdict(Enum):
    WAIT = "wait"
    RUN = "run"


def judge(plan: NodePlan, nodes: Mapping[str, NodeState], is_halted: bool) -> Verdict | SkipReason:
    """Return what a pending node's dependencies and rule say of it, or why it is skipped.

    In a run that is halted by a failure only what waits for failures starts any more.
    """
    before = [nodes[node_id].status for node_id in plan.depends_on]
    if not all(status.is_terminal for status in before):
        return Verdict.WAIT
    has_failed = any(status in (NodeStatus.FAILURE, NodeStatus.CANCELLED) for status in before)
    if plan.trigger_rule is TriggerRule.ONE_FAILED:
        return Verdict.RUN if has_failed else SkipReason.TRIGGER_RULE
    if plan.trigger_rule is TriggerRule.ALL_DONE:
        return Verdict.RUN
    if not all(status is NodeStatus.SUCCESS for status in before):
        return SkipReason.DEPENDS_ON
    return SkipReason.STOP_ON_ERROR if is_halted else Verdict.RUN


def make_request(
    plan: RunPlan, node: NodePlan, nodes: Mapping[str, NodeState], execution_id: str
) -> dict[str, Any] | ErrorReport | None:
    """Return the message of an attempt, None where its condition says no, or what is wrong.

    The message is as contract section 1 has it, but for ``self_party``.
    """
    tasks = _view(plan, nodes)
    try:
        if node.when is not None and not evaluate(node.when, tasks):
            return None
    except ConditionFault as fault:
        return _fault(node, "when", fault)
    try:
        params: dict[str, Any] = render(node.params, tasks, node.each)
    except ReferenceFault as fault:
        return _fault(node, "task_params", fault)
    timeout = {} if node.timeout_s is None else {"timeout_s": node.timeout_s}
    return {
        "task_id": plan.chain_id,
        "subtask_id": wire_id(node.node_id),
        "execution_id": execution_id,
        "priority": plan.priority,
        **timeout,
        **params,
    }


def _view(plan: RunPlan, nodes: Mapping[str, NodeState]) -> dict[str, Any]:
    """Return what references and conditions see: ended tasks by id, a sweep's as a list."""
    view: dict[str, Any] = {}
    for node_id in plan.nodes:
        if node_id not in plan.needed:
            continue
        state, task_id = nodes[node_id], plan.nodes[node_id].task_id
        seen = {"status": state.status.value, "result": state.result}
        if node_id != task_id:
            view.setdefault(task_id, []).append(seen)
        elif state.status.is_terminal:
            view[task_id] = seen
    return view


def _fault(node: NodePlan, field: str, fault: Exception) -> ErrorReport:
    return ConfigError(f"task {node.node_id}, {field}: {fault}").report()
