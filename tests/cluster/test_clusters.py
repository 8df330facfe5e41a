"""Clustering and continued trees between two workers that share nothing, on CHEETAH."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.cluster.sites import Sites
from tests.tasks.test_ss_kmeans import blobs, nearest, scikit
from tests.tasks.vertical_data import (
    Split,
    make_split,
    paths,
    read_predictions,
    training,
    write_split,
)

pytestmark = pytest.mark.timeout(300)  # three workers start, on a busy machine slowly

TWO = ("alice", "bob")
XGB = {"num_boost_round": 1, "max_depth": 1, "learning_rate": 0.3, "sketch_eps": 0.34}

Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def split(sites: Sites) -> Split:
    split = blobs(80, 4, 3)
    write_split(sites.folder / "around", split)
    for party in TWO:
        (sites[party].data / "around").mkdir(exist_ok=True)
        for name in ("train.csv", "test.csv"):
            source = sites.folder / "around" / party / name
            source.rename(sites[party].data / "around" / name)
    return split


@pytest.fixture(scope="module")
def clusters(sites: Sites, split: Split) -> Outcomes:
    return sites.run(
        lambda party: {
            "task_type": "ss_kmeans",
            "train_data": paths(sites.folder, "around/train.csv"),
            "features": split.names,
            "id_columns": ["uid"],
            "model_output": paths(sites.folder, "kmeans"),
            "params": {"n_clusters": 3, "max_iter": 3, "init": "random"},
            "prediction_output": {"bob": str(sites["bob"].data / "clusters.csv")},
            "sizes_receiver": "alice",
            "output_report": str(sites[party].data / "kmeans.json"),
        }
    )


def test_each_receiver_gets_its_own_and_no_other_party(
    sites: Sites, split: Split, clusters: Outcomes
) -> None:
    x = split.x[split.train]
    expected = nearest(x, scikit(x, 3, 3).cluster_centers_)
    assert list(read_predictions(sites.folder, "bob", "clusters.csv")["cluster"]) == list(expected)
    sizes = list(np.bincount(expected, minlength=3))
    told = {party: clusters[party]["result"] for party in TWO}
    assert told["alice"]["training_metrics"]["cluster_sizes"] == sizes
    assert told["bob"]["training_metrics"]["cluster_sizes"] is None
    assert told["bob"]["training_metrics"]["inertia"] is None
    assert told["bob"]["output_report"] is None
    assert json.loads((sites["alice"].data / "kmeans.json").read_text())["cluster_sizes"] == sizes
    assert not (sites["bob"].data / "kmeans.json").exists()
    assert not list(sites["alice"].data.rglob("clusters.csv"))


def test_new_rows_by_the_saved_shares(sites: Sites, split: Split, clusters: Outcomes) -> None:
    assert clusters["alice"]["result"]["model_saved"]
    sites.run(
        {
            "task_type": "predict",
            "model": paths(sites.folder, "kmeans"),
            "data": paths(sites.folder, "around/test.csv"),
            "id_columns": ["uid"],
            "receiver": "alice",
            "prediction_column": "cluster",
            "prediction_output": {"alice": str(sites["alice"].data / "new.csv")},
        }
    )
    model = scikit(split.x[split.train], 3, 3)
    expected = list(model.predict(split.x[split.test]))
    assert list(read_predictions(sites.folder, "alice", "new.csv")["cluster"]) == expected


def test_trees_go_on_from_a_saved_forest(sites: Sites) -> None:
    split = make_split(60, 4, trained=48)
    write_split(sites.folder, split)

    def train(trees: int, name: str, **extra: Any) -> Outcomes:
        params = {**XGB, "num_boost_round": trees}
        outputs = {
            "model_output": paths(sites.folder, name),
            "prediction_output": {"alice": str(sites["alice"].data / f"{name}.csv")},
        }
        return sites.run(training(sites.folder, "ss_xgb", split, params, **outputs, **extra))

    train(2, "at-once")
    train(1, "first")
    outcomes = train(1, "then", base_model=paths(sites.folder, "first"))

    assert {outcomes[party]["result"]["training_metrics"]["num_trees"] for party in TWO} == {2}
    at_once, then = (
        read_predictions(sites.folder, "alice", f"{name}.csv")["pred_prob"]
        for name in ("at-once", "then")
    )
    assert np.abs(then - at_once).max() < 3e-3, "of a probability in FM64"
