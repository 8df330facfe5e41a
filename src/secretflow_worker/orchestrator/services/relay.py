"""The relay: sends what the outbox holds, and marks it sent once Redis has it.

It takes a few messages under a lease, sends them, and marks them. If it dies in between, the
lease ends and they are sent again, which their ``execution_id`` makes harmless.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, update

from secretflow_worker.contract.names import scope_of
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.services.loop import PASSING
from secretflow_worker.orchestrator.services.spans import carried_by
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.messages import message_of

_LEASE_S = 30.0
_AT_ONCE = 50


class Relay:
    """`window` is how many tasks of a queue may wait for a worker at a time.

    The rest waits in SQL, where a task of a higher priority overtakes it.
    """

    def __init__(
        self,
        database: Database,
        broker: Broker,
        window: int = 16,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._broker = broker
        self._window = window
        self._clock = clock

    def send_some(self) -> bool:
        """Send what may be sent now; returns whether there may be more.

        Raises:
            OperationalError, RedisError: Redis is away; what was not sent stays.
        """
        with self._database.transaction() as connection:
            taken = self._take(connection)
        for position, row in enumerate(taken):
            try:
                self._send(row)
            except PASSING:
                self._give_back(taken[position:])
                raise
            with self._database.transaction() as connection:
                connection.execute(
                    update(t.outbox).where(t.outbox.c.id == row.id).values(sent_at=self._clock())
                )
        return len(taken) == _AT_ONCE

    def _take(self, connection: Connection) -> list[Row[Any]]:
        now = self._clock()
        room = self._room(connection)
        waiting = (
            select(t.outbox, t.task_attempts.c.request, t.chain_runs.c.trace_parent)
            .join(t.task_attempts, t.task_attempts.c.execution_id == t.outbox.c.execution_id)
            .join(t.chain_runs, t.chain_runs.c.run_id == t.outbox.c.run_id)
            .where(
                t.outbox.c.sent_at.is_(None),
                or_(t.outbox.c.claimed_until.is_(None), t.outbox.c.claimed_until < now),
            )
            .order_by(t.outbox.c.kind, t.outbox.c.priority, t.outbox.c.id)  # stops come first
            .limit(_AT_ONCE * 4)
            .with_for_update(of=t.outbox, skip_locked=True)
        )
        taken = []
        for row in connection.execute(waiting):
            if row.kind == "task":
                left = room.setdefault(row.queue, self._window)
                if left <= 0:
                    continue
                room[row.queue] = left - 1
            taken.append(row)
            if len(taken) == _AT_ONCE:
                break
        if taken:
            connection.execute(
                update(t.outbox)
                .where(t.outbox.c.id.in_([row.id for row in taken]))
                .values(claimed_until=now + _LEASE_S)
            )
        return taken

    def _give_back(self, rows: list[Row[Any]]) -> None:
        """End the lease of messages that were not sent; the first may have reached Redis."""
        touched = [row.id for row in rows if row is rows[0] or row.claimed_until is not None]
        with self._database.transaction() as connection:
            for ids, until in (
                (touched, self._clock()),
                ([row.id for row in rows if row.id not in touched], None),  # as if never taken
            ):
                connection.execute(
                    update(t.outbox)
                    .where(t.outbox.c.id.in_(ids), t.outbox.c.sent_at.is_(None))
                    .values(claimed_until=until)
                )

    def _room(self, connection: Connection) -> dict[str, int]:
        """Return how many more tasks each queue may get, of those that hold any now."""
        held = (
            select(t.outbox.c.queue, func.count().label("tasks"))
            .join(t.task_attempts, t.task_attempts.c.execution_id == t.outbox.c.execution_id)
            .where(
                t.outbox.c.kind == "task",
                t.outbox.c.claimed_until.is_not(None),
                t.task_attempts.c.status == "QUEUED",
                t.task_attempts.c.heard_at.is_(None),
            )
            .group_by(t.outbox.c.queue)
        )
        return {row.queue: self._window - row.tasks for row in connection.execute(held)}

    def _send(self, row: Row[Any]) -> None:
        if row.kind == "stop":
            self._broker.stop(row.execution_id)
            return
        self._broker.send_task(
            message_of(row.request, row.party),
            queue=row.queue,
            celery_id=scope_of(row.execution_id, row.party),
            root_id=row.run_id,
            headers=carried_by(row.trace_parent, row.execution_id),
        )
