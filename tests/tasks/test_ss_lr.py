"""ss_lr against plain SGD, scikit-learn and SecretFlow, with real parties."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from secretflow_worker.contract.errors import ConfigError, InputError, ProtocolUnfit
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, RunProgress
from tests.conftest import RunTask, make_request
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

PARAMS = {"epochs": 4, "learning_rate": 0.3, "batch_size": 32}
TOLERANCE = 2e-3
"""Of a probability on FM64; FM128 is nearer."""


def plain_scores(split: Split, params: Mapping[str, Any], **extra: Any) -> Numbers:
    """Return the scores of the test rows by plain SGD."""
    names = ("epochs", "learning_rate", "batch_size")
    w = plain.sgd(
        split.x[split.train], split.y[split.train], **{n: params[n] for n in names}, **extra
    )
    return plain.scores(split.x[split.test], w)


@pytest.mark.parametrize(
    ("params", "extra"),
    [
        ({}, {}),
        ({"penalty": "l2", "l2_norm": 3.0}, {"l2": 3.0}),
        ({"penalty": "l1", "l1_norm": 3.0}, {"l1": 3.0}),
        ({"sig_type": "cubic", "learning_rate": 0.05}, {"activation": plain.cubic}),
        ({"reg_type": "linear"}, {"activation": plain.line}),
    ],
    ids=["plain", "l2", "l1", "cubic", "linear"],
)
def test_it_takes_the_steps_of_plain_sgd(
    run_task: RunTask, tmp_path: Path, params: dict[str, Any], extra: dict[str, Any]
) -> None:
    is_binary = params.get("reg_type") != "linear"
    split = make_split(is_binary=is_binary)
    write_split(tmp_path, split)

    outcome = run_task(training(tmp_path, "ss_lr", split, PARAMS | params))

    z = plain_scores(split, PARAMS | params, **extra)
    expected = plain.sigmoid(z) if is_binary else z
    predictions = read_predictions(tmp_path)
    assert np.abs(predictions["pred_prob"] - expected).max() < 1e-4
    assert list(predictions["uid"]) == [f"u{i:05}" for i in range(split.trained, 400)]
    assert list(predictions["y"]) == list(split.y[split.test])
    assert outcome.result["model_saved"] is True
    assert outcome.result["prediction_output"] == str(tmp_path / "alice" / "predictions.csv")


@pytest.mark.parametrize("reg_type", ["logistic", "linear"])
def test_the_final_loss_is_that_of_the_training_rows(
    run_task: RunTask, tmp_path: Path, reg_type: str
) -> None:
    split = make_split(is_binary=reg_type == "logistic")
    write_split(tmp_path, split)

    outcome = run_task(training(tmp_path, "ss_lr", split, PARAMS | {"reg_type": reg_type}))

    x, y = split.x[split.train], split.y[split.train]
    activation = plain.t1 if reg_type == "logistic" else plain.line
    z = plain.scores(x, plain.sgd(x, y, **PARAMS, activation=activation))  # type: ignore[arg-type]
    expected = plain.log_loss(z, y) if reg_type == "logistic" else float(np.mean((z - y) ** 2))
    metrics = outcome.result["training_metrics"]
    assert metrics["epochs"] == 4
    assert metrics["final_loss"] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (("alice", "bob"), {"protocol": "SEMI2K", "field": "FM64"}),
        (("alice", "bob"), {"protocol": "CHEETAH", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM128"}),
        (("alice", "bob", "carol", "dave", "erin"), {"protocol": "SEMI2K", "field": "FM128"}),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else str(len(value)),
)
def test_every_protocol_and_count_of_parties_computes_the_same(
    run_task: RunTask, tmp_path: Path, parties: tuple[str, ...], spu: dict[str, str]
) -> None:
    split = make_split(200, 5, parties=parties)
    write_split(tmp_path, split)
    params = {"epochs": 2, "learning_rate": 0.3, "batch_size": 64}

    outcome = run_task(training(tmp_path, "ss_lr", split, params), parties, spu)

    expected = plain.sigmoid(plain_scores(split, params))
    assert np.abs(read_predictions(tmp_path)["pred_prob"] - expected).max() < TOLERANCE
    assert 0 < outcome.result["training_metrics"]["final_loss"] < 0.7


def test_it_ranks_as_well_as_scikit_learn(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(1200, 8)
    write_split(tmp_path, split)

    run_task(training(tmp_path, "ss_lr", split, PARAMS | {"epochs": 10}))

    model = LogisticRegression().fit(split.x[split.train], split.y[split.train])
    best = roc_auc_score(split.y[split.test], model.predict_proba(split.x[split.test])[:, 1])
    predictions = read_predictions(tmp_path)
    assert roc_auc_score(predictions["y"], predictions["pred_prob"]) > best - 0.01


def test_it_agrees_with_secretflow(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(500, 6)
    write_split(tmp_path, split)
    params = PARAMS | {"penalty": "l2", "l2_norm": 0.5}

    theirs = run_oracle("ss_lr", tmp_path, split, params)
    run_task(training(tmp_path, "ss_lr", split, params))

    ours = read_predictions(tmp_path)
    z = np.log(ours["pred_prob"] / (1 - ours["pred_prob"]))
    assert np.abs(plain.t1(z) - theirs).max() < TOLERANCE, "their predictions are the t1 of ours"
    auc = roc_auc_score(ours["y"], ours["pred_prob"])
    assert auc == pytest.approx(roc_auc_score(ours["y"], theirs), abs=0.01)


def test_progress_moves_with_the_epochs(engine: Engine, tmp_path: Path) -> None:
    split = make_split(2000, 8)
    write_split(tmp_path, split)
    config = training(tmp_path, "ss_lr", split, PARAMS | {"epochs": 8})
    seen: list[RunProgress] = []

    engine.run(engine.prepare(parse_request(make_request(config))), on_progress=seen.append)

    epochs = [told for told in seen if told.message.startswith("epoch ")]
    assert len({told.message for told in epochs}) > 2
    values = [told.progress for told in epochs]
    assert values == sorted(values)
    assert 0.5 <= values[0] < values[-1] <= 0.95


def test_rows_that_do_not_fill_a_batch_are_left_out_and_few_rows_are_one_batch(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(100, 2, trained=50)
    write_split(tmp_path, split)
    for batch_size, used in ((40, 40), (1000, 50)):
        params = {"epochs": 3, "learning_rate": 0.5, "batch_size": batch_size}
        run_task(training(tmp_path, "ss_lr", split, params))
        x, y = split.x[:used], split.y[:used]
        w = plain.sgd(x, y, epochs=3, learning_rate=0.5, batch_size=used)
        expected = plain.sigmoid(plain.scores(split.x[split.test], w))
        assert np.abs(read_predictions(tmp_path)["pred_prob"] - expected).max() < 1e-4


def test_a_small_learning_rate_is_not_rounded_away(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(400)
    write_split(tmp_path, split)
    params = {"epochs": 5, "learning_rate": 1e-3, "batch_size": 300}

    run_task(
        training(tmp_path, "ss_lr", split, params), spu={"protocol": "SEMI2K", "field": "FM64"}
    )

    moved = plain.sigmoid(plain_scores(split, params)) - 0.5
    error = read_predictions(tmp_path)["pred_prob"] - 0.5 - moved
    assert np.abs(error).max() < 0.02 * np.abs(moved).max()


def test_the_cubic_sigmoid_fails_where_it_does_not_hold(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split()
    write_split(tmp_path, split)
    params = PARAMS | {"sig_type": "cubic", "learning_rate": 10.0}

    with pytest.raises(ConfigError, match="cubic") as caught:
        run_task(training(tmp_path, "ss_lr", split, params))

    assert "t1" in caught.value.hint
    assert not (tmp_path / "alice" / "model").exists()


def test_a_training_that_diverges_fails(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(is_binary=False)
    write_split(tmp_path, split)
    params = PARAMS | {"reg_type": "linear", "learning_rate": 5.0}

    with pytest.raises(InputError, match="diverged") as caught:
        run_task(training(tmp_path, "ss_lr", split, params))

    assert caught.value.party == "alice"


def test_a_label_too_small_for_the_ring_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(is_binary=False)
    split.y[:] *= 1e-6
    write_split(tmp_path, split)
    config = training(tmp_path, "ss_lr", split, PARAMS | {"reg_type": "linear"})

    with pytest.raises(InputError, match="'y' varies too little to be learnt on FM64"):
        run_task(config, spu={"protocol": "SEMI2K", "field": "FM64"})


@pytest.mark.parametrize(
    ("size", "field", "message"),
    [
        (1500.0, "FM128", "'x3' holds values beyond 1000"),
        (200.0, "FM64", "'x3' holds values so large that this training could overflow FM64"),
    ],
)
def test_features_that_were_not_scaled_are_refused_where_they_are(
    run_task: RunTask, tmp_path: Path, size: float, field: str, message: str
) -> None:
    split = make_split()
    split.x[:, 3] *= size
    write_split(tmp_path, split)
    params = PARAMS | {"epochs": 200}

    with pytest.raises(InputError, match=message) as caught:
        run_task(
            training(tmp_path, "ss_lr", split, params), spu={"protocol": "SEMI2K", "field": field}
        )

    assert caught.value.party == "bob"
    assert "standard_scaler" in caught.value.hint


def test_steps_that_even_the_bias_would_overflow_are_refused(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split()
    write_split(tmp_path, split)
    params = {"epochs": 10_000, "learning_rate": 100, "batch_size": 1}

    with pytest.raises(ConfigError, match="overflow FM64"):
        run_task(
            training(tmp_path, "ss_lr", split, params), spu={"protocol": "SEMI2K", "field": "FM64"}
        )


def test_a_rare_category_that_was_standardized_is_no_outlier(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(1000, 4, trained=900)
    rare = np.arange(1000) == 17
    split.x[:, 3] = (rare - rare.mean()) / rare.std()
    write_split(tmp_path, split)

    run_task(
        training(tmp_path, "ss_lr", split, PARAMS), spu={"protocol": "SEMI2K", "field": "FM64"}
    )

    expected = plain.sigmoid(plain_scores(split, PARAMS))
    assert np.abs(read_predictions(tmp_path)["pred_prob"] - expected).max() < TOLERANCE


def test_a_ring_that_is_too_small_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(40, 2)
    write_split(tmp_path, split)

    with pytest.raises(ProtocolUnfit, match="FM32"):
        run_task(
            training(tmp_path, "ss_lr", split, PARAMS), spu={"protocol": "SEMI2K", "field": "FM32"}
        )


def test_it_trains_without_test_data_and_ids(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(60, 2)
    write_split(tmp_path, split)
    config = {
        "task_type": "ss_lr",
        "train_data": paths(tmp_path, "train.csv"),
        "features": {"alice": ["x0"], "bob": ["x1"]},
        "label": "y",
        "label_party": "alice",
        "model_output": paths(tmp_path, "models/lr"),
    }

    outcome = run_task(config)

    assert outcome.result["model_paths"] == paths(tmp_path, "models/lr")
    assert outcome.result["prediction_output"] is None
    told = {(fact.to, fact.what) for fact in outcome.task_metadata.disclosed}
    assert ("alice", "the training loss") in told
    assert ("bob", "the training loss") not in told
    assert not any("prediction" in what for _, what in told)


def test_a_label_holder_without_features_and_a_receiver_without_label(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(200, 3, parties=("bob", "carol"))
    write_split(tmp_path, split)
    for name, rows in (("train", split.train), ("test", split.test)):
        bank = split.table("bob", rows)[["uid", "y"]]
        (tmp_path / "alice").mkdir(exist_ok=True)
        bank.to_csv(tmp_path / "alice" / f"{name}.csv", index=False)
    three = ("alice", "bob", "carol")
    config = training(tmp_path, "ss_lr", split, PARAMS) | {
        "label_party": "alice",
        "train_data": paths(tmp_path, "train.csv", three),
        "test_data": paths(tmp_path, "test.csv", three),
        "model_output": paths(tmp_path, "model", three),
        "prediction_output": str(tmp_path / "carol" / "predictions.csv"),
        "prediction_receiver": "carol",
        "prediction_column": "score",
    }

    run_task(config, three)

    predictions = read_predictions(tmp_path, "carol")
    assert list(predictions.columns) == ["uid", "score"]
    expected = plain.sigmoid(plain_scores(split, PARAMS))
    assert np.abs(predictions["score"] - expected).max() < 1e-4
