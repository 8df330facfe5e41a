"""ss_xgb against plain boosting, xgboost and SecretFlow, with real parties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from xgboost import XGBClassifier

from secretflow_worker.contract.errors import ConfigError, InputError, ProtocolUnfit
from secretflow_worker.tasks.ml._buckets import cut_points
from tests.conftest import RunTask
from tests.oracle.run import run_oracle
from tests.tasks import plain_models as plain
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
    "sketch_eps": 0.2,
}


def plain_predictions(split: Split, params: Mapping[str, Any]) -> Numbers:
    """Return the predictions of the test rows by plain boosting over the same candidates."""
    x, y = split.x[split.train], split.y[split.train]
    is_linear = params.get("objective") == "linear"
    buckets = round(1 / params["sketch_eps"])
    model = plain.boost(
        x,
        y,
        [cut_points(column, buckets) for column in x.T],
        trees=params["num_boost_round"],
        depth=params["max_depth"],
        learning_rate=params["learning_rate"],
        reg_lambda=max(params["reg_lambda"], 1e-3),
        base_score=params.get("base_score", 0.5),
        is_linear=is_linear,
    )
    margins = model.margins(split.x[split.test])
    return margins if is_linear else plain.sr_sigmoid(margins)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"objective": "binary:logistic", "base_score": 0.0, "max_depth": 1},
        {"objective": "linear", "max_depth": 2},
        {"sketch_eps": 0.5, "max_depth": 4, "num_boost_round": 1},
    ],
    ids=["default", "stumps", "linear", "two-buckets"],
)
def test_it_grows_the_trees_of_plain_boosting(
    run_task: RunTask, tmp_path: Path, params: dict[str, Any]
) -> None:
    split = make_split(is_binary=params.get("objective") != "linear")
    write_split(tmp_path, split)

    outcome = run_task(training(tmp_path, "ss_xgb", split, PARAMS | params))

    predictions = read_predictions(tmp_path)
    expected = plain_predictions(split, PARAMS | params)
    assert np.abs(predictions["pred_prob"] - expected).max() < 1e-4
    assert list(predictions["uid"]) == [f"u{i:05}" for i in range(split.trained, 400)]
    trees = (PARAMS | params)["num_boost_round"]
    assert outcome.result["training_metrics"] == {"num_trees": trees}


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (("alice", "bob"), {"protocol": "SEMI2K", "field": "FM64"}),
        (("alice", "bob"), {"protocol": "CHEETAH", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "SEMI2K", "field": "FM128"}),
        (("alice", "bob", "carol", "dave", "erin"), {"protocol": "SEMI2K", "field": "FM64"}),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else str(len(value)),
)
def test_every_protocol_and_count_of_parties_computes_the_same(
    run_task: RunTask, tmp_path: Path, parties: tuple[str, ...], spu: dict[str, str]
) -> None:
    split = make_split(200, max(3, len(parties)), parties=parties)
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 2, "max_depth": 2}

    run_task(training(tmp_path, "ss_xgb", split, params), parties, spu)

    error = read_predictions(tmp_path)["pred_prob"] - plain_predictions(split, params)
    assert np.abs(error).max() < 1e-3


def test_it_ranks_as_well_as_xgboost(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(1500, 4)
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 5, "sketch_eps": 0.1}

    run_task(training(tmp_path, "ss_xgb", split, params))

    model = XGBClassifier(
        n_estimators=5, max_depth=3, learning_rate=0.3, reg_lambda=1.0, max_bin=10, n_jobs=1
    ).fit(split.x[split.train], split.y[split.train])
    best = roc_auc_score(split.y[split.test], model.predict_proba(split.x[split.test])[:, 1])
    predictions = read_predictions(tmp_path)
    assert roc_auc_score(predictions["y"], predictions["pred_prob"]) > best - 0.015


def test_it_agrees_with_secretflow(run_task: RunTask, tmp_path: Path) -> None:
    """The candidates differ a little (SecretFlow's last cut is the largest value), the rest not."""
    split = make_split(2000, 4, trained=1000)
    write_split(tmp_path, split)
    params = PARAMS | {"sketch_eps": 0.1, "base_score": 0.5}

    theirs = run_oracle("ss_xgb", tmp_path, split, params)
    run_task(training(tmp_path, "ss_xgb", split, params))

    ours = read_predictions(tmp_path)
    assert roc_auc_score(ours["y"], ours["pred_prob"]) == pytest.approx(
        roc_auc_score(ours["y"], theirs), abs=0.02
    )
    assert log_loss(ours["y"], ours["pred_prob"]) == pytest.approx(
        log_loss(ours["y"], theirs), abs=0.02
    )


def test_samples_are_drawn_from_the_seed(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(300)
    write_split(tmp_path, split)

    def predictions(**params: Any) -> list[float]:
        run_task(training(tmp_path, "ss_xgb", split, PARAMS | {"max_depth": 2} | params))
        return list(read_predictions(tmp_path)["pred_prob"])

    sampled = {"subsample": 0.5, "colsample_by_tree": 0.5}
    first = predictions(**sampled)
    assert predictions(**sampled) == pytest.approx(first, abs=1e-5)
    assert np.abs(np.subtract(predictions(**sampled, seed=7), first)).max() > 1e-3
    assert np.abs(np.subtract(predictions(), first)).max() > 1e-3


def test_a_tree_uses_only_the_features_that_were_drawn(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(300, 2)
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 1, "colsample_by_tree": 0.5}

    run_task(training(tmp_path, "ss_xgb", split, params))

    got = read_predictions(tmp_path)["pred_prob"]
    alone = []
    for feature in (0, 1):
        hidden = split.x.copy()
        hidden[:, 1 - feature] = 0.0
        one = Split(hidden, split.y, split.parties, split.trained)
        alone.append(np.abs(got - plain_predictions(one, params)).max())
    assert min(alone) < 1e-4 < max(alone)


def test_constant_and_few_valued_features_and_a_lambda_of_zero(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(300)
    split.x[:, 0] = 5.0
    split.x[:, 1] = np.round(split.x[:, 1])
    split.x[:, 2] *= 1e9
    split.x[:, 3] = split.x[:, 3] > 0
    write_split(tmp_path, split)
    params = PARAMS | {"reg_lambda": 0.0, "num_boost_round": 1}

    run_task(training(tmp_path, "ss_xgb", split, params))

    error = read_predictions(tmp_path)["pred_prob"] - plain_predictions(split, params)
    assert np.abs(error).max() < 1e-4


def test_what_is_sent_does_not_depend_on_the_values(run_task: RunTask, tmp_path: Path) -> None:
    sent = []
    for name, digits in (("fine", 6), ("coarse", 0)):
        split = make_split(200)
        split.x[:] = np.round(split.x, digits)
        write_split(tmp_path / name, split)
        outcome = run_task(
            training(tmp_path / name, "ss_xgb", split, PARAMS | {"num_boost_round": 1})
        )
        sent.append(outcome.performance_metrics.messages_sent)
        cuts = json.loads((tmp_path / name / "bob" / "model" / "own.json").read_text())["cuts"]
        assert len(cuts) == 2
    assert sent[0] == sent[1]


def test_a_party_keeps_its_own_cuts_only(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(200)
    write_split(tmp_path, split)

    run_task(training(tmp_path, "ss_xgb", split, PARAMS | {"num_boost_round": 1}))

    for party in split.parties:
        folder = tmp_path / party / "model"
        own = split.x[split.train][:, [int(name[1:]) for name in split.features_of(party)]]
        expected = [cut_points(column, 5) for column in own.T]
        assert json.loads((folder / "own.json").read_text()) == {"cuts": expected}
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["features"] == {"alice": ["x0", "x1"], "bob": ["x2", "x3"]}
        assert not any(str(cut) in json.dumps(manifest) for cuts in expected for cut in cuts)


def test_a_label_that_is_too_large_for_the_sums_is_refused(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(200, is_binary=False)
    split.y[:] *= 1e5
    write_split(tmp_path, split)

    with pytest.raises(InputError, match=r"'y' holds values beyond") as caught:
        run_task(training(tmp_path, "ss_xgb", split, PARAMS | {"objective": "linear"}))

    assert caught.value.party == "alice"


def test_a_ring_that_is_too_small_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(40, 2)
    write_split(tmp_path, split)

    with pytest.raises(ProtocolUnfit, match="FM32"):
        run_task(
            training(tmp_path, "ss_xgb", split, PARAMS),
            spu={"protocol": "SEMI2K", "field": "FM32"},
        )


def test_it_trains_without_test_data(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(60, 2)
    write_split(tmp_path, split)
    config = training(tmp_path, "ss_xgb", split, PARAMS | {"num_boost_round": 1, "max_depth": 1})
    for field in ("test_data", "prediction_output", "prediction_receiver"):
        del config[field]

    outcome = run_task(config)

    assert outcome.result == {
        "model_saved": True,
        "model_paths": paths(tmp_path, "model"),
        "training_metrics": {"num_trees": 1},
        "prediction_output": None,
    }
    told = {fact.what for fact in outcome.task_metadata.disclosed}
    assert not any("prediction" in what for what in told)


def go_on(
    run_task: RunTask, folder: Path, split: Split, params: Mapping[str, Any], **extra: Any
) -> Any:
    """Train on from the model in ``model``; the new one goes to ``more``."""
    config = training(
        folder,
        "ss_xgb",
        split,
        params,
        base_model=paths(folder, "model", split.parties),
        model_output=paths(folder, "more", split.parties),
    )
    return run_task({**config, **extra}, split.parties)


@pytest.mark.parametrize(
    "params",
    [{}, {"subsample": 0.5, "colsample_by_tree": 0.5}, {"objective": "linear"}],
    ids=["all rows", "samples", "linear"],
)
def test_two_trees_and_two_more_are_four_trees(
    run_task: RunTask, tmp_path: Path, params: dict[str, Any]
) -> None:
    split = make_split(240, is_binary=params.get("objective") != "linear")
    write_split(tmp_path, split)
    wanted = PARAMS | {"max_depth": 2} | params

    run_task(training(tmp_path, "ss_xgb", split, wanted | {"num_boost_round": 4}))
    at_once = read_predictions(tmp_path)["pred_prob"].to_numpy()
    run_task(training(tmp_path, "ss_xgb", split, wanted | {"num_boost_round": 2}))
    outcome = go_on(run_task, tmp_path, split, wanted | {"num_boost_round": 2})

    assert np.abs(read_predictions(tmp_path)["pred_prob"] - at_once).max() < 1e-4
    assert outcome.result["training_metrics"] == {"num_trees": 4}
    saved = {
        "task_type": "predict",
        "model": paths(tmp_path, "more"),
        "data": paths(tmp_path, "test.csv"),
        "receiver": "bob",
        "prediction_output": {"bob": str(tmp_path / "bob" / "again.csv")},
    }
    run_task(saved)
    again = read_predictions(tmp_path, "bob", "again.csv")["pred_prob"]
    assert np.abs(again - at_once).max() < 1e-4


def test_it_goes_on_with_other_rows_by_the_same_candidates(
    run_task: RunTask, tmp_path: Path
) -> None:
    """The base forest stays as it was; plain boosting adds to its margins over its cuts."""
    split = make_split(300, trained=200)
    write_split(tmp_path, split)
    params = PARAMS | {"num_boost_round": 1, "max_depth": 2}
    run_task(training(tmp_path, "ss_xgb", split, params))

    go_on(run_task, tmp_path, split, params, train_data=paths(tmp_path, "test.csv"))

    for party in split.parties:
        own = [tmp_path / party / name / "own.json" for name in ("model", "more")]
        assert own[0].read_text() == own[1].read_text()
    cuts = [cut_points(column, 5) for column in split.x[split.train].T]
    settings: dict[str, Any] = {"depth": 2, "learning_rate": 0.3, "reg_lambda": 1.0}
    first = plain.boost(split.x[split.train], split.y[split.train], cuts, trees=1, **settings)
    x, y = split.x[split.test], split.y[split.test]
    both = plain.boost(x, y, cuts, trees=1, base=first, **settings)
    error = read_predictions(tmp_path)["pred_prob"] - plain.sr_sigmoid(both.margins(x))
    assert np.abs(error).max() < 1e-4


@pytest.mark.parametrize(
    ("params", "extra", "message"),
    [
        ({"objective": "linear"}, {}, "params.objective: the base model was trained"),
        ({"max_depth": 3}, {}, "params.max_depth"),
        ({"sketch_eps": 0.25}, {}, "params.sketch_eps"),
        ({"base_score": 0.0}, {}, "params.base_score"),
        ({"pad_candidates": False}, {}, "params.pad_candidates"),
        ({}, {"features": ["x0", "x1", "x3"]}, "its features of bob are x2, x3"),
    ],
)
def test_a_base_model_that_does_not_fit_is_refused(
    run_task: RunTask,
    tmp_path: Path,
    params: dict[str, Any],
    extra: dict[str, Any],
    message: str,
) -> None:
    split = make_split(40)
    write_split(tmp_path, split)
    base = PARAMS | {"num_boost_round": 1, "max_depth": 1}
    run_task(training(tmp_path, "ss_xgb", split, base))

    with pytest.raises(ConfigError, match=message):
        go_on(run_task, tmp_path, split, base | params, **extra)

    assert not (tmp_path / "alice" / "more").exists()


def test_features_of_few_values_may_have_few_candidates(run_task: RunTask, tmp_path: Path) -> None:
    """Alike trees from fewer bytes; what is told for it is stated."""
    split = make_split(300, 6)
    split.x[:, 0] = 5.0
    split.x[:, 1:5] = split.x[:, 1:5] > 0
    write_split(tmp_path, split)
    params = PARAMS | {"sketch_eps": 0.1}

    padded = run_task(training(tmp_path, "ss_xgb", split, params))
    expected = read_predictions(tmp_path)["pred_prob"].to_numpy()
    exact = run_task(training(tmp_path, "ss_xgb", split, params | {"pad_candidates": False}))

    assert np.abs(read_predictions(tmp_path)["pred_prob"] - expected).max() < 1e-4
    sent = [run.performance_metrics.bytes_sent["bob"] for run in (padded, exact)]
    assert sent[1] < 0.6 * sent[0]
    what = "how many candidate splits each feature has"
    told = [
        {fact.to for fact in run.task_metadata.disclosed if fact.what.startswith(what)}
        for run in (padded, exact)
    ]
    assert told == [set(), {"alice", "bob"}]


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (("alice", "bob"), {"protocol": "SEMI2K", "field": "FM128"}),
        (("alice", "bob"), {"protocol": "CHEETAH", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
    ],
    ids=["SEMI2K", "CHEETAH", "ABY3"],
)
def test_splits_that_their_owners_learn_make_the_same_trees(
    run_task: RunTask, tmp_path: Path, parties: tuple[str, ...], spu: dict[str, str]
) -> None:
    split = make_split(160, 4, parties=parties)
    write_split(tmp_path, split)
    params = PARAMS | {"reveal_splits": True, "num_boost_round": 2, "max_depth": 2}
    features = {party: split.features_of(party) for party in parties[-2:]}
    used = sorted(int(name[1:]) for names in features.values() for name in names)

    outcome = run_task(training(tmp_path, "ss_xgb", split, params, features=features), parties, spu)

    seen = Split(split.x[:, used], split.y, parties, split.trained)
    error = read_predictions(tmp_path)["pred_prob"] - plain_predictions(seen, params)
    assert np.abs(error).max() < 1e-3
    told = {fact.to for fact in outcome.task_metadata.disclosed if "which nodes" in fact.what}
    assert told == set(parties)
