"""The Celery application: the documented task on the documented queues, JSON only."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, cast

from celery import Celery, Task
from celery.app import trace
from celery.worker import WorkController
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown
from kombu import Connection, Exchange, Queue

from secretflow_worker.broker.address import RedisAddress, masked
from secretflow_worker.contract.names import QUEUE, TASK_NAME, party_queue
from secretflow_worker.worker.message import origin_of
from secretflow_worker.worker.outcome import TaskFailed
from secretflow_worker.worker.pool import Pool
from secretflow_worker.worker.settings import WorkerSettings
from secretflow_worker.worker.shell import Shell

_log = logging.getLogger(__name__)


class WorkerApp(Celery):
    """Carries the shell to the pool, the backend and the task that Celery makes."""

    shell: Shell


class ExecuteTask(Task):  # type: ignore[type-arg]  # generic in the stubs only
    """``tasks.secretflow.execute_task``."""

    name = TASK_NAME
    Request = "secretflow_worker.worker.message:JournalledRequest"
    typing = False
    acks_late = False
    throws = (TaskFailed,)

    def run(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run one message in the thread that the pool gave it."""
        app = cast(WorkerApp, self.app)
        return app.shell.executor.execute(origin_of(self.request), args, kwargs)


class PatientConsumer(Consumer):
    """Waits for Redis for ever, in short steps, and says so once."""

    def ensure_connected(self, conn: Connection) -> Connection:
        is_told = False

        def tell(fault: Exception, interval_s: float) -> None:
            nonlocal is_told
            if not is_told:
                is_told = True
                _log.error(
                    "cannot reach Redis at %s (%s): trying again until it answers",
                    masked(self.app.conf.broker_url),
                    type(fault).__name__,
                )

        connected = conn.ensure_connection(
            tell, interval_start=0, interval_step=1, interval_max=2, callback=maybe_shutdown
        )
        self.first_connection_attempt = False
        level = logging.WARNING if is_told else logging.INFO
        _log.log(level, "connected to Redis at %s", masked(self.app.conf.broker_url))
        return connected


class Controller(WorkController):
    """Celery's worker without its logging, banner and signal handlers, which are ours."""

    hostname: str
    exitcode: int | None

    def on_before_init(self, **kwargs: Any) -> None:
        trace.setup_worker_optimizations(self.app, self.hostname)

    def on_consumer_ready(self, consumer: Consumer) -> None:
        _log.info("ready: %s takes tasks from %s", self.hostname, ", ".join(self.app.amqp.queues))


def make_app(settings: WorkerSettings, address: RedisAddress) -> WorkerApp:
    """Return the application; its `shell` is to be set before it works."""
    app = WorkerApp(
        "secretflow_worker",
        broker=address.url,
        backend=f"secretflow_worker.worker.backend:ResultBackend+{address.url}",
        set_as_current=False,
    )
    app.conf.update(
        accept_content=["json"],
        result_accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        task_queues=_queues(settings.party),
        task_default_queue=QUEUE,
        task_track_started=True,
        task_acks_late=False,
        result_expires=settings.result_ttl_s,
        result_backend_thread_safe=True,
        broker_transport="secretflow_worker.worker.transport:Transport",
        broker_use_ssl=address.tls,
        redis_backend_use_ssl=address.tls,
        redis_socket_timeout=5.0,
        redis_socket_connect_timeout=5.0,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,
        broker_transport_options={
            # Messages are acknowledged as they are accepted, so one that stays unacknowledged
            # for long belonged to a worker that was killed just then.
            "visibility_timeout": settings.visibility_timeout_s,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_keepalive": True,
            "socket_connect_timeout": 5,
            "socket_timeout": 30,
            "health_check_interval": 10,
        },
        worker_pool=Pool,
        worker_consumer=PatientConsumer,
        worker_concurrency=settings.concurrency,
        worker_prefetch_multiplier=1,
        # A message is taken when a thread is free for it, not before: another worker may be.
        worker_disable_prefetch=True,
        worker_enable_prefetch_count_reduction=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    app.register_task(ExecuteTask())
    return app


def _queues(party: str | None) -> Sequence[Queue]:
    names = [QUEUE] if party is None else [QUEUE, party_queue(party)]
    return [Queue(name, Exchange(name, type="direct"), routing_key=name) for name in names]
