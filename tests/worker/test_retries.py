"""What may pass is tried again, and shown; nothing else is."""

from __future__ import annotations

import pytest

from tests.conftest import eventually
from tests.worker.harness import Client, Worker, failure


def kill_a_party(client: Client, worker: Worker, execution_id: str, attempt: int) -> None:
    """Kill one party of an execution once its `attempt` trains."""

    def trains() -> bool:
        stages = client.stages(execution_id)
        return stages.count("cluster_init") == attempt and stages[-1] == "task_execution"

    eventually(trains, 40)
    eventually(worker.parties)[0].kill()


def test_a_lost_party_is_tried_again(client: Client, worker: Worker) -> None:
    request = client.slow()
    sent = client.send(request)
    execution_id = request["execution_id"]
    kill_a_party(client, worker, execution_id, 1)
    retry = eventually(lambda: [e for e in client.events(execution_id) if e["status"] == "RETRY"])
    assert retry[0]["data"]["error"]["code"] == "PEER_LOST"
    assert retry[0]["data"]["retry"] == 1
    kill_a_party(client, worker, execution_id, 2)
    kill_a_party(client, worker, execution_id, 3)
    error = failure(sent)
    assert error["code"] == "PEER_LOST"
    assert error["party"] in {"alice", "bob"}
    statuses = [event["status"] for event in client.events(execution_id)]
    assert statuses.count("RETRY") == 2
    assert statuses[-1] == "FAILURE"
    assert [e["seq"] for e in client.events(execution_id)] == list(range(1, len(statuses) + 1))


def test_the_wait_for_a_retry_can_be_cancelled(client: Client, worker: Worker) -> None:
    request = client.slow()
    sent = client.send(request)
    kill_a_party(client, worker, request["execution_id"], 1)
    eventually(lambda: sent.state == "RETRY" or "RETRY" in sent.state)
    client.redis.set(f"sfw:stop:{request['execution_id']}", "1")
    assert failure(sent)["code"] == "CANCELLED"


@pytest.mark.usefixtures("worker")
def test_a_wrong_request_is_not_tried_again(client: Client) -> None:
    request = client.quick()
    request["task_config"]["columns"] = ["no_such_column"]
    error = failure(client.send(request))
    assert error["code"] in {"CONFIG_INVALID", "INPUT_INVALID"}
    assert "RETRY" not in [event["status"] for event in client.events(request["execution_id"])]
