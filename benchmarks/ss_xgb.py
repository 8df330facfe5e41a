"""Train ss_xgb through Celery, beside SecretFlow's Xgb in a plain script started cold."""

from benchmarks._data import PARTIES, aligned_features
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

ROWS, FEATURES, TREES, DEPTH, BUCKETS = 10_000, 10, 3, 3, 10
LIMIT = 0.35
REPEATS = 3


def run(bench: Bench) -> list[Figure]:
    inputs, features = aligned_features(bench.folder, ROWS, FEATURES)
    outputs = {party: str(bench.folder / f"xgb_{party}") for party in PARTIES}

    def ours() -> OurRun | PlainRun:
        return bench.worker.run(
            {
                "task_type": "ss_xgb",
                "train_data": inputs,
                "features": features,
                "label": "y",
                "label_party": "alice",
                "model_output": outputs,
                "params": {
                    "num_boost_round": TREES,
                    "max_depth": DEPTH,
                    "learning_rate": 0.3,
                    "sketch_eps": 1 / BUCKETS,
                },
            }
        )

    def plain() -> OurRun | PlainRun:
        work = {
            "input": inputs,
            "output": {party: f"{path}.plain" for party, path in outputs.items()},
            "features": features,
            "trees": TREES,
            "depth": DEPTH,
            "buckets": BUCKETS,
        }
        return run_parties("ss_xgb", work)

    ours()
    mine, theirs = in_turn(min(bench.repeats, REPEATS), ours, plain)
    shape = f"ss_xgb {ROWS:,} x {FEATURES}, {TREES} trees of depth {DEPTH}"
    return [
        compare(
            f"{shape}, submit to result",
            "s",
            [done.wall_s for done in mine],
            [done.wall_s for done in theirs],
            LIMIT,
        ),
        compare(
            f"{shape}, the algorithm alone",
            "s",
            [done.algorithm_s for done in mine],
            [done.algorithm_s for done in theirs],
        ),
    ]
