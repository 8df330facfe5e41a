"""Stopping and killing a worker with a task in its hands."""

from __future__ import annotations

import json

import psutil

from tests.conftest import eventually
from tests.worker.conftest import MakeWorker
from tests.worker.harness import Client, failure


def test_sigterm_lets_a_task_finish(own_client: Client, make_worker: MakeWorker) -> None:
    worker = make_worker(own_client).started()
    request = own_client.slow()
    request["task_config"]["params"]["epochs"] = 30
    sent = own_client.send(request)
    own_client.await_training(request["execution_id"])
    assert worker.terminate() == 0
    assert sent.get(timeout=30)["result"]["status"] == "success"
    assert own_client.ends(request["execution_id"]) == ["SUCCESS"]


def test_sigterm_gives_back_what_does_not_finish(
    own_client: Client, make_worker: MakeWorker
) -> None:
    worker = make_worker(own_client, stop_grace_s=0.2).started()
    request = own_client.slow()
    sent = own_client.send(request)
    own_client.await_training(request["execution_id"])
    parties = worker.parties()
    assert worker.terminate() == 0
    assert not [party for party in parties if party.is_running()]
    queued = own_client.queued()
    assert [message["headers"]["id"] for message in queued] == [sent.id]
    assert queued[0]["headers"]["sfw_redeliveries"] == 0, "a stop is not the task's fault"
    assert not list((worker.folder / "state" / "journal").iterdir())
    assert own_client.ends(request["execution_id"]) == []
    assert own_client.redis.keys("sfw:claim:*") == [], "the next worker would wait"


def test_a_killed_worker_queues_again_then_gives_up(
    own_client: Client, make_worker: MakeWorker
) -> None:
    worker = make_worker(own_client, max_redeliveries=1).started()
    request = own_client.slow()
    execution_id = request["execution_id"]
    sent = own_client.send(request)
    own_client.await_training(execution_id)
    parties = worker.parties()
    assert parties
    worker.kill()
    _, alive = psutil.wait_procs(parties, timeout=30)
    assert not alive, "parties outlived their worker"

    worker.start()
    eventually(lambda: own_client.stages(execution_id).count("cluster_init") == 2, 60)
    retry = [event for event in own_client.events(execution_id) if event["status"] == "RETRY"]
    assert [event["data"]["error"]["code"] for event in retry] == ["WORKER_LOST"]
    worker.kill()

    worker.start()
    error = failure(sent, 60)
    assert (error["code"], error["type"]) == ("WORKER_LOST", "RuntimeError")
    assert own_client.ends(execution_id) == ["FAILURE"]
    events = own_client.events(execution_id)
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    eventually(lambda: not list((worker.folder / "state" / "journal").iterdir()))
    assert not list((worker.folder / "state" / "runs").iterdir())
    assert worker.terminate() == 0


def test_a_run_whose_outputs_were_being_renamed_has_succeeded(
    own_client: Client, make_worker: MakeWorker
) -> None:
    """The worker was killed after every party had finished: the next one tells the success."""
    worker = make_worker(own_client).started()
    model = own_client.quick()
    outcome = own_client.send(model).get(timeout=60)["result"]
    request = own_client.slow()
    sent = own_client.send(request)
    own_client.await_training(request["execution_id"])
    worker.kill()
    (run,) = (worker.folder / "state" / "runs").iterdir()
    for record in run.glob("*.staged"):
        record.unlink()
    ended = {**outcome, "celery_metadata": None}
    document = {"execution_id": request["execution_id"], "outcome": ended}
    (run / "commit.json").write_text(json.dumps(document))

    worker.start()
    envelope = sent.get(timeout=60)
    assert envelope["execution_id"] == request["execution_id"]
    assert envelope["result"]["celery_metadata"]["celery_task_id"] == sent.id
    assert own_client.ends(request["execution_id"]) == ["SUCCESS"]
    assert worker.terminate() == 0
