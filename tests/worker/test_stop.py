"""Cancelling and timing out: the parties end long before their work would, told once."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import pytest
from celery.exceptions import TaskRevokedError

from tests.conftest import eventually
from tests.worker.harness import Client, Worker, failure


def test_the_stop_key_cancels_a_run(client: Client, worker: Worker) -> None:
    request = client.slow()
    sent = client.send(request)
    client.await_training(request["execution_id"])
    assert worker.parties()

    client.redis.set(f"sfw:stop:{request['execution_id']}", "by anyone")
    error = failure(sent)
    assert error["code"] == "CANCELLED"
    assert sent.state == "FAILURE"
    assert client.ends(request["execution_id"]) == ["CANCELLED"]
    eventually(lambda: not worker.parties())


def test_the_stop_key_cancels_before_the_message_comes(client: Client, worker: Worker) -> None:
    request = client.quick()
    client.redis.set(f"sfw:stop:{request['execution_id']}", "1")
    assert failure(client.send(request))["code"] == "CANCELLED"
    assert client.ends(request["execution_id"]) == ["CANCELLED"]
    assert not (client.data / "out-alice.csv").exists()


def test_revoke_ends_exactly_that_task(client: Client, worker: Worker) -> None:
    requests = [client.slow(), client.slow()]
    revoked, other = [client.send(request) for request in requests]
    for request in requests:
        client.await_training(request["execution_id"])

    client.app.control.revoke(revoked.id, terminate=True)
    with pytest.raises(TaskRevokedError) as raised:
        revoked.get(timeout=30)
    assert str(revoked.state) == "REVOKED"
    assert '"CANCELLED"' in str(raised.value)
    assert client.ends(requests[0]["execution_id"]) == ["CANCELLED"]
    assert not other.ready()

    client.app.control.revoke(other.id, terminate=True)
    with pytest.raises(TaskRevokedError):
        other.get(timeout=30)
    eventually(lambda: not worker.parties())


def test_a_task_revoked_in_the_queue_never_starts(client: Client, worker: Worker) -> None:
    running = [client.slow(), client.slow()]
    for request in running:
        client.send(request)
        client.await_training(request["execution_id"])
    waiting = client.quick()
    sent = client.send(waiting)
    client.app.control.revoke(sent.id)
    with pytest.raises(TaskRevokedError):
        sent.get(timeout=30)

    for request in running:
        client.redis.set(f"sfw:stop:{request['execution_id']}", "1")
    eventually(lambda: client.ends(waiting["execution_id"]) == ["CANCELLED"])
    assert len(client.events(waiting["execution_id"])) == 1


def test_a_run_past_its_time_ends(client: Client, worker: Worker) -> None:
    request = client.slow(timeout_s=2)
    start = time.monotonic()
    sent = client.send(request)
    error = failure(sent)
    assert time.monotonic() - start >= 2
    assert (error["code"], error["type"]) == ("TIMEOUT", "TimeoutError")
    with pytest.raises(TimeoutError):
        sent.get()
    assert client.ends(request["execution_id"]) == ["FAILURE"]
    eventually(lambda: not worker.parties())


def test_a_message_that_expired_never_starts(client: Client, worker: Worker) -> None:
    request = client.quick()
    sent = client.send(request, expires=datetime.now(timezone.utc) - timedelta(hours=1))
    with pytest.raises(TaskRevokedError) as raised:
        sent.get(timeout=30)
    assert "expired" in str(raised.value)
    eventually(lambda: client.ends(request["execution_id"]) == ["CANCELLED"])
