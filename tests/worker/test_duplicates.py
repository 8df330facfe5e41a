"""A doubled message runs once, wherever its second delivery goes."""

from __future__ import annotations

import base64
import json
import time

from tests.conftest import eventually
from tests.worker.conftest import MakeWorker
from tests.worker.harness import Client, Worker, failure


def test_a_second_delivery_returns_the_stored_result(client: Client, worker: Worker) -> None:
    request = client.quick()
    first = client.send(request).get(timeout=60)
    events = client.events(request["execution_id"])
    second = client.send(request).get(timeout=60)
    assert second == first
    assert client.events(request["execution_id"]) == events


def test_two_at_once_run_once(client: Client, worker: Worker) -> None:
    request = client.quick()
    sent = [client.send(request) for _ in range(4)]
    results = [one.get(timeout=60) for one in sent]
    assert results == [results[0]] * 4
    assert client.ends(request["execution_id"]) == ["SUCCESS"]
    assert client.stages(request["execution_id"]).count("received") == 1


def test_a_failure_is_stored_too(client: Client, worker: Worker) -> None:
    request = client.slow(timeout_s=0.3)
    first = failure(client.send(request))
    second = client.send(request)
    assert failure(second) == first
    assert second.state == "FAILURE"
    assert client.ends(request["execution_id"]) == ["FAILURE"]


def test_a_cancelled_execution_stays_cancelled(client: Client, worker: Worker) -> None:
    request = client.quick()
    stop_key = f"sfw:stop:{request['execution_id']}"
    client.redis.set(stop_key, "1")
    failure(client.send(request))
    client.redis.delete(stop_key)
    assert failure(client.send(request))["code"] == "CANCELLED"


def test_a_refused_request_may_be_mended_under_its_id(client: Client, worker: Worker) -> None:
    request = client.quick()
    wrong = {**request, "typo": 1}
    assert failure(client.send(wrong))["code"] == "CONFIG_INVALID"
    assert failure(client.send(wrong))["code"] == "CONFIG_INVALID"
    assert client.send(request).get(timeout=60)["result"]["status"] == "success"
    assert client.ends(request["execution_id"]) == ["FAILURE", "SUCCESS"]


def test_a_second_worker_waits_for_the_first(
    client: Client, worker: Worker, make_worker: MakeWorker
) -> None:
    other = make_worker(client, "other", party="other").started()
    client.app.control.cancel_consumer("secretflow_queue", destination=[other.nodename], reply=True)
    request = client.slow()
    first = client.send(request)
    client.await_training(request["execution_id"])
    second = client.send(request, queue="secretflow_queue.other")
    eventually(lambda: second.state == "STARTED")

    client.redis.set(f"sfw:stop:{request['execution_id']}", "1")
    assert failure(first)["code"] == failure(second)["code"] == "CANCELLED"
    assert client.ends(request["execution_id"]) == ["CANCELLED"]
    assert client.stages(request["execution_id"]).count("received") == 1
    assert other.terminate() == 0


def test_a_message_that_a_killed_worker_held_is_taken_again(client: Client, worker: Worker) -> None:
    """Killed after Redis gave the message, and before it was acknowledged: Redis gives it again."""
    request = client.quick()
    headers = {"id": request["execution_id"], "task": "tasks.secretflow.execute_task"}
    body = base64.b64encode(json.dumps([[request], {}, {}]).encode()).decode()
    tag = "never-acknowledged"
    message = {
        "body": body,
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {**headers, "lang": "py"},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": tag,
            "delivery_info": {"exchange": "", "routing_key": "secretflow_queue"},
        },
    }
    client.redis.hset("unacked", tag, json.dumps([message, "", "secretflow_queue"]))
    client.redis.zadd("unacked_index", {tag: time.time() - 61})
    eventually(lambda: client.ends(request["execution_id"]) == ["SUCCESS"], 30)
    eventually(lambda: client.redis.hlen("unacked") == 0)
