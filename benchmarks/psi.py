"""Intersect two tables through Celery, beside a plain SecretFlow script started cold."""

from benchmarks._data import PARTIES, overlapping_ids
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

PROTOCOLS = {"KKRT_PSI_2PC": "PROTOCOL_KKRT", "RR22_PSI_2PC": "PROTOCOL_RR22"}
LIMITS = {10_000: 0.1, 100_000: 0.2}


def run(bench: Bench) -> list[Figure]:
    return [
        beside_plain(bench, rows, protocol, limit)
        for rows, limit in LIMITS.items()
        for protocol in PROTOCOLS
    ]


def beside_plain(bench: Bench, rows: int, protocol: str, limit: float) -> Figure:
    inputs = overlapping_ids(bench.folder, rows)
    outputs = {party: str(bench.folder / f"psi_{party}.csv") for party in PARTIES}

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
        if done.result["intersection_count"] != rows // 2:
            raise RuntimeError("our intersection is wrong")
        return done

    def plain() -> OurRun | PlainRun:
        work = {"input": inputs, "output": outputs, "protocol": PROTOCOLS[protocol]}
        return run_parties("psi", work)

    ours()
    mine, theirs = in_turn(bench.repeats, ours, plain)
    return compare(
        f"psi {rows:,} x {rows:,}, {protocol}, submit to result",
        "s",
        [done.wall_s for done in mine],
        [done.wall_s for done in theirs],
        limit,
    )
