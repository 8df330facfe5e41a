"""A party that dies is named, by the others' workers as by its own, in every phase."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import psutil
import pytest

from secretflow_worker.contract.errors import PeerLost
from tests.engine.conftest import Cluster
from tests.engine.hosts import Host, assert_all_end, probe_config

Addresses = Callable[..., dict[str, str]]
THREE = ("alice", "bob", "carol")
PHASES = ["linked", "receive", "mpc", "finish"]


@pytest.mark.parametrize("victim", THREE)
@pytest.mark.parametrize("phase", PHASES)
def test_in_cluster_mode(cluster: Cluster, addresses: Addresses, phase: str, victim: str) -> None:
    runs = cluster.start(
        probe_config("die_in", options={"phase": phase, "party": victim}), addresses(*THREE)
    )
    runs[victim].await_message(f"at {phase}")
    os.kill(cluster.hosts[victim].party_pid(runs[victim], victim), signal.SIGKILL)
    for run in runs.values():
        error = run.error(timeout_s=60)  # and not peer_silence_timeout_s, 600 s
        assert (type(error), error.party) == (PeerLost, victim)


@pytest.mark.parametrize("victim", ["alice", "carol"])
@pytest.mark.parametrize("phase", PHASES)
def test_in_local_mode(host: Host, phase: str, victim: str) -> None:
    run = host.probe("die_in", THREE, options={"phase": phase, "party": victim})
    run.await_message(f"at {phase}")
    os.kill(host.party_pid(run, victim), signal.SIGKILL)
    error = run.error(timeout_s=60)
    assert (type(error), error.party) == (PeerLost, victim)


def test_before_the_gate(cluster: Cluster, addresses: Addresses) -> None:
    at = addresses("alice", "bob")
    settings = {party: {"connect_timeout_s": 3} for party in at}
    runs = cluster.start(probe_config("exchange"), at, only=["bob"], settings=settings)
    os.kill(cluster.hosts["bob"].party_pid(runs["bob"], "bob"), signal.SIGKILL)
    runs |= cluster.start(probe_config("exchange"), at, only=["alice"], settings=settings)
    for run in runs.values():
        error = run.error()
        assert (type(error), error.party) == (PeerLost, "bob")


def test_a_native_crash_is_the_root_cause_of_what_follows(host: Host) -> None:
    run = host.probe("abort_natively", THREE, options={"party": "bob"})
    error = run.error(timeout_s=60)
    assert (type(error), error.party) == (PeerLost, "bob")


@pytest.mark.parametrize("victim", ["alice", "bob"])
def test_a_supervisor_that_looks_late_still_finds_the_root_cause(host: Host, victim: str) -> None:
    run = host.probe("die_in", THREE, options={"phase": "mpc", "party": victim})
    run.await_message("at mpc")
    pids = {party: host.party_pid(run, party) for party in THREE}
    processes = [psutil.Process(pid) for pid in pids.values()]
    os.kill(host.process.pid, signal.SIGSTOP)
    try:
        os.kill(pids[victim], signal.SIGKILL)
        assert_all_end(processes)
    finally:
        os.kill(host.process.pid, signal.SIGCONT)
    error = run.error(timeout_s=60)
    assert (type(error), error.party) == (PeerLost, victim)
