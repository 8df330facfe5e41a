"""SecretFlow's devices in real parties, and what a careless or malicious peer does to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.errors import InputError, InternalError, PeerLost, WorkerError
from tests.conftest import make_request
from tests.engine.conftest import Cluster
from tests.engine.hosts import Host, Run

Addresses = Callable[..., dict[str, str]]
TWO = ("alice", "bob")
THREE = ("alice", "bob", "carol")
CANARY = "cnry-bob-4711f00d"


def bridge(act: str, **options: Any) -> dict[str, Any]:
    return {"task_type": "bridge_probe", "act": act, "options": options}


def run_here(host: Host, act: str, parties: tuple[str, ...] = TWO, **options: Any) -> Run:
    """Run an act of ``bridge_probe`` in local mode."""
    return host.run(make_request(bridge(act, **options), parties) | {"timeout_s": 80})


def log_of(host: Host, run: Run, party: str) -> str:
    return (host.settings.logs_dir / run.token / f"{party}.log").read_text()


@pytest.mark.parametrize("parties", [TWO, THREE], ids=["two", "three"])
def test_every_device_computes(host: Host, parties: tuple[str, ...]) -> None:
    outcome = run_here(host, "devices", parties).outcome()
    noted = {party: fact["noted"] for party, fact in outcome.result["facts"].items()}
    total = [sum(range(len(parties))) + len(parties) * number for number in range(3)]
    assert noted.pop("alice") == {
        "total": pytest.approx(total, abs=1e-5),
        "doubled": pytest.approx([0, 2, 4], abs=1e-5),
    }
    assert noted.pop(parties[-1]) == {"total": pytest.approx(total, abs=1e-5)}
    assert all(other == {} for other in noted.values())
    assert outcome.task_metadata.devices_used == [*parties, "spu"]
    assert min(outcome.performance_metrics.messages_sent.values()) > 3


def test_nobody_listens_but_the_link(cluster: Cluster, addresses: Addresses) -> None:
    at = addresses(*TWO)
    runs = cluster.start(bridge("devices"), at)
    for party in TWO:
        outcome = runs[party].outcome()
        assert outcome.result["facts"][party]["listening"] == [at[party]]
        security = outcome.task_metadata.security
        assert security is not None
        assert (security.protocol, security.mutual_tls) == ("CHEETAH", True)


def test_a_payload_of_a_peer_does_not_run(host: Host, tmp_path: Path) -> None:
    error = run_here(host, "bomb", how="system", path=str(tmp_path / "ran")).error()
    assert (type(error), error.party) == (InternalError, "alice")
    assert "party bob sent a posix.system, which the bridge does not take" in error.message
    assert not (tmp_path / "ran-alice").exists()


def test_a_type_may_accept_a_class_of_its_own(host: Host) -> None:
    assert run_here(host, "parcel", accepted=True).outcome().result["facts"]["alice"] == 7
    error = run_here(host, "parcel", accepted=False).error()
    assert "bridge_probe.Parcel" in error.message
    assert "accept=[...]" in error.hint


def test_words_of_an_exception_stay_at_their_party(host: Host) -> None:
    run = run_here(host, "quote", kind="theirs", canary=CANARY)
    error = run.error()
    assert (type(error), error.party) == (InternalError, "bob")
    assert "ValueError" in error.message
    logs = {party: log_of(host, run, party) for party in TWO}
    assert "in _fail" in logs["bob"]
    for words in (error.message, error.hint, *logs.values()):
        assert CANARY not in words


def test_an_error_of_ours_in_a_function_is_told_as_it_is(host: Host) -> None:
    error = run_here(host, "quote", kind="ours", canary=CANARY).error()
    assert (type(error), error.party) == (InputError, "bob")
    assert error.message == "table.csv: column 'x' is all wrong"


def test_a_failure_that_nobody_asked_for_is_noticed(host: Host) -> None:
    error = run_here(host, "fail_unseen").error()
    assert (type(error), error.party) == (InternalError, "bob")


def test_the_death_of_a_peer_is_told(cluster: Cluster, addresses: Addresses) -> None:
    runs = cluster.start(bridge("bridge_die"), addresses(*TWO))
    errors: Mapping[str, WorkerError] = {party: runs[party].error() for party in TWO}
    assert {type(error) for error in errors.values()} == {PeerLost}
    assert {error.party for error in errors.values()} == {"bob"}


def test_a_type_that_did_not_declare_the_bridge_has_none(host: Host) -> None:
    undeclared = bridge("devices") | {"task_type": "bridge_probe_undeclared"}
    error = host.run(make_request(undeclared)).error()
    assert type(error) is InternalError
    assert "did not declare the device 'secretflow'" in error.message
