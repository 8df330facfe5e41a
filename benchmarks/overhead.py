"""What a task costs beside its algorithm: many small ones, one after the other."""

import statistics

from benchmarks._data import PARTIES, overlapping_ids
from benchmarks._harness import Bench, Figure, percentile

TASKS, ROWS = 200, 100
MEDIAN_LIMIT_S, P99_LIMIT_S = 0.25, 0.6


def run(bench: Bench) -> list[Figure]:
    config = {
        "task_type": "psi",
        "keys": {party: ["id"] for party in PARTIES},
        "input_paths": overlapping_ids(bench.folder, ROWS),
        "output_paths": {party: str(bench.folder / f"small_{party}.csv") for party in PARTIES},
        "receiver": "alice",
    }
    bench.worker.run(config)
    runs = [bench.worker.run(config) for _ in range(TASKS)]
    beside = [done.wall_s - done.algorithm_s for done in runs]
    samples = {"ours": beside}
    return [
        Figure("all but the algorithm, median", "s", statistics.median(beside), None,
               MEDIAN_LIMIT_S, samples),
        Figure("all but the algorithm, p99", "s", percentile(beside, 0.99), None, P99_LIMIT_S),
    ]  # fmt: skip
