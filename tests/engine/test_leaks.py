"""Many runs: side by side without a collision, one after the other without a leak."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import make_request
from tests.engine.hosts import Host, Run, half_written

TWO = ("alice", "bob")


def psi_request(root: Path, number: int, size: int = 60) -> dict[str, Any]:
    """Return a PSI of `size` keys of alice's, the last `number` of which are the result."""
    folder = root / str(number)
    for party, keys in (("alice", range(size)), ("bob", range(size - number, 2 * size))):
        (folder / party).mkdir(parents=True)
        (folder / party / "in.csv").write_text("id\n" + "".join(f"k{key:03}\n" for key in keys))
    return make_request(
        {
            "task_type": "psi",
            "keys": {party: ["id"] for party in TWO},
            "input_paths": {party: str(folder / party / "in.csv") for party in TWO},
            "output_paths": {party: str(folder / party / "out.csv") for party in TWO},
        }
    )


def test_twenty_runs_four_at_a_time_do_not_collide(host: Host, tmp_path: Path) -> None:
    root = host.settings.data_root / tmp_path.name
    requests = [psi_request(root, number) for number in range(1, 21)]
    waiting: list[tuple[int, Run]] = []
    for number, request in enumerate(requests, start=1):
        if len(waiting) == 4:
            check(root, *waiting.pop(0))
        waiting.append((number, host.run(request)))
    for number, run in waiting:
        check(root, number, run)
    assert half_written(root) == []


def check(root: Path, number: int, run: Run) -> None:
    assert run.outcome().result["intersection_count"] == number
    expected = ["id", *(f"k{key:03}" for key in range(60 - number, 60))]
    for party in TWO:
        assert (root / str(number) / party / "out.csv").read_text().split() == expected


@pytest.fixture
def settled(host: Host) -> dict[str, Any]:
    """What the worker holds after its first runs, good and bad."""
    host.probe("nothing", linked=False).outcome()
    host.probe("fail", options={"party": "alice"}).error()
    return host.facts()


def test_fifty_runs_leave_no_descriptor_thread_or_zombie(
    host: Host, settled: dict[str, Any]
) -> None:
    for _ in range(8):
        host.probe("fail", options={"party": "bob"}).error()
        host.probe("exchange").outcome()
    for _ in range(34):
        host.probe("nothing", linked=False).outcome()
    now = host.facts()
    assert now["fds"] <= settled["fds"]
    assert now["threads"] <= settled["threads"]
    assert now["zombies"] == []
    launcher = psutil.Process(host.launcher_pid())
    assert launcher.children() == []
    assert launcher.num_fds() < 40


def test_a_psi_leaves_nothing_in_the_systems_temporary_folder(host: Host, tmp_path: Path) -> None:
    root = host.settings.data_root / tmp_path.name
    finished = host.run(psi_request(root, 1))
    finished.outcome()
    killed = host.run(psi_request(root, 2, size=50_000))
    pid = host.party_pid(killed, "bob")
    time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    killed.error()
    traces = []
    for run in (finished, killed):
        for log in (host.settings.logs_dir / run.token).iterdir():
            traces += re.findall(r"/tmp/psi_[\w-]+\.trace", log.read_text(errors="replace"))
    assert len(traces) >= 2
    assert not any(Path(trace).exists() for trace in traces)
