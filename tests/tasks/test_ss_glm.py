"""ss_glm against statsmodels, plain steps and SecretFlow, with real parties.

Tolerances: on FM128 (26 fraction bits) a prediction is within 1e-4 of itself of statsmodels', where
IRLS stops at a step of 1e-4; on FM64 (18 bits, of which the exponential's squarings take some)
within 3e-3. A deviance is a difference of sums that are larger than it, hence 2e-3 and 2e-2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from secretflow_worker.contract.errors import ConfigError, InputError, ProtocolUnfit
from secretflow_worker.tasks import TaskDispatcher
from secretflow_worker.tasks.ml import _glm_label as labels
from secretflow_worker.tasks.ml._glm_params import GlmParams
from secretflow_worker.tasks.ml._glm_plan import plan
from tests.conftest import RunTask
from tests.oracle.run import run_oracle
from tests.tasks import plain_glm as plain
from tests.tasks.plain_glm import KINDS, Kind, add_column, make_glm
from tests.tasks.vertical_data import Numbers, Split, read_predictions, training, write_split

IRLS = {"epochs": 25, "tolerance": 1e-4}
POISSON, BERNOULLI, NORMAL = Kind("poisson", "log"), Kind("bernoulli", "logit"), KINDS[0]
FM64 = {"protocol": "SEMI2K", "field": "FM64"}


def relative_error(folder: Path, expected: Numbers) -> float:
    """Return the largest error of a prediction beside itself."""
    found = read_predictions(folder)["pred_prob"].to_numpy()
    return float(np.max(np.abs(found - expected) / np.abs(expected)))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.distribution}-{kind.link}")
def test_it_estimates_what_statsmodels_does(run_task: RunTask, tmp_path: Path, kind: Kind) -> None:
    split = make_glm(kind)
    write_split(tmp_path, split)

    outcome = run_task(training(tmp_path, "ss_glm", split, {**IRLS, **kind.params()}))

    model = plain.fit(kind, split)
    assert relative_error(tmp_path, plain.predict(kind, split, model.params)) < 1e-4
    metrics = outcome.result["training_metrics"]
    assert metrics["converged"] is True
    assert 2 <= metrics["iterations"] <= 10
    assert metrics["deviance"] == pytest.approx(model.deviance, rel=2e-3)
    assert metrics["null_deviance"] == pytest.approx(model.null_deviance, rel=1e-5)


@pytest.mark.parametrize("power", [0.0, 1.0, 1.2, 2.0])
def test_tweedie_at_other_powers(run_task: RunTask, tmp_path: Path, power: float) -> None:
    kind = Kind("tweedie", "log", power)
    split = make_glm(Kind("gamma", "log"), 200, 2)
    write_split(tmp_path, split)

    run_task(training(tmp_path, "ss_glm", split, {**IRLS, **kind.params()}))

    expected = plain.predict(kind, split, plain.fit(kind, split).params)
    assert relative_error(tmp_path, expected) < 1e-4


@pytest.mark.parametrize(
    ("kind", "parties", "spu"),
    [
        (BERNOULLI, ("alice", "bob"), FM64),
        (POISSON, ("alice", "bob"), {"protocol": "CHEETAH", "field": "FM64"}),
        (BERNOULLI, ("alice", "bob"), {"protocol": "CHEETAH", "field": "FM64"}),
        (POISSON, ("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM64"}),
        (KINDS[5], ("alice", "bob", "carol"), {"protocol": "ABY3", "field": "FM128"}),
        (POISSON, ("alice", "bob", "carol", "dave", "erin"),
         {"protocol": "SEMI2K", "field": "FM128"}),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None,
)  # fmt: skip
def test_every_protocol_and_count_of_parties_computes_the_same(
    run_task: RunTask, tmp_path: Path, kind: Kind, parties: tuple[str, ...], spu: dict[str, str]
) -> None:
    split = make_glm(kind, 200, 5, parties)
    write_split(tmp_path, split)

    outcome = run_task(
        training(tmp_path, "ss_glm", split, {**kind.params(), "epochs": 8}), parties, spu
    )

    model = plain.fit(kind, split)
    assert relative_error(tmp_path, plain.predict(kind, split, model.params)) < 3e-3
    deviance = outcome.result["training_metrics"]["deviance"]
    assert deviance == pytest.approx(model.deviance, rel=2e-2)


@pytest.mark.parametrize("kind", [POISSON, NORMAL], ids=["log", "identity"])
def test_an_offset_is_added_to_the_score_in_training_and_prediction(
    run_task: RunTask, tmp_path: Path, kind: Kind
) -> None:
    """It stands at bob in the middle of the model, so the intercept and its place matter."""
    random = np.random.default_rng(1)
    offset = random.normal(size=400) * (0.5 if kind.link == "log" else 20)
    split = make_glm(kind, offset=offset)
    write_split(tmp_path, split)
    add_column(tmp_path, "alice", "exposure", offset, split)
    config = training(tmp_path, "ss_glm", split, {**IRLS, **kind.params()}, offset="exposure")

    outcome = run_task(config)

    model = plain.fit(kind, split, offset=offset[split.train])
    expected = plain.predict(kind, split, model.params, offset[split.test])
    assert relative_error(tmp_path, expected) < 1e-4
    metrics = outcome.result["training_metrics"]
    assert metrics["deviance"] == pytest.approx(model.deviance, rel=2e-3)

    run_task(
        {
            "task_type": "predict",
            "model": config["model_output"],
            "data": config["test_data"],
            "receiver": "alice",
            "prediction_output": {"alice": str(tmp_path / "alice" / "predictions.csv")},
        }
    )
    assert relative_error(tmp_path, expected) < 1e-4


@pytest.mark.parametrize("kind", [POISSON, NORMAL], ids=["log", "identity"])
@pytest.mark.parametrize("owner", ["alice", "bob"])
def test_row_weights_count_rows_more_or_less(
    run_task: RunTask, tmp_path: Path, kind: Kind, owner: str
) -> None:
    split = make_glm(kind)
    write_split(tmp_path, split)
    weight = np.random.default_rng(2).integers(0, 4, 400) * 1.0
    add_column(tmp_path, owner, "times", weight, split)

    outcome = run_task(
        training(tmp_path, "ss_glm", split, {**IRLS, **kind.params()}, weight={owner: "times"})
    )

    model = plain.fit(kind, split, var_weights=weight[split.train])
    assert relative_error(tmp_path, plain.predict(kind, split, model.params)) < 1e-4
    metrics = outcome.result["training_metrics"]
    assert metrics["deviance"] == pytest.approx(model.deviance, rel=2e-3)


@pytest.mark.parametrize(
    "kind", [NORMAL, POISSON, BERNOULLI, Kind("tweedie", "log"), KINDS[5]],
    ids=lambda kind: f"{kind.distribution}-{kind.link}",
)  # fmt: skip
def test_the_penalty_is_of_the_weights_of_the_label_as_it_is(
    run_task: RunTask, tmp_path: Path, kind: Kind
) -> None:
    """Whatever the label was scaled by."""
    split = make_glm(kind)
    write_split(tmp_path, split)
    l2 = {"normal": 200.0, "gamma": 5000.0}.get(kind.distribution, 100.0)

    run_task(training(tmp_path, "ss_glm", split, {**IRLS, **kind.params(), "l2_lambda": l2}))

    expected = plain.predict(kind, split, plain.ridge(kind, split, l2))
    without = plain.predict(kind, split, plain.fit(kind, split).params)
    assert np.max(np.abs(expected / without - 1)) > 0.03
    assert relative_error(tmp_path, expected) < 2e-4


def test_a_penalty_counts_beside_the_dispersion_and_the_row_weights(
    run_task: RunTask, tmp_path: Path
) -> None:
    """Rows that count twice are as many rows; a dispersion of four is a penalty four times."""
    split = make_glm(POISSON)
    write_split(tmp_path, split)
    add_column(tmp_path, "bob", "times", np.full(400, 2.0), split)
    params = {**IRLS, **POISSON.params(), "l2_lambda": 50.0, "dist_scale": 4.0}

    run_task(training(tmp_path, "ss_glm", split, params, weight="times"))

    expected = plain.predict(POISSON, split, plain.ridge(POISSON, split, 100.0))
    assert relative_error(tmp_path, expected) < 2e-4


@pytest.mark.parametrize(
    "kind", [BERNOULLI, POISSON, Kind("gamma", "log"), Kind("tweedie", "log")],
    ids=lambda kind: str(kind.distribution),
)  # fmt: skip
def test_sgd_takes_plain_steps(run_task: RunTask, tmp_path: Path, kind: Kind) -> None:
    split = make_glm(kind)
    write_split(tmp_path, split)
    steps = {"epochs": 3, "learning_rate": 0.1, "batch_size": 64}

    outcome = run_task(
        training(tmp_path, "ss_glm", split, {**kind.params(), **steps, "solver": "sgd"})
    )

    expected = plain.predict(kind, split, plain.sgd(kind, split, **steps))  # type: ignore[arg-type]
    assert relative_error(tmp_path, expected) < 1e-4
    metrics = outcome.result["training_metrics"]
    assert (metrics["iterations"], metrics["converged"]) == (3, None)


def test_both_solvers_find_the_same_under_a_penalty(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(POISSON)
    write_split(tmp_path, split)
    params = {"epochs": 60, "learning_rate": 0.4, "batch_size": 300, "solver": "sgd"}

    run_task(training(tmp_path, "ss_glm", split, {**POISSON.params(), **params, "l2_lambda": 60.0}))

    expected = plain.predict(POISSON, split, plain.ridge(POISSON, split, 60.0))
    assert relative_error(tmp_path, expected) < 1e-3


def test_it_agrees_with_secretflow(run_task: RunTask, tmp_path: Path) -> None:
    """Its exponential is a Taylor series of eight terms, hence the tolerance."""
    split = make_glm(POISSON, 500)
    write_split(tmp_path, split)

    theirs = run_oracle("ss_glm", tmp_path, split, {"epochs": 5, "dist": "Poisson", "link": "Log"})
    run_task(training(tmp_path, "ss_glm", split, {**POISSON.params(), "epochs": 5}))

    assert relative_error(tmp_path, theirs) < 3e-2


@pytest.mark.parametrize("unit", [1e-7, 1e9])
def test_a_label_may_be_in_any_unit_with_the_log_link(
    run_task: RunTask, tmp_path: Path, unit: float
) -> None:
    kind = Kind("gamma", "log")
    split = make_glm(kind)
    split.y[:] *= unit
    write_split(tmp_path, split)

    run_task(training(tmp_path, "ss_glm", split, {**IRLS, **kind.params()}), spu=FM64)

    expected = plain.predict(kind, split, plain.fit(kind, split).params)
    assert relative_error(tmp_path, expected) < 3e-3


def test_features_that_say_the_same_share_their_weight(run_task: RunTask, tmp_path: Path) -> None:
    """As the pseudo-inverse of statsmodels has it: it is no error, and predicts as well."""
    split = make_glm(POISSON)
    split.x[:, 3] = split.x[:, 0]
    write_split(tmp_path, split)

    run_task(training(tmp_path, "ss_glm", split, {**IRLS, **POISSON.params()}))

    expected = plain.predict(POISSON, split, plain.fit(POISSON, split).params)
    assert relative_error(tmp_path, expected) < 1e-3


def test_a_feature_that_is_constant_shares_with_the_intercept(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_glm(BERNOULLI)
    split.x[:, 2] = 0.0
    write_split(tmp_path, split)

    run_task(training(tmp_path, "ss_glm", split, {**IRLS, **BERNOULLI.params()}))

    expected = plain.predict(BERNOULLI, split, plain.fit(BERNOULLI, split).params)
    assert relative_error(tmp_path, expected) < 1e-4


def test_two_hundred_features(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(BERNOULLI, 400, 200)
    write_split(tmp_path, split)
    steps = {"epochs": 2, "learning_rate": 0.1, "batch_size": 100}

    run_task(training(tmp_path, "ss_glm", split, {**BERNOULLI.params(), **steps, "solver": "sgd"}))

    weights = plain.sgd(BERNOULLI, split, **steps)  # type: ignore[arg-type]
    assert relative_error(tmp_path, plain.predict(BERNOULLI, split, weights)) < 1e-3


def test_classes_that_the_features_separate_end_at_the_last_epoch(
    run_task: RunTask, tmp_path: Path
) -> None:
    """There is no finite estimate; the predictions are right all the same."""
    split = make_glm(BERNOULLI)
    split.y[:] = split.x[:, 0] > 0
    write_split(tmp_path, split)

    outcome = run_task(training(tmp_path, "ss_glm", split, {**BERNOULLI.params(), "epochs": 6}))

    predicted = read_predictions(tmp_path)
    assert outcome.result["training_metrics"]["converged"] is False
    assert ((predicted["pred_prob"] > 0.5) == (predicted["y"] == 1)).mean() > 0.97


def test_without_a_tolerance_nobody_learns_when_it_came_to_rest(
    run_task: RunTask, tmp_path: Path
) -> None:
    split = make_glm(NORMAL, 60, 2)
    write_split(tmp_path, split)
    params = {**NORMAL.params(), "epochs": 4}
    told = {}
    for tolerance in (0.0, 1e-3):
        outcome = run_task(training(tmp_path, "ss_glm", split, {**params, "tolerance": tolerance}))
        metrics = outcome.result["training_metrics"]
        told[tolerance] = (metrics["iterations"], metrics["converged"])
        steps = [
            fact for fact in outcome.task_metadata.disclosed if "after which step" in fact.what
        ]
        assert bool(steps) is (tolerance > 0)
    assert told == {0.0: (4, None), 1e-3: (2, True)}


def test_the_deviance_is_the_label_holders(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(POISSON, 60, 2)
    write_split(tmp_path, split)

    outcome = run_task(training(tmp_path, "ss_glm", split, POISSON.params()))

    told = {(fact.to, fact.what) for fact in outcome.task_metadata.disclosed}
    assert any(to == "alice" and "the deviance of the training" in what for to, what in told)
    assert not any(to == "bob" and "the deviance of the training" in what for to, what in told)


LABELS: dict[str, tuple[dict[str, Any], float, str]] = {
    "two": ({"distribution": "bernoulli"}, 2.0, "must be 0 or 1 in every row"),
    "half a count": ({"distribution": "poisson"}, 0.5, "whole numbers from 0 on"),
    "a negative count": ({"distribution": "poisson"}, -1.0, "numbers from 0 on"),
    "no amount": ({"distribution": "gamma"}, 0.0, "numbers above 0"),
    "a negative claim": ({"distribution": "tweedie"}, -1.0, "numbers from 0 on"),
    "no claim at 2": ({"distribution": "tweedie", "tweedie_power": 2}, 0.0, "numbers above 0"),
    "a negative mean": ({"distribution": "normal", "link": "log"}, -1e6, "a mean above 0"),
    "too large": ({"distribution": "normal"}, 1e11, "too large or too small"),
}


@pytest.mark.parametrize("case", LABELS)
def test_a_label_outside_of_its_distribution_is_refused(
    run_task: RunTask, tmp_path: Path, case: str
) -> None:
    params, value, message = LABELS[case]
    split = make_glm(BERNOULLI if case == "two" else Kind("gamma", "log"), 60, 2)
    if params["distribution"] == "poisson":
        split.y[:] = np.ceil(split.y)
    split.y[3] = value
    write_split(tmp_path, split)

    with pytest.raises(InputError, match=message) as caught:
        run_task(training(tmp_path, "ss_glm", split, params))

    assert caught.value.party == "alice"
    assert "'y'" in caught.value.message
    assert not (tmp_path / "alice" / "model").exists()


def test_a_label_too_far_above_its_mean_is_refused() -> None:
    """Of 2,000 rows one, whose square alone is more than a thousand times the squared mean."""
    y = np.append(np.ones(1999), 1e6)
    glm = plan(GlmParams(distribution="gamma"), 2000, "FM128", has_offset=False, has_weight=False)

    with pytest.raises(InputError, match="'y' has values too far above its mean"):
        labels.check_size(glm, "FM128", "y", "train.csv", y, labels.scale_of(glm, y))


def test_rates_are_poisson_beside_row_weights(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(POISSON)
    years = np.random.default_rng(4).integers(1, 4, 400) * 0.5
    split.y[:] /= years
    write_split(tmp_path, split)
    add_column(tmp_path, "alice", "years", years, split)

    run_task(training(tmp_path, "ss_glm", split, {**IRLS, **POISSON.params()}, weight="years"))

    model = plain.fit(POISSON, split, var_weights=years[split.train])
    assert relative_error(tmp_path, plain.predict(POISSON, split, model.params)) < 1e-4


def test_scores_that_end_too_far_out_fail(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(POISSON)
    split.y[:] = np.round(np.exp(4 * split.x[:, 0]))
    write_split(tmp_path, split)

    with pytest.raises(InputError, match="too far from that of the mean") as caught:
        run_task(training(tmp_path, "ss_glm", split, {**POISSON.params(), "epochs": 20}))

    assert "Standardize" in caught.value.hint


def test_steps_that_diverge_fail(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(NORMAL)
    write_split(tmp_path, split)
    params = {**NORMAL.params(), "solver": "sgd", "learning_rate": 5.0, "batch_size": 64}

    with pytest.raises(InputError, match="diverged") as caught:
        run_task(training(tmp_path, "ss_glm", split, params))

    assert caught.value.party == "alice"


def test_features_that_were_not_standardized_are_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(POISSON, 60, 4)
    split.x[:, 3] *= 10
    write_split(tmp_path, split)

    with pytest.raises(InputError, match="'x3' is not standardized") as caught:
        run_task(training(tmp_path, "ss_glm", split, POISSON.params()))

    assert caught.value.party == "bob"
    assert "standard_scaler" in caught.value.hint


@pytest.mark.parametrize("rows", [1, 5])
def test_rows_that_do_not_determine_the_weights_are_refused(
    run_task: RunTask, tmp_path: Path, rows: int
) -> None:
    split = make_glm(Kind("gamma", "log"), 40, 4)
    few = Split(split.x, split.y, split.parties, rows)
    write_split(tmp_path, few)

    with pytest.raises(InputError) as caught:
        run_task(training(tmp_path, "ss_glm", few, {"distribution": "gamma"}))

    expected = "is the same in every row" if rows == 1 else "5 rows do not determine 5 weights"
    assert expected in caught.value.message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([-1.0, 1.0], "row weights 'times' must be from 0 on"),
        ([0.0, 0.0], "row weights 'times' must be from 0 on"),
        ([1.0, 1e5], "the largest from 0.01 to 1000"),
    ],
)
def test_row_weights_that_weigh_nothing_or_too_much_are_refused(
    run_task: RunTask, tmp_path: Path, values: list[float], message: str
) -> None:
    split = make_glm(POISSON, 60, 2)
    write_split(tmp_path, split)
    add_column(tmp_path, "bob", "times", np.resize(values, 60), split)

    with pytest.raises(InputError, match=message) as caught:
        run_task(training(tmp_path, "ss_glm", split, POISSON.params(), weight="times"))

    assert caught.value.party == "bob"


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("nowhere", "task_config.offset: no party has a column 'nowhere'"),
        ("uid", "task_config.offset: 'uid' is at alice and bob"),
        ("x1", "task_config.offset: 'x1' is a feature too"),
    ],
)
def test_an_offset_must_be_found_once(
    run_task: RunTask, tmp_path: Path, column: str, message: str
) -> None:
    split = make_glm(POISSON, 60, 2)
    write_split(tmp_path, split)

    with pytest.raises(InputError, match=message):
        run_task(training(tmp_path, "ss_glm", split, POISSON.params(), offset=column))


def test_the_rows_to_predict_need_the_offset(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(POISSON, 60, 2)
    write_split(tmp_path, split)
    add_column(tmp_path, "bob", "exposure", np.zeros(60), split)
    path = tmp_path / "bob" / "test.csv"
    pd.read_csv(path).drop(columns="exposure").to_csv(path, index=False)

    with pytest.raises(InputError, match="no column 'exposure'") as caught:
        run_task(training(tmp_path, "ss_glm", split, POISSON.params(), offset="exposure"))

    assert caught.value.party == "bob"


def test_rings_that_are_too_small_are_refused(run_task: RunTask, tmp_path: Path) -> None:
    split = make_glm(POISSON, 60, 2)
    write_split(tmp_path, split)
    with pytest.raises(ProtocolUnfit, match="FM32"):
        run_task(
            training(tmp_path, "ss_glm", split, POISSON.params()),
            spu={"protocol": "SEMI2K", "field": "FM32"},
        )

    for params in (GlmParams(distribution="poisson"), GlmParams(distribution="gamma")):
        with pytest.raises(ProtocolUnfit, match="10000000 rows are too many"):
            plan(params, 10_000_000, "FM64", has_offset=False, has_weight=False)
        assert plan(params, 1_000_000, "FM128", has_offset=False, has_weight=False).limit > 5


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"distribution": "weibull"}, "distribution"),
        ({"link": "probit"}, "link"),
        ({"solver": "newton"}, "solver"),
        ({"distribution": "poisson", "link": "identity"}, "identity does not go with poisson"),
        ({"distribution": "bernoulli", "link": "log"}, "log does not go with bernoulli"),
        ({"distribution": "gamma", "link": "logit"}, "it takes log or reciprocal"),
        ({"distribution": "tweedie", "tweedie_power": 3}, "tweedie_power: it must be"),
        ({"distribution": "tweedie", "tweedie_power": 0.5}, "tweedie_power: it must be"),
        ({"epochs": 0}, "epochs"),
        ({"l2_lambda": -1}, "l2_lambda"),
        ({"dist_scale": 0}, "dist_scale"),
        ({"learning_rate": 0}, "learning_rate"),
        ({"reg_type": "logistic"}, "reg_type"),
    ],
)
def test_params_that_do_not_fit_are_refused(params: dict[str, Any], message: str) -> None:
    config = training(Path("/d"), "ss_glm", make_glm(POISSON, 40), params)

    with pytest.raises(ConfigError, match=message):
        TaskDispatcher.find("ss_glm").parse(config, ("alice", "bob"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"offset": "y"}, "offset: 'y' is the label"),
        ({"weight": {"alice": "y"}}, "weight: 'y' is the label"),
        ({"weight": ["a", "b"]}, "weight: it takes one column of one party"),
        ({"offset": {"alice": "a", "bob": "b"}}, "offset: it takes one column of one party"),
        ({"offset": {"carol": "c"}}, "offset: 'carol' is not a party"),
        ({"label_party": "carol"}, "label_party: 'carol' is not a party"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(changes: dict[str, Any], message: str) -> None:
    config = training(Path("/d"), "ss_glm", make_glm(POISSON, 40), {}, **changes)

    with pytest.raises(ConfigError, match=message):
        TaskDispatcher.find("ss_glm").parse(config, ("alice", "bob"))


def test_names_of_other_libraries_are_understood() -> None:
    params = GlmParams.model_validate({"distribution": "Gaussian", "link": "Identity"})
    assert (params.distribution, params.link_used) == ("normal", "identity")
    params = GlmParams.model_validate({"distribution": "Gamma", "link": "inverse"})
    assert (params.distribution, params.link_used) == ("gamma", "reciprocal")
    assert GlmParams.model_validate({"distribution": "binomial"}).link_used == "logit"
    with pytest.raises(ValidationError):
        GlmParams.model_validate({"distribution": 3})
