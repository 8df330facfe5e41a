"""What each party's own worker tells in cluster mode: of itself alone, through its own Redis."""

from __future__ import annotations

from typing import Any

import pytest

from secretflow_worker.contract.asks import ask_list
from tests.cluster.sites import Sites
from tests.conftest import write_csv
from tests.worker.asking import ask, code_of, node_of

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly


def test_each_worker_tells_of_its_own_files_alone(sites: Sites) -> None:
    tables: dict[str, dict[str, list[Any]]] = {
        "alice": {"uid": ["k1", "k2", "k3"], "a": [1, 2, 3]},
        "bob": {"uid": ["k2", "k3", "k4"], "b": [4, 5, 6]},
    }
    paths = {party: str(sites[party].data / "answers.csv") for party in tables}
    for party, columns in tables.items():
        write_csv(sites[party].data / "answers.csv", columns)
    outputs = {party: str(sites[party].data / "answers-out.csv") for party in tables}
    config = {
        "task_type": "psi",
        "keys": {party: ["uid"] for party in tables},
        "input_paths": paths,
        "output_paths": outputs,
    }
    joint = sites.send(config)
    joint.results()
    for party in tables:
        client, peer = sites[party].client, "bob" if party == "alice" else "alice"
        last = client.events(joint.execution_ids[party])[-1]
        assert last["status"] == "SUCCESS"
        told = last["data"]["fingerprints"]
        assert set(told) == {party}, "a peer's files are the peer's to tell of"
        assert set(told[party]["inputs"]) == {paths[party]}
        now = ask(client.redis, "fingerprints", party, paths=[paths[party], outputs[party]])
        assert now.fingerprints is not None
        assert now.fingerprints.prints[paths[party]] == told[party]["inputs"][paths[party]]
        of_peer = ask(client.redis, "fingerprints", party, paths=[paths[peer]])
        assert code_of(of_peer) == "PATH_FORBIDDEN"
        assert code_of(ask(client.redis, "files", party)) == "POLICY_REFUSED"
        assert code_of(ask(client.redis, "logs", party, execution_id="any")) == "POLICY_REFUSED"
        client.redis.rpush(ask_list(peer), "{}")
        assert client.redis.llen(ask_list(peer)) == 1, "nobody takes asks to another party"
        client.redis.delete(ask_list(peer))


def test_a_worker_announces_its_partys_certificate(sites: Sites) -> None:
    node = node_of(sites["alice"].client.redis, "alice-worker")
    assert node.party == "alice"
    assert node.certificate is not None
    assert node.certificate.subject == "CN=alice"
    assert node.certificate.days_left > 700
    assert node.policy is not None
    assert "peers: bob, carol" in node.policy
