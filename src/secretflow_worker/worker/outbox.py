"""The outbox: one thread that sends everything to Redis, in order, and never blocks a task.

Redis may be away. Then progress beyond a bound is dropped, oldest first; outcomes and messages
to queue again are kept, in memory and in the journal, and sent until Redis has them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisSilent

_log = logging.getLogger(__name__)
_DROPPABLE_MAX = 1000
_WAIT_FIRST_S = 0.1
_WAIT_MAX_S = 2.0


@dataclass(frozen=True)
class Parcel:
    """One thing to send. `send` may be called again after it failed half way."""

    send: Callable[[], None]
    is_droppable: bool


class Outbox:
    """Thread-safe. ``start`` it once, ``close`` it last."""

    def __init__(self) -> None:
        self._parcels: deque[Parcel] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._droppable = 0
        self._dropped = 0
        self._away_since: float | None = None
        self._thread = threading.Thread(target=self._work, name="sfw-outbox", daemon=True)

    @property
    def away_for_s(self) -> float:
        """How long sending has failed by now, 0 while it works."""
        since = self._away_since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def is_alive(self) -> bool:
        """Whether it still works; a worker whose outbox has died is not alive."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def put(self, send: Callable[[], None], *, is_droppable: bool = False) -> None:
        """Queue something to send and return at once."""
        with self._changed:
            self._parcels.append(Parcel(send, is_droppable))
            self._droppable += is_droppable
            if self._droppable > _DROPPABLE_MAX:
                self._drop_oldest()
            self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything is sent; False if something is left after `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._parcels, timeout_s)

    def close(self) -> None:
        """Stop sending. What is left stays in the journal."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join(timeout=5)

    def _drop_oldest(self) -> None:
        # The first parcel may be on its way just now, so it is never dropped.
        for index, parcel in enumerate(self._parcels):
            if index and parcel.is_droppable:
                del self._parcels[index]
                self._droppable -= 1
                self._dropped += 1
                return

    def _work(self) -> None:
        wait_s = _WAIT_FIRST_S
        while (parcel := self._next()) is not None:
            try:
                parcel.send()
            except (RedisAway, RedisSilent, OperationalError, OSError) as fault:
                self._note_away(fault)
            except (RedisError, ValueError) as fault:
                # Redis answers, but not as it should: what follows must not wait for it.
                _log.error("Redis refuses to store, or stores nonsense: %s", type(fault).__name__)
                self._done(parcel, again=not parcel.is_droppable)
            else:
                self._note_back()
                self._done(parcel, again=False)
                wait_s = _WAIT_FIRST_S
                continue
            with self._changed:
                self._changed.wait_for(lambda: self._is_closing, wait_s)
            wait_s = min(2 * wait_s, _WAIT_MAX_S)

    def _next(self) -> Parcel | None:
        with self._changed:
            self._changed.wait_for(lambda: self._parcels or self._is_closing)
            return None if self._is_closing else self._parcels[0]

    def _done(self, parcel: Parcel, *, again: bool) -> None:
        with self._changed:
            self._parcels.popleft()
            if again:
                self._parcels.append(parcel)
            self._droppable -= parcel.is_droppable
            self._changed.notify_all()

    def _note_away(self, fault: Exception) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()
            _log.warning(
                "Redis is away (%s): tasks go on, results are kept until it is back",
                type(fault).__name__,
            )

    def _note_back(self) -> None:
        if self._away_since is not None:
            _log.warning(
                "Redis is back after %.1f s; %d progress events were dropped",
                self.away_for_s,
                self._dropped,
            )
            self._away_since = None
            self._dropped = 0
