"""What a worker does at its start with what an earlier one left in the journal."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable

from secretflow_worker.contract.errors import WorkerLost
from secretflow_worker.contract.events import Status
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Recovered
from secretflow_worker.worker import outcome
from secretflow_worker.worker.journal import Entry
from secretflow_worker.worker.reporter import RunReport
from secretflow_worker.worker.shell import Shell

_log = logging.getLogger(__name__)


def recover(shell: Shell, left: Iterable[Entry], rolled_forward: Iterable[Recovered]) -> None:
    """Answer or queue again every message that an earlier worker had in hand.

    An outcome that Redis never got is sent; a run whose outputs were being renamed has
    succeeded; any other run is queued again, or has failed if it was queued again too often.
    """
    finished = {run.execution_id: run.outcome for run in rolled_forward}
    for entry in left:
        execution_id = entry.message.execution.execution_id
        if entry.state == "finished" and entry.delivery is not None:
            shell.owe(entry.delivery)
        elif execution_id in finished:
            _succeed(shell, entry, finished[execution_id])
        elif entry.state == "returned":
            shell.queue_again(
                entry.celery_task_id, WorkerLost("the worker was stopped"), is_counted=False
            )
        elif entry.origin(shell.nodename).redeliveries < shell.settings.max_redeliveries:
            lost = WorkerLost("the worker was killed while it ran this")
            shell.queue_again(entry.celery_task_id, lost, is_counted=True)
        else:
            _give_up(shell, entry)


def _succeed(shell: Shell, entry: Entry, ended: TaskOutcome) -> None:
    execution = entry.message.execution
    origin = entry.origin(shell.nodename)
    celery = outcome.celery_metadata(origin, 0, time.time() - entry.accepted_at)
    stored = outcome.success(execution, ended, celery)
    event = RunReport(shell.reporter, execution).end(Status.SUCCESS, result=stored.value["result"])
    _log.warning(
        "a run of the killed worker had succeeded", extra={"execution_id": execution.execution_id}
    )
    shell.deliver(execution, origin, stored, event, entry.claim_token)


def _give_up(shell: Shell, entry: Entry) -> None:
    execution = entry.message.execution
    origin = entry.origin(shell.nodename)
    times = origin.redeliveries + 1
    error = WorkerLost(f"the worker was killed while it ran this, {times} times")
    stored = outcome.failure(error, None, None)
    event = RunReport(shell.reporter, execution).end(
        Status.FAILURE, error=error.report().model_dump(mode="json")
    )
    _log.error("given up: %s", error.message, extra={"execution_id": execution.execution_id})
    shell.deliver(execution, origin, stored, event, entry.claim_token)
