"""Ports that the worker leases for the links of local mode.

A lease is a name in the kernel's abstract socket namespace, held as long as its socket is open:
two workers of one machine (one network namespace) never choose the same port, and a killed
worker's leases end with it and leave no file.
"""

from __future__ import annotations

import random
import socket
from contextlib import ExitStack

from secretflow_worker.contract.errors import ResourceBusy

_leased: set[int] = set()


def count_leased() -> int:
    """Return how many ports this process holds now."""
    return len(_leased)


class PortLease:
    """Some free TCP ports of loopback, ours until ``release``."""

    def __init__(self, count: int, port_range: tuple[int, int]) -> None:
        self.ports: list[int] = []
        candidates = range(port_range[0], port_range[1] + 1)
        first = random.randrange(len(candidates))  # noqa: S311 - spreads workers, hides nothing
        with ExitStack() as held:
            for port in (*candidates[first:], *candidates[:first]):
                if len(self.ports) == count:
                    break
                name = _hold(port)
                if name is None:
                    continue
                if _is_free(port):
                    self.ports.append(port)
                    held.enter_context(name)
                else:
                    name.close()
            if len(self.ports) < count:
                raise ResourceBusy(
                    f"no {count} free ports between {port_range[0]} and {port_range[1]}"
                )
            self._held = held.pop_all()
        _leased.update(self.ports)

    def release(self) -> None:
        """Give the ports back."""
        self._held.close()
        _leased.difference_update(self.ports)


def _hold(port: int) -> socket.socket | None:
    name = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        name.bind(f"\0secretflow-worker-port-{port}")
    except OSError:
        name.close()
        return None
    return name


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
