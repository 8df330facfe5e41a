"""Redis absent at the start, in the middle, and at the end."""

from __future__ import annotations

from pathlib import Path

from secretflow_worker.worker import EmbeddedRedis, read_health, start_embedded_redis
from tests.conftest import eventually
from tests.worker.conftest import MakeWorker
from tests.worker.harness import Client, failure


def test_absent_at_the_start(
    own_redis: EmbeddedRedis, own_client: Client, make_worker: MakeWorker, tmp_path: Path
) -> None:
    own_redis.stop()
    worker = make_worker(own_client).start()
    eventually(lambda: "cannot reach Redis" in worker.log(), 60)
    assert own_redis.url not in worker.log(), "the password is in the log"
    eventually(lambda: read_health(worker.folder / "state").is_alive)
    again = start_embedded_redis(tmp_path)
    try:
        assert again.url == own_redis.url
        assert own_client.send(own_client.quick()).get(timeout=60)["result"]["status"] == "success"
        assert worker.terminate() == 0
    finally:
        again.stop()


def test_killed_while_messages_are_taken(
    own_redis: EmbeddedRedis, own_client: Client, make_worker: MakeWorker, tmp_path: Path
) -> None:
    """Some are taken and not acknowledged at that moment; the worker lives and takes the rest."""
    worker = make_worker(own_client).started()
    server = own_redis
    try:
        for round_ in range(4):
            for number in range(30):
                own_client.send({"execution_id": f"bad-{round_}-{number}"}, ignore_result=True)
            eventually(lambda: len(own_client.queued()) < 30)
            server.process.kill()
            server.stop()
            server = start_embedded_redis(tmp_path)
            eventually(lambda: not own_client.queued(), 60)
        assert worker.terminate() == 0
    finally:
        server.stop()
    assert "Traceback" not in worker.log()


def test_absent_while_a_task_ends_and_the_worker_stops(
    own_redis: EmbeddedRedis, own_client: Client, make_worker: MakeWorker, tmp_path: Path
) -> None:
    """The outcome waits in the journal, even for another life of the worker."""
    worker = make_worker(own_client).started()
    first, second = own_client.slow(timeout_s=4), own_client.slow(timeout_s=30)
    second["task_config"]["params"]["epochs"] = 40
    sent = [own_client.send(request) for request in (first, second)]
    for request in (first, second):
        own_client.await_training(request["execution_id"])
    own_redis.stop()
    journal = worker.folder / "state" / "journal"
    eventually(lambda: worker.log().count("TIMEOUT") + worker.log().count("succeeded in") == 2, 40)
    assert len(list(journal.glob("*.json"))) == 2
    assert worker.process is not None
    assert worker.process.poll() is None

    again = start_embedded_redis(tmp_path)
    try:
        assert failure(sent[0], 30)["code"] == "TIMEOUT"
        assert sent[1].get(timeout=30)["result"]["status"] == "success"
        assert own_client.ends(first["execution_id"]) == ["FAILURE"]
        assert own_client.ends(second["execution_id"]) == ["SUCCESS"]
        eventually(lambda: not list(journal.glob("*.json")))
        # It takes tasks again, too.
        assert own_client.send(own_client.quick()).get(timeout=30)["result"]["status"] == "success"
    finally:
        again.stop()


def test_an_outcome_outlives_its_worker(
    own_redis: EmbeddedRedis, own_client: Client, make_worker: MakeWorker, tmp_path: Path
) -> None:
    worker = make_worker(own_client).started()
    request = own_client.slow(timeout_s=3)
    sent = own_client.send(request)
    own_client.await_training(request["execution_id"])
    own_redis.stop()
    eventually(lambda: "TIMEOUT" in worker.log(), 40)
    worker.kill()

    again = start_embedded_redis(tmp_path)
    try:
        worker.start()
        assert failure(sent)["code"] == "TIMEOUT"
        assert own_client.ends(request["execution_id"]) == ["FAILURE"]
        assert worker.terminate() == 0
    finally:
        again.stop()
