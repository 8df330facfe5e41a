"""Cluster by ss_kmeans through Celery, beside SecretFlow's KMeans in a plain script started cold.

The library takes minutes and gigabytes for the table of the target, so it runs once there, and
the other protocols get smaller tables.
"""

from typing import Any

from benchmarks._data import PARTIES, attendance, clustered_features
from benchmarks._devices import Device, compare_runs
from benchmarks._harness import Bench, Figure, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

CLUSTERS, STEPS = 4, 10
LIMIT = 0.03
OTHER_LIMIT = 0.33
"""On small tables both sides mostly wait for messages."""
DEVICES = (
    Device("SEMI2K", "FM128", PARTIES, 10_000, 10),
    Device("CHEETAH", "FM64", PARTIES, 2_000, 6),
    Device("ABY3", "FM64", (*PARTIES, "carol"), 5_000, 6),
)


def run(bench: Bench) -> list[Figure]:
    figures = []
    for device in DEVICES:
        figures += _run(bench, device, LIMIT if device is DEVICES[0] else OTHER_LIMIT)
    return figures


def _run(bench: Bench, device: Device, limit: float) -> list[Figure]:
    data, features = clustered_features(bench.folder, device.rows, device.features, CLUSTERS)
    tables = {
        party: data.get(party) or attendance(bench.folder, party, device.rows)
        for party in device.parties
    }
    params: dict[str, Any] = {"n_clusters": CLUSTERS, "max_iter": STEPS, "init": "random"}

    def ours() -> OurRun | PlainRun:
        config = {
            "task_type": "ss_kmeans",
            "train_data": tables,
            "features": features,
            "model_output": {
                party: str(bench.folder / f"kmeans_{party}") for party in device.parties
            },
            "params": params,
        }
        return bench.worker.run(config, device.runtime)

    def plain() -> OurRun | PlainRun:
        work = {
            "input": data,
            "features": features,
            "clusters": CLUSTERS,
            "steps": STEPS,
            "parties": device.parties,
            "runtime": device.runtime,
        }
        return run_parties("ss_kmeans", work)

    ours()
    mine, theirs = in_turn(1, ours, plain)
    shape = f"ss_kmeans {device}, {CLUSTERS} clusters, {STEPS} steps"
    return compare_runs(shape, mine, theirs, limit)
