"""A real worker as a user starts it, and a plain Celery client that imports nothing of it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from celery import Celery
from celery.result import AsyncResult

START_TIMEOUT_S = 60
RESULT_TIMEOUT_S = 1800


@dataclass(frozen=True)
class OurRun:
    """`wall_s` is from sending the message to holding its result; the rest the result says."""

    wall_s: float
    algorithm_s: float
    peak_rss_bytes: int
    metrics: dict[str, Any]
    result: dict[str, Any]


class Worker:
    """A started worker, and its broker."""

    def __init__(self, process: psutil.Process, state_dir: Path, up: Mapping[str, Any]) -> None:
        self._process = process
        self.state_dir = state_dir
        self.up = up
        """What ``sfw up`` tells: where the broker and the orchestrator are, and a token."""
        redis_url = up["redis_url"]
        self._client = Celery("bench", broker=redis_url, backend=redis_url)
        self._client.conf.update(task_serializer="json", accept_content=["json"])

    @classmethod
    @contextlib.contextmanager
    def running(
        cls, data_root: Path, environment: Mapping[str, str] | None = None
    ) -> Iterator[Worker]:
        """Start ``sfw up`` on `data_root`, and end it afterwards."""
        with tempfile.TemporaryDirectory(prefix="bench-state-") as state:
            log = Path(state) / "up.log"
            with log.open("wb") as sink:
                started = subprocess.Popen(
                    [Path(sys.executable).parent / "sfw", "up",
                     "--state-dir", state, "--data-root", data_root, "--port", "0"],
                    stdout=sink, stderr=subprocess.STDOUT, env=environment,
                )  # fmt: skip
            try:
                up = _wait_for_up(Path(state) / "up.json", started, log)
                yield cls(psutil.Process(started.pid), Path(state), up)
            finally:
                started.terminate()
                started.wait(timeout=60)

    def send(
        self, task_config: Mapping[str, Any], runtime: Mapping[str, str] | None = None
    ) -> AsyncResult[Any]:
        """Queue one local-mode task of the parties that its inputs name, else of alice and bob.

        `runtime` names the protocol and field of the SPU, where they are not the default ones.
        """
        fields = ("input_data", "input_paths", "train_data", "data")
        inputs = next((task_config[name] for name in fields if task_config.get(name)), None)
        parties = sorted(inputs) if inputs else ["alice", "bob"]
        request: dict[str, Any] = {
            "task_id": "bench",
            "subtask_id": str(task_config["task_type"]),
            "execution_id": str(uuid.uuid4()),
            "sf_init_config": {"parties": parties, "address": "local"},
            "task_config": dict(task_config),
        }
        if runtime is not None:
            nodes = [
                {"party": party, "address": f"127.0.0.1:{9000 + rank}"}
                for rank, party in enumerate(parties)
            ]
            cluster = {"nodes": nodes, "runtime_config": dict(runtime)}
            request["spu_config"] = {"cluster_def": cluster}
        return self._client.send_task(
            "tasks.secretflow.execute_task", args=[request], queue="secretflow_queue"
        )

    def run(
        self, task_config: Mapping[str, Any], runtime: Mapping[str, str] | None = None
    ) -> OurRun:
        """Send one task and wait for its result; see `send`."""
        started = time.perf_counter()
        envelope = self.send(task_config, runtime).get(timeout=RESULT_TIMEOUT_S)
        wall_s = time.perf_counter() - started
        outcome = envelope["result"]
        metrics = outcome["performance_metrics"]
        return OurRun(
            wall_s=wall_s,
            algorithm_s=metrics["algorithm_exec_time"],
            peak_rss_bytes=max(metrics["peak_rss_bytes"].values()),
            metrics=metrics,
            result=outcome["result"],
        )

    def memory_bytes(self) -> int:
        """Return what the idle worker and all processes below it hold for themselves alone.

        The least of some seconds: a party that has just finished lingers for a moment.
        """
        seen = []
        for _ in range(10):
            seen.append(self._memory_now())
            time.sleep(0.3)
        return min(seen)

    def orchestrator_bytes(self) -> int:
        """Return what the orchestrator holds for itself alone."""
        for child in self._process.children():
            if "web" in child.cmdline():
                return int(child.memory_full_info().uss)
        raise RuntimeError("the orchestrator is not among the processes of sfw up")

    def _memory_now(self) -> int:
        total = 0
        for process in [self._process, *self._process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().uss
        return total


def _wait_for_up(path: Path, started: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not path.exists():
        if started.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"sfw up did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)
    return dict(json.loads(path.read_text()))
