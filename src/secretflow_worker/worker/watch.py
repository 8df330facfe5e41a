"""The watch: one thread that looks after all running executions.

It polls their stop keys, renews their claims, ends those that are out of time, sends progress
that was held back, and shows that the worker lives.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from secretflow_worker.contract.errors import Cancelled, TaskTimeout
from secretflow_worker.worker.claim import Claims, lease_interval_s
from secretflow_worker.worker.keys import Execution
from secretflow_worker.worker.pool import Job, StopReason
from secretflow_worker.worker.reporter import RunReport

_log = logging.getLogger(__name__)
_LOOK_EVERY_S = 0.5


@dataclass
class Watched:
    """One execution in the hands of a job."""

    job: Job
    execution: Execution
    report: RunReport
    token: str
    is_claimed: bool = False
    deadline: float | None = None
    """On the monotonic clock; None until the request is known to be valid."""
    renewed_at: float = field(default_factory=time.monotonic)


class Watch:
    """Thread-safe. ``start`` it once, ``close`` it once no task runs any more."""

    def __init__(self, claims: Claims, lease_s: float, beat: Callable[[], None]) -> None:
        self._claims = claims
        self._renew_every_s = lease_interval_s(lease_s)
        self._beat = beat
        self._by_number: dict[int, Watched] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sfw-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(timeout=10)

    def running(self) -> list[Watched]:
        """Return the executions that this worker has claimed and not ended."""
        return [watched for watched in list(self._by_number.values()) if watched.is_claimed]

    @contextmanager
    def over(self, watched: Watched) -> Iterator[None]:
        """Watch an execution while the block runs."""
        self._by_number[watched.job.number] = watched
        try:
            yield
        finally:
            del self._by_number[watched.job.number]

    def _work(self) -> None:
        self._beat()
        while not self._closing.wait(_LOOK_EVERY_S):
            self._beat()
            all_watched = list(self._by_number.values())
            for watched in all_watched:
                watched.report.flush(is_due=True)
            _end_late(all_watched)
            try:
                self._end_cancelled(all_watched)
                self._renew(all_watched)
            except RedisError as fault:
                _log.debug("claims and stop keys wait for Redis: %s", type(fault).__name__)

    def _end_cancelled(self, all_watched: list[Watched]) -> None:
        asked = self._claims.stop_asked(watched.execution for watched in all_watched)
        for watched in all_watched:
            if watched.execution.execution_id in asked:
                watched.job.ask_to_stop(
                    StopReason.CANCELLED, Cancelled("the execution was cancelled")
                )

    def _renew(self, all_watched: list[Watched]) -> None:
        now = time.monotonic()
        for watched in all_watched:
            if watched.is_claimed and now - watched.renewed_at >= self._renew_every_s:
                held = self._claims.renew(watched.execution, watched.token)
                # One that has ended since has given its claim up, and must not get it back.
                if not held and watched.job.number in self._by_number:
                    self._claims.retake(watched.execution, watched.token)
                watched.renewed_at = now


def _end_late(all_watched: list[Watched]) -> None:
    now = time.monotonic()
    for watched in all_watched:
        if watched.deadline is not None and now > watched.deadline:
            watched.job.ask_to_stop(
                StopReason.TIMEOUT, TaskTimeout("the task and its retries ran out of time")
            )
