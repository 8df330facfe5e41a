"""Status events: what a worker publishes while it runs a task (contract, section 6)."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict

from secretflow_worker.contract.names import TASK_NAME


class Status(str, Enum):
    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    RETRY = "RETRY"
    CANCELLED = "CANCELLED"

    @property
    def is_terminal(self) -> bool:
        return self in {Status.SUCCESS, Status.FAILURE, Status.CANCELLED}


class Stage(str, Enum):
    """The stages of a run, in order."""

    RECEIVED = "received"
    CLUSTER_INIT = "cluster_init"
    DEVICE_CREATION = "device_creation"
    TASK_EXECUTION = "task_execution"

    def progress(self, done: float = 0.0) -> float:
        """Map the share of this stage that is done (0 to 1) to the progress of the whole run."""
        if self is Stage.TASK_EXECUTION:
            return round(0.5 + 0.45 * min(max(done, 0.0), 1.0), 4)
        return {Stage.RECEIVED: 0.0, Stage.CLUSTER_INIT: 0.1, Stage.DEVICE_CREATION: 0.3}[self]


class StatusEvent(BaseModel):
    """``seq`` grows by one per execution, from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event_id: str
    seq: int
    execution_id: str
    task_request_id: str
    task_id: str
    subtask_id: str
    status: Status
    timestamp: str
    data: dict[str, Any]
    worker_container: str
    task_name: str = TASK_NAME


def utc_now() -> str:
    """Return the time as the wire writes it: UTC, ISO 8601, microseconds, ``Z``."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: str) -> datetime:
    """Return a time that the wire wrote.

    Raises:
        ValueError: it is none.
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00"))  # Python 3.10 knows no "Z"
