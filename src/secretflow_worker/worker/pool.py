"""The pool: one supervising thread per running task, each of which can be stopped by itself.

The parties of a task are processes of the engine, so threads suffice here, and Celery's own
processes would break the one warm launcher. A job's number stands where Celery expects a
process id: that is how ``revoke(terminate=True)`` reaches exactly one task.
"""

from __future__ import annotations

import contextvars
import itertools
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from typing import TYPE_CHECKING, Any

from celery.concurrency.base import apply_target
from celery.concurrency.thread import TaskPool as ThreadPool

from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.errors import Cancelled, WorkerError, WorkerLost
from secretflow_worker.engine import StopRequest

if TYPE_CHECKING:
    from kombu.asynchronous import Hub

    from secretflow_worker.worker.app import WorkerApp

_log = logging.getLogger(__name__)


class StopReason(Enum):
    """Why a job was told to stop; it decides what is told about its end."""

    CANCELLED = "cancelled"
    REVOKED = "revoked"
    TIMEOUT = "timeout"
    SHUTDOWN = "shutdown"


class Job:
    """One message in the hands of a thread. Thread-safe."""

    def __init__(self, number: int, celery_task_id: str) -> None:
        self.number = number
        self.celery_task_id = celery_task_id
        self.stop = StopRequest()
        self.reason: StopReason | None = None
        self.is_running = False
        self._stopped = threading.Event()
        self._guard = threading.Lock()

    def ask_to_stop(self, reason: StopReason, error: WorkerError) -> None:
        """End the run, or whatever it waits for; the first to ask counts."""
        with self._guard:
            if self.reason is None:
                self.reason = reason
                self.stop.set(error)
                self._stopped.set()

    def wait(self, seconds: float) -> None:
        """Sleep.

        Raises:
            WorkerError: what the job was stopped with, as soon as it is.
        """
        self._stopped.wait(seconds)
        self.raise_if_stopped()

    def raise_if_stopped(self) -> None:
        if self.stop.error is not None:
            raise self.stop.error


_current: contextvars.ContextVar[Job] = contextvars.ContextVar("sfw_job")


def current_job() -> Job:
    """Return the job that the calling thread runs."""
    return _current.get()


class Handle:
    """What Celery holds of a submitted job."""

    def __init__(self, future: Future[None]) -> None:
        self.future = future

    def terminate(self, signal: int) -> None:
        """Nothing beyond ``terminate_job``, which Celery calls as well."""


class Pool(ThreadPool):
    """Celery's thread pool, with jobs that can be stopped."""

    app: WorkerApp
    executor: ThreadPoolExecutor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._jobs: dict[int, Job] = {}
        self._numbers = itertools.count(1)
        self._hub: Hub | None = None
        self.app.shell.pool = self

    def register_with_event_loop(self, hub: Hub) -> None:
        self._hub = hub

    @property
    def jobs(self) -> list[Job]:
        return list(self._jobs.values())

    def runs(self, celery_task_id: str) -> bool:
        """Whether a thread has this message in hand, or soon will."""
        return any(job.celery_task_id == celery_task_id for job in self.jobs)

    def on_apply(  # type: ignore[override]  # the stubs know less than Celery passes
        self,
        target: Callable[..., Any],
        args: Sequence[Any] | None = None,
        kwargs: Mapping[str, Any] | None = None,
        callback: Callable[..., Any] | None = None,
        accept_callback: Callable[..., Any] | None = None,
        correlation_id: str = "",
        **_: Any,
    ) -> Handle:
        job = Job(next(self._numbers), correlation_id)
        self._jobs[job.number] = job
        future = self.executor.submit(
            self._run, job, target, args, kwargs, callback, accept_callback
        )
        return Handle(future)

    def terminate_job(self, pid: int, signal: int | None = None) -> None:
        """Stop the one job with this number."""
        job = self._jobs.get(pid)
        if job is not None:
            job.ask_to_stop(StopReason.REVOKED, Cancelled("the task was revoked"))

    def on_stop(self) -> None:
        """Let running jobs finish while the shutdown allows, then have them queued again."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        shutdown = self.app.shell.shutdown
        while any(job.is_running for job in self.jobs) and not shutdown.is_out_of_patience:
            time.sleep(0.02)
        for job in self.jobs:
            error = WorkerLost("the worker was stopped while it ran this")
            job.ask_to_stop(StopReason.SHUTDOWN, error)
        self.executor.shutdown(wait=True)

    def _run(
        self,
        job: Job,
        target: Callable[..., Any],
        args: Sequence[Any] | None,
        kwargs: Mapping[str, Any] | None,
        callback: Callable[..., Any] | None,
        accept_callback: Callable[..., Any] | None,
    ) -> None:
        _current.set(job)
        job.is_running = True
        try:
            apply_target(target, args, kwargs, callback, accept_callback, pid=job.number)
        except Exception as fault:
            _log.error("a task ended outside of its function\n%s", traceback_of(fault))
            raise
        finally:
            self._jobs.pop(job.number, None)
            if self._hub is not None:
                self._hub.call_soon(_nothing)  # a slot is free: wake the loop to take a message


def _nothing() -> None:
    return
