"""What clustering and the continued trees leave outside of the parties' houses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.privacy.test_failures import crossed_ids, refuse, spoil
from tests.privacy.test_success import FEATURES, XGB, know_predictions, training
from tests.privacy.world import ROWS, World

PARAMS = {"n_clusters": 3, "max_iter": 3, "init": "random"}


def clustering(world: World, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "ss_kmeans",
        "train_data": world.paths("train.csv"),
        "features": FEATURES,
        "id_columns": ["uid"],
        "model_output": world.paths(f"{name}/model"),
        "params": PARAMS,
        "prediction_output": {"alice": world.at("alice", f"{name}/clusters.csv")},
        "sizes_receiver": "bob",
        "output_report": world.report(f"{name}.json"),
        **changes,
    }


def centers_of(world: World) -> Any:
    """Return the centres that the training ends with, which nobody may see."""
    tables = {party: world.read(party, "train.csv") for party in ("alice", "bob")}
    x = np.column_stack([tables[name.split("_")[1]][name] for name in FEATURES])
    centers = x[np.random.default_rng(42).permutation(ROWS)[:3]]
    for _ in range(3):
        nearest = ((x[:, None] - centers[None]) ** 2).sum(axis=-1).argmin(axis=1)
        centers = np.array([x[nearest == number].mean(axis=0) for number in range(3)])
    return centers


@pytest.fixture(scope="module")
def clusters(world: World) -> dict[str, Any]:
    """Return the result of a training whose model lies in the folder ``kmeans`` of each house."""
    world.canaries.know("nobody", map(float, centers_of(world).ravel()))
    return world.run(clustering(world, "kmeans"))


def test_kmeans_tells_clusters_and_sizes_and_no_centre(
    world: World, clusters: dict[str, Any]
) -> None:
    of_rows = world.read("alice", "kmeans/clusters.csv")["cluster"]
    sizes = clusters["training_metrics"]["cluster_sizes"]
    assert list(np.bincount(of_rows, minlength=3)) == sizes
    assert json.loads(Path(world.report("kmeans.json")).read_text())["cluster_sizes"] == sizes
    assert not (world.house("bob") / "kmeans" / "clusters.csv").exists()
    world.assert_silent()


def test_kmeans_by_k_means_plus_plus_without_any_receiver(world: World) -> None:
    config = clustering(world, "spread", params={**PARAMS, "init": "k-means++", "n_init": 2})
    for field in ("prediction_output", "sizes_receiver", "output_report"):
        del config[field]
    result = world.run(config)
    assert result["training_metrics"]["cluster_sizes"] is None
    world.assert_silent()


def test_predict_the_clusters_of_new_rows(world: World, clusters: dict[str, Any]) -> None:
    assert clusters["model_saved"]
    world.run(
        {
            "task_type": "predict",
            "model": world.paths("kmeans/model"),
            "data": world.paths("test.csv"),
            "id_columns": ["uid"],
            "receiver": "bob",
            "prediction_column": "cluster",
            "prediction_output": {"bob": world.at("bob", "kmeans/again.csv")},
        }
    )
    assert set(world.read("bob", "kmeans/again.csv")["cluster"]) <= {0, 1, 2}
    world.assert_silent()


@pytest.fixture(scope="module")
def forest(world: World) -> str:
    """Return the folder of a forest in each house."""
    world.run(training(world, "ss_xgb", "forest"))
    return "forest/model"


@pytest.mark.parametrize("pads", [True, False])
def test_trees_that_go_on(world: World, forest: str, pads: bool) -> None:
    know_predictions(world, "ss_xgb", "alice", "forest/predictions.csv")
    name = f"further-{pads}".lower()
    params = {**XGB, "pad_candidates": pads, "reveal_splits": not pads}
    changes: dict[str, Any] = {"params": params}
    if pads:  # the other way the candidates must have been found so from the start
        changes["base_model"] = world.paths(forest)
    world.run(training(world, "ss_xgb", name, **changes))
    know_predictions(world, "ss_xgb", "alice", f"{name}/predictions.csv")
    world.assert_silent()


@pytest.mark.parametrize("kind", ["text", "missing", "large", "crossed", "clusters", "column"])
def test_kmeans_that_fails(world: World, kind: str) -> None:
    canary: Any = world.canaries.text("bob")
    data = world.paths("train.csv")
    changes: dict[str, Any] = {}
    code, words = "INPUT_INVALID", "'x_bob'"
    if kind == "text":
        data["bob"] = spoil(world, "bob", "x_bob", canary)
    elif kind == "missing":
        data["bob"] = spoil(world, "bob", "x_bob", "")
    elif kind == "large":
        canary = world.canaries.wholes("bob", 1)[0]
        data["bob"] = spoil(world, "bob", "x_bob", canary)
        words = "holds values beyond"
    elif kind == "crossed":
        data["bob"] = crossed_ids(world, "train.csv")
        code, words = "ROWS_NOT_ALIGNED", "id_columns differ"
    elif kind == "clusters":
        changes["params"] = {**PARAMS, "n_clusters": ROWS + 1}
        code, words = "CONFIG_INVALID", "n_clusters"
    else:
        changes["features"] = [*FEATURES, "nowhere"]
        words = "'nowhere'"
    config = clustering(world, "never", train_data=data, **changes)
    refuse(world, config, code, words, canary if kind in ("text", "large") else "")


@pytest.mark.parametrize("kind", ["altered", "other", "text"])
def test_trees_that_cannot_go_on(world: World, forest: str, kind: str) -> None:
    canary = world.canaries.text("bob")
    models, data, params = world.paths(forest), world.paths("train.csv"), dict(XGB)
    code, words = "MODEL_INVALID", "own.json"
    if kind == "altered":
        altered = world.house("bob") / "forest-altered"
        shutil.copytree(world.house("bob") / forest, altered)
        (altered / "own.json").write_text(json.dumps({"cuts": [[canary], [canary]]}))
        models["bob"] = str(altered)
    elif kind == "other":
        params["max_depth"] = 3
        code, words = "CONFIG_INVALID", "max_depth"
    else:
        data["bob"] = spoil(world, "bob", "z_bob", canary)
        code, words = "INPUT_INVALID", "'z_bob'"
    config = training(world, "ss_xgb", "never", base_model=models, train_data=data, params=params)
    refuse(world, config, code, words)
