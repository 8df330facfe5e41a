"""What a task that succeeds leaves outside of the parties' houses: no more than it states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.privacy.world import PARTIES, World

LR = {"epochs": 2, "learning_rate": 1e-6, "batch_size": 16}
XGB = {"num_boost_round": 1, "max_depth": 2, "sketch_eps": 0.25}
FEATURES = ["x_alice", "z_alice", "x_bob", "z_bob"]


def training(world: World, task_type: str, name: str, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": task_type,
        "train_data": world.paths("train.csv"),
        "features": FEATURES,
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": world.paths(f"{name}/model"),
        "params": LR if task_type == "ss_lr" else XGB,
        "test_data": world.paths("test.csv"),
        "prediction_output": {"alice": world.at("alice", f"{name}/predictions.csv")},
        **changes,
    }


def know_predictions(world: World, task_type: str, party: str, name: str) -> None:
    """Take the predictions that a run made as the receiver's; few trees have few, for any rows."""
    owner = party if task_type == "ss_lr" else "both"
    world.canaries.know(owner, map(float, world.read(party, name)["pred_prob"]))


@pytest.fixture(scope="module", params=["ss_lr", "ss_xgb"])
def trained(world: World, request: pytest.FixtureRequest) -> str:
    """Return a task type; its model lies in the folder of that name in each house."""
    task_type = str(request.param)
    world.run(training(world, task_type, task_type))
    return task_type


@pytest.mark.parametrize("protocol", ["KKRT_PSI_2PC", "ECDH_PSI_2PC", "RR22_PSI_2PC"])
def test_psi_to_one_receiver(world: World, protocol: str) -> None:
    before = set(world.house("bob").rglob("*"))
    result = world.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in PARTIES},
            "input_paths": world.paths("people.csv"),
            "output_paths": world.paths(f"{protocol}.csv"),
            "receiver": "alice",
            "protocol": protocol,
        }
    )
    assert result["intersection_count"] == 11
    assert len(world.read("alice", f"{protocol}.csv")) == 11
    assert set(world.house("bob").rglob("*")) == before
    world.assert_silent()


def test_psi_to_every_party_with_an_outer_join(world: World) -> None:
    world.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in PARTIES},
            "input_paths": world.paths("people.csv"),
            "output_paths": world.paths("joined.csv"),
            "receiver": "alice",
            "broadcast_result": True,
            "join_type": "full",
        }
    )
    for party in PARTIES:
        assert len(world.read(party, "joined.csv")["uid"].dropna()) == 23
    world.assert_silent()


def test_psi_by_whole_numbers_of_a_parquet_table(world: World) -> None:
    both = world.canaries.wholes("both", 5)
    for party in PARTIES:
        own = world.canaries.wholes(party, 5)
        world.write(party, "numbers.parquet", {"uid": [*both, *own]})
    world.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in PARTIES},
            "input_paths": world.paths("numbers.parquet"),
            "output_paths": world.paths("common.parquet"),
        }
    )
    world.assert_silent()


def test_psi_among_three(world: World) -> None:
    parties = [*PARTIES, "carol"]
    common = world.canaries.texts("both", 3)
    for party in parties:
        keys = [*common, *world.canaries.texts(party, 4)]
        world.write(party, "three.csv", {"uid": keys})
    world.run(
        {
            "task_type": "psi",
            "keys": {party: ["uid"] for party in parties},
            "input_paths": world.paths("three.csv", parties),
            "output_paths": world.paths("three-common.csv", parties),
            "receiver": "carol",
        },
        parties,
    )
    assert len(world.read("carol", "three-common.csv")) == 3
    world.assert_silent()


def test_standard_scaler(world: World) -> None:
    config = {
        "task_type": "standard_scaler",
        "input_data": world.paths("train.csv"),
        "output_data": world.paths("scaled.csv"),
        "rules_output": world.paths("scaler.json"),
    }
    world.run(config)
    for party in PARTIES:
        rules = json.loads((world.house(party) / "scaler.json").read_text())["columns"]
        fitted = rules[f"z_{party}"]
        assert fitted["scale"] > 100
        world.canaries.know(party, [fitted["center"], fitted["scale"]])
    world.assert_silent()


def test_onehot_encoder(world: World) -> None:
    result = world.run(
        {
            "task_type": "onehot_encoder",
            "input_data": world.paths("train.csv"),
            "output_data": world.paths("encoded.csv"),
            "columns": ["kind_alice", "kind_bob"],
            "rules_output": world.paths("encoder.json"),
        }
    )
    assert result["output_column_counts"] == {"kind_alice": 4, "kind_bob": 4}
    world.assert_silent()


def test_table_statistics_tells_its_figures_and_no_other_value(world: World) -> None:
    report = world.report("statistics.json")
    result = world.run(
        {
            "task_type": "table_statistics",
            "input_data": world.paths("train.csv"),
            "columns": ["x_alice", "x_bob"],
            "output_report": report,
        }
    )
    assert set(result["statistics"]) == {"x_alice", "x_bob"}
    figures = [
        described[figure]
        for described in result["statistics"].values()
        for figure in ("mean", "std", "min", "25%", "50%", "75%", "max")
    ]
    assert json.loads(Path(report).read_text())["statistics"] == result["statistics"]
    world.exempt(figures)
    world.assert_silent()


def test_a_training_with_predictions(world: World, trained: str) -> None:
    know_predictions(world, trained, "alice", f"{trained}/predictions.csv")
    world.assert_silent()


def test_predict_to_the_other_party(world: World, trained: str) -> None:
    result = world.run(
        {
            "task_type": "predict",
            "model": world.paths(f"{trained}/model"),
            "data": world.paths("train.csv"),
            "id_columns": ["uid"],
            "receiver": "bob",
            "prediction_output": {"bob": world.at("bob", f"{trained}/again.csv")},
        }
    )
    assert result["row_count"] == 40
    assert "y" not in world.read("bob", f"{trained}/again.csv")
    know_predictions(world, trained, "bob", f"{trained}/again.csv")
    world.assert_silent()


@pytest.mark.parametrize("task_type", ["ss_lr", "ss_xgb"])
def test_a_label_of_rare_numbers(world: World, task_type: str) -> None:
    linear = {"ss_lr": {**LR, "reg_type": "linear"}, "ss_xgb": {**XGB, "objective": "linear"}}
    config = training(
        world, task_type, f"{task_type}-linear", label="amount", params=linear[task_type]
    )
    del config["test_data"], config["prediction_output"]
    world.run(config)
    world.assert_silent()


def test_a_worker_leaves_nothing_in_its_temporary_folder(world: World) -> None:
    assert list(world.temporary.iterdir()) == []


def test_biclassification_eval(world: World) -> None:
    canaries = world.canaries
    scores = [canaries.number("alice") / 1000 for _ in range(20)]
    canaries.know("alice", scores)
    world.write("alice", "scores.csv", {"y": [row % 2 for row in range(20)], "pred_prob": scores})
    report = world.report("evaluation.json")
    result = world.run(
        {
            "task_type": "biclassification_eval",
            "prediction_data": {"alice": world.at("alice", "scores.csv")},
            "label_column": "y",
            "prediction_column": "pred_prob",
            "output_report": report,
        }
    )
    assert set(result["metrics"]) == {"auc", "ks", "f1_score", "precision", "recall", "accuracy"}
    # The report states that it holds predicted values, so it is its reader's affair.
    text = Path(report).read_text()
    Path(report).unlink()
    assert any(f"{score:.6f}"[:8] in text for score in scores)
    world.assert_silent()
