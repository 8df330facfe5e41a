"""The services that a chain runs on, each as a process that can be ended and started again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
from redis import Redis

from secretflow_worker.worker import start_embedded_redis
from tests.noop.installing import installed
from tests.postgres import own_postgres, url_of

STOP_S = 40
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

    def __init__(self) -> None:
        self._ending = ExitStack()
        self._server = self._ending.enter_context(own_postgres())
        self.url = url_of(self._server)

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
        self._ending.close()


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
        process.wait(STOP_S)
