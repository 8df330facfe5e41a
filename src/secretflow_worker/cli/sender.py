"""A plain Celery client: sends requests, hears their status events, and gets their results.

It knows the task's and the queue's documented names and nothing else of the worker, as any
client would. Events are hints and may be missed; the result backend is the guarantee.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from celery import Celery
from celery.result import AsyncResult
from redis.exceptions import RedisError

from secretflow_worker.broker.address import RedisAddress, masked, read_address
from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.up.announcement import UP_FILE
from secretflow_worker.contract.names import QUEUE, STATUS_CHANNEL, TASK_NAME, party_queue
from secretflow_worker.worker.settings import WorkerSettings, explain

_ANSWER_TIMEOUT_S = 5.0
_FINISHED = {"SUCCESS", "FAILURE", "REVOKED"}


@dataclass(frozen=True)
class Ending:
    """How a task ended: the envelope, or the failure document of contract section 5."""

    succeeded: bool
    document: dict[str, Any]

    def explain(self) -> str:
        """Return one line on a failure: code, party, message, hint."""
        error = self.document.get("error", {})
        party = f" at {error['party']}" if error.get("party") else ""
        hint = f" ({error['hint']})" if error.get("hint") else ""
        return f"{error.get('code', 'FAILURE')}{party}: {error.get('message', '')}{hint}"


class Sender:
    """One connection to Redis for sending, events and results."""

    def __init__(self, address: RedisAddress) -> None:
        """Connect.

        Raises:
            CommandError: Redis does not answer.
        """
        self._place = masked(address.url)
        self._redis = address.connect(_ANSWER_TIMEOUT_S)
        self._events = self._redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        try:
            self._events.subscribe(STATUS_CHANNEL)
            self._events.get_message(timeout=_ANSWER_TIMEOUT_S)
        except (RedisError, OSError) as fault:
            raise CommandError(
                f"Redis at {self._place} does not answer: {first_line(fault)}",
                hint="start one with `sfw up`, or name yours with --redis-url or REDIS_URL",
            ) from None
        self._celery = Celery("sfw", broker=address.url, backend=address.url, set_as_current=False)
        self._celery.conf.update(
            task_serializer="json",
            result_serializer="json",
            accept_content=["json"],
            broker_use_ssl=address.tls,
            redis_backend_use_ssl=address.tls,
        )

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._events.close()
        self._redis.close()
        self._celery.close()

    def send(self, request: Mapping[str, Any], queue: str | None = None) -> str:
        """Send one request to its queue and return Celery's id of the task."""
        sent = self._celery.send_task(
            TASK_NAME, args=[request], queue=queue or queue_of(request), ignore_result=False
        )
        return str(sent.id)

    def hear(self, timeout_s: float) -> Iterator[dict[str, Any]]:
        """Yield the status events that have come, waiting up to `timeout_s` for the first."""
        wait = timeout_s
        while True:
            try:
                message = self._events.get_message(timeout=wait)
            except (RedisError, OSError) as fault:
                raise self._lost(fault) from None
            if message is None:
                return
            wait = 0.0
            yield json.loads(message["data"])

    def ending(self, celery_id: str) -> Ending | None:
        """Return how the task ended, or None while it has not."""
        result: AsyncResult[Any] = AsyncResult(celery_id, app=self._celery)
        try:
            record = result.backend.get_task_meta(celery_id)
        except (RedisError, OSError) as fault:
            raise self._lost(fault) from None
        if record["status"] not in _FINISHED:
            return None
        if record["status"] == "SUCCESS":
            return Ending(True, record["result"])
        return Ending(False, _failure(record["result"]))

    def cancel(self, celery_id: str) -> None:
        """Ask the worker to end the task."""
        self._celery.control.revoke(celery_id, terminate=True)

    def _lost(self, fault: Exception) -> CommandError:
        return CommandError(
            f"lost Redis at {self._place}: {first_line(fault)}",
            hint="the worker keeps results; send the same request again to get its result",
        )


def queue_of(request: Mapping[str, Any]) -> str:
    """Return the queue of a request: in cluster mode that of its one party's worker."""
    cluster = request.get("sf_init_config")
    party = cluster.get("self_party") if isinstance(cluster, Mapping) else None
    return party_queue(party) if isinstance(party, str) else QUEUE


def address_of(settings: WorkerSettings) -> RedisAddress:
    """Return where Redis is: where the settings say, or else that of this user's ``sfw up``."""
    url = settings.redis_url.get_secret_value()
    announced = settings.state_dir / UP_FILE
    sources = {line.name: line.source for line in explain(settings)}
    if sources["redis_url"] == "default" and announced.exists():
        url = str(json.loads(announced.read_text())["redis_url"])
    return read_address(
        url,
        settings.redis_ca_file,
        settings.redis_cert_file,
        settings.redis_key_file,
    )


def _failure(raised: object) -> dict[str, Any]:
    """Read the failure document out of the exception that the record's message became."""
    try:
        document = json.loads(str(raised))
    except ValueError:
        document = None
    if isinstance(document, dict) and isinstance(document.get("error"), dict):
        return document
    kind = type(raised).__name__
    return {
        "status": "failure",
        "error": {"code": kind, "type": kind, "message": str(raised), "party": None, "hint": ""},
    }


def first_line(fault: Exception) -> str:
    """Return what an error says, in one line."""
    return str(fault).splitlines()[0] if str(fault) else type(fault).__name__
