"""Celery's Redis result backend, taught not to wait for Redis.

States on the way are sent by the outbox. How a task ended is delivered by its executor, in one
piece with its terminal event, so what Celery itself would store then is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import states
from celery.backends.redis import RedisBackend
from kombu.utils.encoding import bytes_to_str
from redis.exceptions import RedisError

from secretflow_worker.contract.errors import Cancelled
from secretflow_worker.contract.events import utc_now
from secretflow_worker.worker.delivery import CeleryRecord, StoredResult
from secretflow_worker.worker.message import Origin, origin_of, read_message
from secretflow_worker.worker.outcome import TaskFailed, error_of, failed

if TYPE_CHECKING:
    from secretflow_worker.worker.app import WorkerApp


class ResultBackend(RedisBackend):
    """Writes exactly the records that Celery's clients read."""

    app: WorkerApp
    expires: int

    def record(self, origin: Origin, result: Any, state: str) -> CeleryRecord | None:
        """Return the record of one message, or None if its sender wants none.

        It is what Celery's own backend writes, never with a traceback.
        """
        if not origin.wants_record:
            return None
        meta: dict[str, Any] = {
            "status": state,
            "result": self.encode_result(result, state),
            "traceback": None,
            "children": [],
            "date_done": utc_now() if state in states.READY_STATES else None,
            "task_id": origin.celery_task_id,
        }
        links = {"group_id": origin.group_id, "parent_id": origin.parent_id}
        meta.update({name: value for name, value in links.items() if value})
        key = bytes_to_str(self.get_key_for_task(origin.celery_task_id))
        return CeleryRecord(key=key, value=self.encode(meta), ttl_s=self.expires)

    def record_of(
        self, origin: Origin, stored: StoredResult, *, is_revoked: bool = False
    ) -> CeleryRecord | None:
        """Return the record for a message whose execution ended as `stored` says."""
        if stored.state == "SUCCESS":
            return self.record(origin, stored.value, states.SUCCESS)
        error = failed(error_of(stored), is_revoked=is_revoked)
        return self.record(origin, error, states.REVOKED if is_revoked else states.FAILURE)

    def was_revoked(self, celery_task_id: str) -> bool:
        """Whether the record says so: a worker that was down misses the broadcast itself."""
        try:
            value = self.client.get(self.get_key_for_task(celery_task_id))
        except RedisError:
            return False
        return bool(value) and self.decode(value).get("status") == states.REVOKED

    def prepare_exception(self, exc: Exception, serializer: str | None = None) -> Any:
        """Store our failures as the documented exception."""
        if isinstance(exc, TaskFailed):
            return exc.as_stored()
        return super().prepare_exception(exc, serializer)

    def store_result(
        self,
        task_id: str,
        result: Any,
        state: str,
        traceback: Any = None,
        request: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Take what Celery's tracer stores."""
        if not self.app.shell.runs(task_id):
            return super().store_result(task_id, result, state, None, request, **kwargs)
        if state not in states.READY_STATES and request is not None:
            self.app.shell.send_record(self.record(origin_of(request), result, state))
        return result

    def mark_as_revoked(
        self,
        task_id: str,
        reason: str = "",
        request: Any = None,
        store_result: bool = True,
        state: str = states.REVOKED,
    ) -> None:
        """Tell the end of a task that was revoked, or expired, before it started.

        A running one's supervising thread tells its end, once its parties have ended.
        """
        if self.app.shell.runs(task_id):
            return
        text = "the message expired" if reason == "expired" else "the task was revoked"
        error = Cancelled(f"{text} before it started")
        if request is None:  # a broadcast; whoever takes the message tells the rest
            exc = failed(error.report(), is_revoked=True)
            self.app.shell.send_record(self.record(Origin(task_id), exc, state))
        else:
            message = read_message(request.args or (), request.kwargs or {}, task_id)
            self.app.shell.executor.discard(message, origin_of(request), error)
