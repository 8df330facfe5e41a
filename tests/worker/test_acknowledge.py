"""A message is acknowledged once, whichever threads do it: a second time ends a Celery worker."""

from __future__ import annotations

import threading

from celery import Celery
from kombu import Message

from secretflow_worker.contract.names import TASK_NAME
from secretflow_worker.worker.app import ExecuteTask
from secretflow_worker.worker.message import JournalledRequest


def test_two_threads_acknowledge_once() -> None:
    """The one that syncs the journal, while the one that accepts is in the middle of it."""
    acknowledged = 0
    other = threading.Thread(target=lambda: request.acknowledge())

    def on_ack(*_: object) -> None:
        nonlocal acknowledged
        acknowledged += 1
        if acknowledged == 1:
            other.start()
            other.join(timeout=0.5)

    app = Celery(set_as_current=False)
    request = JournalledRequest(
        Message(
            body="[[], {}, {}]",
            content_type="application/json",
            headers={"id": "abc", "task": TASK_NAME},
        ),
        on_ack=on_ack,
        app=app,
        task=app.register_task(ExecuteTask()),
    )
    request.acknowledge()
    other.join()
    app.close()
    assert acknowledged == 1
    assert request.acknowledged
