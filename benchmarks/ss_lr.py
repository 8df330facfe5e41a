"""Train ss_lr through Celery, beside SecretFlow's SSRegression in a plain script started cold."""

from benchmarks._data import PARTIES, aligned_features
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

ROWS, FEATURES, EPOCHS, BATCH, RATE = 10_000, 20, 10, 1024, 0.3
LIMIT = 0.4


def run(bench: Bench) -> list[Figure]:
    inputs, features = aligned_features(bench.folder, ROWS, FEATURES)
    outputs = {party: str(bench.folder / f"lr_{party}") for party in PARTIES}

    def ours() -> OurRun | PlainRun:
        return bench.worker.run(
            {
                "task_type": "ss_lr",
                "train_data": inputs,
                "features": features,
                "label": "y",
                "label_party": "alice",
                "model_output": outputs,
                "params": {
                    "epochs": EPOCHS,
                    "learning_rate": RATE,
                    "batch_size": BATCH,
                    "penalty": "none",
                },
            }
        )

    def plain() -> OurRun | PlainRun:
        work = {
            "input": inputs,
            "output": {party: f"{path}.plain" for party, path in outputs.items()},
            "features": features,
            "epochs": EPOCHS,
            "learning_rate": RATE,
            "batch_size": BATCH,
        }
        return run_parties("ss_lr", work)

    ours()
    mine, theirs = in_turn(bench.repeats, ours, plain)
    shape = f"ss_lr {ROWS:,} x {FEATURES}, {EPOCHS} epochs"
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
