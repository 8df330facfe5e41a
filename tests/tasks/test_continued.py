"""Training that goes on from a saved linear model, with real parties."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from secretflow_worker.contract.errors import ConfigError, InputError, ModelInvalid
from secretflow_worker.tasks import TaskDispatcher
from tests.conftest import RunTask
from tests.tasks import plain_glm
from tests.tasks import plain_models as plain
from tests.tasks.plain_glm import Kind, add_column, make_glm
from tests.tasks.vertical_data import (
    Split,
    make_split,
    paths,
    read_predictions,
    training,
    write_split,
)

LR = {"epochs": 2, "learning_rate": 0.3, "batch_size": 32}
XGB = {"num_boost_round": 1, "max_depth": 1, "sketch_eps": 0.5}
POISSON, NORMAL = Kind("poisson", "log"), Kind("normal", "identity")
FM64 = {"protocol": "SEMI2K", "field": "FM64"}


@pytest.fixture
def split(tmp_path: Path) -> Split:
    split = make_split(120, trained=96)
    write_split(tmp_path, split)
    return split


def going_on(folder: Path, split: Split, params: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a training that goes on from the folder ``model`` and writes ``further``."""
    names = {
        "base_model": paths(folder, "model", split.parties),
        "model_output": paths(folder, "further", split.parties),
    }
    task_type = changes.pop("task_type", "ss_lr")
    return training(folder, task_type, split, params, **{**names, **changes})


@pytest.mark.parametrize(
    ("params", "extra", "spu"),
    [
        ({}, {}, None),
        ({"learning_rate": 1e-3}, {}, FM64),
        ({"penalty": "l2", "l2_norm": 3.0}, {"l2": 3.0}, None),
        ({"sig_type": "cubic"}, {"activation": plain.cubic}, None),
        ({"reg_type": "linear"}, {"activation": plain.line}, None),
    ],
    ids=["plain", "scaled weights", "l2", "cubic", "linear"],
)
def test_ss_lr_takes_the_steps_that_one_training_would(
    run_task: RunTask,
    tmp_path: Path,
    params: dict[str, Any],
    extra: dict[str, Any],
    spu: dict[str, str] | None,
) -> None:
    """As near to plain SGD as one training is: 1e-4 of a probability on FM128 (26 bits)."""
    is_binary = params.get("reg_type") != "linear"
    split = make_split(120, trained=96, is_binary=is_binary)
    write_split(tmp_path, split)
    params = {**LR, **params}

    run_task(training(tmp_path, "ss_lr", split, params), spu=spu)
    outcome = run_task(going_on(tmp_path, split, {**params, "epochs": 3}), spu=spu)

    x, y = split.x[split.train], split.y[split.train]
    w = plain.sgd(x, y, epochs=5, learning_rate=params["learning_rate"], batch_size=32, **extra)
    z = plain.scores(split.x[split.test], w)
    expected = plain.sigmoid(z) if is_binary else z
    assert np.abs(read_predictions(tmp_path)["pred_prob"] - expected).max() < 1e-4
    z = plain.scores(x, w)
    loss = plain.log_loss(z, y) if is_binary else float(np.mean((z - y) ** 2))
    assert outcome.result["training_metrics"] == {
        "epochs": 3,
        "final_loss": pytest.approx(loss, abs=5e-4),
    }


def test_a_model_may_go_on_in_its_own_place_under_other_parameters(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))
    config = going_on(tmp_path, split, {**LR, "batch_size": 48, "learning_rate": 0.1})

    run_task({**config, "model_output": config["base_model"]})

    x, y = split.x[split.train], split.y[split.train]
    first = plain.sgd(x, y, **LR)  # type: ignore[arg-type]
    second = plain.sgd(x, y, epochs=2, learning_rate=0.1, batch_size=48, start=first)
    expected = plain.sigmoid(plain.scores(split.x[split.test], second))
    assert np.abs(read_predictions(tmp_path)["pred_prob"] - expected).max() < 1e-4


def _swap_features(config: dict[str, Any]) -> None:
    config["features"] = [config["features"][1], config["features"][0], *config["features"][2:]]


def _drop_a_feature(config: dict[str, Any]) -> None:
    config["features"] = config["features"][:-1]


def _take_another_label(config: dict[str, Any]) -> None:
    config["label"] = "x0"
    config["features"] = config["features"][1:]


def _take_another_link(config: dict[str, Any]) -> None:
    config["params"]["reg_type"] = "linear"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_swap_features, "its features of alice are x0, x1; here they are x1, x0"),
        (_drop_a_feature, "its features of bob are x2, x3; here they are x2"),
        (_take_another_label, "its label is 'y' of alice, here it is 'x0' of alice"),
        (_take_another_link, "params.reg_type: the base model was trained with 'logistic'"),
    ],
)
def test_a_base_model_that_does_not_fit_is_refused(
    run_task: RunTask,
    tmp_path: Path,
    split: Split,
    change: Callable[[dict[str, Any]], None],
    message: str,
) -> None:
    split.x[:, 0] = split.y  # so that it passes for a label
    write_split(tmp_path, split)
    run_task(training(tmp_path, "ss_lr", split, LR))
    config = going_on(tmp_path, split, dict(LR))
    change(config)

    with pytest.raises(ConfigError, match=message):
        run_task(config)

    assert not (tmp_path / "alice" / "further").exists()


def test_a_base_model_of_another_type_is_refused(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_xgb", split, XGB))

    with pytest.raises(ModelInvalid, match="a model of ss_xgb@1, this task is ss_lr@1"):
        run_task(going_on(tmp_path, split, LR))


def _flip_a_bit(folder: Path) -> None:
    path = folder / "bob" / "model" / "share.bin"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def _claim_another_label(folder: Path) -> None:
    path = folder / "alice" / "model" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"label": "z"}))


@pytest.mark.parametrize("spoil", [_flip_a_bit, _claim_another_label])
def test_a_base_model_that_was_altered_is_refused(
    run_task: RunTask, tmp_path: Path, split: Split, spoil: Callable[[Path], None]
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))
    spoil(tmp_path)

    with pytest.raises(ModelInvalid):
        run_task(going_on(tmp_path, split, LR))


def test_a_base_model_goes_on_where_it_was_trained(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    run_task(training(tmp_path, "ss_lr", split, LR))

    with pytest.raises(ModelInvalid, match="SEMI2K/FM128"):
        run_task(going_on(tmp_path, split, LR), spu=FM64)


def test_every_party_names_its_base_model() -> None:
    config = going_on(Path("/d"), make_split(40), LR, base_model={"alice": "/d/alice/model"})

    with pytest.raises(ConfigError, match="base_model: party bob is missing"):
        TaskDispatcher.find("ss_lr").parse(config, ("alice", "bob"))


def test_what_the_base_model_may_have_reached_counts_against_the_ring(
    run_task: RunTask, tmp_path: Path, split: Split
) -> None:
    """Neither training could overflow by itself."""
    split.x[:, 3] *= 200
    write_split(tmp_path, split)
    rows = np.abs(split.x[split.train, 3])
    params = {"epochs": 300, "learning_rate": 1e-4, "batch_size": 96}
    run_task(training(tmp_path, "ss_lr", split, params), spu=FM64)
    path = tmp_path / "bob" / "model" / "own.json"
    reach = json.loads(path.read_text())["reach"]
    assert len(reach) == 3, "two features and the bias"
    assert reach[-1] == pytest.approx(300 * 1.1e-4)
    assert reach[1] == pytest.approx(300 * 1.1e-4 * rows.mean())
    # A unit of the weights is 2**-12 here, and a product's limit 2**26.
    assert 0.5 < rows.max() * reach[1] * 5 / 2**14 < 1

    with pytest.raises(InputError, match="'x3' holds values so large") as caught:
        run_task(going_on(tmp_path, split, params), spu=FM64)

    assert caught.value.party == "bob"


@pytest.mark.parametrize("kind", [POISSON, NORMAL], ids=["log", "identity"])
def test_ss_glm_takes_the_steps_of_sgd_that_one_training_would(
    run_task: RunTask, tmp_path: Path, kind: Kind
) -> None:
    """The label is scaled as it was for the base model, whatever the rows are now."""
    split = make_glm(kind, 120)
    write_split(tmp_path, split)
    params = {**kind.params(), **LR, "learning_rate": 0.05, "solver": "sgd"}

    run_task(training(tmp_path, "ss_glm", split, {**params, "epochs": 5}))
    at_once = read_predictions(tmp_path)["pred_prob"]
    run_task(training(tmp_path, "ss_glm", split, params))
    further = going_on(tmp_path, split, {**params, "epochs": 3}, task_type="ss_glm")
    outcome = run_task(further)

    assert np.abs(read_predictions(tmp_path)["pred_prob"] / at_once - 1).max() < 1e-5
    assert outcome.result["training_metrics"]["iterations"] == 3


def test_ss_glm_by_irls_comes_to_rest_at_once_where_its_base_did(
    run_task: RunTask, tmp_path: Path
) -> None:
    """And on other rows it finds what those have to say, from wherever it starts."""
    split, other = make_glm(POISSON), make_glm(POISSON, seed=8)
    offset = np.linspace(-1, 1, 400)
    write_split(tmp_path, split)
    add_column(tmp_path, "bob", "exposure", offset, split)
    params = {**POISSON.params(), "epochs": 12, "tolerance": 1e-4}
    with_offset: dict[str, Any] = {"task_type": "ss_glm", "offset": "exposure"}
    run_task(training(tmp_path, "ss_glm", split, params, offset="exposure"))

    outcome = run_task(going_on(tmp_path, split, params, **with_offset))
    assert outcome.result["training_metrics"]["iterations"] == 1

    write_split(tmp_path, other)
    add_column(tmp_path, "bob", "exposure", offset, other)
    run_task(going_on(tmp_path, other, params, **with_offset))
    model = plain_glm.fit(POISSON, other, offset=offset[other.train])
    expected = plain_glm.predict(POISSON, other, model.params, offset[other.test])
    assert np.abs(read_predictions(tmp_path)["pred_prob"] / expected - 1).max() < 1e-4


@pytest.mark.parametrize(
    ("changes", "params", "message"),
    [
        ({}, {"distribution": "gamma"}, "params.distribution: the base model was trained with"),
        ({}, {"distribution": "tweedie", "tweedie_power": 1.2}, "params.distribution"),
        ({"offset": "exposure"}, {}, "its features of bob are x2, x3; here they are x2, x3, expos"),
    ],
)
def test_a_glm_that_does_not_fit_is_refused(
    run_task: RunTask,
    tmp_path: Path,
    changes: dict[str, Any],
    params: dict[str, Any],
    message: str,
) -> None:
    split = make_glm(POISSON, 120)
    write_split(tmp_path, split)
    add_column(tmp_path, "bob", "exposure", np.zeros(120), split)
    run_task(training(tmp_path, "ss_glm", split, POISSON.params()))

    asked = {**POISSON.params(), **params}
    with pytest.raises(ConfigError, match=message):
        run_task(going_on(tmp_path, split, asked, task_type="ss_glm", **changes))
