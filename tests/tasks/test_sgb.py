"""sgb against plain boosting, xgboost and SecretFlow, with real parties."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from xgboost import XGBClassifier

from secretflow_worker.contract.errors import ConfigError, InputError, ModelInvalid, ProtocolUnfit
from secretflow_worker.tasks.ml._buckets import cut_points
from tests.conftest import RunTask
from tests.oracle.run import run_oracle
from tests.tasks.plain_models import sigmoid
from tests.tasks.plain_secureboost import PlainForest, secureboost
from tests.tasks.vertical_data import (
    Numbers,
    Split,
    make_split,
    paths,
    read_predictions,
    training,
    write_split,
)

PARAMS = {
    "num_boost_round": 2,
    "max_depth": 3,
    "learning_rate": 0.3,
    "reg_lambda": 1.0,
    "sketch_eps": 0.1,
}
EXACT = 1e-6
"""The same splits and leaves are found, for gradients are rounded alike; a leaf's weight is
shared with 28 bits behind the point and more. A tree that differed in a leaf would be 1e-3 off."""


def plain_forest(split: Split, params: Mapping[str, Any], **changes: Any) -> PlainForest:
    x, y = split.x[split.train], split.y[split.train]
    return secureboost(
        x,
        y,
        [cut_points(column, round(1 / params["sketch_eps"])) for column in x.T],
        trees=params["num_boost_round"],
        depth=params["max_depth"],
        learning_rate=params["learning_rate"],
        reg_lambda=max(params["reg_lambda"], 1e-3),
        gamma=params.get("gamma", 0.0),
        base_score=params.get("base_score", 0.0),
        is_linear=params.get("objective") == "linear",
        **changes,
    )


def plain_predictions(split: Split, params: Mapping[str, Any], **changes: Any) -> Numbers:
    """Return the predictions of the test rows by plain boosting over the same candidates."""
    margins = plain_forest(split, params, **changes).margins(split.x[split.test])
    return margins if params.get("objective") == "linear" else sigmoid(margins)


def importance_of(outcome: Any) -> dict[str, tuple[int, float]]:
    told = outcome.result["training_metrics"]["feature_importance"]
    return {each["feature"]: (each["weight"], each["total_gain"]) for each in told}


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"objective": "binary:logistic", "base_score": 0.5, "max_depth": 1, "num_boost_round": 3},
        {"objective": "linear", "gamma": 0.5},
        {"sketch_eps": 0.5, "max_depth": 5, "num_boost_round": 1, "gamma": 2.0},
    ],
    ids=["default", "stumps", "linear", "two-buckets"],
)
def test_it_grows_the_trees_of_plain_boosting(
    run_task: RunTask, tmp_path: Path, params: dict[str, Any]
) -> None:
    split = make_split(is_binary=params.get("objective") != "linear")
    write_split(tmp_path, split)

    outcome = run_task(training(tmp_path, "sgb", split, PARAMS | params))

    predictions = read_predictions(tmp_path)
    assert (
        np.abs(predictions["pred_prob"] - plain_predictions(split, PARAMS | params)).max() < EXACT
    )
    assert list(predictions["uid"]) == [f"u{i:05}" for i in range(split.trained, 400)]
    assert outcome.result["training_metrics"]["num_trees"] == (PARAMS | params)["num_boost_round"]
    assert outcome.task_metadata.devices_used == ["alice", "bob", "spu", "heu"]


@pytest.mark.parametrize(
    ("parties", "spu", "extra"),
    [
        (("alice", "bob"), {"protocol": "CHEETAH", "field": "FM64"}, {}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}, {}),
        (("alice", "bob", "carol"), None, {"prediction_receiver": "carol"}),
        (("alice", "bob", "carol", "dave", "eve"), None, {}),
    ],
    ids=["cheetah", "aby3", "three", "five"],
)
def test_every_protocol_and_count_of_parties_computes_the_same(
    run_task: RunTask,
    tmp_path: Path,
    parties: tuple[str, ...],
    spu: dict[str, str] | None,
    extra: dict[str, Any],
) -> None:
    split = make_split(240, 6, parties=parties)
    write_split(tmp_path, split)
    receiver = extra.get("prediction_receiver", "alice")
    extra["prediction_output"] = {receiver: str(tmp_path / receiver / "predictions.csv")}
    params = PARAMS | {"max_depth": 2}

    run_task(training(tmp_path, "sgb", split, params, **extra), parties, spu)

    error = read_predictions(tmp_path, receiver)["pred_prob"] - plain_predictions(split, params)
    assert np.abs(error).max() < EXACT
    assert [path.parent.name for path in tmp_path.rglob("predictions.csv")] == [receiver]


def test_it_predicts_as_xgboost_does(run_task: RunTask, tmp_path: Path) -> None:
    """Over the same buckets, and with xgboost's own limit of a child's weight taken off."""
    split = make_split(900, 4)
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 4, "sketch_eps": 0.05}

    run_task(training(tmp_path, "sgb", split, params))

    cuts = [cut_points(column, 20) for column in split.x[split.train].T]
    binned = np.stack(
        [
            np.searchsorted(own, column, "right")
            for own, column in zip(cuts, split.x.T, strict=True)
        ],
        axis=1,
    )
    model = XGBClassifier(
        n_estimators=4, max_depth=3, learning_rate=0.3, reg_lambda=1.0, tree_method="exact",
        min_child_weight=0, base_score=0.5, n_jobs=1,
    ).fit(binned[split.train], split.y[split.train])  # fmt: skip
    theirs = model.predict_proba(binned[split.test])[:, 1]
    ours = read_predictions(tmp_path)
    assert np.abs(ours["pred_prob"] - theirs).max() < 1e-4, "xgboost counts in single precision"


def test_it_agrees_with_secretflow(run_task: RunTask, tmp_path: Path) -> None:
    """The candidates differ a little, as in ss_xgb, and so do single trees; the rank does not."""
    split = make_split(2000, 4, trained=1000)
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 4}

    theirs = run_oracle("sgb", tmp_path, split, params)
    run_task(training(tmp_path, "sgb", split, params))

    ours = read_predictions(tmp_path)
    assert roc_auc_score(ours["y"], ours["pred_prob"]) == pytest.approx(
        roc_auc_score(ours["y"], theirs), abs=0.01
    )
    assert log_loss(ours["y"], ours["pred_prob"]) == pytest.approx(
        log_loss(ours["y"], theirs), abs=0.02
    )


def test_where_a_feature_is_changes_nothing(run_task: RunTask, tmp_path: Path) -> None:
    """All at the label holder, none there, and a party without any: the same trees."""
    parties = ("alice", "bob", "carol")
    split = make_split(200, 4, parties=parties)
    expected = plain_predictions(split, PARAMS)
    splits: list[dict[str, list[str]]] = [
        {"alice": split.names, "bob": [], "carol": []},
        {"alice": [], "bob": split.names, "carol": []},
        {"alice": split.names[:1], "bob": [], "carol": split.names[1:]},
    ]
    for number, features in enumerate(splits):
        folder = tmp_path / str(number)
        write_split(folder, split)
        for party, names in features.items():
            for part, rows in (("train", split.train), ("test", split.test)):
                table = split.table("alice", rows)[["uid", "y"]]
                for name in names:
                    table[name] = split.x[rows, split.names.index(name)]
                if party != "alice":
                    del table["y"]
                table.to_csv(folder / party / f"{part}.csv", index=False)
        config = training(folder, "sgb", split, PARAMS)
        outcome = run_task(config, parties)
        assert np.abs(read_predictions(folder)["pred_prob"] - expected).max() < EXACT
        assert (number > 0) == ("heu" in outcome.task_metadata.devices_used)


def test_importance_is_that_of_the_plain_trees(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(300, 4)
    write_split(tmp_path, split)
    report = tmp_path / "report.json"

    outcome = run_task(training(tmp_path, "sgb", split, PARAMS, output_report=str(report)))

    told = importance_of(outcome)
    gains = plain_forest(split, PARAMS).gains
    for index, name in enumerate(split.names):
        own = [gain for feature, gain in gains if feature == index]
        assert told[name][0] == len(own)
        assert told[name][1] == pytest.approx(sum(own), rel=1e-5)
    document = json.loads(report.read_text())
    assert document["task_type"] == "sgb"
    assert len(document["charts"][0]["series"][0]["x"]) == 4
    totals = [each["total_gain"] for each in document["feature_importance"]]
    assert totals == sorted(totals, reverse=True)
    assert {fact.to for fact in outcome.task_metadata.disclosed if "importance" in fact.what} == {
        "sender of the request",
        "reader of output_report",
    }


def test_importance_is_told_only_where_it_is_asked_for(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(100, 2)
    write_split(tmp_path, split)
    config = training(tmp_path, "sgb", split, PARAMS, feature_importance=False)
    for field in ("test_data", "prediction_output", "prediction_receiver", "id_columns"):
        del config[field]

    outcome = run_task(config)

    assert outcome.result == {
        "model_saved": True,
        "model_paths": paths(tmp_path, "model"),
        "training_metrics": {"num_trees": 2, "feature_importance": None},
        "prediction_output": None,
        "output_report": None,
    }
    assert outcome.task_metadata.devices_used == ["alice", "bob", "heu"]
    told = {fact.what for fact in outcome.task_metadata.disclosed}
    assert not any("importance" in what or "how often" in what for what in told)


def test_a_party_keeps_its_own_splits_and_only_the_label_holder_the_weights(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(200)
    write_split(tmp_path, split)

    run_task(training(tmp_path, "sgb", split, PARAMS))

    trees = {}
    for party in split.parties:
        trees[party] = json.loads((tmp_path / party / "model" / "own.json").read_text())["trees"]
        own = [int(name[1:]) for name in split.features_of(party)]
        for tree in trees[party]:
            for each in tree["splits"].values():
                cuts = cut_points(split.x[split.train][:, own[each["feature"]]], 10)
                assert each["cut"] in cuts
    for ours, theirs in zip(trees["alice"], trees["bob"], strict=True):
        assert not set(ours["splits"]) & set(theirs["splits"])
        assert set(ours["gains"]) == set(ours["splits"]) | set(theirs["splits"])
        assert len(ours["weights"]) == len(ours["leaves"])
        assert (theirs["weights"], theirs["gains"]) == ([], {})
        assert ours["leaves"] == theirs["leaves"]


def test_a_saved_model_predicts_the_same_to_any_receiver_on_any_device(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(200)
    write_split(tmp_path, split)
    run_task(training(tmp_path, "sgb", split, PARAMS))
    expected = read_predictions(tmp_path)["pred_prob"]

    config = {
        "task_type": "predict",
        "model": paths(tmp_path, "model"),
        "data": paths(tmp_path, "test.csv"),
        "receiver": "bob",
        "prediction_output": str(tmp_path / "bob" / "new.csv"),
        "id_columns": ["uid"],
    }
    outcome = run_task(config, spu={"protocol": "CHEETAH", "field": "FM64"})

    got = read_predictions(tmp_path, "bob", "new.csv")
    assert np.abs(got["pred_prob"] - expected).max() < EXACT
    assert list(got.columns) == ["uid", "pred_prob"]
    assert outcome.result["model_task_type"] == "sgb"
    assert not (tmp_path / "alice" / "new.csv").exists()


def break_weights(tree: dict[str, Any]) -> None:
    tree["weights"].pop()


def break_splits(tree: dict[str, Any]) -> None:
    next(iter(tree["splits"].values()))["feature"] = 7


def break_leaves(tree: dict[str, Any]) -> None:
    tree["leaves"] = "none"


def test_a_model_that_does_not_fit_itself_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(100, 2)
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 1, "max_depth": 2}
    run_task(training(tmp_path, "sgb", split, params))
    folder = tmp_path / "alice" / "model"
    whole = (folder / "own.json").read_text()
    manifest = json.loads((folder / "manifest.json").read_text())
    config = {
        "task_type": "predict",
        "model": paths(tmp_path, "model"),
        "data": paths(tmp_path, "test.csv"),
        "receiver": "bob",
        "prediction_output": str(tmp_path / "bob" / "new.csv"),
    }
    for damage in (break_weights, break_splits, break_leaves):
        own = json.loads(whole)
        damage(own["trees"][0])
        raw = json.dumps(own).encode()
        (folder / "own.json").write_bytes(raw)
        manifest["files"]["own.json"] = hashlib.sha256(raw).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(ModelInvalid) as caught:
            run_task(config)
        assert caught.value.party == "alice"


def test_it_goes_on_from_a_saved_model(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(300)
    write_split(tmp_path, split)
    first = PARAMS | {"base_score": 0.25}
    run_task(training(tmp_path, "sgb", split, first, model_output=paths(tmp_path, "base")))

    more = first | {"num_boost_round": 1, "max_depth": 4, "sketch_eps": 0.2}
    outcome = run_task(training(tmp_path, "sgb", split, more, base_model=paths(tmp_path, "base")))

    expected = plain_predictions(split, more, start=plain_forest(split, first))
    assert np.abs(read_predictions(tmp_path)["pred_prob"] - expected).max() < 1e-5
    assert outcome.result["training_metrics"]["num_trees"] == 3
    weights = sum(weight for weight, _ in importance_of(outcome).values())
    assert weights == len(plain_forest(split, more, start=plain_forest(split, first)).gains)

    changed = more | {"objective": "linear"}
    with pytest.raises(ConfigError, match="objective"):
        run_task(training(tmp_path, "sgb", split, changed, base_model=paths(tmp_path, "base")))


def test_samples_are_drawn_from_the_seed(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(300)
    write_split(tmp_path, split)

    def predictions(**params: Any) -> list[float]:
        run_task(training(tmp_path, "sgb", split, PARAMS | {"max_depth": 2} | params))
        return list(read_predictions(tmp_path)["pred_prob"])

    sampled = {"rowsample_by_tree": 0.5, "colsample_by_tree": 0.5}
    first = predictions(**sampled)
    assert predictions(**sampled) == pytest.approx(first, abs=EXACT)
    assert np.abs(np.subtract(predictions(**sampled, seed=7), first)).max() > 1e-3
    assert np.abs(np.subtract(predictions(), first)).max() > 1e-3


def with_columns(split: Split, columns: Sequence[Numbers]) -> Split:
    return Split(np.stack(columns, axis=1), split.y, split.parties, split.trained)


def test_ties_constant_columns_and_few_values(run_task: RunTask, tmp_path: Path) -> None:
    """The same column at both parties, a constant one, a truth value, huge and tiny numbers."""
    split = make_split(200, 3)
    a, b, c = split.x.T
    columns = [np.round(a), np.full(200, 7.0), b * 1e300, np.round(a), c > 0, c * 1e-300]
    split = with_columns(split, [np.asarray(column, float) for column in columns])
    write_split(tmp_path, split)
    params = PARAMS | {"reg_lambda": 0.0}

    outcome = run_task(training(tmp_path, "sgb", split, params))

    error = read_predictions(tmp_path)["pred_prob"] - plain_predictions(split, params)
    assert np.abs(error).max() < EXACT
    told = importance_of(outcome)
    assert told["x1"] == (0, 0.0)
    assert told["x3"] == (0, 0.0), "of two equal columns the first is taken"


def test_all_columns_constant_gives_the_base_rate(run_task: RunTask, tmp_path: Path) -> None:
    split = with_columns(make_split(60, 1), [np.ones(60), np.zeros(60)])
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 60, "reg_lambda": 0.0}

    run_task(training(tmp_path, "sgb", split, params))

    rate = split.y[split.train].mean()
    assert read_predictions(tmp_path)["pred_prob"].to_numpy() == pytest.approx(rate, abs=1e-4)


@pytest.mark.parametrize("scale", [1e-9, 1e12])
def test_a_linear_label_of_any_size(run_task: RunTask, tmp_path: Path, scale: float) -> None:
    split = make_split(150, 3, is_binary=False)
    split.y[:] *= scale
    write_split(tmp_path, split)
    params = PARAMS | {"objective": "linear"}

    run_task(training(tmp_path, "sgb", split, params), spu={"protocol": "SEMI2K", "field": "FM64"})

    error = read_predictions(tmp_path)["pred_prob"] - plain_predictions(split, params)
    assert np.abs(error).max() < EXACT * scale


def test_two_rows_and_200_columns(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(12, 200, trained=10)
    write_split(tmp_path, split)

    run_task(training(tmp_path, "sgb", split, PARAMS | {"num_boost_round": 1}))

    params = PARAMS | {"num_boost_round": 1}
    error = read_predictions(tmp_path)["pred_prob"] - plain_predictions(split, params)
    assert np.abs(error).max() < EXACT


def test_a_label_beyond_all_measure_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(40, 2, is_binary=False)
    split.y[:] *= 1e200
    write_split(tmp_path, split)

    with pytest.raises(InputError, match=r"'y' holds values beyond") as caught:
        run_task(training(tmp_path, "sgb", split, PARAMS | {"objective": "linear"}))

    assert caught.value.party == "alice"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"params": {"sketch_eps": 0.001}}, "sketch_eps"),
        ({"params": {"max_depth": 0}}, "max_depth"),
        ({"params": {"gamma": -1}}, "gamma"),
        ({"params": {"objective": "tweedie"}}, "objective"),
        ({"params": {"booster": "dart"}}, "booster: unknown field"),
        ({"label_party": "mallory"}, "label_party"),
    ],
)
def test_what_it_does_not_do_is_refused(
    run_task: RunTask, tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    split = make_split(40, 2)
    write_split(tmp_path, split)
    with pytest.raises(ConfigError, match=words):
        run_task(training(tmp_path, "sgb", split, PARAMS) | changed)


def test_a_ring_that_is_too_small_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(40, 2)
    write_split(tmp_path, split)

    with pytest.raises(ProtocolUnfit, match="FM32"):
        run_task(
            training(tmp_path, "sgb", split, PARAMS), spu={"protocol": "SEMI2K", "field": "FM32"}
        )
