"""The two-message example of the worker's API document, with this machine's ports and paths."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from secretflow_worker.engine.ports import PortLease
from tests.cluster.sites import Sites
from tests.conftest import write_csv

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

RAY_HEAD = "127.0.0.1:7701"
"""Named by the example; accepted and ignored."""


def example(sites: Sites, party: str, ports: list[int]) -> dict[str, Any]:
    """Return the message to `party`; `ports` are those of both ends and of both SPU nodes."""
    alice, bob = (str(sites[name].data) for name in ("alice", "bob"))
    return {
        "task_id": f"dag-{party}-001",
        "subtask_id": f"psi-node-{party}",
        "execution_id": f"exec-{party}-001-{ports[0]}",
        "sf_init_config": {
            "parties": {
                "alice": {
                    "address": f"127.0.0.1:{ports[0]}",
                    "listen_addr": f"0.0.0.0:{ports[0]}",
                },
                "bob": {
                    "address": f"127.0.0.1:{ports[1]}",
                    "listen_addr": f"0.0.0.0:{ports[1]}",
                },
            },
            "self_party": party,
            "address": RAY_HEAD,
        },
        "spu_config": {
            "cluster_def": {
                "nodes": [
                    {"party": "alice", "address": f"127.0.0.1:{ports[2]}"},
                    {"party": "bob", "address": f"127.0.0.1:{ports[3]}"},
                ],
                "runtime_config": {"protocol": "SEMI2K", "field": "FM128"},
            }
        },
        "task_config": {
            "task_type": "psi",
            "keys": {"alice": ["uid"], "bob": ["uid"]},
            "input_paths": {"alice": f"{alice}/alice.csv", "bob": f"{bob}/bob.csv"},
            "output_paths": {
                "alice": f"{alice}/alice_psi_out.csv",
                "bob": f"{bob}/bob_psi_out.csv",
            },
            "receiver": "alice",
            "protocol": "KKRT_PSI_2PC",
            "sort": True,
        },
    }


@pytest.mark.parametrize("queue", ["secretflow_queue", "secretflow_queue.{party}"])
def test_the_two_messages_meet(sites: Sites, queue: str) -> None:
    write_csv(sites["alice"].data / "alice.csv", {"uid": ["k3", "k1", "k2"], "a": [3, 1, 2]})
    write_csv(sites["bob"].data / "bob.csv", {"uid": ["k1", "k3", "k9"], "b": [10, 30, 90]})
    lease = PortLease(4, (20_000, 31_999))
    try:
        messages = {party: example(sites, party, lease.ports) for party in ("alice", "bob")}
        joint = sites.deliver(messages, queue)
        outcomes = joint.results()
    finally:
        lease.release()

    table = pd.read_csv(sites["alice"].data / "alice_psi_out.csv")
    assert table.to_dict("list") == {"uid": ["k1", "k3"], "a": [1, 3]}
    assert not (sites["bob"].data / "bob_psi_out.csv").exists()
    for party, outcome in outcomes.items():
        metadata = outcome["task_metadata"]
        assert metadata["execution_id"] == messages[party]["execution_id"]
        assert metadata["task_id"] == f"dag-{party}-001"
        assert outcome["celery_metadata"]["celery_queue"] == queue.format(party=party)
        assert sites[party].client.ends(messages[party]["execution_id"]) == ["SUCCESS"]
    assert outcomes["alice"]["result"]["intersection_count"] == 2
    assert outcomes["alice"]["result"]["psi_protocol"] == "KKRT_PSI_2PC"
    assert outcomes["bob"]["result"]["intersection_count"] == -1
