"""The orchestrator under chain after chain: whether its memory stays flat. Takes half an hour.

``BENCH_SOAK_MINUTES`` sets another time; it is not among those that run unless it is named.
"""

from __future__ import annotations

import os
import time

from benchmarks._harness import Bench, Figure
from benchmarks.orchestrator import TIMEOUT_S, chain
from secretflow_worker.client import Client

GROWTH_LIMIT = 1.1
WARM_SHARE = 0.2
"""Of the time, until caches are full: what is compared is the rest's beginning and end."""


def run(bench: Bench) -> list[Figure]:
    minutes = float(os.environ.get("BENCH_SOAK_MINUTES", "30"))
    worker = bench.idle_worker
    began, chains, memory = time.monotonic(), 0, list[tuple[float, int]]()
    with Client(worker.up["url"], worker.up["token"]) as client:
        while (gone := time.monotonic() - began) < minutes * 60:
            client.chains.run(
                chain(f"soak-{chains}", [[0, 1, 2], [3, 4, 5], [6, 7, 8]]), timeout_s=TIMEOUT_S
            )
            chains += 1
            memory.append((gone, worker.orchestrator_bytes()))
    warm = [held for gone, held in memory if gone > WARM_SHARE * minutes * 60]
    tenth = max(1, len(warm) // 10)
    before, after = max(warm[:tenth]), max(warm[-tenth:])
    return [
        Figure(f"orchestrator's memory after {minutes:g} minutes, beside when it was warm", "MB",
               after / 2**20, before / 2**20, GROWTH_LIMIT,
               {"ours": [held / 2**20 for _, held in memory]}),
        Figure("chains of nine tasks that it ran meanwhile", "chains", chains),
    ]  # fmt: skip
