"""Lines in the log about runs, as they begin and end, with the ids of what they are about."""

from __future__ import annotations

import logging

from secretflow_worker.contract.chain import ChainStatus, NodeStatus
from secretflow_worker.orchestrator.services.changes import Change, outcome_of

_log = logging.getLogger(__name__)


def write_lines(change: Change) -> None:
    """Tell of a run's begin and end, and of attempts: an error by its code, never by its text."""
    ids = {"chain_id": change.plan.chain_id, "run_id": change.plan.run_id}
    if change.before.status is ChainStatus.PENDING and change.after.status is ChainStatus.RUNNING:
        _log.info("run begins", extra=ids)
    for node_id, was, node in change.ended():
        status = outcome_of(node)
        level = logging.DEBUG if status is NodeStatus.SUCCESS else logging.INFO
        about = {
            **ids,
            "execution_id": was.execution_id,
            "task_type": change.plan.nodes[node_id].task_type,
        }
        code = "" if node.error is None else f" {node.error.code}"
        _log.log(level, "attempt ends: %s%s", status.value, code, extra=about)
    if change.has_ended:
        error = change.after.error
        code = "" if error is None else f" {error.code}"
        _log.info("run ends: %s%s", change.after.status.value, code, extra=ids)
