"""What a plain Celery client sends, and what it reads."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from tests.conftest import eventually
from tests.worker.harness import Client, Worker, failure

pytestmark = pytest.mark.usefixtures("worker")


def test_the_result_is_the_documented_envelope(client: Client, worker: Worker) -> None:
    request = client.quick()
    sent = client.send(request)
    envelope = sent.get(timeout=60)

    assert set(envelope) == {"task_id", "subtask_id", "execution_id", "completed_at", "result"}
    ids = {name: request[name] for name in ("task_id", "subtask_id", "execution_id")}
    assert {name: envelope[name] for name in ids} == ids
    assert envelope["completed_at"].endswith("Z")
    outcome = envelope["result"]
    assert set(outcome) == {
        "status", "result", "performance_metrics", "task_metadata", "celery_metadata",
    }  # fmt: skip
    assert outcome["status"] == "success"
    assert outcome["result"]["columns_scaled"] == ["x_alice", "x_bob"]
    metrics = outcome["performance_metrics"]
    assert metrics["total_execution_time"] > 0
    assert set(metrics["peak_rss_bytes"]) == set(metrics["bytes_sent"]) == {"alice", "bob"}
    metadata = outcome["task_metadata"]
    assert {name: metadata[name] for name in ids} == ids
    assert metadata["task_type"] == "standard_scaler"
    assert metadata["parties"] == ["alice", "bob"]
    celery = outcome["celery_metadata"]
    assert celery["celery_task_id"] == sent.id
    assert celery["celery_queue"] == "secretflow_queue"
    assert celery["celery_exchange"] == ""
    assert celery["retry_count"] == 0
    assert celery["celery_execution_time"] >= metrics["total_execution_time"]
    assert celery["worker_hostname"].startswith("shared@")
    assert celery["task_eta"] is None


def test_the_record_is_celerys_own(client: Client) -> None:
    sent = client.send(client.quick())
    sent.get(timeout=60)

    record = json.loads(str(client.redis.get(f"celery-task-meta-{sent.id}")))
    assert record["status"] == "SUCCESS"
    assert record["traceback"] is None
    assert record["task_id"] == sent.id
    assert datetime.fromisoformat(record["date_done"].replace("Z", "+00:00"))
    assert sent.date_done is not None


def test_the_older_form_names_the_execution_first(client: Client) -> None:
    request = client.quick()
    del request["execution_id"]
    envelope = client.send("older-form-1", request).get(timeout=60)
    assert envelope["execution_id"] == "older-form-1"


def test_task_request_id_is_an_alias(client: Client) -> None:
    request = client.quick()
    request["task_request_id"] = request.pop("execution_id")
    envelope = client.send(request).get(timeout=60)
    assert envelope["execution_id"] == request["task_request_id"]


def test_celerys_older_message_protocol_works_too(client: Client) -> None:
    request = client.quick()
    client.app.conf.task_protocol = 1
    try:
        envelope = client.send(request).get(timeout=60)
    finally:
        client.app.conf.task_protocol = 2
    assert envelope["execution_id"] == request["execution_id"]


def test_no_log_holds_a_request_or_a_result(client: Client, worker: Worker) -> None:
    before = len(worker.log())
    request = client.quick(trace_context={"note": "word-of-the-request"})
    client.send(request, argsrepr="word-of-the-repr").get(timeout=60)
    log = worker.log()[before:]
    assert request["execution_id"] in log
    for word in ("word-of-the-request", "word-of-the-repr", "input_data", "columns_scaled"):
        assert word not in log


def test_a_sender_may_want_no_record(client: Client) -> None:
    request = client.quick()
    sent = client.send(request, ignore_result=True)
    eventually(lambda: client.ends(request["execution_id"]) == ["SUCCESS"], 60)
    assert client.redis.get(f"celery-task-meta-{sent.id}") is None


@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((), "args must be"),
        (("only text",), "not a JSON object"),
        ((1, {}), "args must be"),
        (({}, {}, {}), "args must be"),
        (({"task_id": "t"},), "subtask_id: required field is missing"),
    ],
)
def test_a_message_of_another_form_is_refused(
    client: Client, args: tuple[Any, ...], named: str
) -> None:
    sent = client.send(*args)
    error = failure(sent)
    assert error["code"] == "CONFIG_INVALID"
    assert named in error["message"]
    assert client.ends(sent.id) == ["FAILURE"]  # Celery's id stands for the missing one


def test_keyword_arguments_are_refused(client: Client) -> None:
    error = failure(client.send(kwargs={"request": {}}))
    assert "keyword arguments" in error["message"]


def test_an_unknown_field_is_named(client: Client) -> None:
    sent = client.send(client.quick(timout_s=3))
    error = failure(sent)
    assert error["code"] == "CONFIG_INVALID"
    assert error["type"] == "ValueError"
    assert "timout_s: unknown field" in error["message"]
    assert error["hint"]
    assert sent.state == "FAILURE"
    assert sent.traceback is None


def test_the_builtin_type_is_the_documented_one(client: Client) -> None:
    request = client.quick()
    request["task_config"]["input_data"]["bob"] = str(client.data / "nowhere.csv")
    sent = client.send(request)
    with pytest.raises(FileNotFoundError) as raised:
        sent.get(timeout=60)
    assert json.loads(str(raised.value))["error"]["code"] == "INPUT_NOT_FOUND"
    assert json.loads(str(raised.value))["error"]["party"] == "bob"


def test_only_json_is_read(client: Client, worker: Worker) -> None:
    """A pickled message is dropped unread, and its contents are in no log."""
    sent = client.send({"secret": "never-logged-word"}, serializer="pickle")
    client.send(client.quick()).get(timeout=60)
    assert client.redis.get(f"celery-task-meta-{sent.id}") is None
    assert "never-logged-word" not in worker.log()


def test_another_task_name_is_refused_without_its_contents_in_a_log(
    client: Client, worker: Worker
) -> None:
    sent = client.app.send_task("tasks.other", args=["unlogged-word"], queue="secretflow_queue")
    raised = sent.get(timeout=30, propagate=False)
    assert type(raised).__name__ == "NotRegistered"
    assert "unlogged-word" not in worker.log()


def test_events_come_in_order_and_numbered(client: Client) -> None:
    request = client.quick()
    channel = client.redis.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    channel.subscribe("task_status_events")
    channel.get_message(timeout=30)
    client.send(request).get(timeout=60)

    events = client.events(request["execution_id"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert len({event["event_id"] for event in events}) == len(events)
    stages = [event["data"]["stage"] for event in events]
    order = ["received", "cluster_init", "device_creation", "task_execution"]
    assert stages[0] == "received"
    assert stages == sorted(stages, key=order.index)
    progress = [event["data"]["progress"] for event in events]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)
    assert [event["status"] for event in events] == ["RUNNING"] * (len(events) - 1) + ["SUCCESS"]
    last = events[-1]
    assert last["data"]["result"]["status"] == "success"
    assert last["task_request_id"] == last["data"]["execution_id"] == request["execution_id"]
    assert last["worker_container"] == "shared"
    assert last["task_name"] == "tasks.secretflow.execute_task"
    heard = []
    while (message := channel.get_message(timeout=0.5)) is not None:
        heard.append(json.loads(message["data"]))
    assert heard == events
    channel.close()


def test_the_failure_event_has_the_error(client: Client) -> None:
    request = client.quick(nonsense=1)
    error = failure(client.send(request))
    last = client.events(request["execution_id"])[-1]
    assert last["status"] == "FAILURE"
    assert last["data"]["error"] == error


def test_two_tasks_run_at_once(client: Client) -> None:
    requests = [client.slow(), client.slow()]
    sent = [client.send(request) for request in requests]
    for request in requests:
        client.await_training(request["execution_id"])
    for request in requests:
        client.redis.set(f"sfw:stop:{request['execution_id']}", "1")
    assert {failure(result)["code"] for result in sent} == {"CANCELLED"}


def test_an_id_that_is_no_file_name_harms_nothing(client: Client, worker: Worker) -> None:
    celery_id = "../../outside/" + "x" * 300
    sent = client.send(client.quick(), task_id=celery_id)
    assert sent.get(timeout=60)["result"]["celery_metadata"]["celery_task_id"] == celery_id
    assert not (worker.folder / "outside").exists()
