"""Train ss_glm through Celery, beside SecretFlow's SSGLM in a plain script started cold.

Both solvers take as many iterations at both sides, and nobody looks whether they still move.
"""

from typing import Any

from benchmarks._data import PARTIES, aligned_features, attendance
from benchmarks._devices import Device, compare_runs
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

LIMIT = 0.5
REPEATS = 3
SEMI2K = Device("SEMI2K", "FM128", PARTIES, 10_000, 20)
CASES: tuple[tuple[Device, dict[str, Any]], ...] = (
    (SEMI2K, {"solver": "irls", "epochs": 4}),
    (SEMI2K, {"solver": "sgd", "epochs": 10, "learning_rate": 0.3, "batch_size": 1024}),
    (Device("CHEETAH", "FM64", PARTIES, 2_000, 6), {"solver": "irls", "epochs": 4}),
    (Device("ABY3", "FM64", (*PARTIES, "carol"), 2_000, 6), {"solver": "irls", "epochs": 4}),
)


def run(bench: Bench) -> list[Figure]:
    figures = []
    for device, params in CASES:
        figures += _run(bench, device, params)
    return figures


def _run(bench: Bench, device: Device, params: dict[str, Any]) -> list[Figure]:
    data, features = aligned_features(bench.folder, device.rows, device.features)
    tables = {
        party: data.get(party) or attendance(bench.folder, party, device.rows)
        for party in device.parties
    }
    outputs = {party: str(bench.folder / f"glm_{party}") for party in device.parties}

    def ours() -> OurRun | PlainRun:
        config = {
            "task_type": "ss_glm",
            "train_data": tables,
            "features": features,
            "label": "y",
            "label_party": "alice",
            "model_output": outputs,
            "params": {**params, "distribution": "bernoulli", "tolerance": 0},
        }
        return bench.worker.run(config, device.runtime)

    def plain() -> OurRun | PlainRun:
        work = {
            "input": data,
            "features": features,
            "parties": device.parties,
            "runtime": device.runtime,
            **params,
        }
        return run_parties("ss_glm", work)

    ours()
    mine, theirs = in_turn(min(bench.repeats, REPEATS), ours, plain)
    shape = f"ss_glm {device}, {params['epochs']} epochs of {params['solver']}"
    wall = compare(
        f"{shape}, submit to result",
        "s",
        [done.wall_s for done in mine],
        [done.wall_s for done in theirs],
    )
    return [*compare_runs(shape, mine, theirs, LIMIT), wall]
