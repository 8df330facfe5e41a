"""One party's worker refuses: every party hears of it at once, and why only its own client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.engine import certs
from secretflow_worker.engine.audit import read_all, verify
from tests.cluster.sites import Sites, open_sites
from tests.conftest import write_csv
from tests.policies import open_policy, write_policy

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

THREE = ("alice", "bob", "carol")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """Three sites, whose operators change their policies."""
    folder = tmp_path_factory.mktemp("guarded")
    with open_sites(folder, THREE, connect_timeout_s=60) as sites:
        for party in THREE:
            write_csv(sites[party].data / "people.csv", {"uid": "abcdef", f"x_{party}": range(6)})
        yield sites


@pytest.fixture(autouse=True)
def all_open(guarded: Sites) -> None:
    for party in THREE:
        say(guarded, party)


def say(sites: Sites, party: str, **changes: Any) -> None:
    """Write a party's policy: everything below its root with its pinned peers, with changes."""
    base = sites.folder.parent
    pinned = {peer: base / f"{party}-certs" / f"{peer}.crt" for peer in THREE if peer != party}
    write_policy(base / f"{party}.toml", {**open_policy(sites[party].data, pinned), **changes})


def psi(sites: Sites, parties: tuple[str, ...] = ("alice", "bob"), **changes: Any) -> Any:
    return {
        "task_type": "psi",
        "keys": {party: ["uid"] for party in parties},
        "input_paths": {party: str(sites[party].data / "people.csv") for party in parties},
        "output_paths": {party: str(sites[party].data / "out" / "c.csv") for party in parties},
        **changes,
    }


def events_of(sites: Sites, party: str, execution_id: str) -> list[str]:
    path = sites[party].state / "audit" / f"{party}.jsonl"
    assert verify(path).broken is None
    own = [each for each in read_all(path) if each.facts.get("execution_id") == execution_id]
    return [record.event for record in own]


@pytest.mark.parametrize("parties", [("alice", "bob"), THREE], ids=["two", "three"])
@pytest.mark.parametrize("who", ["alice", "bob"], ids=["first rank", "another rank"])
def test_everybody_hears_of_a_refusal_soon(
    guarded: Sites, who: str, parties: tuple[str, ...]
) -> None:
    say(guarded, who, tasks={"allow": ["ss_lr"]})
    outputs = {p: str(guarded[p].data / "refused" / "c.csv") for p in parties}
    joint = guarded.send(psi(guarded, parties, output_paths=outputs), parties)
    errors = joint.failures()

    for party, error in errors.items():
        assert (error["code"], error["type"]) == ("POLICY_REFUSED", "PermissionError")
        assert error["party"] == who
        assert ("tasks.allow" in error["message"]) == (party == who)
        ends = guarded[party].client.ends(joint.execution_ids[party])
        assert ends == ["FAILURE"]
        assert not (guarded[party].data / "refused").exists()
    execution_id = joint.execution_ids[who]
    assert events_of(guarded, who, execution_id) == ["refused"]


def test_the_address_of_a_refused_task_is_free_for_the_next(guarded: Sites) -> None:
    """Alice, who would be listened to, refuses; nobody comes to hear it; then the two agree."""
    say(guarded, "alice", tasks={"allow": ["ss_lr"]})
    message = guarded.message("alice", psi(guarded))
    refused = guarded.deliver({"alice": message}).failures()["alice"]
    assert refused["code"] == "POLICY_REFUSED"

    say(guarded, "alice")
    results = guarded.run(psi(guarded))

    assert {party: one["result"]["intersection_count"] for party, one in results.items()} == {
        "alice": 6, "bob": 6,
    }  # fmt: skip


def test_an_intersection_that_is_too_small_is_written_nowhere(guarded: Sites) -> None:
    say(guarded, "bob", limits={"min_intersection": 7})
    outputs = {p: str(guarded[p].data / "small" / "c.csv") for p in ("alice", "bob")}

    joint = guarded.send(psi(guarded, output_paths=outputs))
    errors = joint.failures()

    assert {error["code"] for error in errors.values()} == {"POLICY_REFUSED"}
    assert {error["party"] for error in errors.values()} == {"bob"}
    assert "limits.min_intersection" in errors["bob"]["message"]
    assert not any(Path(path).parent.exists() for path in outputs.values())
    execution_id = joint.execution_ids["bob"]
    assert events_of(guarded, "bob", execution_id) == ["started", "failed"]
    assert events_of(guarded, "alice", execution_id) == ["started", "failed"]


def test_a_certificate_that_was_replaced_is_not_the_peer_s(guarded: Sites, tmp_path: Path) -> None:
    other = certs.create("alice", tmp_path).path
    document = open_policy(guarded["bob"].data, {"alice": other})
    say(guarded, "bob", peers=document["peers"])

    errors = guarded.send(psi(guarded)).failures()

    assert 'peers."alice".fingerprint' in errors["bob"]["message"]
    assert errors["alice"]["code"] == "POLICY_REFUSED"


def test_semi2k_needs_a_dealer_whom_the_policy_trusts(guarded: Sites) -> None:
    for party in ("alice", "bob"):
        columns = {"uid": "abcd", f"x{party}": [1, 2, 3, 4], "y": [0, 1, 0, 1]}
        write_csv(guarded[party].data / "train.csv", columns)
    config = {
        "task_type": "ss_lr",
        "train_data": {p: str(guarded[p].data / "train.csv") for p in ("alice", "bob")},
        "features": ["xalice", "xbob"],
        "label": "y",
        "label_party": "alice",
        "model_output": {p: str(guarded[p].data / "model") for p in ("alice", "bob")},
        "params": {"epochs": 1, "batch_size": 4},
    }
    spu = {"protocol": "SEMI2K", "field": "FM64"}

    errors = guarded.send(config, spu=spu).failures()
    assert 'peers."alice".trusted_dealer' in errors["bob"]["message"]

    base = guarded.folder.parent
    peers = open_policy(Path("/"), {"alice": base / "bob-certs" / "alice.crt"})["peers"]
    say(guarded, "bob", peers=[{**peers[0], "trusted_dealer": True}])
    results = guarded.run(config, spu=spu)
    assert results["bob"]["task_metadata"]["security"]["dealer"] == "alice"


def test_what_was_disclosed_is_in_each_party_s_own_log(guarded: Sites) -> None:
    joint = guarded.send(psi(guarded, receiver="alice"))
    results = joint.results()

    for party in ("alice", "bob"):
        path = guarded[party].state / "audit" / f"{party}.jsonl"
        own = [r for r in read_all(path) if r.facts["execution_id"] == joint.execution_ids[party]]
        assert [record.event for record in own] == ["started", "disclosed"]
        assert own[1].facts["disclosed"] == results[party]["task_metadata"]["disclosed"]
        assert own[0].facts["may_disclose"] == own[1].facts["disclosed"]
        assert own[0].facts["policy_sha256"]
        assert "@" in own[0].facts["asked_by"]
        assert not list(path.parent.glob(f"{'bob' if party == 'alice' else 'alice'}.*"))
