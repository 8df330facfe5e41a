"""Leases of ports: exclusive between processes, free after their owner, and without a file."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.engine.ports import PortLease
from tests.engine.hosts import Host

COUNT = 16
OTHER = """
import sys
from secretflow_worker.engine.ports import PortLease
lease = PortLease(3, (int(sys.argv[1]), int(sys.argv[2])))
print(*lease.ports, flush=True)
input()
"""


@pytest.fixture
def span() -> tuple[int, int]:
    """Sixteen ports that nobody uses now, and hardly anybody soon."""
    windows = [(first, first + COUNT - 1) for first in range(10_000, 11_900, COUNT)]
    start = os.getpid() % len(windows)
    for window in windows[start:] + windows[:start]:
        with suppress(ResourceBusy):
            PortLease(COUNT, window).release()
            return window
    raise AssertionError("no free ports")


def other_process(span: tuple[int, int]) -> tuple[subprocess.Popen[str], set[int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, *map(str, span)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, {int(port) for port in process.stdout.readline().split()}


def test_a_port_has_one_owner_until_it_is_given_back_or_its_owner_dies(
    span: tuple[int, int],
) -> None:
    process, theirs = other_process(span)
    with process:
        assert len(theirs) == 3
        ours = [PortLease(4, span), PortLease(4, span), PortLease(4, span)]
        held = [port for lease in ours for port in lease.ports]
        assert len(set(held) | theirs) == COUNT - 1
        assert set(held) <= set(range(span[0], span[1] + 1))
        with pytest.raises(ResourceBusy, match="no 2 free ports between"):
            PortLease(2, span)
        ours[0].release()
        again = PortLease(4, span)
        assert set(again.ports) <= {*ours[0].ports, *range(span[0], span[1] + 1)} - theirs
        process.kill()
        process.wait(60)
    rest = PortLease(4, span)
    assert set(rest.ports) & theirs
    for lease in (*ours, again, rest):
        lease.release()


def test_a_port_that_another_program_listens_on_is_not_leased(span: tuple[int, int]) -> None:
    with socket.create_server(("127.0.0.1", span[0])):
        lease = PortLease(span[1] - span[0], span)
        assert span[0] not in lease.ports
        lease.release()


def test_a_failed_lease_keeps_nothing(span: tuple[int, int]) -> None:
    with pytest.raises(ResourceBusy):
        PortLease(COUNT + 1, span)
    lease = PortLease(COUNT, span)
    lease.release()
    lease.release()


def test_threads_never_get_the_same_port(span: tuple[int, int]) -> None:
    got: list[int] = []
    leases: list[PortLease] = []

    def lease() -> None:
        mine = PortLease(2, span)
        leases.append(mine)
        got.extend(mine.ports)

    threads = [threading.Thread(target=lease) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(span[0], span[1] + 1))
    for held in leases:
        held.release()


def test_without_a_free_port_a_task_is_busy_and_leaves_nothing(
    host: Host, span: tuple[int, int]
) -> None:
    lease = PortLease(COUNT, span)
    run = host.probe("exchange", settings={"port_range": list(span)})
    assert isinstance(run.error(), ResourceBusy)
    assert not (host.settings.runs_dir / run.token).exists()
    lease.release()
    run = host.probe("exchange", settings={"port_range": list(span)})
    assert min(run.outcome().performance_metrics.bytes_sent.values()) > 0
