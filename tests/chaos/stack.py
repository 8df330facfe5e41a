"""Everything that a chain needs to run, as real processes.

Two orchestrators on PostgreSQL (one on SQLite), a Redis, and a worker for each of two parties.
Whatever is ended is started again with the same state, address and settings, as a supervisor of
services does it; a Redis may come back without its data.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from secretflow_worker.engine.ports import PortLease
from tests.chaos.services import STOP_S, Postgres, Server, Web, is_up, resume
from tests.conftest import eventually
from tests.noop.installing import installed
from tests.worker.harness import Worker

PARTIES = ("alice", "bob")
START_S = 90
CLAIM_LEASE_S = 2


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
        postgres = Postgres() if is_postgresql else None
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
    return None if process is None else process.wait(STOP_S)
