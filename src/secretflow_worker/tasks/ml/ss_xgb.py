"""Gradient boosted trees on columns of several parties, by secret sharing.

1. Every party finds the candidate splits of its own features and shares which rows are left
   of which candidate, as many candidates for every feature.
2. Each tree grows on the shares: gradients, the gain of every candidate, the best split of every
   node, the rows of its children. Nothing is opened. With ``base_model`` the trees go on from the
   margins of that model, which are computed on the shares, with its candidates.
3. Every party keeps its shares of splits and leaf weights, and the cuts of its own features,
   without learning which of them a tree uses. A prediction's margin is opened to the receiver
   alone, who takes the sigmoid of it.

The method is SecretFlow's SS-XGB (Fang et al. 2021), which also has the square-root sigmoid and
in which ``base_score`` is the first margin. SecretFlow opens every split to every party.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from secretflow_worker.tasks._config import Report, Result
from secretflow_worker.tasks._parties import Array, Model, Parties
from secretflow_worker.tasks._task import Learns, TaskDispatcher
from secretflow_worker.tasks.ml._params import XgbParams
from secretflow_worker.tasks.ml._training import LEARNS_OF_TRAINING, TrainingConfig

if TYPE_CHECKING:
    from secretflow_worker.tasks.ml._boosting import Forest

_KEPT_PARAMS = {"objective", "max_depth", "sketch_eps", "base_score", "pad_candidates"}
"""What must be the same when a training goes on: the trees' shape, candidates and margins."""


class XgbConfig(TrainingConfig):
    """``task_config`` of ``ss_xgb``."""

    params: XgbParams = XgbParams()


class XgbReport(Report):
    num_trees: int


class XgbMetrics(Result):
    num_trees: int = Field(description="Of the saved model, those of base_model among them.")


class XgbResult(Result):
    model_saved: bool
    model_paths: dict[str, str]
    training_metrics: XgbMetrics
    prediction_output: str | None


@TaskDispatcher.register(
    "ss_xgb",
    version=1,
    summary="Gradient boosted trees on secret shares; splits and weights stay shares.",
    group="Learn",
    config=XgbConfig,
    report=XgbReport,
    result=XgbResult,
    devices=("spu",),
    learns=[
        *LEARNS_OF_TRAINING,
        Learns(
            "every party",
            "how many candidate splits each feature has: its distinct values less one, or the most",
            "every party's features",
            when="params.pad_candidates is false",
            disclosed=lambda config, party: not config.params.pad_candidates,
        ),
        Learns(
            "every party",
            "which nodes of which tree split by its own features, and by which feature and value",
            "the model, and so the label and the other parties' features",
            when="params.reveal_splits is true",
            disclosed=lambda config, party: config.params.reveal_splits,
        ),
    ],
    example={
        "task_type": "ss_xgb",
        "train_data": {
            "alice": "/app/data/alice_train.csv",
            "bob": "/app/data/bob_train.csv",
        },
        "features": ["x1", "x2", "x3"],
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": {"alice": "/app/data/alice_xgb_model", "bob": "/app/data/bob_xgb_model"},
        "params": {
            "num_boost_round": 10,
            "max_depth": 5,
            "learning_rate": 0.1,
            "objective": "logistic",
            "reg_lambda": 0.1,
            "subsample": 1.0,
            "colsample_by_tree": 1.0,
            "base_score": 0.5,
        },
        "test_data": {"alice": "/app/data/alice_test.csv", "bob": "/app/data/bob_test.csv"},
        "prediction_output": {"alice": "/app/data/alice_xgb_predictions.csv"},
        "prediction_receiver": "alice",
    },
)
def run(parties: Parties, config: XgbConfig) -> XgbReport:
    """Train, save this party's share of the model, and predict the test rows if there are any."""
    from secretflow_worker.tasks.ml import _boosting as boosting
    from secretflow_worker.tasks.ml._continued import load_base_model
    from secretflow_worker.tasks.ml._predictions import write_predictions
    from secretflow_worker.tasks.ml._vertical import read_training

    me, params = parties.me, config.params
    data = read_training(parties, config, is_binary=params.objective == "logistic")
    boosting.check_numbers(params, data, config.label, parties.spu.field)
    kept = params.model_dump(mode="json", include=_KEPT_PARAMS)
    base = load_base_model(parties, config, data.features, kept)
    forest = boosting.train(
        parties, params, config.label_party, data, None if base is None else _forest_of(base)
    )
    parties.save_model(
        config.model_output[me],
        parameters=params.model_dump(mode="json"),
        features=data.features,
        label=config.label,
        label_party=config.label_party,
        secrets={"splits": forest.splits, "weights": forest.weights},
        own={"cuts": forest.cuts},
    )
    if data.test is not None and config.prediction_output and config.receiver:
        predictions = boosting.predict(
            parties, forest, params, data.features, data.test.values, config.receiver
        )
        if predictions is not None:
            target = parties.stage(config.prediction_output[me])
            write_predictions(config, me, config.label, data.test.path, predictions, target)
    parties.progress(1.0)
    return XgbReport(num_trees=forest.count)


@run.combine
def combine(config: XgbConfig, reports: Mapping[str, XgbReport]) -> XgbResult:
    """All parties report the same."""
    return XgbResult(
        model_saved=True,
        model_paths=dict(config.model_output),
        training_metrics=XgbMetrics(num_trees=next(iter(reports.values())).num_trees),
        prediction_output=config.prediction_output[config.receiver]
        if config.prediction_output and config.receiver
        else None,
    )


@run.predictor
def predict(parties: Parties, model: Model, rows: Array, receiver: str) -> Array | None:
    """Predict rows with a saved model; see ``PredictFunction``."""
    from secretflow_worker.tasks.ml import _boosting as boosting

    forest = _forest_of(model)
    params = XgbParams.model_validate(dict(model.parameters))
    return boosting.predict(parties, forest, params, model.features, rows, receiver)


def _forest_of(model: Model) -> Forest:
    from secretflow_worker.tasks.ml._boosting import Forest

    return Forest(model.secret("splits"), model.secret("weights"), model.own("cuts"))
