"""Cluster mode: each party's own worker gets its own message, on its own queue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from secretflow_worker.engine.ports import PortLease
from tests.conftest import write_csv
from tests.worker.conftest import MakeWorker
from tests.worker.harness import Client


def test_two_workers_run_one_psi(
    own_client: Client, make_worker: MakeWorker, tmp_path: Path
) -> None:
    workers = {}
    tables = {"alice": ["a", "b", "c"], "bob": ["c", "d", "b", "e"]}
    for party, keys in tables.items():
        write_csv(own_client.data / f"{party}.csv", {"uid": keys})
        workers[party] = make_worker(
            own_client, party, party=party, allow_plaintext="true", allow_no_policy="true"
        ).start()
    lease = PortLease(2, (20_000, 31_999))
    lease.release()
    addresses = {
        party: {"address": f"127.0.0.1:{port}"}
        for party, port in zip(tables, lease.ports, strict=True)
    }
    config = {
        "task_type": "psi",
        "keys": {party: ["uid"] for party in tables},
        "input_paths": {party: str(own_client.data / f"{party}.csv") for party in tables},
        "output_paths": {party: str(own_client.data / f"{party}-out.csv") for party in tables},
        "receiver": "alice",
    }
    sent = {
        party: own_client.send(
            own_client.request(
                config,
                execution_id="both-1",
                sf_init_config={"parties": addresses, "self_party": party},
            ),
            queue=f"secretflow_queue.{party}",
        )
        for party in tables
    }
    results: dict[str, Any] = {
        party: one.get(timeout=90)["result"]["result"] for party, one in sent.items()
    }
    assert results["alice"]["intersection_count"] == 2
    assert results["bob"]["intersection_count"] == -1
    assert own_client.ends("both-1") == ["SUCCESS", "SUCCESS"]
    events = own_client.events("both-1")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert {event["data"]["party"] for event in events} == {"alice", "bob"}
    assert [worker.terminate() for worker in workers.values()] == [0, 0]
