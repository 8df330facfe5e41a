"""Compute WOE and IV through Celery, beside SecretFlow's VertWoeBinning started cold."""

from benchmarks._data import PARTIES, aligned_features
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

ROWS, FEATURES, BINS = 10_000, 20, 10
LIMIT = 0.5


def run(bench: Bench) -> list[Figure]:
    inputs, features = aligned_features(bench.folder, ROWS, FEATURES)
    reports = {party: str(bench.folder / f"woe_{party}.json") for party in PARTIES}
    half = FEATURES // 2
    owned = {"alice": features[:half], "bob": features[half:]}

    def ours() -> OurRun | PlainRun:
        return bench.worker.run(
            {
                "task_type": "woe_iv",
                "input_data": inputs,
                "features": owned,
                "label": "y",
                "label_party": "alice",
                "bin_num": BINS,
                "output_report": reports,
            }
        )

    def plain() -> OurRun | PlainRun:
        work = {
            "input": inputs,
            "output": {party: f"{path}.plain" for party, path in reports.items()},
            "features": owned,
            "bin_num": BINS,
        }
        return run_parties("woe_iv", work)

    ours()
    mine, theirs = in_turn(bench.repeats, ours, plain)
    shape = f"woe_iv {ROWS:,} x {FEATURES}, {BINS} bins"
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
            LIMIT,
        ),
    ]
