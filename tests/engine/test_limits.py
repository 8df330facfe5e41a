"""Runs that their own worker ends: at a time limit, a cancel, a memory ceiling, in silence."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest

from secretflow_worker.contract.errors import (
    Cancelled,
    InternalError,
    OutOfMemory,
    PeerLost,
    TaskTimeout,
)
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, RunProgress, StopRequest
from tests.conftest import eventually, make_request, write_csv
from tests.engine.hosts import Host, Run, assert_all_end, assert_nothing_runs_in

PHASES = ["linked", "receive", "mpc", "finish"]
MPC: dict[str, Any] = {"phase": "mpc", "party": "alice"}


def assert_gone(host: Host, run: Run) -> None:
    folder = host.settings.runs_dir / run.token
    assert_all_end(psutil.Process(host.launcher_pid()).children(recursive=True))
    assert_nothing_runs_in(folder)
    assert not folder.exists()


def test_a_time_limit(host: Host) -> None:
    run = host.probe("die_in", options=MPC, timeout_s=1.5)
    error = run.error()
    assert isinstance(error, TaskTimeout)
    assert "1.5 s" in error.message
    assert_gone(host, run)


def test_a_workers_own_time_limit_is_the_lower_one(host: Host) -> None:
    run = host.probe("die_in", options=MPC, timeout_s=60, settings={"max_timeout_s": 0.5})
    assert isinstance(run.error(), TaskTimeout)


@pytest.mark.parametrize("phase", PHASES)
def test_a_cancel(host: Host, phase: str) -> None:
    run = host.probe("die_in", options={"phase": phase, "party": "bob"})
    run.await_message(f"at {phase}")
    host.stop(run, "CANCELLED")
    assert isinstance(run.error(), Cancelled)
    assert_gone(host, run)


def test_a_cancel_before_the_start() -> None:
    stop = StopRequest()
    stop.set(Cancelled("first"))
    stop.set(PeerLost("second"))
    assert stop.is_set()
    assert isinstance(stop.error, Cancelled)


def test_a_party_is_ended_with_what_it_started(host: Host) -> None:
    run = host.probe("have_children")
    run.await_message("at parent", "alice")
    run.await_message("at parent", "bob")
    pid = host.party_pid(run, "bob")
    children = eventually(lambda: psutil.Process(pid).children(recursive=True))
    os.kill(pid, signal.SIGKILL)
    error = run.error()
    assert (type(error), error.party) == (PeerLost, "bob")
    eventually(lambda: not any(child.is_running() for child in children))
    assert_gone(host, run)


def test_a_memory_ceiling_names_the_party(host: Host) -> None:
    run = host.probe(
        "allocate",
        linked=False,
        options={"party": "bob", "bytes": 700 * 2**20},
        settings={"party_memory_bytes": 500 * 2**20},
    )
    error = run.error()
    assert isinstance(error, OutOfMemory)
    assert error.party == "bob"
    assert_gone(host, run)


def test_a_ceiling_that_nobody_passes_is_not_felt(host: Host) -> None:
    run = host.probe("exchange", settings={"party_memory_bytes": 500 * 2**20})
    assert run.outcome().performance_metrics.peak_rss_bytes["alice"] > 2**20


@pytest.mark.parametrize(("victim", "phase"), [("alice", "mpc"), ("bob", "receive")])
def test_a_party_that_falls_silent(host: Host, victim: str, phase: str) -> None:
    run = host.probe(
        "die_in",
        options={"phase": phase, "party": victim},
        settings={"peer_silence_timeout_s": 3},
    )
    run.await_message(f"at {phase}")
    os.kill(host.party_pid(run, victim), signal.SIGSTOP)
    error = run.error(timeout_s=30)
    assert (type(error), error.party) == (PeerLost, victim)
    assert_gone(host, run)


def test_a_failure_tells_its_kind_and_none_of_its_words(host: Host) -> None:
    run = host.probe("fail", options={"party": "alice"})
    error = run.error()
    assert type(error) is InternalError
    assert error.party == "alice"
    assert "ZeroDivisionError" in error.message
    assert "4711" not in error.message
    assert_gone(host, run)


def test_progress_only_grows_and_a_callback_that_fails_leaves_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    write_csv(tmp_path / "alice.csv", {"id": range(50)})
    write_csv(tmp_path / "bob.csv", {"id": range(25, 75)})
    request = make_request(
        {
            "task_type": "psi",
            "keys": {"alice": ["id"], "bob": ["id"]},
            "input_paths": {p: str(tmp_path / f"{p}.csv") for p in ("alice", "bob")},
            "output_paths": {p: str(tmp_path / "out" / f"{p}.csv") for p in ("alice", "bob")},
        }
    )
    seen: list[RunProgress] = []
    engine.run(engine.prepare(parse_request(request)), on_progress=seen.append)
    fractions = [each.progress for each in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1] >= 0.5) == (0.1, True)

    def fail(progress: RunProgress) -> None:
        if progress.party == "bob":
            raise LookupError("the reporter is broken")

    (tmp_path / "out" / "alice.csv").unlink()
    again = request | {"execution_id": f"{request['execution_id']}-again"}
    with pytest.raises(LookupError):
        engine.run(engine.prepare(parse_request(again)), on_progress=fail)
    assert not (tmp_path / "out" / "alice.csv").exists()
    assert_nothing_runs_in(engine.settings.runs_dir / f"{again['execution_id']}.1")
