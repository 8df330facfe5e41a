"""What the worker must reach: Redis, its clock, ports, peers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from redis.exceptions import RedisError

from secretflow_worker.broker.address import RedisAddress, masked
from secretflow_worker.cli.doctor.check import Check, Status
from secretflow_worker.cli.sender import first_line

_TIMEOUT_S = 3.0
_CLOCK_WARN_S, _CLOCK_FAIL_S = 2.0, 30.0
_PORT_SAMPLE = 64


def check_redis(address: RedisAddress) -> Iterator[Check]:
    """Yield whether Redis answers, keeps what it is given, and agrees on the time."""
    place = masked(address.url)
    redis = address.connect(_TIMEOUT_S)
    try:
        before = time.time()
        seconds, microseconds = redis.time()
        took = time.time() - before
        server = cast("dict[str, object]", redis.info("server"))
        memory = cast("dict[str, object]", redis.info("memory"))
    except (RedisError, OSError) as fault:
        yield Check(
            "redis", "fail", f"{place} does not answer: {first_line(fault)}",
            "start one with `sfw up`, or name yours with --redis-url or REDIS_URL",
        )  # fmt: skip
        yield Check("clock", "warn", "not compared: Redis does not answer", "mend Redis first")
        return
    detail = f"{place}, version {server['redis_version']}, {took * 1000:.1f} ms"
    policy = memory.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        yield Check(
            "redis", "warn", f"{detail}, maxmemory-policy {policy}",
            "set maxmemory-policy noeviction: an evicted key is a lost task",
        )  # fmt: skip
    else:
        yield Check("redis", "ok", detail)
    yield _clock(seconds + microseconds / 1e6 - (before + took / 2))


def _clock(ahead_s: float) -> Check:
    apart = abs(ahead_s)
    detail = f"{apart:.3f} s {'behind' if ahead_s > 0 else 'ahead of'} Redis"
    if apart < _CLOCK_WARN_S:
        return Check("clock", "ok", detail)
    status: Status = "warn" if apart < _CLOCK_FAIL_S else "fail"
    return Check("clock", status, detail, "run NTP (chrony) on both machines")


def check_ports(low: int, high: int) -> Check:
    """Try some ports of the range that links of local mode are given."""
    name, span = "ports", f"{low} to {high}"
    step = max(1, (high - low + 1) // _PORT_SAMPLE)
    sample = range(low, high + 1, step)
    free = sum(_is_free(port) for port in sample)
    detail = f"{free} of {len(sample)} tried in {span} are free"
    if free == 0:
        return Check(name, "fail", detail, "choose another port_range")
    ephemeral = _ephemeral_range()
    if ephemeral and low <= ephemeral[1] and high >= ephemeral[0]:
        return Check(
            name, "warn", f"{span} overlaps the ephemeral range {ephemeral[0]} to {ephemeral[1]}",
            "choose a port_range below it, or links fail now and then with RESOURCE_BUSY",
        )  # fmt: skip
    return Check(name, "ok", detail)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ephemeral_range() -> tuple[int, int] | None:
    try:
        low, high = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    except (OSError, ValueError):
        return None
    return int(low), int(high)


def check_peers(peers: Mapping[str, tuple[str, int]]) -> Iterator[Check]:
    """Yield whether each peer's host answers. Its port listens only while a task runs."""
    for party, (host, port) in peers.items():
        name, place = f"peer {party}", f"{host}:{port}"
        try:
            with socket.create_connection((host, port), timeout=_TIMEOUT_S):
                yield Check(name, "ok", f"{place} accepts connections")
        except ConnectionRefusedError:
            yield Check(name, "ok", f"{place}: the host answers; its port opens with a task")
        except OSError as fault:
            yield Check(
                name, "fail", f"{place}: {fault}",
                "check the address, the route and the firewalls on both sides",
            )  # fmt: skip
