"""Intersect a million rows with a million, beside libspu alone: what our layers add."""

from benchmarks._data import PARTIES, overlapping_ids
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun
from benchmarks.psi import PROTOCOLS

ROWS = 1_000_000
TIME_LIMIT, MEMORY_LIMIT = 1.05, 1.2
REPEATS = 3


def run(bench: Bench) -> list[Figure]:
    return [figure for protocol in PROTOCOLS for figure in beside_libspu(bench, protocol)]


def beside_libspu(bench: Bench, protocol: str) -> list[Figure]:
    inputs = overlapping_ids(bench.folder, ROWS)
    outputs = {party: str(bench.folder / f"million_{party}.csv") for party in PARTIES}

    def ours() -> OurRun | PlainRun:
        done = bench.worker.run(
            {
                "task_type": "psi",
                "keys": {party: ["id"] for party in PARTIES},
                "input_paths": inputs,
                "output_paths": outputs,
                "receiver": "alice",
                "protocol": protocol,
            }
        )
        if done.result["intersection_count"] != ROWS // 2:
            raise RuntimeError("our intersection is wrong")
        return done

    def plain() -> OurRun | PlainRun:
        work = {"input": inputs, "output": outputs, "protocol": PROTOCOLS[protocol]}
        return run_parties("libspu_psi", work)

    mine, theirs = in_turn(min(bench.repeats, REPEATS), ours, plain)
    shape = f"psi {ROWS:,} x {ROWS:,}, {protocol}"
    return [
        compare(
            f"{shape}, the algorithm",
            "s",
            [done.algorithm_s for done in mine],
            [done.algorithm_s for done in theirs],
            TIME_LIMIT,
        ),
        compare(
            f"{shape}, peak memory of a party",
            "MB",
            [done.peak_rss_bytes / 2**20 for done in mine],
            [done.peak_rss_bytes / 2**20 for done in theirs],
            MEMORY_LIMIT,
        ),
    ]
