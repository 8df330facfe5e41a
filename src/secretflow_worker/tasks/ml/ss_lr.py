"""Logistic and linear regression on columns of several parties, by secret sharing.

1. Every party reads and checks its own columns, and shares them and the label.
2. Mini-batch SGD runs on the shares, one program per epoch; nothing is opened in between.
3. The training loss is opened to the label holder alone.
4. Every party keeps its share of the weights. A prediction's score is opened to the receiver
   alone, who takes the sigmoid of it.

Semantics of SecretFlow's ``SSRegression`` (``naive_sgd``, no early stop). Its loss and its
predictions are by the true sigmoid, where SecretFlow's are by the approximation that it trains
with.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from secretflow_worker.tasks._config import Report, Result
from secretflow_worker.tasks._parties import Array, Model, Parties
from secretflow_worker.tasks._task import Learns, TaskDispatcher
from secretflow_worker.tasks.ml._params import LrParams
from secretflow_worker.tasks.ml._training import LEARNS_OF_TRAINING, TrainingConfig


class LrConfig(TrainingConfig):
    """``task_config`` of ``ss_lr``."""

    params: LrParams = LrParams()


class LrReport(Report):
    final_loss: float | None = Field(description="At the label holder; None elsewhere.")


class LrMetrics(Result):
    epochs: int
    final_loss: float | None = Field(
        description="Mean loss over the training rows, without the penalty: log-loss, or squared "
        "error where linear. None where the label holder has another worker."
    )


class LrResult(Result):
    model_saved: bool
    model_paths: dict[str, str]
    training_metrics: LrMetrics
    prediction_output: str | None


@TaskDispatcher.register(
    "ss_lr",
    version=1,
    summary="Logistic or linear regression on secret shares; the weights stay shares.",
    group="Learn",
    config=LrConfig,
    report=LrReport,
    result=LrResult,
    devices=("spu",),
    learns=[
        *LEARNS_OF_TRAINING,
        Learns(
            "label_party",
            "the training loss",
            "the model and every party's features",
            disclosed=lambda config, party: party == config.label_party,
        ),
        Learns(
            "sender of the request",
            "the training loss, from the label holder's worker",
            "the label and every party's features",
            outside=True,
        ),
        Learns(
            "every party",
            "that the loss is not above twice that of no model (a training that ends so fails)",
            "the label and every party's features",
        ),
        Learns(
            "every party",
            "that every score of the training lay between -5 and 5 (a training that leaves fails)",
            "the model and every party's features",
            when="sig_type is cubic",
            disclosed=lambda config, party: config.params.sig_type == "cubic",
        ),
    ],
    example={
        "task_type": "ss_lr",
        "train_data": {
            "alice": "/app/data/alice_train.csv",
            "bob": "/app/data/bob_train.csv",
        },
        "features": ["x1", "x2", "x3"],
        "label": "y",
        "label_party": "alice",
        "id_columns": ["uid"],
        "model_output": {"alice": "/app/data/alice_lr_model", "bob": "/app/data/bob_lr_model"},
        "params": {
            "epochs": 10,
            "learning_rate": 0.1,
            "batch_size": 128,
            "reg_type": "logistic",
            "penalty": "l2",
            "l2_norm": 0.1,
        },
        "test_data": {"alice": "/app/data/alice_test.csv", "bob": "/app/data/bob_test.csv"},
        "prediction_output": {"alice": "/app/data/alice_predictions.csv"},
        "prediction_receiver": "alice",
    },
)
def run(parties: Parties, config: LrConfig) -> LrReport:
    """Train, save this party's share of the model, and predict the test rows if there are any."""
    from secretflow_worker.tasks.ml import _regression as regression
    from secretflow_worker.tasks.ml._continued import load_base_model
    from secretflow_worker.tasks.ml._predictions import write_predictions
    from secretflow_worker.tasks.ml._vertical import read_training

    me, params = parties.me, config.params
    data = read_training(parties, config, is_binary=params.reg_type == "logistic")
    base = load_base_model(parties, config, data.features, {"reg_type": params.reg_type})
    sgd = regression.plan(params, data.train.count, parties.spu.field)
    reach = regression.check_numbers(
        params, sgd, config.label, data, me, parties.spu.field, base.own("reach") if base else None
    )
    weights, loss = regression.train(
        parties, params, sgd, config.label_party, data, base.secret("weights") if base else None
    )
    parties.save_model(
        config.model_output[me],
        parameters=params.model_dump(mode="json"),
        features=data.features,
        label=config.label,
        label_party=config.label_party,
        secrets={"weights": weights},
        own={"reach": reach},
    )
    if data.test is not None and config.prediction_output and config.receiver:
        predictions = regression.predict(
            parties, weights, params.reg_type, data.features, data.test.values, config.receiver
        )
        if predictions is not None:
            target = parties.stage(config.prediction_output[me])
            write_predictions(config, me, config.label, data.test.path, predictions, target)
    parties.progress(1.0)
    return LrReport(final_loss=loss)


@run.combine
def combine(config: LrConfig, reports: Mapping[str, LrReport]) -> LrResult:
    """Take the loss from the label holder's report, where this worker has it."""
    own = reports.get(config.label_party)
    return LrResult(
        model_saved=True,
        model_paths=dict(config.model_output),
        training_metrics=LrMetrics(
            epochs=config.params.epochs, final_loss=own.final_loss if own else None
        ),
        prediction_output=config.prediction_output[config.receiver]
        if config.prediction_output and config.receiver
        else None,
    )


@run.predictor
def predict(parties: Parties, model: Model, rows: Array, receiver: str) -> Array | None:
    """Predict rows with a saved model; see ``PredictFunction``."""
    from secretflow_worker.tasks.ml import _regression as regression

    link = model.parameters["reg_type"]
    weights = model.secret("weights")
    return regression.predict(parties, weights, link, model.features, rows, receiver)
