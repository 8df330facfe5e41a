"""Fifty intersections queued at once: how many a minute, and whether memory stays flat."""

import time

from benchmarks._data import PARTIES, overlapping_ids
from benchmarks._harness import Bench, Figure

TASKS, ROWS = 50, 10_000
GROWTH_LIMIT = 1.1


def run(bench: Bench) -> list[Figure]:
    inputs = overlapping_ids(bench.folder, ROWS)

    def task(number: int) -> dict[str, object]:
        return {
            "task_type": "psi",
            "keys": {party: ["id"] for party in PARTIES},
            "input_paths": inputs,
            "output_paths": {
                party: str(bench.folder / f"queue_{party}_{number}.csv") for party in PARTIES
            },
            "receiver": "alice",
        }

    for number in range(5):
        bench.worker.run(task(number))
    before = bench.worker.memory_bytes()
    started = time.perf_counter()
    sent = [bench.worker.send(task(number)) for number in range(TASKS)]
    found = [done.get(timeout=600)["result"]["result"]["intersection_count"] for done in sent]
    minutes = (time.perf_counter() - started) / 60
    after = bench.worker.memory_bytes()
    if found != [ROWS // 2] * TASKS:
        raise RuntimeError("an intersection is wrong")
    return [
        Figure(f"{TASKS} psi of {ROWS:,} queued at once", "tasks/min", TASKS / minutes),
        Figure("worker's own memory after them, beside before", "MB", after / 2**20,
               before / 2**20, GROWTH_LIMIT),
    ]  # fmt: skip
