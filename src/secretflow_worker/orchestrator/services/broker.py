"""The orchestrator's side of Redis: it sends tasks and calls to stop, and reads events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from celery import Celery
from redis import Redis
from redis.client import NEVER_DECODE

from secretflow_worker.broker.address import RedisAddress
from secretflow_worker.contract.names import STATUS_QUEUE, TASK_NAME, stop_key

_TIMEOUT_S = 5.0
STOP_TTL_S = 24 * 3600
"""How long a call to stop is kept for a worker that is away."""
_LONGEST_QUEUE = 10_000


class Broker:
    """Messages out, by a plain Celery client, and Redis itself. Thread-safe."""

    def __init__(self, address: RedisAddress) -> None:
        self.redis: Redis = address.connect(_TIMEOUT_S)
        # Without a backend: with one, whoever sends subscribes to the task's result, and lets go
        # of it in a destructor, which waits and fails by itself while Redis is away.
        self._sender = Celery("sfw-orchestrator", broker=address.url, set_as_current=False)
        self._sender.conf.update(
            task_serializer="json",
            broker_use_ssl=address.tls,
            broker_transport_options={
                "socket_timeout": _TIMEOUT_S,
                "socket_connect_timeout": _TIMEOUT_S,
            },
        )
        self._reader = Celery("sfw-orchestrator", backend=address.url, set_as_current=False)
        self._reader.conf.update(
            result_accept_content=["json"],
            redis_backend_use_ssl=address.tls,
            redis_socket_timeout=_TIMEOUT_S,
            redis_socket_connect_timeout=_TIMEOUT_S,
        )

    def send_task(
        self,
        message: Mapping[str, Any],
        *,
        queue: str,
        celery_id: str,
        root_id: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send one message; returns when Redis has it.

        Raises:
            OperationalError: of kombu, where Redis does not take it.
        """
        self._sender.send_task(
            TASK_NAME,
            args=[dict(message)],
            queue=queue,
            task_id=celery_id,
            root_id=root_id,
            headers=dict(headers or {}),
            retry=False,
        )

    def stop(self, execution_id: str) -> None:
        """Tell every worker to end an execution, also one that it is yet to take."""
        self.redis.set(stop_key(execution_id), "1", ex=STOP_TTL_S)

    def oldest_events(self, count: int) -> list[bytes]:
        """Return the workers' oldest events, the oldest first; they stay where they are.

        Bytes, because not everything that somebody may have put there is text.
        """
        taken: list[bytes] = self.redis.execute_command(  # type: ignore[no-untyped-call]
            "LRANGE", STATUS_QUEUE, -count, -1, **{NEVER_DECODE: True}
        )
        return taken[::-1]  # workers push to the left

    def remove_event(self, raw: bytes) -> None:
        """Remove an event that was taken."""
        self.redis.lrem(STATUS_QUEUE, -1, raw)  # type: ignore[arg-type]  # redis-py takes bytes

    def waiting_in(self, queue: str) -> set[str]:
        """Return the Celery ids of the messages that wait in a queue for a worker."""
        waiting: list[bytes] = self.redis.execute_command(  # type: ignore[no-untyped-call]
            "LRANGE", queue, 0, _LONGEST_QUEUE - 1, **{NEVER_DECODE: True}
        )
        return {_id_of(message) for message in waiting}

    def record_of(self, celery_id: str) -> Mapping[str, Any] | None:
        """Return what Celery's result backend holds of a task, or None."""
        meta: Mapping[str, Any] = self._reader.backend.get_task_meta(celery_id, cache=False)
        return None if meta.get("status") == "PENDING" else meta

    def close(self) -> None:
        """Close every connection."""
        self._sender.close()
        self._reader.close()
        self.redis.close()


def _id_of(message: bytes) -> str:
    try:
        return str(json.loads(message)["headers"]["id"])
    except (ValueError, KeyError, TypeError, RecursionError):  # which no worker will take
        return ""
