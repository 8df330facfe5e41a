"""Train ss_lr through Celery, beside SecretFlow's SSRegression in a plain script started cold.

The cubic sigmoid is beside the same library call, which has no other that is as near; it holds for
small scores only, so it takes smaller steps, which cost as much. On CHEETAH, where a batch costs
many times more, there are fewer epochs.
"""

from dataclasses import dataclass

from benchmarks._data import PARTIES, aligned_features, attendance
from benchmarks._devices import Device, compare_runs
from benchmarks._harness import Bench, Figure, compare, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

ROWS, FEATURES, BATCH = 10_000, 20, 1024
WALL_LIMIT = 0.4
SEMI2K = Device("SEMI2K", "FM128", PARTIES, ROWS, FEATURES)
CHEETAH = Device("CHEETAH", "FM64", PARTIES, ROWS, FEATURES)
ABY3 = Device("ABY3", "FM64", (*PARTIES, "carol"), ROWS, FEATURES)


@dataclass(frozen=True)
class Case:
    """One training; `limit` is of the algorithm's time beside the library's."""

    device: Device
    sigmoid: str
    epochs: int
    rate: float
    limit: float
    repeats: int

    def __str__(self) -> str:
        return f"ss_lr {self.device}, {self.epochs} epochs, {self.sigmoid}"


CASES = (
    Case(SEMI2K, "t1", 10, 0.3, 0.6, 5),
    Case(SEMI2K, "cubic", 10, 0.03, 0.3, 5),
    Case(CHEETAH, "t1", 2, 0.3, 0.6, 2),
    Case(CHEETAH, "cubic", 2, 0.03, 0.6, 2),
    Case(ABY3, "t1", 10, 0.3, 0.6, 2),
)


def run(bench: Bench) -> list[Figure]:
    figures = []
    for case in CASES:
        figures += _run(bench, case)
    return figures


def _run(bench: Bench, case: Case) -> list[Figure]:
    device = case.device
    data, features = aligned_features(bench.folder, device.rows, device.features)
    tables = {
        party: data.get(party) or attendance(bench.folder, party, device.rows)
        for party in device.parties
    }
    outputs = {party: str(bench.folder / f"lr_{party}") for party in device.parties}
    steps = {"epochs": case.epochs, "learning_rate": case.rate, "batch_size": BATCH}

    def ours() -> OurRun | PlainRun:
        config = {
            "task_type": "ss_lr",
            "train_data": tables,
            "features": features,
            "label": "y",
            "label_party": "alice",
            "model_output": outputs,
            "params": {**steps, "sig_type": case.sigmoid},
        }
        return bench.worker.run(config, device.runtime)

    def plain() -> OurRun | PlainRun:
        work = {
            "input": data,
            "output": {party: f"{path}.plain" for party, path in outputs.items()},
            "features": features,
            "parties": device.parties,
            "runtime": device.runtime,
            **steps,
        }
        return run_parties("ss_lr", work)

    ours()
    mine, theirs = in_turn(min(bench.repeats, case.repeats), ours, plain)
    wall = compare(
        f"{case}, submit to result",
        "s",
        [done.wall_s for done in mine],
        [done.wall_s for done in theirs],
        WALL_LIMIT if device is SEMI2K else None,
    )
    return [*compare_runs(str(case), mine, theirs, case.limit), wall]
