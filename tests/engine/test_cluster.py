"""Cluster mode: workers that share nothing but addresses and certificates."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from secretflow_worker.contract.errors import (
    ConfigError,
    InternalError,
    PeerLost,
    ProtocolUnfit,
    ResourceBusy,
    TaskTimeout,
)
from secretflow_worker.engine import certs
from tests.conftest import write_csv
from tests.engine.conftest import Cluster
from tests.engine.hosts import Run, probe_config

Addresses = Callable[..., dict[str, str]]
ABY3 = {"protocol": "ABY3", "field": "FM64"}
SEMI2K = {"protocol": "SEMI2K", "field": "FM64"}
TWO = ("alice", "bob")
THREE = ("alice", "bob", "carol")


def soon(parties: tuple[str, ...] = TWO, **settings: Any) -> dict[str, dict[str, Any]]:
    """Settings that let nobody wait long for a peer that does not come."""
    return {party: {"connect_timeout_s": 2, **settings} for party in parties}


def errors_of(runs: Mapping[str, Run]) -> dict[str, tuple[type, str | None]]:
    return {party: (type(e := run.error()), e.party) for party, run in runs.items()}


def psi_tables(cluster: Cluster, tmp_path: Path) -> dict[str, Any]:
    """Write a table at alice's and bob's, below the name of this test, and return a config."""
    folders = {party: cluster.data_of(party) / tmp_path.name for party in TWO}
    write_csv(folders["alice"] / "in.csv", {"id": ["a", "b", "c"], "v": [1, 2, 3]})
    write_csv(folders["bob"] / "in.csv", {"id": ["b", "c", "d", "e"], "w": [4, 5, 6, 7]})
    return {
        "task_type": "psi",
        "keys": {party: ["id"] for party in TWO},
        "input_paths": {party: str(folders[party] / "in.csv") for party in TWO},
        "output_paths": {party: str(folders[party] / "out" / "psi.csv") for party in TWO},
        "receiver": "alice",
    }


def test_each_worker_touches_and_tells_only_its_own(
    cluster: Cluster, addresses: Addresses, tmp_path: Path
) -> None:
    config = psi_tables(cluster, tmp_path)
    runs = cluster.start(config, addresses(*TWO))
    alice, bob = (runs[party].outcome() for party in TWO)
    assert alice.result["intersection_count"] == 2
    assert [report["party"] for report in alice.result["reports"]] == ["alice"]
    assert bob.result["intersection_count"] == -1
    assert [report["party"] for report in bob.result["reports"]] == ["bob"]
    assert alice.result["output_paths"] == {"alice": config["output_paths"]["alice"]}
    assert Path(config["output_paths"]["alice"]).read_text() == "id,v\nb,2\nc,3\n"
    assert not Path(config["output_paths"]["bob"]).parent.exists()
    for party, outcome in (("alice", alice), ("bob", bob)):
        assert set(outcome.performance_metrics.bytes_sent) == {party}
        assert outcome.performance_metrics.bytes_sent[party] > 1000
        assert outcome.task_metadata.devices_used == [party]
        met = outcome.task_metadata.security  # without any device, over the link
        assert met is not None
        assert (met.protocol, met.dealer, met.mutual_tls) == (None, None, True)


def test_three_parties_compute_under_mutual_tls(cluster: Cluster, addresses: Addresses) -> None:
    runs = cluster.start(probe_config("mpc"), addresses(*THREE))
    for party in THREE:
        outcome = runs[party].outcome()
        seen = outcome.result["facts"][party]
        assert (seen["total to first"] is not None) == (party == "alice")
        assert seen["same"] is True
        security = outcome.task_metadata.security
        assert security is not None
        assert (security.protocol, security.mutual_tls, security.dealer) == ("ABY3", True, None)


def test_two_parties_default_to_cheetah(cluster: Cluster, addresses: Addresses) -> None:
    runs = cluster.start(probe_config("mpc"), addresses(*TWO))
    for party in TWO:
        security = runs[party].outcome().task_metadata.security
        assert security is not None
        assert security.protocol == "CHEETAH"


def test_an_impostor_is_refused_and_nothing_computed(
    cluster: Cluster, addresses: Addresses, tmp_path: Path
) -> None:
    forged = forged_certs(cluster, tmp_path)
    config = psi_tables(cluster, tmp_path)
    settings = soon()
    settings["bob"]["certs_dir"] = forged
    runs = cluster.start(config, addresses(*TWO), settings=settings)
    assert errors_of(runs) == {"alice": (PeerLost, "bob"), "bob": (PeerLost, "alice")}
    assert not Path(config["output_paths"]["alice"]).exists()


def test_an_impostor_of_the_first_rank_is_refused(
    cluster: Cluster, addresses: Addresses, tmp_path: Path
) -> None:
    forged = tmp_path / "certs"
    certs.create("alice", forged)
    (forged / "bob.crt").write_bytes((cluster.certs_of("alice") / "bob.crt").read_bytes())
    settings = soon()
    settings["alice"]["certs_dir"] = forged
    runs = cluster.start(probe_config("exchange"), addresses(*TWO), settings=settings)
    assert errors_of(runs) == {"alice": (PeerLost, "bob"), "bob": (PeerLost, "alice")}


def forged_certs(cluster: Cluster, tmp_path: Path) -> Path:
    """Return a folder in which bob has a key that nobody has pinned."""
    forged = tmp_path / "certs"
    certs.create("bob", forged)
    (forged / "alice.crt").write_bytes((cluster.certs_of("bob") / "alice.crt").read_bytes())
    return forged


def test_the_link_itself_asks_for_a_pinned_certificate(
    cluster: Cluster, addresses: Addresses, tmp_path: Path
) -> None:
    at = addresses(*TWO)
    runs = cluster.start(probe_config("die_in", options={"phase": "linked", "party": "alice"}), at)
    runs["alice"].await_message("at linked")
    assert is_let_in(at["alice"], cluster.certs_of("bob"))
    assert not is_let_in(at["alice"], forged_certs(cluster, tmp_path))
    assert not is_let_in(at["alice"], None)
    assert is_silent_in_plain(at["alice"])
    stop_all(cluster, runs)


def is_let_in(address: str, folder: Path | None) -> bool:
    """Shake hands as bob with the certificate of a folder and say something."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if folder is not None:
        context.load_cert_chain(folder / "bob.crt", folder / "bob.key")
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        try:
            with context.wrap_socket(plain) as secure:
                secure.sendall(b"GET / HTTP/1.1\r\n\r\n")
                return bool(secure.recv(1))
        except (ssl.SSLError, ConnectionError):
            return False


def is_silent_in_plain(address: str) -> bool:
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        try:
            return not plain.recv(1)
        except (ConnectionError, TimeoutError):
            return True


def stop_all(cluster: Cluster, runs: Mapping[str, Run]) -> None:
    for party, run in runs.items():
        cluster.hosts[party].stop(run, "CANCELLED")
    for run in runs.values():
        run.error()


def test_a_party_listens_on_its_own_address_and_no_other(
    cluster: Cluster, addresses: Addresses
) -> None:
    at = addresses(*TWO)
    for party, run in cluster.start(probe_config("listen"), at).items():
        assert run.outcome().result["facts"] == {party: [at[party]]}


def test_without_certificates_nothing_starts(
    cluster: Cluster, addresses: Addresses, tmp_path: Path
) -> None:
    at = addresses(*TWO)
    for folder, missing in (
        (None, "no certificates"),
        (tmp_path, "alice.crt is missing"),
        (cluster.certs_of("bob"), "alice.key is missing"),
    ):
        runs = cluster.start(
            probe_config("nothing"), at, only=["alice"], settings={"alice": {"certs_dir": folder}}
        )
        error = runs["alice"].error()
        assert isinstance(error, ConfigError)
        assert missing in error.message


def test_plaintext_works_where_both_allow_it(cluster: Cluster, addresses: Addresses) -> None:
    plain = {party: {"certs_dir": None, "allow_plaintext": True} for party in TWO}
    runs = cluster.start(probe_config("exchange"), addresses(*TWO), settings=plain)
    for party in TWO:
        facts = runs[party].outcome().result["facts"]
        assert facts == {party: {"alice": "from alice", "bob": "from bob"}}


def test_semi2k_needs_the_consent_of_each_party(cluster: Cluster, addresses: Addresses) -> None:
    at = addresses(*TWO)
    refused = cluster.start(probe_config("mpc"), at, SEMI2K, only=["alice"])["alice"].error()
    assert isinstance(refused, ProtocolUnfit)
    assert "alice deals" in refused.message
    consent = {party: {"allow_semi2k_dealer": True} for party in TWO}
    for run in cluster.start(probe_config("mpc"), at, SEMI2K, settings=consent).values():
        security = run.outcome().task_metadata.security
        assert security is not None
        assert security.dealer == "alice"


def test_messages_that_ask_for_different_things_are_an_error_at_both(
    cluster: Cluster, addresses: Addresses
) -> None:
    at = addresses(*TWO)

    def config(party: str) -> dict[str, Any]:
        return probe_config("exchange", options={"rounds": 1 if party == "alice" else 2})

    for runs in (
        cluster.start(config, at),
        cluster.start(
            probe_config("exchange"),
            addresses(*TWO),
            {
                "alice": {"protocol": "CHEETAH", "field": "FM64"},
                "bob": {"protocol": "CHEETAH", "field": "FM32"},
            },
        ),
    ):
        for run in runs.values():
            error = run.error()
            assert type(error) is ConfigError
            assert "different things" in error.message


def test_paths_are_each_partys_own_affair(
    cluster: Cluster, addresses: Addresses, tmp_path: Path
) -> None:
    def config(party: str) -> dict[str, Any]:
        return probe_config(
            "stage",
            outputs={party: str(cluster.data_of(party) / tmp_path.name / f"by-{party}.csv")},
        )

    for party, run in cluster.start(config, addresses(*TWO)).items():
        run.outcome()
        assert (cluster.data_of(party) / tmp_path.name / f"by-{party}.csv").exists()


@pytest.mark.parametrize("alone", TWO)
def test_a_peer_that_never_comes_is_named(
    cluster: Cluster, addresses: Addresses, alone: str
) -> None:
    runs = cluster.start(probe_config("exchange"), addresses(*TWO), only=[alone], settings=soon())
    error = runs[alone].error()
    assert isinstance(error, PeerLost)
    assert error.party == ("bob" if alone == "alice" else "alice")
    assert "2 s" in error.message


def test_the_one_of_three_that_never_comes_is_named_by_both(
    cluster: Cluster, addresses: Addresses
) -> None:
    at = addresses(*THREE)
    settings = soon(THREE)
    # bob's limit is over before alice's, who comes later and alone knows that carol is missing
    runs = cluster.start(probe_config("exchange"), at, only=["bob"], settings=settings)
    runs |= cluster.start(
        probe_config("exchange"),
        at,
        only=["alice"],
        settings={"alice": {"connect_timeout_s": 3}},
    )
    assert errors_of(runs) == {"bob": (PeerLost, "carol"), "alice": (PeerLost, "carol")}


@pytest.mark.parametrize("party", TWO)
def test_a_port_that_is_taken_is_named(cluster: Cluster, addresses: Addresses, party: str) -> None:
    at = addresses(*TWO)
    host, port = at[party].split(":")
    with socket.create_server((host, int(port))):
        runs = cluster.start(probe_config("exchange"), at, only=[party], settings=soon())
        error = runs[party].error()
    assert isinstance(error, ResourceBusy)
    assert error.party == party
    assert at[party] in error.message


def test_addresses_that_cannot_be_are_refused(cluster: Cluster) -> None:
    for at in ("127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:12001"):
        runs = cluster.start(
            probe_config("exchange"), {"alice": at, "bob": "127.0.0.1:12001"}, only=["alice"]
        )
        assert isinstance(runs["alice"].error(), ConfigError)


def test_a_worker_runs_no_party_but_its_own(cluster: Cluster, addresses: Addresses) -> None:
    runs = cluster.start(
        probe_config("exchange"),
        addresses(*TWO),
        only=["alice"],
        settings={"alice": {"party": "carol"}},
    )
    error = runs["alice"].error()
    assert isinstance(error, ConfigError)
    assert "not of alice" in error.message


def test_a_partys_failure_reaches_the_others_as_its_code_alone(
    cluster: Cluster, addresses: Addresses
) -> None:
    runs = cluster.start(probe_config("fail", options={"party": "bob"}), addresses(*THREE))
    for party, run in runs.items():
        error = run.error()
        assert (type(error), error.party) == (InternalError, "bob")
        assert "4711" not in error.message
        assert ("ZeroDivisionError" in error.message) == (party == "bob")


def test_a_cancel_at_one_worker_ends_the_others(cluster: Cluster, addresses: Addresses) -> None:
    runs = cluster.start(
        probe_config("die_in", options={"phase": "mpc", "party": "bob"}), addresses(*THREE)
    )
    runs["bob"].await_message("at mpc")
    cluster.hosts["bob"].stop(runs["bob"], "CANCELLED")
    assert runs["bob"].error().code == "CANCELLED"
    for party in ("alice", "carol"):
        error = runs[party].error(timeout_s=60)
        assert (error.code, error.party) == ("CANCELLED", "bob")


def test_a_time_limit_of_one_worker_is_told_to_the_others(
    cluster: Cluster, addresses: Addresses
) -> None:
    runs = cluster.start(
        probe_config("die_in", options={"phase": "mpc", "party": "alice"}),
        addresses(*TWO),
        settings={"alice": {"max_timeout_s": 1}},
    )
    assert errors_of(runs) == {"alice": (TaskTimeout, None), "bob": (TaskTimeout, "alice")}


def test_a_party_that_hangs_is_ended_by_its_own_worker(
    cluster: Cluster, addresses: Addresses
) -> None:
    runs = cluster.start(
        probe_config("die_in", options={"phase": "mpc", "party": "alice"}),
        addresses(*TWO),
        settings={"alice": {"peer_silence_timeout_s": 2}},
    )
    runs["alice"].await_message("at mpc")
    os.kill(cluster.hosts["alice"].party_pid(runs["alice"], "alice"), signal.SIGSTOP)
    assert errors_of(runs) == {"alice": (PeerLost, "alice"), "bob": (PeerLost, "alice")}
