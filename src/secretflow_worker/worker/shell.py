"""The shell: the parts of one worker, and the few things that they do together."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kombu import Connection, Producer
from redis.exceptions import RedisError

from secretflow_worker.broker.address import RedisAddress
from secretflow_worker.broker.telemetry import OFF, Telemetry
from secretflow_worker.contract.errors import Cancelled, WorkerError
from secretflow_worker.contract.events import Stage, Status
from secretflow_worker.contract.nodes import RunningTask
from secretflow_worker.engine import Engine
from secretflow_worker.engine.offers import Fingerprints, NamedByValues, Tables
from secretflow_worker.worker.announce import Announcer, worker_id_in
from secretflow_worker.worker.answers import Answers
from secretflow_worker.worker.claim import Claims
from secretflow_worker.worker.delivery import CeleryRecord, Delivery, StoredResult, Wire
from secretflow_worker.worker.execute import Executor
from secretflow_worker.worker.health import Heart
from secretflow_worker.worker.journal import Entry, Journal
from secretflow_worker.worker.keys import Execution
from secretflow_worker.worker.lines import ExecutionLines
from secretflow_worker.worker.message import REDELIVERIES_HEADER, Origin
from secretflow_worker.worker.outbox import Outbox
from secretflow_worker.worker.pool import Pool, StopReason
from secretflow_worker.worker.reporter import Reporter
from secretflow_worker.worker.settings import WorkerSettings
from secretflow_worker.worker.traces import Traces
from secretflow_worker.worker.watch import Watch, Watched

if TYPE_CHECKING:
    from secretflow_worker.worker.backend import ResultBackend

_log = logging.getLogger(__name__)
_REDIS_TIMEOUT_S = 3.0
_FLUSH_S = 5.0


@dataclass
class Shutdown:
    """How patient a worker that was told to stop still is with its tasks."""

    grace_s: float
    asked_at: float | None = None
    is_hurried: bool = False

    def ask(self) -> None:
        """Ask once to stop, again to stop at once."""
        if self.asked_at is None:
            self.asked_at = time.monotonic()
        else:
            self.is_hurried = True

    @property
    def is_out_of_patience(self) -> bool:
        if self.asked_at is None:
            return False
        return self.is_hurried or time.monotonic() - self.asked_at >= self.grace_s


class Shell:
    """Made once by ``run_worker``; the Celery app, its pool and its backend find it there."""

    pool: Pool
    backend: ResultBackend
    broker: Connection
    """For messages that are queued again; one connection is cloned from it for each."""
    nodename: str

    def __init__(
        self,
        settings: WorkerSettings,
        address: RedisAddress,
        journal: Journal,
        engine: Engine,
        shutdown: Shutdown,
        lines: ExecutionLines,
        telemetry: Telemetry = OFF,
    ) -> None:
        self.telemetry = telemetry
        self.settings = settings
        self.engine = engine
        self.journal = journal
        self.shutdown = shutdown
        self.outbox = Outbox()
        # The outbox has a client of its own: what it waits for must not delay a claim.
        wire_redis = address.connect(_REDIS_TIMEOUT_S)
        self.wire = Wire(wire_redis, settings.result_ttl_s, settings.status_queue_limit)
        self.reporter = Reporter(self.outbox, self.wire, settings.name)
        self.claims = Claims(address.connect(_REDIS_TIMEOUT_S), settings.claim_lease_s)
        self.heart = Heart(settings.state_dir)
        self.watch = Watch(
            self.claims,
            settings.claim_lease_s,
            self._beat,
        )
        self.executor = Executor(self)
        self.worker_id = worker_id_in(settings.state_dir, settings.name)
        self._fingerprints = Fingerprints(settings.state_dir)
        named_by_values = NamedByValues(settings.state_dir)
        self.traces = Traces(self._fingerprints, named_by_values, settings.engine_settings())
        self.announcer = Announcer(
            address.connect(_REDIS_TIMEOUT_S), settings, self.worker_id, self._running
        )
        self.answers = Answers(
            address.connect(_REDIS_TIMEOUT_S),
            settings.engine_settings(),
            self.worker_id,
            lines,
            self._fingerprints,
            Tables(named_by_values.includes),
            named_by_values,
        )

    def start(self) -> None:
        """Start to send and to watch, to answer and to be seen."""
        self.outbox.start()
        self.watch.start()
        self.answers.start()
        self.announcer.start()

    def close(self) -> None:
        """Send what can be sent within seconds; the journal keeps the rest."""
        self.announcer.close()
        self.answers.close()
        self._fingerprints.close()
        self.watch.close()
        if not self.outbox.flush(_FLUSH_S):
            _log.warning("Redis is away: the journal keeps what it is owed")
        self.outbox.close()
        self.heart.stop()

    def runs(self, celery_task_id: str) -> bool:
        """Whether a thread of this worker has the message in hand."""
        return self.pool.runs(celery_task_id)

    def send_record(self, record: CeleryRecord | None) -> None:
        """Send a state on the way; it is dropped if Redis stays away for long."""
        if record is not None:
            self.outbox.put(lambda: self.wire.send_record(record), is_droppable=True)

    def deliver(
        self,
        execution: Execution,
        origin: Origin,
        stored: StoredResult,
        event: str,
        claim_token: str,
        *,
        is_revoked: bool = False,
    ) -> None:
        """Note how a message ended, and send it until Redis has it."""
        owed = Delivery(
            celery_task_id=origin.celery_task_id,
            claim_key=execution.claim_key,
            claim_token=claim_token,
            result_key=execution.result_key,
            seq_key=execution.seq_key,
            stored=stored,
            record=self.backend.record_of(origin, stored, is_revoked=is_revoked),
            event=event,
            is_revoked=is_revoked,
        )
        self.journal.finish(origin.celery_task_id, owed, is_urgent=self.outbox.away_for_s > 0)
        self.owe(owed)

    def owe(self, owed: Delivery) -> None:
        """Send an outcome until Redis has it."""
        self.outbox.put(lambda: self._send_outcome(owed))

    def queue_again(
        self, celery_task_id: str, why: WorkerError, *, is_counted: bool, is_told: bool = True
    ) -> None:
        """Give a message back to its queue.

        `is_counted` if its worker died of it, perhaps; `is_told` if it is the one that ran.
        """
        self.journal.give_back(celery_task_id)
        entry = self.journal.find(celery_task_id)
        if entry is None:
            return
        execution = entry.message.execution
        _log.warning(
            "queued again: %s", why.message, extra={"execution_id": execution.execution_id}
        )
        if is_told:
            self.reporter.send(
                execution,
                Status.RETRY,
                stage=Stage.RECEIVED.value,
                progress=0.0,
                error=why.report().model_dump(mode="json"),
            )
        count = entry.origin(self.nodename).redeliveries + is_counted
        self.outbox.put(lambda: self._publish(entry, count))

    def raise_if_asked_to_stop(self, watched: Watched) -> None:
        """Look at the stop key now, not only at the watch's next look.

        Raises:
            Cancelled: somebody has set it.
        """
        try:
            asked = self.claims.stop_asked([watched.execution])
        except RedisError:
            asked = set()
        if asked:
            watched.job.ask_to_stop(
                StopReason.CANCELLED, Cancelled("the execution was cancelled before it started")
            )
        watched.job.raise_if_stopped()

    def _running(self) -> list[RunningTask]:
        return [
            RunningTask(
                execution_id=watched.execution.execution_id,
                task_type=watched.execution.task_type,
                party=watched.execution.party,
                started_at=watched.report.started_at,
            )
            for watched in self.watch.running()
        ]

    def _beat(self) -> None:
        if self.outbox.is_alive:
            self.heart.beat(redis_away_s=self.outbox.away_for_s)

    def _send_outcome(self, owed: Delivery) -> None:
        entry = self.journal.find(owed.celery_task_id)
        sent = self.wire.send_outcome(owed)
        if sent.earlier is not None:
            # The execution had ended before; this message gets the same answer.
            origin = Origin(owed.celery_task_id, wants_record=owed.record is not None)
            record = self.backend.record_of(origin, sent.earlier, is_revoked=owed.is_revoked)
        elif sent.is_taken:
            record = None
        elif owed.is_revoked or entry is None:
            record = owed.record
        else:
            # Another worker has the execution by now: its outcome will be this message's, too.
            self.journal.give_back(owed.celery_task_id)
            self._publish(entry, entry.origin(self.nodename).redeliveries)
            return
        if record is not None:
            self.wire.send_record(record)
        if entry is not None:
            self.journal.remove(entry)

    def _publish(self, entry: Entry, redeliveries: int) -> None:
        self.claims.release(entry.message.execution.claim_key, entry.claim_token)
        with self.broker.clone() as connection:
            Producer(connection).publish(
                entry.body,
                exchange=entry.exchange,
                routing_key=entry.queue,
                content_type=entry.content_type,
                content_encoding=entry.content_encoding,
                headers={**entry.headers, REDELIVERIES_HEADER: redeliveries},
                delivery_mode=2,
                **entry.properties,
            )
        self.journal.remove(entry)
