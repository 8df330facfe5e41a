"""The reconciler: what nobody says anything about, it looks for.

Time limits and retries fall due; an attempt without news is looked up where its worker keeps
results, and where there is none its message is sent again, which its ``execution_id`` makes
harmless. So no lost message, event or hint leaves a run standing.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Row, delete, func, select

from secretflow_worker.contract.errors import ErrorReport
from secretflow_worker.contract.events import Status, StatusEvent, utc_now
from secretflow_worker.contract.names import claim_key, scope_of
from secretflow_worker.orchestrator.core import model
from secretflow_worker.orchestrator.services.broker import STOP_TTL_S, Broker
from secretflow_worker.orchestrator.services.events import storable
from secretflow_worker.orchestrator.services.loop import apart
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.store import messages
from secretflow_worker.orchestrator.store import tables as t
from secretflow_worker.orchestrator.store.database import Database

_log = logging.getLogger(__name__)

KEPT_EVENTS_S = 30 * 24 * 3600.0
_FORGOTTEN_AT_ONCE = 1000
_AT_ONCE = 200
_EPOCH_KEY = "sfw:web:epoch"
"""Gone with Redis's data: then all of it is to be told again."""


class Reconciler:
    """`patience_s` is how long an attempt may be silent before it is looked for."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        runs: Runs,
        patience_s: float = 30.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._broker = broker
        self._runs = runs
        self._patience_s = patience_s
        self._clock = clock

    def let_time_pass(self) -> bool:
        """Apply ``TimePassed`` to every run in which something is due."""
        now = self._clock()
        due = select(t.chain_runs.c.run_id).where(t.chain_runs.c.wake_at <= now).limit(_AT_ONCE)
        with self._database.reading() as connection:
            run_ids = list(connection.execute(due).scalars())
        has_passed = False  # a run that cannot be decided is not to be tried without a pause
        for run_id in run_ids:
            with apart(f"time of run {run_id}"):
                self._runs.apply(run_id, model.TimePassed)
                has_passed = True
        return has_passed

    def forget_events(self) -> bool:
        """Forget events that were taken long ago; returns whether there may be more.

        One that came again by then would change nothing: its attempt has ended.
        """
        inbox = t.inbox.c
        old = (
            select(inbox.event_id)
            .where(inbox.received_at < self._clock() - KEPT_EVENTS_S, inbox.parked.is_(None))
            .limit(_FORGOTTEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        with self._database.transaction() as connection:
            gone = connection.execute(delete(t.inbox).where(inbox.event_id.in_(old)))
        return gone.rowcount == _FORGOTTEN_AT_ONCE

    def look_for_lost(self) -> bool:
        """Look for attempts without news; after Redis has lost its data, for all of them.

        Returns whether there is something to send.
        """
        now, has_found = self._clock(), False
        is_new = not self._broker.redis.exists(_EPOCH_KEY)
        if is_new:
            with self._database.transaction() as connection:
                messages.send_stops_again(connection, now - STOP_TTL_S)
        silent_since = now - (0.0 if is_new else self._patience_s)
        waiting: dict[str, set[str]] = {}
        for row in self._silent(silent_since):
            if row.queue not in waiting:
                waiting[row.queue] = self._broker.waiting_in(row.queue)
            with apart(f"attempt {row.execution_id}"):
                has_found |= self._look_for(row, waiting[row.queue])
        if is_new:  # only now: who dies before it leaves all of it to the next
            self._broker.redis.set(_EPOCH_KEY, "1")
        return is_new or has_found

    def _silent(self, since: float) -> Iterator[Row[Any]]:
        """Yield the sent messages of open attempts of which nothing was heard since a time."""
        attempts, outbox = t.task_attempts.c, t.outbox.c
        last = 0
        while True:
            query = (
                select(outbox.id, outbox.party, outbox.queue, outbox.sent_at, attempts.execution_id)
                .join(t.outbox, outbox.execution_id == attempts.execution_id)
                .where(
                    attempts.ended_at.is_(None),
                    outbox.kind == "task",
                    outbox.sent_at <= since,
                    func.coalesce(attempts.heard_at, attempts.dispatched_at) <= since,
                    outbox.id > last,
                )
                .order_by(outbox.id)
                .limit(_AT_ONCE)
            )
            with self._database.reading() as connection:
                rows = list(connection.execute(query))
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            last = rows[-1].id

    def _look_for(self, row: Row[Any], waiting: set[str]) -> bool:
        """Look for one message's execution; returns whether there is something to send."""
        celery_id = scope_of(row.execution_id, row.party)
        record = self._broker.record_of(celery_id)
        if record is not None and record.get("status") in _ENDS:
            return self._runs.report(event_of(record, row.execution_id, row.party))
        if celery_id in waiting or self._broker.redis.exists(claim_key(celery_id)):
            return False
        with self._database.transaction() as connection:
            is_to_send = messages.send_again(connection, row.id, row.sent_at)
        if is_to_send:
            _log.info("attempt %s is silent; its message is sent again", celery_id)
        return is_to_send


def event_of(record: Mapping[str, Any], execution_id: str, party: str) -> StatusEvent:
    """Return the event that a worker's Celery record stands for."""
    status, value = _ENDS[record["status"]], record.get("result")
    data: dict[str, Any] = {"party": party} if party else {}
    if status is Status.SUCCESS and isinstance(value, Mapping):
        data["result"] = storable(value.get("result"))
    else:
        data["error"] = _error_in(value)
    ids = {"task_id": "", "subtask_id": "", "execution_id": execution_id}
    return StatusEvent(
        # Always the same for the same record, so that it is taken once.
        event_id=f"record-{scope_of(execution_id, party)}",
        seq=0,
        task_request_id=execution_id,
        status=status,
        timestamp=utc_now(),
        data=data,
        worker_container="",
        **ids,
    )


def _error_in(value: object) -> dict[str, Any]:
    """Return the error of a failed record, whose message is JSON by the contract."""
    text = value.args[0] if isinstance(value, BaseException) and value.args else value
    try:
        error = ErrorReport.model_validate(json.loads(str(text))["error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        error = None
    if error is not None:
        told: dict[str, Any] = storable(error.model_dump(mode="json"))
        return told
    message = "the task failed, and its worker's record does not say why"
    return {"code": "INTERNAL", "type": "RuntimeError", "message": message}


_ENDS = {"SUCCESS": Status.SUCCESS, "FAILURE": Status.FAILURE, "REVOKED": Status.CANCELLED}
