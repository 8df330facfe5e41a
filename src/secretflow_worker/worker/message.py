"""The two documented forms of the message's arguments, and a Celery request that is journalled.

Celery acknowledges a message when a pool thread accepts it. Here that waits until the journal
has it, so there is no moment at which a killed worker would lose the task.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from celery.app.task import Context
from celery.worker.request import Request

from secretflow_worker.broker.telemetry import HEADER
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.worker.keys import Execution, identify

if TYPE_CHECKING:
    from secretflow_worker.worker.app import WorkerApp

REDELIVERIES_HEADER = "sfw_redeliveries"


@dataclass(frozen=True)
class Origin:
    """Celery's side of one message: where it came from, and where its record goes."""

    celery_task_id: str
    queue: str | None = None
    exchange: str = ""
    hostname: str | None = None
    eta: str | None = None
    retries: int = 0
    redeliveries: int = 0
    """How often it was queued again after its worker was killed."""
    group_id: str | None = None
    parent_id: str | None = None
    wants_record: bool = True
    sender: str | None = None
    """The client's own name for itself, ``<process>@<host>`` by Celery; nobody has checked it."""
    traceparent: str | None = None
    """The span that it belongs to, as W3C writes it."""

    @staticmethod
    def read(
        headers: Mapping[str, Any], delivery_info: Mapping[str, Any], hostname: str | None
    ) -> Origin:
        """Read the headers of a message, which its sender may have made up."""
        return Origin(
            celery_task_id=str(headers["id"]),
            queue=delivery_info.get("routing_key"),
            exchange=delivery_info.get("exchange") or "",
            hostname=hostname,
            eta=headers.get("eta"),
            retries=_count(headers.get("retries")),
            redeliveries=_count(headers.get(REDELIVERIES_HEADER)),
            group_id=headers.get("group"),
            parent_id=headers.get("parent_id"),
            wants_record=not headers.get("ignore_result"),
            sender=sender if isinstance(sender := headers.get("origin"), str) else None,
            traceparent=trace if isinstance(trace := headers.get(HEADER), str) else None,
        )


def origin_of(request: Context) -> Origin:
    """Return the origin of the request that a Celery task has in hand."""
    return Origin.read(vars(request), request.delivery_info or {}, request.hostname)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


@dataclass(frozen=True)
class Message:
    """What one Celery message asks for. With a `fault` it cannot run, but can be answered."""

    execution: Execution
    document: Mapping[str, Any]
    fault: ConfigError | None

    @property
    def digest(self) -> str:
        """Tell one request from another that uses the same execution id."""
        text = json.dumps(self.document, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def read_message(args: Sequence[Any], kwargs: Mapping[str, Any], celery_task_id: str) -> Message:
    """Read ``[request]`` or the older ``(task_request_id, request)``; never raises."""
    fault = None
    document: Any = {}
    if kwargs:
        fault = ConfigError("the message has keyword arguments; it takes args = [request]")
    elif len(args) == 1:
        document = args[0]
    elif len(args) == 2 and isinstance(args[0], str) and isinstance(args[1], Mapping):
        document = {k: v for k, v in args[1].items() if k != "task_request_id"}
        document["execution_id"] = args[0]
    else:
        fault = ConfigError("args must be [request], or [task_request_id, request]")
    if fault is None and not isinstance(document, Mapping):
        fault = ConfigError("the request is not a JSON object")
    document = document if isinstance(document, Mapping) else {}
    return Message(identify(document, celery_task_id), document, fault)


class JournalledRequest(Request):
    """A task request that is on disk before it is acknowledged, and then once.

    Celery ends the whole worker when a message is acknowledged a second time.
    """

    _one_at_a_time = threading.Lock()
    """Of all requests, for an instant: who accepts, syncs or revokes is in a thread of its own."""

    def on_accepted(self, pid: Any, time_accepted: float) -> None:
        """Note the message in the journal, then let Celery do what it does."""
        app = cast("WorkerApp", self.app)
        self._is_noted = False
        app.shell.journal.accept(self, self._acknowledge_noted)
        super().on_accepted(pid, time_accepted)

    def acknowledge(self) -> None:
        """Acknowledge, unless the note is still on its way to the disk. Thread-safe."""
        with self._one_at_a_time:
            if getattr(self, "_is_noted", True):
                super().acknowledge()

    def _acknowledge_noted(self) -> None:
        self._is_noted = True
        self.acknowledge()
