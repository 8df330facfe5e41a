"""Train sgb through Celery, beside SecretFlow's Sgb in a plain script started cold."""

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from benchmarks._data import PARTIES, aligned_features
from benchmarks._devices import compare_runs
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

ROWS, FEATURES, TREES, DEPTH, BUCKETS = 10_000, 20, 10, 5, 32
LIMIT = 0.35
REPEATS = 3


def run(bench: Bench) -> list[Figure]:
    inputs, features = aligned_features(bench.folder, ROWS, FEATURES)
    predictions = bench.folder / "sgb_predictions.csv"
    theirs_at = bench.folder / "sgb_plain.npy"
    outputs = {party: str(bench.folder / f"sgb_{party}") for party in PARTIES}
    params = {
        "num_boost_round": TREES,
        "max_depth": DEPTH,
        "learning_rate": 0.3,
        "reg_lambda": 0.1,
        "sketch_eps": 1 / BUCKETS,
    }
    config = {
        "task_type": "sgb",
        "train_data": inputs,
        "features": features,
        "label": "y",
        "label_party": "alice",
        "model_output": outputs,
        "params": params,
    }

    def ours() -> OurRun | PlainRun:
        return bench.worker.run(config)

    def plain() -> OurRun | PlainRun:
        work = {"input": inputs, "features": features, "params": params, "to": str(theirs_at)}
        return run_parties("sgb", work)

    bench.worker.run(
        {**config, "test_data": inputs, "prediction_output": {"alice": str(predictions)}}
    )
    mine, theirs = in_turn(min(bench.repeats, REPEATS), ours, plain)
    shape = f"sgb {ROWS:,} x {FEATURES}, {TREES} trees of depth {DEPTH}, {BUCKETS} buckets"
    wall = compare(
        f"{shape}, submit to result",
        "s",
        [done.wall_s for done in mine],
        [done.wall_s for done in theirs],
    )
    scored = pl.read_csv(predictions)
    auc = compare(
        f"{shape}, AUC of the training rows",
        "",
        [float(roc_auc_score(scored["y"], scored["pred_prob"]))],
        [float(roc_auc_score(scored["y"], np.load(theirs_at).ravel()))],
    )
    return [*compare_runs(shape, mine, theirs, LIMIT), wall, auc]
