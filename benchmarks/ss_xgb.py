"""Train ss_xgb through Celery, beside SecretFlow's Xgb in a plain script started cold.

The table of SEMI2K is the one of the target; the other protocols are slower and get smaller ones.
On CHEETAH most of the work is to find a node's rows without telling anybody its split; with
``reveal_splits`` less is told than the library tells.
"""

from typing import Any

from benchmarks._data import PARTIES, aligned_features, attendance
from benchmarks._devices import Device, compare_runs
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

TREES, DEPTH, BUCKETS = 3, 3, 10
LIMIT = 0.33
REPEATS = 3
DEVICES = (
    Device("SEMI2K", "FM128", PARTIES, 10_000, 10),
    Device("CHEETAH", "FM64", PARTIES, 2_000, 6),
    Device("ABY3", "FM64", (*PARTIES, "carol"), 2_000, 6),
)


def run(bench: Bench) -> list[Figure]:
    figures = []
    for device in DEVICES:
        is_cheetah = device.protocol == "CHEETAH"
        figures += _run(bench, device, LIMIT)
        if is_cheetah:
            figures += _run(bench, device, LIMIT, reveal_splits=True)
    return figures


def _run(
    bench: Bench, device: Device, limit: float | None, *, reveal_splits: bool = False
) -> list[Figure]:
    data, features = aligned_features(bench.folder, device.rows, device.features)
    tables = {
        party: data.get(party) or attendance(bench.folder, party, device.rows)
        for party in device.parties
    }
    outputs = {party: str(bench.folder / f"xgb_{party}") for party in device.parties}
    params: dict[str, Any] = {
        "num_boost_round": TREES,
        "max_depth": DEPTH,
        "learning_rate": 0.3,
        "sketch_eps": 1 / BUCKETS,
        "reveal_splits": reveal_splits,
    }

    def ours() -> OurRun | PlainRun:
        config = {
            "task_type": "ss_xgb",
            "train_data": tables,
            "features": features,
            "label": "y",
            "label_party": "alice",
            "model_output": outputs,
            "params": params,
        }
        return bench.worker.run(config, device.runtime)

    def plain() -> OurRun | PlainRun:
        work = {
            "input": data,
            "output": {party: f"{path}.plain" for party, path in outputs.items()},
            "features": features,
            "trees": TREES,
            "depth": DEPTH,
            "buckets": BUCKETS,
            "parties": device.parties,
            "runtime": device.runtime,
        }
        return run_parties("ss_xgb", work)

    ours()
    mine, theirs = in_turn(min(bench.repeats, REPEATS), ours, plain)
    told = ", splits told to owners" if reveal_splits else ""
    shape = f"ss_xgb {device}, {TREES} trees of depth {DEPTH}{told}"
    wall = compare(
        f"{shape}, submit to result",
        "s",
        [done.wall_s for done in mine],
        [done.wall_s for done in theirs],
    )
    return [*compare_runs(shape, mine, theirs, limit), wall]
