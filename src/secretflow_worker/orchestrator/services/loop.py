"""A service's thread: it does its work again and again, and outlives what fails in between."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from secretflow_worker.orchestrator.services.redis_claim import RedisOfAnother

_log = logging.getLogger(__name__)

PASSING = (RedisError, OperationalError, DBAPIError, NoConnectionLeft, OSError)
"""What may fail and pass: Redis or the database is away for a while."""
_OF_THE_DATA = (DataError, IntegrityError)
_LONGEST_PAUSE_S = 5.0


class Loop:
    """Calls `work` every `every_s`, or at once after ``wake``; `work` may be cut off anywhere."""

    def __init__(self, name: str, work: Callable[[], bool], every_s: float) -> None:
        self._name = name
        self._work = work
        self._every_s = every_s
        self._woken = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.done_at = time.monotonic()
        """When the work last came to its end, for health checks."""

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Do the work now."""
        self._woken.set()

    def stop(self, timeout_s: float = 10) -> None:
        """End the thread after what it is doing."""
        self._ending.set()
        self._woken.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        pause = self._every_s
        while not self._ending.is_set():
            self._woken.clear()
            try:
                has_more = self._work()
                self.done_at = time.monotonic()
                pause = 0.0 if has_more else self._every_s
            except Exception as fault:  # noqa: BLE001 - a service goes on whatever it came upon
                if is_outage(fault):
                    # The text of a database's error may hold what was written.
                    said = fault if isinstance(fault, RedisOfAnother) else type(fault).__name__
                    _log.warning("%s: %s; it is tried again", self._name, said)
                else:
                    _log.exception("%s: a bug; it is tried again", self._name)
                pause = min(max(pause, 0.1) * 2, _LONGEST_PAUSE_S)
                self._ending.wait(pause)
            if pause:
                self._woken.wait(pause)


def is_outage(fault: Exception) -> bool:
    """Whether Redis or the database is away, so that the same may work later."""
    return isinstance(fault, PASSING) and not isinstance(fault, _OF_THE_DATA)


@contextmanager
def apart(what: str) -> Iterator[None]:
    """Let what fails in the block be the end of the block alone, unless it is an outage.

    For one of many things of the same kind: the others are not to wait for it.
    """
    try:
        yield
    except Exception as fault:
        if is_outage(fault):
            raise
        _log.exception("%s: a bug", what)
