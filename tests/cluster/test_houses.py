"""What a party planted in its table is nowhere at its peer's site, and in no log of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from tests.cluster.sites import Sites
from tests.privacy.canaries import Canaries, Haystack
from tests.tasks.vertical_data import paths

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

TWO = ("alice", "bob")
ROWS = 24
SEMI2K = {"protocol": "SEMI2K", "field": "FM128"}


def plant(sites: Sites) -> Canaries:
    """Write ``planted.csv`` at each party, aligned, and ``mixed.csv`` with keys of its own too."""
    canaries = Canaries(seed=5)
    common = canaries.texts("both", ROWS)
    for party in TWO:
        columns: dict[str, Any] = {
            "uid": common,
            f"x_{party}": canaries.numbers(party, ROWS),
            f"note_{party}": canaries.texts(party, ROWS),
            "y": [row % 2 for row in range(ROWS)],
        }
        table = pd.DataFrame(columns)
        table.to_csv(sites[party].data / "planted.csv", index=False)
        table["uid"] = [*common[: ROWS // 2], *canaries.texts(party, ROWS // 2)]
        table.to_csv(sites[party].data / "mixed.csv", index=False)
    return canaries


def everything(sites: Sites) -> Iterator[Haystack]:
    """Yield all files of the two sites. A log is in nobody's house; the rest is its party's own."""
    base = sites.folder.parent
    for party in TWO:
        folders = [base / "data" / party, *base.glob(f"{party}-*")]
        for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
            house = None if path.suffix == ".log" else party
            yield Haystack(str(path), path.read_bytes(), house)


def test_nothing_of_a_party_reaches_its_peer(sites: Sites) -> None:
    canaries = plant(sites)
    psi = sites.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in TWO},
            "input_paths": paths(sites.folder, "mixed.csv"),
            "output_paths": paths(sites.folder, "mixed-common.csv"),
            "receiver": "bob",
        }
    )
    sites.run(
        {
            "task_type": "ss_lr",
            "train_data": paths(sites.folder, "planted.csv"),
            "test_data": paths(sites.folder, "planted.csv"),
            "features": ["x_alice", "x_bob"],
            "label": "y",
            "label_party": "alice",
            "id_columns": ["uid"],
            "model_output": paths(sites.folder, "planted-model"),
            "prediction_output": {"bob": str(sites["bob"].data / "planted-predictions.csv")},
            "params": {"epochs": 1, "batch_size": 8, "learning_rate": 1e-6},
        },
        spu=SEMI2K,
    )
    statistics = sites.run(
        lambda party: {
            "task_type": "table_statistics",
            "input_data": paths(sites.folder, "planted.csv"),
            "output_report": str(sites[party].data / "planted-statistics.json"),
        }
    )
    predictions = pd.read_csv(
        sites["bob"].data / "planted-predictions.csv", float_precision="round_trip"
    )
    canaries.know("bob", map(float, predictions["pred_prob"]))

    assert psi["bob"]["result"]["intersection_count"] == ROWS // 2
    figures = statistics["alice"]["result"]["statistics"]["x_alice"]
    own_redis = (sites.folder.parent / "alice-redis").rglob("*")
    assert any(str(figures["max"]).encode() in p.read_bytes() for p in own_redis if p.is_file())
    assert not canaries.leaks(everything(sites))
