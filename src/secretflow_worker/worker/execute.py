"""One message from acceptance to outcome, in the thread that Celery gave it.

::

    claim ──▶ stored result (the execution has ended already)
      └────▶ check ─▶ run ─▶ outcome           transient failure: wait, run again
                       └──▶ queued again       the worker is stopping

Whatever happens, the message ends in one outcome, or in a queue again.
"""

from __future__ import annotations

import logging
import random
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from celery import states
from celery.exceptions import Ignore

from secretflow_worker.broker.telemetry import HEADER
from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.errors import (
    ConfigError,
    InputError,
    InternalError,
    PolicyError,
    TransientError,
    WorkerError,
)
from secretflow_worker.contract.events import Status
from secretflow_worker.contract.request import parse_request
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Plan, RunProgress
from secretflow_worker.worker import outcome
from secretflow_worker.worker.delivery import StoredResult
from secretflow_worker.worker.message import Message, Origin, read_message
from secretflow_worker.worker.pool import Job, StopReason, current_job
from secretflow_worker.worker.reporter import RunReport
from secretflow_worker.worker.spans import MessageSpans
from secretflow_worker.worker.traces import Trace
from secretflow_worker.worker.watch import Watched

if TYPE_CHECKING:
    from secretflow_worker.worker.shell import Shell

_log = logging.getLogger(__name__)
_REFUSALS = (ConfigError, InputError, PolicyError)
_BACKOFF_MAX_S = 60.0
_DEADLINE_SLACK_S = 1.0
"""The engine ends a late run itself, and says more about it; the watch only bounds retries."""


@dataclass
class Run:
    """A message in hand."""

    message: Message
    origin: Origin
    watched: Watched
    started: float
    retries: int = 0
    trace: Trace | None = None
    spans: MessageSpans | None = None
    was_started: bool = False
    """Whether the engine was asked to run it, so that it was not merely refused."""

    @property
    def job(self) -> Job:
        return self.watched.job

    def tell_progress(self, now: RunProgress) -> None:
        """Take what the engine says."""
        self.watched.report.progress(now)
        if self.spans is not None:
            self.spans.progress(now)

    @property
    def log_fields(self) -> dict[str, Any]:
        execution = self.message.execution
        return {
            "execution_id": execution.execution_id,
            "party": execution.party,
            "task_type": execution.task_type,
        }


class Executor:
    """What the Celery task does. One for all threads of the worker."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell

    def execute(
        self, origin: Origin, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Run a message and return its envelope.

        Raises:
            TaskFailed: the execution failed, now or when the message came before.
            Ignore: it was revoked, or goes back to the queue.
        """
        run = self._begin(read_message(args, kwargs, origin.celery_task_id), origin)
        earlier = None
        with self._shell.watch.over(run.watched):
            try:
                earlier = self._claim(run)
                if earlier is None:
                    ended = self._run(run)
            except WorkerError as error:
                raise self._end_badly(run, error) from None
            except Exception as fault:  # noqa: BLE001 - the edge of the task: all is answered
                _log.error("a bug in the worker\n%s", traceback_of(fault), extra=run.log_fields)
                bug = InternalError(f"{type(fault).__name__} in the worker's own code")
                raise self._end_badly(run, bug) from None
        if earlier is not None:
            return self._repeat(run, earlier)
        return self._succeed(run, ended)

    def discard(self, message: Message, origin: Origin, error: WorkerError) -> None:
        """End a message that was revoked before any thread took it."""
        report = RunReport(self._shell.reporter, message.execution)
        stored = outcome.failure(error, None, None)
        event = report.end(Status.CANCELLED, error=error.report().model_dump(mode="json"))
        self._shell.deliver(message.execution, origin, stored, event, "", is_revoked=True)

    def _begin(self, message: Message, origin: Origin) -> Run:
        watched = Watched(
            current_job(),
            message.execution,
            RunReport(self._shell.reporter, message.execution),
            self._shell.journal.claim_token(origin.celery_task_id),
        )
        return Run(message, origin, watched, time.monotonic())

    def _claim(self, run: Run) -> StoredResult | None:
        if self._shell.backend.was_revoked(run.origin.celery_task_id):
            self._shell.pool.terminate_job(run.job.number)
        run.job.raise_if_stopped()
        earlier = self._shell.claims.take(
            run.message.execution, run.watched.token, run.message.digest, run.job.wait
        )
        run.watched.is_claimed = earlier is None
        return earlier

    def _run(self, run: Run) -> TaskOutcome:
        _log.info("received", extra=run.log_fields)
        run.watched.report.received()
        self._shell.raise_if_asked_to_stop(run.watched)
        if run.message.fault is not None:
            raise run.message.fault
        request = parse_request(run.message.document)
        plan = self._shell.engine.prepare(request, asked_by=run.origin.sender)
        run.watched.deadline = time.monotonic() + plan.timeout_s + _DEADLINE_SLACK_S
        run.was_started = True
        traceparent = run.origin.traceparent or (request.trace_context or {}).get(HEADER)
        run.spans = MessageSpans.of(self._shell.telemetry, run.message.execution, traceparent)
        run.trace = self._shell.traces.begin(plan)
        while True:
            try:
                return self._attempt(run, plan)
            except TransientError as error:
                wait_s = self._retry_after(run, error)
                if wait_s is None:
                    raise
                self._announce_retry(run, error, wait_s)
                run.job.wait(wait_s)

    def _attempt(self, run: Run, plan: Plan) -> TaskOutcome:
        run.job.raise_if_stopped()
        attempts_before = run.origin.redeliveries * (self._shell.settings.retry_max + 1)
        return self._shell.engine.run(
            plan,
            attempt=attempts_before + run.retries + 1,
            stop=run.job.stop,
            on_progress=run.tell_progress,
        )

    def _retry_after(self, run: Run, error: TransientError) -> float | None:
        """Return how long to wait before the next attempt, or None if there shall be none."""
        settings = self._shell.settings
        if error is run.job.stop.error or run.retries >= settings.retry_max:
            return None
        backoff = min(settings.retry_backoff_s * 2.0**run.retries, _BACKOFF_MAX_S)
        wait_s = backoff * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, hides nothing
        deadline = run.watched.deadline
        if deadline is not None and time.monotonic() + wait_s >= deadline:
            return None
        return wait_s

    def _announce_retry(self, run: Run, error: TransientError, wait_s: float) -> None:
        run.retries += 1
        report = error.report()
        _log.warning(
            "retry %d in %.1f s after %s", run.retries, wait_s, error.code, extra=run.log_fields
        )
        run.watched.report.retry(report, run.retries, wait_s)
        record = self._shell.backend.record(run.origin, outcome.failed(report), states.RETRY)
        self._shell.send_record(record)

    def _succeed(self, run: Run, ended: TaskOutcome) -> dict[str, Any]:
        elapsed = time.monotonic() - run.started
        celery = outcome.celery_metadata(run.origin, run.retries, elapsed)
        stored = outcome.success(run.message.execution, ended, celery)
        prints = {} if run.trace is None else run.trace.end(elapsed)
        told = {"fingerprints": prints} if prints else {}
        event = run.watched.report.end(Status.SUCCESS, result=stored.value["result"], **told)
        self._deliver(run, stored, event)
        _log.info("succeeded in %.3f s", elapsed, extra=run.log_fields)
        return stored.value

    def _end_badly(self, run: Run, error: WorkerError) -> Exception:
        """Tell the end of a run, and return what to tell Celery."""
        was_stopped = error is run.job.stop.error
        if was_stopped and run.job.reason is StopReason.SHUTDOWN:
            self._shell.queue_again(
                run.origin.celery_task_id,
                error,
                is_counted=False,
                is_told=run.watched.is_claimed,
            )
            return Ignore("queued again")
        is_revoked = was_stopped and run.job.reason is StopReason.REVOKED
        is_refused = not run.was_started and isinstance(error, _REFUSALS)
        told = (
            "".join(traceback.format_exception(error)) if self._shell.settings.tracebacks else None
        )
        stored = outcome.failure(error, told, run.message.digest if is_refused else None)
        report = outcome.error_of(stored)
        status = Status.CANCELLED if stored.state == "CANCELLED" else Status.FAILURE
        event = run.watched.report.end(status, error=report.model_dump(mode="json"))
        self._deliver(run, stored, event, is_revoked=is_revoked)
        _log.warning("%s: %s", error.code, error.message, extra=run.log_fields)
        return Ignore("revoked") if is_revoked else outcome.failed(report)

    def _repeat(self, run: Run, earlier: StoredResult) -> dict[str, Any]:
        """Answer a message whose execution has ended already; no event is told again."""
        _log.info("delivered again: the stored result is returned", extra=run.log_fields)
        self._deliver(run, earlier, "")
        if earlier.state == "SUCCESS":
            return earlier.value
        raise outcome.failed(outcome.error_of(earlier))

    def _deliver(
        self, run: Run, stored: StoredResult, event: str, *, is_revoked: bool = False
    ) -> None:
        if run.spans is not None:
            is_success = stored.state == "SUCCESS"
            run.spans.end(None if is_success else outcome.error_of(stored).code)
        token = run.watched.token if run.watched.is_claimed else ""
        self._shell.deliver(
            run.message.execution, run.origin, stored, event, token, is_revoked=is_revoked
        )
