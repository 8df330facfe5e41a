"""Leases of ports: exclusive between processes, free after their owner, and without a file."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import pytest

from secretflow_worker.contract.errors import ResourceBusy
from secretflow_worker.engine.ports import PortLease
from tests.engine.hosts import Host

RANGE = (11_000, 11_015)
OTHER = f"""
from secretflow_worker.engine.ports import PortLease
lease = PortLease(3, {RANGE})
print(*lease.ports, flush=True)
input()
"""


def other_process() -> tuple[subprocess.Popen[str], set[int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, {int(port) for port in process.stdout.readline().split()}


def test_a_port_has_one_owner_until_it_is_given_back_or_its_owner_dies() -> None:
    process, theirs = other_process()
    with process:
        assert len(theirs) == 3
        ours = [PortLease(4, RANGE), PortLease(4, RANGE), PortLease(4, RANGE)]
        held = [port for lease in ours for port in lease.ports]
        assert len(set(held) | theirs) == 15
        assert set(held) <= set(range(RANGE[0], RANGE[1] + 1))
        with pytest.raises(ResourceBusy, match="no 2 free ports between 11000 and 11015"):
            PortLease(2, RANGE)
        ours[0].release()
        again = PortLease(4, RANGE)
        assert set(again.ports) <= {*ours[0].ports, *range(RANGE[0], RANGE[1] + 1)} - theirs
        process.kill()
        process.wait(20)
    rest = PortLease(4, RANGE)
    assert set(rest.ports) & theirs
    for lease in (*ours, again, rest):
        lease.release()


def test_a_port_that_another_program_listens_on_is_not_leased() -> None:
    with socket.create_server(("127.0.0.1", RANGE[0])):
        lease = PortLease(RANGE[1] - RANGE[0], RANGE)
        assert RANGE[0] not in lease.ports
        lease.release()


def test_a_failed_lease_keeps_nothing() -> None:
    with pytest.raises(ResourceBusy):
        PortLease(17, RANGE)
    lease = PortLease(16, RANGE)
    lease.release()
    lease.release()


def test_threads_never_get_the_same_port() -> None:
    got: list[int] = []
    leases: list[PortLease] = []

    def lease() -> None:
        mine = PortLease(2, RANGE)
        leases.append(mine)
        got.extend(mine.ports)

    threads = [threading.Thread(target=lease) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(RANGE[0], RANGE[1] + 1))
    for held in leases:
        held.release()


def test_without_a_free_port_a_task_is_busy_and_leaves_nothing(host: Host) -> None:
    lease = PortLease(16, RANGE)
    run = host.probe("exchange", settings={"port_range": list(RANGE)})
    assert isinstance(run.error(), ResourceBusy)
    assert not (host.settings.runs_dir / run.token).exists()
    lease.release()
    run = host.probe("exchange", settings={"port_range": list(RANGE)})
    assert min(run.outcome().performance_metrics.bytes_sent.values()) > 0
