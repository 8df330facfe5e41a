"""pearson_correlation, vif and ss_pvalue through Celery, beside SecretFlow's, started cold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks._data import PARTIES, aligned_features, attendance
from benchmarks._devices import Device, compare_runs
from benchmarks._harness import Bench, Figure, in_turn
from benchmarks._plain import PlainRun, run_parties
from benchmarks._worker import OurRun

LIMIT = 0.5
DEVICES = (
    Device("SEMI2K", "FM128", PARTIES, 10_000, 20),
    Device("CHEETAH", "FM64", PARTIES, 10_000, 20),
    Device("ABY3", "FM64", (*PARTIES, "carol"), 10_000, 20),
)
TYPES = ("pearson_correlation", "vif", "ss_pvalue")


def run(bench: Bench) -> list[Figure]:
    figures = []
    for device in DEVICES:
        for task_type in TYPES:
            figures += _run(bench, device, task_type)
    return figures


def _run(bench: Bench, device: Device, task_type: str) -> list[Figure]:
    data, features = aligned_features(bench.folder, device.rows, device.features)
    tables = {
        party: data.get(party) or attendance(bench.folder, party, device.rows)
        for party in device.parties
    }
    config: dict[str, Any] = {
        "task_type": task_type,
        "receivers": ["alice"],
        "output_report": str(bench.folder / f"{task_type}.json"),
    }
    if task_type == "ss_pvalue":
        config |= {"data": tables, "model": _trained(bench, device, tables, features)}
    else:
        config |= {"input_data": tables, "columns": features}
    work = {
        "task_type": task_type,
        "input": data,
        "features": features,
        "parties": device.parties,
        "runtime": device.runtime,
    }
    ours: Callable[[], OurRun | PlainRun] = lambda: bench.worker.run(config, device.runtime)  # noqa: E731
    ours()
    mine, theirs = in_turn(bench.repeats, ours, lambda: run_parties("statistics", work))
    return compare_runs(f"{task_type} {device}", mine, theirs, LIMIT)


def _trained(
    bench: Bench, device: Device, tables: dict[str, str], features: list[str]
) -> dict[str, str]:
    """Train the model whose coefficients are tested."""
    model = {party: str(bench.folder / f"tested_{party}") for party in device.parties}
    bench.worker.run(
        {
            "task_type": "ss_lr",
            "train_data": tables,
            "features": features,
            "label": "y",
            "label_party": "alice",
            "model_output": model,
            "params": {"epochs": 1, "learning_rate": 0.5, "batch_size": device.rows},
        },
        device.runtime,
    )
    return model
