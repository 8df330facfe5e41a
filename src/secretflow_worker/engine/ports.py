"""Ports that the worker leases for the links of local mode.

A lease is a lock file held open, so two workers of one machine never choose the same port,
and a killed worker's leases end with it.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

from secretflow_worker.contract.errors import ResourceBusy


class PortLease:
    """Some free TCP ports of loopback, ours until ``release``."""

    def __init__(self, count: int, port_range: tuple[int, int]) -> None:
        folder = Path(tempfile.gettempdir()) / f"sfw-ports-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        self.ports: list[int] = []
        self._locks: list[IO[bytes]] = []
        candidates = list(range(port_range[0], port_range[1] + 1))
        random.shuffle(candidates)
        for port in candidates:
            if len(self.ports) == count:
                return
            lock = _lock(folder / str(port))
            if lock is None:
                continue
            if _is_free(port):
                self.ports.append(port)
                self._locks.append(lock)
            else:
                _unlock(lock)
        if len(self.ports) < count:
            self.release()
            raise ResourceBusy(f"no {count} free ports between {port_range[0]} and {port_range[1]}")

    def release(self) -> None:
        """Give the ports back."""
        for lock in self._locks:
            _unlock(lock)
        self._locks.clear()


def _lock(path: Path) -> IO[bytes] | None:
    handle = path.open("ab")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def _unlock(lock: IO[bytes]) -> None:
    Path(lock.name).unlink(missing_ok=True)
    lock.close()


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
