"""P-values against statsmodels, with real parties and models that real trainings saved.

A model that ss_lr trained is not at the optimum, so the formula is evaluated at its own
coefficients; an ss_glm has converged, and is compared with statsmodels' own fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from secretflow_worker.contract.errors import (
    ConfigError,
    InputError,
    ModelInvalid,
    RowsNotAligned,
)
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.tasks import TaskDispatcher
from tests.conftest import RunTask
from tests.tasks.joint_data import name_of
from tests.tasks.vertical_data import Numbers, Split, make_split, paths, training, write_split

TOLERANCE = 5e-4
"""Relative, of a statistic at the same coefficients, also on FM64 (whose inverse has 18 fraction
bits). Beside it stands what FM64's coefficients themselves leave open: ``2**-18`` of each."""

LR = {"epochs": 30, "learning_rate": 0.5, "batch_size": 200}
LINEAR = {**LR, "reg_type": "linear", "learning_rate": 0.1}
TWO = ("alice", "bob")


def train(
    run_task: RunTask, folder: Path, split: Split, task_type: str, params: Mapping[str, Any],
    spu: dict[str, str] | None = None, **extra: Any,
) -> None:  # fmt: skip
    write_split(folder, split)
    config = training(folder, task_type, split, params, **extra)
    for field in ("test_data", "prediction_output", "prediction_receiver"):
        del config[field]
    run_task(config, split.parties, spu)


def config_of(folder: Path, parties: Sequence[str] = TWO, **extra: Any) -> dict[str, Any]:
    return {
        "task_type": "ss_pvalue",
        "model": paths(folder, "model", parties),
        "data": paths(folder, "train.csv", parties),
        "id_columns": ["uid"],
        "receivers": [parties[0]],
        "output_report": str(folder / "out" / "report.json"),
        **extra,
    }


def told(outcome: TaskOutcome, figure: str) -> Numbers:
    """Return a figure of the intercept and of every feature."""
    result = outcome.result
    every = [result["intercept"], *result["features"].values()]
    return np.array([each[figure] for each in every], float)


def wald(x: Numbers, y: Numbers, weights: Numbers, reg_type: str) -> Numbers:
    """Return the statistics of coefficients, intercept first."""
    design = sm.add_constant(x)
    z = design @ weights
    if reg_type == "linear":
        dispersion, curvature = np.sum((y - z) ** 2) / (len(y) - len(weights)), np.ones_like(z)
    else:
        mean = 1 / (1 + np.exp(-z))
        dispersion, curvature = 1.0, mean * (1 - mean)
    inverse = np.linalg.inv(design.T @ (design * curvature[:, None]))
    return np.asarray(weights / np.sqrt(dispersion * np.diag(inverse)))


def odd_split(parties: Sequence[str], *, is_binary: bool) -> Split:
    """Return features of other means and spreads than 0 and 1, two of which follow each other."""
    split = make_split(220, 5, trained=200, parties=parties, is_binary=is_binary)
    x = split.x.copy()
    x[:, 4] = x[:, 0] + 0.5 * x[:, 4]
    return Split(x * [1, 2, 0.5, 1, 1] + [1, 0, -1, 0, 0.5], split.y, split.parties, 200)


@pytest.mark.parametrize(
    ("parties", "spu"),
    [
        (TWO, None),
        (TWO, {"protocol": "SEMI2K", "field": "FM64"}),
        (TWO, {"protocol": "CHEETAH", "field": "FM64"}),
        (("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
        (("alice", "bob", "carol", "dave", "erin"), None),
    ],
    ids=name_of,
)
@pytest.mark.parametrize("reg_type", ["logistic", "linear"])
def test_a_regression_at_its_own_coefficients(
    run_task: RunTask,
    tmp_path: Path,
    parties: tuple[str, ...],
    spu: dict[str, str] | None,
    reg_type: str,
) -> None:
    params = LR if reg_type == "logistic" else LINEAR
    if spu and spu["protocol"] == "CHEETAH":
        params = {**params, "epochs": 3}
    split = odd_split(parties, is_binary=reg_type == "logistic")
    train(run_task, tmp_path, split, "ss_lr", params, spu)

    outcome = run_task(config_of(tmp_path, parties, standard_errors=True), parties, spu)

    found, weights = told(outcome, "statistic"), told(outcome, "coefficient")
    expected = wald(split.x[split.train], split.y[split.train], weights, reg_type)
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=2e-3)
    tail = stats.t(194) if reg_type == "linear" else stats.norm
    np.testing.assert_allclose(told(outcome, "p_value"), 2 * tail.sf(np.abs(found)), rtol=0.02)
    assert list(outcome.result["features"]) == split.names
    assert outcome.result["distribution"] == ("t" if reg_type == "linear" else "normal")


Draw = Callable[[np.random.Generator, Numbers], Any]
GLMS: dict[str, tuple[Draw, Any]] = {
    "bernoulli": (lambda r, z: r.random(len(z)) < 1 / (1 + np.exp(-z)), sm.families.Binomial()),
    "poisson": (lambda r, z: r.poisson(np.exp(z)), sm.families.Poisson()),
    "gamma": (
        lambda r, z: r.gamma(2, np.exp(z + 5)),
        sm.families.Gamma(sm.families.links.Log()),
    ),
    "tweedie": (
        lambda r, z: r.poisson(1, len(z)) * r.gamma(2, np.exp(z)),
        sm.families.Tweedie(var_power=1.5),
    ),
    "normal": (lambda r, z: 700 + 50 * (z + r.normal(size=len(z))), sm.families.Gaussian()),
}


def glm_split(distribution: str) -> Split:
    split = make_split(320, 4, trained=300)
    draw, _ = GLMS[distribution]
    random = np.random.default_rng(8)
    return Split(split.x, draw(random, 0.3 * split.x[:, 0]).astype(float), TWO, 300)


FM64 = {"protocol": "SEMI2K", "field": "FM64"}


@pytest.mark.parametrize(
    ("distribution", "spu"),
    [*((distribution, None) for distribution in GLMS), ("poisson", FM64), ("normal", FM64)],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_a_glm_that_converged_is_what_statsmodels_says(
    run_task: RunTask, tmp_path: Path, distribution: str, spu: dict[str, str] | None
) -> None:
    split = glm_split(distribution)
    train(run_task, tmp_path, split, "ss_glm", {"distribution": distribution}, spu)

    outcome = run_task(config_of(tmp_path), spu=spu)

    x, y = sm.add_constant(split.x[split.train]), split.y[split.train]
    expected = sm.GLM(y, x, family=GLMS[distribution][1]).fit(use_t=distribution == "normal")
    np.testing.assert_allclose(told(outcome, "statistic"), expected.tvalues, rtol=2e-3, atol=5e-3)
    np.testing.assert_allclose(told(outcome, "p_value"), expected.pvalues, rtol=0.02, atol=5e-3)


def test_a_glm_with_an_offset(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(320, 4, trained=300)
    random = np.random.default_rng(9)
    y = random.poisson(np.exp(0.3 * split.x[:, 1] + split.x[:, 3] / 2)).astype(float)
    split = Split(split.x, y, TWO, 300)
    extra = {"features": ["x0", "x1", "x2"], "offset": "half"}
    write_split(tmp_path, split)
    path = tmp_path / "bob" / "train.csv"
    table = pd.read_csv(path)
    table.assign(half=table["x3"] / 2).to_csv(path, index=False)
    config = training(tmp_path, "ss_glm", split, {"distribution": "poisson"}, **extra)
    for field in ("test_data", "prediction_output", "prediction_receiver"):
        del config[field]
    run_task(config)

    outcome = run_task(config_of(tmp_path))

    x = sm.add_constant(split.x[:300, :3])
    family = sm.families.Poisson()
    expected = sm.GLM(y[:300], x, family=family, offset=split.x[:300, 3] / 2).fit()
    assert list(outcome.result["features"]) == ["x0", "x1", "x2"]
    np.testing.assert_allclose(told(outcome, "statistic"), expected.tvalues, rtol=2e-3, atol=5e-3)


def test_what_the_rows_leave_open_has_no_figure(run_task: RunTask, tmp_path: Path) -> None:
    split = make_split(120, 5, trained=100)
    x = split.x.copy()
    x[:, 1], x[:, 4] = 2 * x[:, 0], 1.0
    train(run_task, tmp_path, Split(x, split.y, TWO, 100), "ss_lr", LR)

    outcome = run_task(config_of(tmp_path))

    features = outcome.result["features"]
    nothing = {"statistic": None, "p_value": None, "standard_error": None, "coefficient": None}
    for name in ("x0", "x1", "x4"):
        assert features[name] == nothing
    assert outcome.result["intercept"] == nothing, "a constant feature takes its place"
    assert 0 < features["x3"]["p_value"] < 1


def test_a_feature_that_another_partys_determines_is_not_significant(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_split(120, 4, trained=100)
    x = split.x.copy()
    x[:, 2] = x[:, 0]
    train(run_task, tmp_path, Split(x, split.y, TWO, 100), "ss_lr", LR)

    features = run_task(config_of(tmp_path)).result["features"]

    assert min(features["x0"]["p_value"], features["x2"]["p_value"]) > 0.9
    assert abs(features["x3"]["statistic"]) > 0.01


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pvalue")


@pytest.fixture
def folder(run_task: RunTask, trained: Path) -> Path:
    """Return the folder of one small model."""
    if not (trained / "alice" / "model").exists():
        train(run_task, trained, make_split(60, 4, trained=50), "ss_lr", LR)
    return trained


def test_coefficients_stay_secret_unless_asked_for(run_task: RunTask, folder: Path) -> None:
    outcome = run_task(config_of(folder))

    report = json.loads((folder / "out" / "report.json").read_text())
    assert report["features"] == outcome.result["features"]
    assert np.isnan(told(outcome, "coefficient")).all()
    assert np.isnan(told(outcome, "standard_error")).all()
    bars, table = report["charts"]
    assert (bars["kind"], table["kind"]) == ("bar", "figures")
    assert [row[0] for row in table["values"]] == ["x0", "x1", "x2", "x3", "(intercept)"]


def test_other_rows_than_those_of_the_training_are_refused_where_they_do_not_fit(
    run_task: RunTask, folder: Path
) -> None:
    table = pd.read_csv(folder / "bob" / "train.csv")
    for name, edited, error, says in [
        ("short", table[1:], RowsNotAligned, "row counts differ"),
        ("turned", table[::-1], RowsNotAligned, "not the same entities"),
        (
            "gap",
            table.assign(x3=table["x3"].replace(table["x3"][0], np.nan)),
            InputError,
            "missing value",
        ),
        ("without", table.drop(columns="x3"), InputError, "no column 'x3'"),
        ("far", table.assign(x3=table["x3"] * 1e6), InputError, "'x3' holds values beyond"),
    ]:
        path = folder / "bob" / f"{name}.csv"
        edited.to_csv(path, index=False)
        data = {**paths(folder, "train.csv"), "bob": str(path)}
        with pytest.raises(error, match=says):
            run_task(config_of(folder, data=data))


def test_too_few_rows_are_refused(run_task: RunTask, folder: Path) -> None:
    for party in TWO:
        pd.read_csv(folder / party / "train.csv")[:5].to_csv(folder / party / "few.csv")

    with pytest.raises(InputError, match="5 rows are too few for 4 columns"):
        run_task(config_of(folder, data=paths(folder, "few.csv")))


def test_another_label_is_refused(run_task: RunTask, folder: Path) -> None:
    table = pd.read_csv(folder / "alice" / "train.csv")
    table.assign(y=table["x0"]).to_csv(folder / "alice" / "other.csv", index=False)
    data = {**paths(folder, "train.csv"), "alice": str(folder / "alice" / "other.csv")}

    with pytest.raises(InputError, match="must be 0 or 1"):
        run_task(config_of(folder, data=data))


def test_models_without_coefficients_and_of_other_devices_are_refused(
    run_task: RunTask, folder: Path
) -> None:
    with pytest.raises(ModelInvalid, match="SEMI2K/FM128"):
        run_task(config_of(folder), spu={"protocol": "SEMI2K", "field": "FM64"})
    split = make_split(60, 4, trained=50)
    (folder / "trees").mkdir()
    params = {"num_boost_round": 1, "max_depth": 1}
    train(run_task, folder / "trees", split, "ss_xgb", params)
    with pytest.raises(ConfigError, match="a model of ss_xgb has no coefficients"):
        run_task(config_of(folder / "trees"))


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        ({"receivers": ["carol"]}, "receivers: 'carol' is not a party"),
        ({"receivers": None}, "receivers"),
        ({"receivers": []}, "receivers"),
        ({"receivers": ["alice", "alice"]}, "receivers: 'alice' is named more than once"),
        ({"model": {"alice": "/d/m"}}, "model: party bob is missing"),
        ({"data": {"alice": "/d/t.csv"}}, "data: party bob is missing"),
        ({"id_columns": {"bob": ["uid"]}}, "id_columns: party alice is missing"),
        ({"features": ["x"]}, "features: unknown field"),
    ],
)
def test_faulty_requests_are_refused_before_anything_starts(
    extra: dict[str, Any], says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        TaskDispatcher.find("ss_pvalue").parse(config_of(Path("/d"), **extra), TWO)


@pytest.mark.parametrize("task_type", ["ss_pvalue", "vif", "pearson_correlation"])
def test_the_example_is_a_config(task_type: str) -> None:
    task = TaskDispatcher.find(task_type)

    task.parse(task.example, TWO)


def test_a_glm_with_row_weights_is_refused(run_task: RunTask, tmp_path: Path) -> None:
    params = {"distribution": "normal", "epochs": 1, "tolerance": 0}
    split = make_split(60, 4, trained=50, is_binary=False)
    split = Split(np.abs(split.x), split.y, TWO, 50)
    train(run_task, tmp_path, split, "ss_glm", params, features=["x0", "x1", "x2"], weight="x3")

    with pytest.raises(ConfigError, match="trained with row weights"):
        run_task(config_of(tmp_path))
