"""A peer that never comes, and a worker that is killed in the middle of a training."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.cluster.sites import Sites, open_sites
from tests.conftest import eventually, write_csv
from tests.tasks.vertical_data import paths
from tests.worker.harness import failure

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

CONNECT_TIMEOUT_S = 6


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Two sites that do not wait long and try nothing twice; leave their workers running."""
    folder = tmp_path_factory.mktemp("impatient")
    with open_sites(
        folder, connect_timeout_s=CONNECT_TIMEOUT_S, retry_max=0, allow_semi2k_dealer=True
    ) as sites:
        yield sites


def long_training(sites: Sites, epochs: int = 5000) -> dict[str, Any]:
    rows = range(64)
    for party, step in {"alice": 7, "bob": 5}.items():
        columns = {f"x_{party}": [i % step for i in rows], "y": [i % 2 for i in rows]}
        write_csv(sites[party].data / "long.csv", columns)
    return {
        "task_type": "ss_lr",
        "train_data": paths(sites.folder, "long.csv"),
        "features": ["x_alice", "x_bob"],
        "label": "y",
        "label_party": "alice",
        "model_output": paths(sites.folder, "long-model"),
        "params": {"epochs": epochs, "batch_size": 8},
    }


SEMI2K = {"protocol": "SEMI2K", "field": "FM128"}
OTHER = {"alice": "bob", "bob": "alice"}


@pytest.mark.parametrize("comer", ["alice", "bob"])
def test_only_one_message_was_sent(impatient: Sites, comer: str) -> None:
    message = impatient.message(comer, long_training(impatient))
    start = time.monotonic()
    error = failure(impatient[comer].client.send(message, queue=f"secretflow_queue.{comer}"))
    assert time.monotonic() - start >= CONNECT_TIMEOUT_S
    assert (error["code"], error["party"]) == ("PEER_LOST", OTHER[comer])
    assert "did not come" in error["message"]
    assert impatient[comer].client.ends(message["execution_id"]) == ["FAILURE"]


@pytest.mark.parametrize("killed", ["alice", "bob"])
def test_a_worker_that_is_killed_is_named_by_the_other(impatient: Sites, killed: str) -> None:
    other = OTHER[killed]
    joint = impatient.send(long_training(impatient), spu=SEMI2K)
    for party in ("alice", "bob"):
        impatient[party].client.await_training(joint.execution_ids[party])
    orphans = impatient[killed].parties()
    assert orphans

    impatient[killed].worker.kill()
    error = failure(joint.sent[other])
    assert (error["code"], error["party"]) == ("PEER_LOST", killed)
    assert not psutil.wait_procs(orphans, timeout=30)[1], "parties outlived their worker"
    eventually(lambda: not impatient[other].parties())

    # The killed one queues its message again when it starts, and looks for a peer in vain.
    impatient[killed].worker.started()
    error = failure(joint.sent[killed])
    assert (error["code"], error["party"]) == ("PEER_LOST", other)
    assert "did not come" in error["message"]
    events = impatient[killed].client.events(joint.execution_ids[killed])
    retries = [event["data"]["error"]["code"] for event in events if event["status"] == "RETRY"]
    assert retries == ["WORKER_LOST"]
    for party in ("alice", "bob"):
        assert impatient[party].client.ends(joint.execution_ids[party]) == ["FAILURE"]
        assert not list((impatient[party].state / "runs").iterdir())
    assert not list(impatient.folder.rglob("long-model"))


def test_patient_workers_meet_again_after_a_kill(sites: Sites) -> None:
    joint = sites.send(long_training(sites, epochs=150), spu=SEMI2K)
    for party in ("alice", "bob"):
        sites[party].client.await_training(joint.execution_ids[party])
    sites["bob"].worker.kill()
    sites["bob"].worker.started()

    outcomes = joint.results()
    assert [outcomes[party]["status"] for party in ("alice", "bob")] == ["success"] * 2
    for party, code in {"alice": "PEER_LOST", "bob": "WORKER_LOST"}.items():
        events = sites[party].client.events(joint.execution_ids[party])
        assert [e["data"]["error"]["code"] for e in events if e["status"] == "RETRY"] == [code]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        assert sites[party].client.ends(joint.execution_ids[party]) == ["SUCCESS"]
        assert (sites[party].data / "long-model" / "manifest.json").exists()
