"""The test's side of ``host.py``: start it, send it requests, kill it, look for what is left."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from secretflow_worker.contract.errors import ErrorReport, WorkerError
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import EngineSettings
from secretflow_worker.engine.processes import IDENTITY_FILE, named_by
from tests.conftest import eventually, make_request

HERE = Path(__file__).parent


class Run:
    """One request at a host."""

    def __init__(self, number: int, request: Mapping[str, Any], attempt: int) -> None:
        self.number = number
        self.execution_id = str(request["execution_id"])
        self.token = f"{self.execution_id}.{attempt}"
        self.lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.progress: list[tuple[str, float, str | None, str]] = []

    def await_message(self, message: str, party: str | None = None, timeout_s: float = 60) -> None:
        """Wait until a party says where it is; a run that ends before it raises."""
        while not any(m == message and party in (None, who) for _, _, who, m in self.progress):
            assert self._next(timeout_s) is None, "it ended before it came there"

    def outcome(self, timeout_s: float = 90) -> TaskOutcome:
        """Wait for the end; raises the run's error."""
        while True:
            if (outcome := self._next(timeout_s)) is not None:
                return outcome

    def error(self, timeout_s: float = 60) -> WorkerError:
        """Wait for an end that must be bad."""
        try:
            outcome = self.outcome(timeout_s)
        except WorkerError as error:
            return error
        raise AssertionError(f"it succeeded: {outcome.result}")

    def _next(self, timeout_s: float) -> TaskOutcome | None:
        line = self.lines.get(timeout=timeout_s)
        if "progress" in line:
            stage, done, party, message = line["progress"]
            self.progress.append((stage, done, party, message))
            return None
        if "error" in line:
            raise WorkerError.from_report(ErrorReport.model_validate(line["error"]))
        if "outcome" in line:
            return TaskOutcome.model_validate(line["outcome"])
        raise AssertionError(line.get("crash", line))


class Host:
    """A running ``host.py``."""

    def __init__(self, settings: EngineSettings, *, file_limit_bytes: int | None = None) -> None:
        """No process of it can write a file of more than `file_limit_bytes`."""
        self.settings = settings
        self._queues: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._count = 0
        limits = [] if file_limit_bytes is None else [str(file_limit_bytes)]
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        self._log = (settings.state_dir / "host.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, HERE / "host.py", settings.model_dump_json(), *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "PYTHONPATH": str(HERE / "plugin")},
            text=True,
            start_new_session=True,
        )
        self._ready: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def await_ready(self, timeout_s: float = 90) -> Host:
        """Wait until it takes requests; ``recovered`` is what it found finished, then."""
        recovered = self._ready.get(timeout=timeout_s)
        assert recovered is not None, (self.settings.state_dir / "host.log").read_text()
        self.recovered = [(str(execution), str(task)) for execution, task in recovered]
        return self

    def run(self, request: Mapping[str, Any], attempt: int = 1, **settings: Any) -> Run:
        """Run a request, with some settings changed for this one."""
        run = Run(self._new_number(), request, attempt)
        self._queues[run.number] = run.lines
        changed = json.loads(json.dumps(settings, default=str))
        self._say(id=run.number, run=dict(request), attempt=attempt, settings=changed)
        return run

    def probe(
        self,
        act: str,
        parties: Sequence[str] = ("alice", "bob"),
        spu: Mapping[str, str] | None = None,
        *,
        linked: bool = True,
        timeout_s: float = 80,
        settings: Mapping[str, Any] | None = None,
        **config: Any,
    ) -> Run:
        """Run the plugin's task type in local mode; `config` are fields of ``ProbeConfig``."""
        request = make_request(probe_config(act, linked=linked, **config), parties, spu)
        return self.run(request | {"timeout_s": timeout_s}, **(settings or {}))

    def stop(self, run: Run, code: str) -> None:
        self._say(id=self._new_number(), stop=run.number, code=code)

    def facts(self) -> dict[str, Any]:
        """Return ``fds``, ``threads``, ``zombies`` of the host's process."""
        number = self._new_number()
        answer = self._queues[number] = queue.Queue()
        self._say(id=number, facts=True)
        return dict(answer.get(timeout=30)["facts"])

    def party_pid(self, run: Run, party: str) -> int:
        """Return the process id of a party of a run, once it works in its own folder."""
        file = self.settings.runs_dir / run.token / party / IDENTITY_FILE

        def find() -> int:
            process = named_by(file)
            return process.pid if process else 0

        return eventually(find, 30, 0.01)

    def launcher_pid(self) -> int:
        def find() -> int:
            for child in psutil.Process(self.process.pid).children():
                with suppress(psutil.Error):
                    if "forkserver" in " ".join(child.cmdline()):
                        return child.pid
            return 0

        return eventually(find, 30)

    def tree(self) -> list[psutil.Process]:
        """Return the host's process and all that it and its launcher have started."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def close(self) -> None:
        """End it; nothing that it started may outlive it."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(30)
        self._log.close()
        assert_nothing_runs_in(self.settings.state_dir)

    def _new_number(self) -> int:
        self._count += 1
        return self._count

    def _say(self, **line: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            if not text.endswith("\n"):
                break  # it was killed in the middle of a word
            line = json.loads(text)
            if "ready" in line:
                self._ready.put(line["ready"])
            else:
                self._queues[line["id"]].put(line)
        self._ready.put(None)
        self.process.stdout.close()


def probe_config(act: str, *, linked: bool = True, **config: Any) -> dict[str, Any]:
    """Return a ``task_config`` of the plugin's task type."""
    return {"task_type": "engine_probe" if linked else "engine_probe_alone", "act": act, **config}


def processes_in(folder: Path) -> Iterator[psutil.Process]:
    """Yield the living processes that work in a folder; those of parties only root may see."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            if Path(process.cwd().removesuffix(" (deleted)")).is_relative_to(folder):
                yield process


def assert_nothing_runs_in(folder: Path) -> None:
    eventually(lambda: not list(processes_in(folder)), 30)


def assert_all_end(processes: Sequence[psutil.Process]) -> None:
    eventually(lambda: not any(map(is_running, processes)), 30)


def is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def half_written(folder: Path) -> list[Path]:
    """Return the half-written or replaced outputs below a folder."""
    return [path for path in folder.rglob(".*") if ".part" in path.name]
