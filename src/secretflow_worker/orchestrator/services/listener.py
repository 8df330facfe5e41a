"""The listener: takes the workers' events from Redis, oldest first, and none of them is lost.

An event stays in the list until the transaction that took it is committed, and is removed then.
If the listener dies in between, the event comes again and the inbox knows it. The events'
channel only says that there is something to look for.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress

from redis.client import PubSub
from sqlalchemy import func, select

from secretflow_worker.contract.events import StatusEvent, read_moment
from secretflow_worker.contract.names import STATUS_CHANNEL
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.services.events import Unreadable, read_event
from secretflow_worker.orchestrator.services.loop import is_outage
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.inserts import insert_unless_there

_log = logging.getLogger(__name__)

_AT_ONCE = 100
_LONGEST_PARKED = 64 << 10
_MOST_PARKED = 10_000


class Listener:
    """`on_change` is called after events that changed something, and wakes the relay."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        runs: Runs,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._broker = broker
        self._runs = runs
        self._on_change = on_change
        self.observe_lag: Callable[[float], None] = lambda seconds: None
        """Told of each event that counted how long ago its worker says it happened."""
        self._hints: PubSub = broker.redis.pubsub(  # type: ignore[no-untyped-call]
            ignore_subscribe_messages=True
        )

    def wait_for_hint(self, timeout_s: float) -> None:
        """Return when a worker says that it has put an event, or after `timeout_s`."""
        if not self._hints.subscribed:
            self._hints.subscribe(STATUS_CHANNEL)
        with suppress(UnicodeDecodeError):  # whatever it says, it is a hint
            self._hints.get_message(timeout=timeout_s)

    def take_some(self) -> bool:
        """Take the oldest events; returns whether there may be more.

        Raises:
            RedisError, DBAPIError: what was not committed stays in the list.
        """
        waiting = self._broker.oldest_events(_AT_ONCE)
        for raw in waiting:
            self._take(raw)
            self._broker.remove_event(raw)
        return len(waiting) == _AT_ONCE

    def close(self) -> None:
        """Give the connection of the hints back."""
        self._hints.close()

    def _take(self, raw: bytes) -> None:
        try:
            event = read_event(raw)
        except Unreadable as fault:
            self._park(raw, str(fault))
            return
        try:
            is_new = self._runs.report(event)
        except Exception as fault:
            if is_outage(fault):
                raise
            # One event that cannot be taken must not stop all that come after it.
            _log.exception("an event about %s cannot be taken", event.execution_id)
            self._park(raw, f"taking it failed: {type(fault).__name__}")
            return
        if is_new:
            self._on_change()
            self.observe_lag(lag_of(event, time.time()))

    def _park(self, raw: bytes, why: str) -> None:
        """Keep what cannot be taken, so that somebody can look at it; not however much there is."""
        event_id = f"unreadable-{hashlib.sha256(raw).hexdigest()}"
        _log.warning("an event that cannot be taken is parked as %s", event_id)
        text = raw[:_LONGEST_PARKED].decode(errors="replace").replace("\x00", "\ufffd")
        row = {"event_id": event_id, "received_at": time.time(), "parked": why, "raw": text}
        with self._database.transaction() as connection:
            parked = select(func.count()).where(t.inbox.c.parked.is_not(None))
            if (connection.execute(parked).scalar() or 0) < _MOST_PARKED:
                insert_unless_there(connection, t.inbox, row)


def lag_of(event: StatusEvent, now: float) -> float:
    """Return how many seconds ago an event happened by its worker's clock; 0 where that is none."""
    try:
        happened = read_moment(event.timestamp).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0
    return max(0.0, now - happened)
