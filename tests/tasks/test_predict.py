"""predict with saved models, right and wrong ones, with real parties."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from secretflow_worker.contract.errors import ConfigError, InputError, ModelInvalid
from secretflow_worker.tasks import TaskDispatcher
from tests.conftest import RunTask
from tests.tasks.vertical_data import (
    Split,
    make_split,
    paths,
    read_predictions,
    training,
    write_split,
)

LR = {"epochs": 2, "learning_rate": 0.5, "batch_size": 32}
LINEAR = {**LR, "reg_type": "linear", "learning_rate": 0.1}
XGB = {"num_boost_round": 2, "max_depth": 2, "sketch_eps": 0.2, "learning_rate": 0.5}


@pytest.fixture
def split(tmp_path: Path) -> Split:
    split = make_split(120)
    write_split(tmp_path, split)
    return split


def prediction(folder: Path, **changes: Any) -> dict[str, Any]:
    return {
        "task_type": "predict",
        "model": paths(folder, "model"),
        "data": paths(folder, "test.csv"),
        "receiver": "alice",
        "prediction_output": {"alice": str(folder / "alice" / "again.csv")},
        "id_columns": ["uid"],
        **changes,
    }


@pytest.mark.parametrize(
    ("task_type", "params"), [("ss_lr", LR), ("ss_lr", LINEAR), ("ss_xgb", XGB)]
)
def test_a_saved_model_predicts_as_it_did_when_it_was_trained(
    run_task: RunTask, tmp_path: Path, split: Split, task_type: str, params: dict[str, Any]
) -> None:
    run_task(training(tmp_path, task_type, split, params))

    outcome = run_task(prediction(tmp_path))

    first, again = read_predictions(tmp_path), read_predictions(tmp_path, name="again.csv")
    assert list(again.columns) == ["uid", "y", "pred_prob"]
    assert list(again["uid"]) == list(first["uid"])
    assert np.abs(again["pred_prob"] - first["pred_prob"]).max() < 1e-5
    assert outcome.result == {
        "prediction_output": str(tmp_path / "alice" / "again.csv"),
        "receiver": "alice",
        "row_count": 30,
        "model_task_type": task_type,
    }


@pytest.mark.parametrize(
    "spu", [{"protocol": "CHEETAH", "field": "FM64"}, {"protocol": "SEMI2K", "field": "FM64"}]
)
def test_a_model_is_predicted_on_the_device_that_trained_it(
    run_task: RunTask, tmp_path: Path, split: Split, spu: dict[str, str]
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR), spu=spu)

    run_task(prediction(tmp_path), spu=spu)

    first, again = read_predictions(tmp_path), read_predictions(tmp_path, name="again.csv")
    assert np.abs(again["pred_prob"] - first["pred_prob"]).max() < 1e-3
    with pytest.raises(ModelInvalid, match=spu["protocol"]):
        run_task(prediction(tmp_path))


def test_another_receiver_other_id_names_and_parquet(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))
    for party, name in (("alice", "member"), ("bob", "client")):
        table = pd.read_csv(tmp_path / party / "test.csv").rename(columns={"uid": name})
        table = table.drop(columns=["y"], errors="ignore")[::-1]
        table.to_parquet(tmp_path / party / "new.parquet", index=False)

    run_task(
        prediction(
            tmp_path,
            data=paths(tmp_path, "new.parquet"),
            id_columns={"alice": ["member"], "bob": ["client"]},
            receiver="bob",
            prediction_output=str(tmp_path / "bob" / "out" / "scores.parquet"),
            prediction_column="score",
        )
    )

    first = read_predictions(tmp_path)
    scores = pd.read_parquet(tmp_path / "bob" / "out" / "scores.parquet")
    assert list(scores.columns) == ["client", "score"]
    assert list(scores["client"]) == list(first["uid"])[::-1]
    assert np.abs(scores["score"].to_numpy() - first["pred_prob"].to_numpy()[::-1]).max() < 1e-5
    assert not (tmp_path / "alice" / "out").exists()


def test_the_label_can_be_left_out_and_ids_too(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))

    run_task(prediction(tmp_path, keep_label=False, id_columns=None))

    assert list(read_predictions(tmp_path, name="again.csv").columns) == ["pred_prob"]


def test_rows_are_predicted_block_by_block(run_task: RunTask, tmp_path: Path, split: Split) -> None:
    """60,000 rows times 10 trees of 8 leaves are more than one block."""
    run_task(training(tmp_path, "ss_xgb", split, XGB | {"num_boost_round": 10, "max_depth": 3}))
    for party in split.parties:
        table = pd.read_csv(tmp_path / party / "test.csv", float_precision="round_trip")
        many = pd.concat([table] * 2000, ignore_index=True)
        many["uid"] = [f"v{index}" for index in range(len(many))]
        many.to_csv(tmp_path / party / "many.csv", index=False)

    run_task(prediction(tmp_path, data=paths(tmp_path, "many.csv")))

    first = read_predictions(tmp_path)["pred_prob"].to_numpy()
    again = read_predictions(tmp_path, name="again.csv")["pred_prob"].to_numpy()
    assert np.abs(again.reshape(2000, -1) - first).max() < 1e-5


def _swap_shares(folder: Path) -> None:
    shutil.move(folder / "alice" / "model", folder / "model")
    shutil.move(folder / "bob" / "model", folder / "alice" / "model")
    shutil.move(folder / "model", folder / "bob" / "model")


def _flip_a_bit(folder: Path) -> None:
    path = folder / "bob" / "model" / "share.bin"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def _claim_another_type(folder: Path) -> None:
    path = folder / "alice" / "model" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"task_type": "ss_xgb"}))


@pytest.mark.parametrize("spoil", [_swap_shares, _flip_a_bit, _claim_another_type])
def test_a_model_that_was_altered_is_refused(
    run_task: RunTask, tmp_path: Path, split: Split, spoil: Callable[[Path], None]
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))
    spoil(tmp_path)

    with pytest.raises(ModelInvalid):
        run_task(prediction(tmp_path))

    assert not (tmp_path / "alice" / "again.csv").exists()


def test_shares_of_two_trainings_do_not_mix(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))
    other = training(tmp_path, "ss_lr", split, LR, model_output=paths(tmp_path, "other"))
    run_task(other)

    mixed = {"alice": str(tmp_path / "alice" / "model"), "bob": str(tmp_path / "bob" / "other")}
    with pytest.raises(ModelInvalid, match="not of one training"):
        run_task(prediction(tmp_path, model=mixed))


def test_a_feature_that_is_missing_is_named(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))
    table = pd.read_csv(tmp_path / "bob" / "test.csv").drop(columns=["x3"])
    table.to_csv(tmp_path / "bob" / "test.csv", index=False)

    with pytest.raises(InputError, match="no column 'x3'") as caught:
        run_task(prediction(tmp_path))

    assert caught.value.party == "bob"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"receiver": "carol", "prediction_output": "/d/p.csv"}, "'carol' is not a party"),
        ({"receiver": "bob"}, "prediction_output: party alice is not the receiver"),
        ({"data": {"alice": "/d/a.csv"}}, "data: party bob is missing"),
        ({"model": {"bob": "/d/m"}}, "model: party alice is missing"),
        ({"prediction_column": "uid"}, "'uid' is an id column"),
        ({"id_columns": {"alice": ["uid"]}}, "id_columns: party bob is missing"),
        ({"id_columns": {"alice": ["a", "b"], "bob": ["a"]}}, "as many columns"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    config = prediction(Path("/d"), **changes)

    with pytest.raises(ConfigError, match=message):
        TaskDispatcher.find("predict").parse(config, ("alice", "bob"))


def test_the_prediction_may_not_take_the_labels_name(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))

    with pytest.raises(ConfigError, match="'y' is the model's label"):
        run_task(prediction(tmp_path, prediction_column="y"))
