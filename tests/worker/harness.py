"""A real worker process, a real Redis, and a client that knows nothing of ours."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from celery import Celery
from celery.result import AsyncResult
from redis import Redis

from tests.conftest import eventually, write_csv

_numbers = itertools.count(1)
START_TIMEOUT_S = 90


class Worker:
    """``sfw worker`` as a process of its own."""

    def __init__(self, redis_url: str, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.log_path = folder / "worker.log"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("SFW_", "REDIS_URL"))},
            "REDIS_URL": redis_url,
            "SFW_STATE_DIR": str(folder / "state"),
            "SFW_NAME": folder.name,
            **{f"SFW_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def nodename(self) -> str:
        """The name that Celery's remote control knows it by."""
        return f"{self.folder.name}@{socket.gethostname()}"

    def start(self) -> Worker:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "secretflow_worker", "worker"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def started(self) -> Worker:
        """Start, and wait until it takes tasks."""
        before = self.log().count(" ready: ")
        self.start()
        eventually(lambda: self.log().count(" ready: ") > before, START_TIMEOUT_S)
        return self

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    def parties(self) -> list[psutil.Process]:
        """Return the processes of running parties: children of the worker's fork server."""
        assert self.process is not None
        try:
            family = psutil.Process(self.process.pid).children(recursive=True)
            return [child for child in family if _is_party(child)]
        except psutil.NoSuchProcess:
            return []

    def terminate(self) -> int:
        """Ask it to stop, and return its exit code; its log is shown where that is not 0."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=40)
        if code != 0:
            print(self.log())
        return code

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def _is_party(process: psutil.Process) -> bool:
    """A party leads a process group of its own; the fork server and its tracker do not."""
    try:
        return os.getpgid(process.pid) == process.pid
    except ProcessLookupError:
        return False


@dataclass
class Client:
    """A plain Celery client, and a listener to the documented list of events."""

    url: str
    data: Path
    app: Celery = field(init=False)
    redis: Redis = field(init=False)

    def __post_init__(self) -> None:
        self.app = Celery("any", broker=self.url, backend=self.url, set_as_current=False)
        self.redis = Redis.from_url(self.url, decode_responses=True)

    def send(self, *args: Any, queue: str = "secretflow_queue", **options: Any) -> AsyncResult[Any]:
        return self.app.send_task(
            "tasks.secretflow.execute_task", args=list(args), queue=queue, **options
        )

    def request(self, task_config: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return {
            "task_id": "chain-1",
            "subtask_id": "node-1",
            "execution_id": f"run-{next(_numbers)}-{uuid.uuid4().hex[:8]}",
            "sf_init_config": {"parties": ["alice", "bob"], "address": "local"},
            "task_config": task_config,
            **fields,
        }

    def quick(self, **fields: Any) -> dict[str, Any]:
        """Return a request that takes a tenth of a second."""
        number = next(_numbers)
        for party, values in {"alice": [1, 2, 3], "bob": [4, 5, 9]}.items():
            write_csv(self.data / f"in-{number}-{party}.csv", {"id": "abc", f"x_{party}": values})
        config = {
            "task_type": "standard_scaler",
            "input_data": self._paths(f"in-{number}"),
            "output_data": self._paths(f"out-{number}"),
        }
        return self.request(config, **fields)

    def slow(self, **fields: Any) -> dict[str, Any]:
        """Return a request whose training goes on for minutes, in parties that are linked."""
        number = next(_numbers)
        rows = range(64)
        alice = {"id": rows, "x1": [i % 7 for i in rows], "y": [i % 2 for i in rows]}
        bob = {"id": rows, "x2": [i % 5 for i in rows]}
        write_csv(self.data / f"train-{number}-alice.csv", alice)
        write_csv(self.data / f"train-{number}-bob.csv", bob)
        models = {party: str(self.data / f"model-{number}-{party}") for party in ("alice", "bob")}
        config = {
            "task_type": "ss_lr",
            "train_data": self._paths(f"train-{number}"),
            "id_columns": ["id"],
            "features": ["x1", "x2"],
            "label": "y",
            "label_party": "alice",
            "model_output": models,
            "params": {"epochs": 5000, "batch_size": 8},
        }
        return self.request(config, **fields)

    def _paths(self, stem: str) -> dict[str, str]:
        return {party: str(self.data / f"{stem}-{party}.csv") for party in ("alice", "bob")}

    def events(self, execution_id: str) -> list[dict[str, Any]]:
        """Return the events of one execution, oldest first."""
        lines = self.redis.lrange("task_status_queue", 0, -1)
        assert isinstance(lines, list)
        events = [json.loads(line) for line in reversed(lines)]
        return [event for event in events if event["execution_id"] == execution_id]

    def queued(self) -> list[dict[str, Any]]:
        """Return the messages that wait in the documented queue."""
        lines = self.redis.lrange("secretflow_queue", 0, -1)
        assert isinstance(lines, list)
        return [json.loads(line) for line in lines]

    def stages(self, execution_id: str) -> list[str]:
        return [event["data"]["stage"] for event in self.events(execution_id)]

    def await_training(self, execution_id: str) -> None:
        """Wait until the algorithm of a run is under way."""
        eventually(lambda: "task_execution" in self.stages(execution_id), 40)

    def ends(self, execution_id: str) -> list[str]:
        """Return the terminal statuses that were told of an execution: there shall be one."""
        terminal = {"SUCCESS", "FAILURE", "CANCELLED"}
        return [e["status"] for e in self.events(execution_id) if e["status"] in terminal]


def failure(result: AsyncResult[Any], timeout_s: float = 60) -> dict[str, Any]:
    """Return the failure that a client reads from its result."""
    raised = result.get(timeout=timeout_s, propagate=False)
    assert isinstance(raised, Exception), f"it did not fail: {raised}"
    document = json.loads(str(raised))
    assert document["status"] == "failure"
    error = document["error"]
    assert isinstance(error, dict)
    return error
