"""Tells where an execution is: the status events of contract section 6.

Progress is thinned to a few events a second; the last one before a pause or an end is always
sent. Nothing here waits for Redis.
"""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

from secretflow_worker.contract.errors import ErrorReport
from secretflow_worker.contract.events import Stage, Status, StatusEvent, utc_now
from secretflow_worker.engine import RunProgress
from secretflow_worker.worker.delivery import Wire, unnumbered
from secretflow_worker.worker.keys import Execution
from secretflow_worker.worker.outbox import Outbox

_PROGRESS_EVERY_S = 0.2


class Reporter:
    """Makes and sends the events of all executions of this worker. Thread-safe."""

    def __init__(self, outbox: Outbox, wire: Wire, worker_name: str) -> None:
        self._outbox = outbox
        self._wire = wire
        self._worker_name = worker_name

    def send(self, execution: Execution, status: Status, **data: Any) -> None:
        """Queue a non-terminal event; it is dropped if Redis stays away for long."""
        event = self.event_of(execution, status, **data)
        self._outbox.put(
            lambda: self._wire.send_event(execution.result_key, execution.seq_key, event),
            is_droppable=True,
        )

    def event_of(self, execution: Execution, status: Status, **data: Any) -> str:
        """Return an event as JSON, all but its ``seq``."""
        ids = {
            "task_id": execution.task_id,
            "subtask_id": execution.subtask_id,
            "execution_id": execution.execution_id,
        }
        party = {"party": execution.party} if execution.party is not None else {}
        event = StatusEvent(
            event_id=str(uuid.uuid4()),
            seq=0,
            task_request_id=execution.execution_id,
            status=status,
            timestamp=utc_now(),
            data={**ids, **party, **data},
            worker_container=self._worker_name,
            **ids,
        )
        return unnumbered(event)


class RunReport:
    """The events of one run. Thread-safe."""

    def __init__(self, reporter: Reporter, execution: Execution) -> None:
        self._reporter = reporter
        self._execution = execution
        self._guard = threading.Lock()
        self._stage = Stage.RECEIVED
        self._sent_at = 0.0
        self._held: RunProgress | None = None
        self.started_at = utc_now()

    def received(self) -> None:
        self._send(RunProgress(Stage.RECEIVED, Stage.RECEIVED.progress(), None))

    def progress(self, now: RunProgress) -> None:
        """Take what the engine says; a stage is announced once, then thinned."""
        with self._guard:
            is_new_stage = now.stage is not self._stage
            if is_new_stage:
                if _ORDER[now.stage] < _ORDER[self._stage]:
                    return
                self._release()
                self._stage = now.stage
            elif now.stage is not Stage.TASK_EXECUTION:
                return
            if is_new_stage or time.monotonic() - self._sent_at >= _PROGRESS_EVERY_S:
                self._held = None
                self._send(now)
            else:
                self._held = now

    def flush(self, *, is_due: bool = False) -> None:
        """Send the progress that was held back, if there is any (and its time has come)."""
        with self._guard:
            if not is_due or time.monotonic() - self._sent_at >= _PROGRESS_EVERY_S:
                self._release()

    def retry(self, error: ErrorReport, number: int, wait_s: float) -> None:
        """Tell that the run failed in a way that may pass, and starts again after `wait_s`."""
        with self._guard:
            self._release()
            stage, self._stage = self._stage, Stage.RECEIVED
        self._reporter.send(
            self._execution,
            Status.RETRY,
            stage=stage.value,
            progress=0.0,
            retry=number,
            wait_s=round(wait_s, 3),
            error=error.model_dump(mode="json"),
        )

    def end(self, status: Status, **data: Any) -> str:
        """Send what was held back, and return the terminal event for the outcome's delivery."""
        with self._guard:
            self._release()
            stage = self._stage
        return self._reporter.event_of(
            self._execution,
            status,
            stage=stage.value,
            progress=1.0,
            started_at=self.started_at,
            **data,
        )

    def _release(self) -> None:
        if self._held is not None:
            self._send(self._held)
            self._held = None

    def _send(self, now: RunProgress) -> None:
        self._sent_at = time.monotonic()
        optional = {"party": now.party, "message": now.message}
        self._reporter.send(
            self._execution,
            Status.RUNNING,
            stage=now.stage.value,
            progress=now.progress,
            started_at=self.started_at,
            **{name: value for name, value in optional.items() if value},
        )


_ORDER = {stage: number for number, stage in enumerate(Stage)}
