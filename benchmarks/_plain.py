"""Run a plain script's processes and take their figures."""

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class PlainRun:
    """`wall_s` is from the start of the processes to the end of the last; `algorithm_s` within."""

    wall_s: float
    algorithm_s: float
    peak_rss_bytes: int
    facts: dict[str, Any]


def run_parties(script: str, work: Mapping[str, Any], timeout_s: float = 1800) -> PlainRun:
    """Run ``benchmarks.plain.<script>`` once per party, all from a cold start.

    The parties are ``work["parties"]``, alice and bob by default.
    """
    parties = work.get("parties", ("alice", "bob"))
    ports = [str(port) for port in free_ports(2 * len(parties))]
    commands = [
        ["--party", party, "--ports", *ports, "--work", json.dumps(work)] for party in parties
    ]
    return run_script(script, commands, timeout_s)


def run_script(script: str, commands: Sequence[Sequence[str]], timeout_s: float = 1800) -> PlainRun:
    """Run one process per command; each prints its figures as a line of JSON."""
    with tempfile.TemporaryDirectory(prefix="plain-") as folder:
        started = time.perf_counter()
        running = [
            _start(script, command, Path(folder) / f"{number}")
            for number, command in enumerate(commands)
        ]
        try:
            codes = [process.wait(timeout=timeout_s) for process, _ in running]
        finally:
            for process, _ in running:
                process.kill()
        wall_s = time.perf_counter() - started
        outputs = [log.read_text(errors="replace") for _, log in running]
        if any(codes):
            raise RuntimeError(f"the plain script {script} failed:\n" + "\n".join(outputs)[-4000:])
    said = [json.loads(_figures(output)) for output in outputs]
    return PlainRun(
        wall_s=wall_s,
        algorithm_s=max(line.pop("algorithm_s") for line in said),
        peak_rss_bytes=max(line.pop("peak_rss_bytes") for line in said),
        facts=said[0],
    )


def _figures(output: str) -> str:
    """Find the one line of figures among what the native libraries log."""
    return next(line for line in output.splitlines() if line.startswith('{"algorithm_s"'))


def _start(
    script: str, command: Sequence[str], folder: Path
) -> tuple[subprocess.Popen[bytes], Path]:
    folder.mkdir()
    log = folder / "log"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.plain.{script}", *command],
            stdout=sink, stderr=subprocess.STDOUT, cwd=folder, env=environment,
        )  # fmt: skip
    return process, log


def free_ports(count: int) -> list[int]:
    """Pick ports below the ephemeral range that nobody listens on just now."""
    ports: list[int] = []
    for port in random.sample(range(12_000, 20_000), 400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                ports.append(port)
        if len(ports) == count:
            return ports
    raise RuntimeError(f"no {count} free ports")
