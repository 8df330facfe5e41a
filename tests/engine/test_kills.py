"""``kill -9`` of a party, the launcher and the worker itself, at random moments, twenty times.

However it goes, nothing hangs, nothing is left, outputs are whole or not there, and the error
names the party that was killed.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from secretflow_worker.contract.errors import PeerLost, ResourceBusy, WorkerError
from secretflow_worker.engine import EngineSettings
from tests.conftest import make_request
from tests.engine.hosts import (
    Host,
    Run,
    assert_all_end,
    assert_nothing_runs_in,
    half_written,
    probe_config,
)

TWO = ("alice", "bob")
ROWS = 8_000


class Scene:
    """A worker that may be killed, and a folder of data."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        for index, party in enumerate(TWO):
            keys = range(index * ROWS // 2, index * ROWS // 2 + ROWS)
            (self.data / f"{party}.csv").write_text("id\n" + "".join(f"u{k:06}\n" for k in keys))
        self.settings = EngineSettings(data_root=self.data, state_dir=folder / "state")
        self.host = Host(self.settings).await_ready()

    def restart(self) -> None:
        self.host.close()
        self.host = Host(self.settings).await_ready()

    def start(self, kind: str) -> Run:
        """Start a task that takes about a second, or that never ends."""
        config: dict[str, Any] = {
            "psi": {
                "task_type": "psi",
                "keys": {party: ["id"] for party in TWO},
                "input_paths": {party: str(self.data / f"{party}.csv") for party in TWO},
                "output_paths": {party: str(path) for party, path in self.outputs.items()},
                "protocol": "ECDH_PSI_2PC",
            },
            "mpc": probe_config("die_in", options={"phase": "mpc", "party": "alice"}),
            "alone": probe_config(
                "stage",
                linked=False,
                outputs={party: str(path) for party, path in self.outputs.items()},
                options={"stay": "bob", "bytes": 10**6},
            ),
        }[kind]
        return self.host.run(make_request(config))

    @property
    def outputs(self) -> dict[str, Path]:
        return {party: self.data / "out" / party / "table.csv" for party in TWO}

    def assert_outputs_are_whole_or_none(self, *, may_be_there: bool) -> None:
        there = [path for path in self.outputs.values() if path.exists()]
        if there:
            assert may_be_there
            assert [path.read_text().count("\n") for path in self.outputs.values()] == [
                ROWS // 2 + 1,
                ROWS // 2 + 1,
            ]
        else:
            assert not (self.data / "out").exists()

    def parties(self) -> list[psutil.Process]:
        """Return what the launcher has forked."""
        return psutil.Process(self.host.launcher_pid()).children(recursive=True)

    def assert_nothing_is_left(
        self, processes: Sequence[psutil.Process], ports: Sequence[int]
    ) -> None:
        assert_all_end(processes)
        assert_nothing_runs_in(self.settings.state_dir)
        assert list(self.settings.runs_dir.iterdir()) == []
        assert half_written(self.data) == []
        for port in ports:
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) != 0
        for log in self.settings.logs_dir.rglob("*.log"):
            for trace in re.findall(r"/tmp/psi_[\w-]+\.trace", log.read_text(errors="replace")):
                assert not Path(trace).exists()

    def clear(self) -> None:
        shutil.rmtree(self.data / "out", ignore_errors=True)


@pytest.fixture(scope="module")
def long_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = Scene(tmp_path_factory.mktemp("k"))
    yield scene
    scene.host.close()


@pytest.fixture
def scene(long_scene: Scene) -> Scene:
    if long_scene.host.process.poll() is not None:
        long_scene.restart()
    long_scene.clear()
    return long_scene


def ports_of(processes: Sequence[psutil.Process]) -> list[int]:
    ports = []
    for process in processes:
        with suppress(psutil.Error):
            ports += [c.laddr.port for c in process.net_connections("inet") if c.laddr]
    return ports


@pytest.mark.parametrize("seed", range(8))
def test_a_party(scene: Scene, seed: int) -> None:
    dice = random.Random(seed)
    run = scene.start(["psi", "psi", "mpc", "alone"][seed % 4])
    victim = "bob" if seed % 4 == 3 else dice.choice(TWO)  # alice alone is done at once
    pid = scene.host.party_pid(run, victim)
    time.sleep(dice.uniform(0, 0.8))
    processes = scene.parties()
    ports = ports_of(processes)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    try:
        run.outcome(timeout_s=30)
        finished = True
    except WorkerError as error:
        assert isinstance(error, PeerLost), error  # noqa: PT017 - both ends are right
        assert error.party == victim  # noqa: PT017
        finished = False
    scene.assert_outputs_are_whole_or_none(may_be_there=finished)
    scene.assert_nothing_is_left(processes, ports)


@pytest.mark.parametrize("seed", range(5))
def test_the_launcher(scene: Scene, seed: int) -> None:
    dice = random.Random(100 + seed)
    launcher = scene.host.launcher_pid()
    run = scene.start(["psi", "mpc", "psi", "alone", "psi"][seed])
    if seed:  # else while it forks
        scene.host.party_pid(run, dice.choice(TWO))
        time.sleep(dice.uniform(0, 0.8))
    processes = scene.parties()
    ports = ports_of(processes)
    os.kill(launcher, signal.SIGKILL)
    try:
        run.outcome(timeout_s=30)
        finished = True
    except WorkerError as error:
        assert isinstance(error, PeerLost | ResourceBusy), error  # noqa: PT017
        finished = False
    scene.assert_outputs_are_whole_or_none(may_be_there=finished)
    scene.assert_nothing_is_left(processes, ports)
    scene.host.probe("exchange").outcome()  # a new launcher was started
    assert scene.host.launcher_pid() != launcher


def test_a_cleared_state_folder(scene: Scene) -> None:
    deaf = scene.host.launcher_pid()
    run = scene.start("psi")
    scene.host.party_pid(run, TWO[0])
    scene.host.party_pid(run, TWO[1])
    shutil.rmtree(scene.settings.state_dir / "launcher")
    run.outcome()  # what the old launcher has forked goes on
    scene.host.probe("exchange").outcome()
    tree = scene.host.tree()
    assert deaf in [process.pid for process in tree]
    scene.host.kill()
    assert_all_end(tree)
    scene.restart()


@pytest.mark.parametrize("seed", range(7))
def test_the_worker(scene: Scene, seed: int) -> None:
    dice = random.Random(200 + seed)
    host = scene.host
    runs = [scene.start(["psi", "mpc", "alone"][seed % 3])]
    if seed % 2:
        runs.append(host.probe("die_in", options={"phase": "linked", "party": "bob"}))
    if seed == 3:  # one that a signal stopped cannot notice anything
        os.kill(host.party_pid(runs[0], "alice"), signal.SIGSTOP)
    elif seed:
        host.party_pid(runs[0], dice.choice(TWO))
        time.sleep(dice.uniform(0, 1.2))
    tree = host.tree()
    ports = ports_of(tree[1:])
    host.kill()
    assert_all_end(tree)
    assert_nothing_runs_in(scene.settings.state_dir)
    scene.restart()
    assert scene.host.recovered in ([], [(runs[0].execution_id, "psi")])
    scene.assert_outputs_are_whole_or_none(may_be_there=seed % 3 == 0)
    scene.assert_nothing_is_left(tree, ports)
    sockets = scene.settings.state_dir / "launcher"
    assert [path.name for path in sockets.iterdir()] == [str(scene.host.process.pid)]
    scene.host.probe("exchange").outcome()
