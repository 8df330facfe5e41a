"""How an execution's end is told: the envelope, the failure, and Celery's record of either.

A failed task raises in Celery as one of the documented builtin exceptions, whose one argument
is the failure as JSON; no traceback is stored, which could hold values of a party.
"""

from __future__ import annotations

import builtins
import uuid
from typing import Any

from pydantic import ValidationError

from secretflow_worker.contract.errors import Cancelled, ErrorReport, WorkerError
from secretflow_worker.contract.events import utc_now
from secretflow_worker.contract.result import CeleryMetadata, Envelope, Failure, TaskOutcome
from secretflow_worker.worker.delivery import OutcomeState, StoredResult
from secretflow_worker.worker.keys import Execution
from secretflow_worker.worker.message import Origin


class TaskFailed(Exception):
    """Tells Celery that a task failed. `args` are the documented type and the failure as JSON."""

    @property
    def type_name(self) -> str:
        return str(self.args[0])

    @property
    def document(self) -> str:
        return str(self.args[1])

    def as_stored(self) -> dict[str, Any]:
        """Return what Celery's backend stores of an exception."""
        return {
            "exc_type": self.type_name,
            "exc_message": [self.document],
            "exc_module": _module_of(self.type_name),
        }


REVOKED_TYPE = "TaskRevokedError"
"""Celery's own exception for a revoked task, which its clients expect."""


def _module_of(type_name: str) -> str:
    return "builtins" if hasattr(builtins, type_name) else "celery.exceptions"


def failed(report: ErrorReport, *, is_revoked: bool = False) -> TaskFailed:
    """Return the exception that a client gets for an error."""
    document = Failure(error=report).model_dump_json()
    return TaskFailed(REVOKED_TYPE if is_revoked else report.type, document)


def success(execution: Execution, outcome: TaskOutcome, celery: CeleryMetadata) -> StoredResult:
    """Return the stored result of a success; its value is the envelope."""
    envelope = Envelope(
        task_id=execution.task_id,
        subtask_id=execution.subtask_id,
        execution_id=execution.execution_id,
        completed_at=utc_now(),
        result=outcome.model_copy(update={"celery_metadata": celery}),
    )
    return _stored("SUCCESS", envelope.model_dump(mode="json"))


def failure(error: WorkerError, traceback: str | None, refused: str | None) -> StoredResult:
    """Return the stored result of a failure or a cancellation; its value is the failure."""
    state: OutcomeState = "CANCELLED" if isinstance(error, Cancelled) else "FAILURE"
    value = Failure(error=error.report(traceback)).model_dump(mode="json")
    return _stored(state, value, refused)


def error_of(stored: StoredResult) -> ErrorReport:
    """Return the error of a stored failure."""
    try:
        return Failure.model_validate(stored.value).error
    except ValidationError:
        # Another version of this program may have stored it.
        return WorkerError("the execution failed; its stored report cannot be read").report()


def celery_metadata(origin: Origin, retries: int, execution_time_s: float) -> CeleryMetadata:
    """Return the ``celery_metadata`` of a result; `retries` are those of this delivery."""
    return CeleryMetadata(
        celery_task_id=origin.celery_task_id,
        celery_queue=origin.queue,
        celery_exchange=origin.exchange,
        retry_count=retries + origin.retries + origin.redeliveries,
        celery_execution_time=round(execution_time_s, 6),
        worker_hostname=origin.hostname,
        task_eta=origin.eta,
    )


def _stored(state: OutcomeState, value: dict[str, Any], refused: str | None = None) -> StoredResult:
    return StoredResult(outcome_id=str(uuid.uuid4()), state=state, value=value, refused=refused)
