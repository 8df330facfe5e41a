"""Predictions of new rows by any saved model, for one receiver.

Each party loads its own share of the model, after its hashes, its parties and its device are
checked, and reads its own columns of the rows. What is opened, and how, is the affair of the
task type that trained the model; only the receiver gets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, model_validator

from secretflow_worker.contract.errors import ConfigError, ModelInvalid, UnknownTask
from secretflow_worker.contract.names import PartyName
from secretflow_worker.tasks._config import (
    ColumnUse,
    PartyInputs,
    PartyModelsIn,
    PartyOutputs,
    Receives,
    Report,
    Result,
)
from secretflow_worker.tasks._parties import Model, Parties
from secretflow_worker.tasks._task import Learns, TaskDispatcher, TaskType
from secretflow_worker.tasks.ml._training import (
    PredictionConfig,
    check_every_party,
    check_receiver,
    place_output,
)


class PredictConfig(PredictionConfig):
    """``task_config`` of ``predict``."""

    model: Annotated[PartyModelsIn, ColumnUse.MPC] = Field(
        description="The model folder of every party of the training."
    )
    data: PartyInputs = Field(
        description="Every party's table of the rows, with the features that it had in training."
    )
    receiver: Annotated[PartyName, Receives.PREDICTIONS] = Field(
        description="The one party that gets the predictions."
    )
    prediction_output: PartyOutputs = Field(
        description="Where the predictions go: {receiver: path}, or the path alone."
    )

    @model_validator(mode="before")
    @classmethod
    def _place_output(cls, data: Any) -> Any:
        return place_output(data, "receiver")

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_every_party(self.model, parties, "model")
        check_every_party(self.data, parties, "data")
        check_receiver(self.prediction_output, self.receiver, parties, "receiver")
        self.check_ids(parties)


class PredictReport(Report):
    row_count: int
    model_task_type: str


class PredictResult(Result):
    prediction_output: str
    receiver: str
    row_count: int
    model_task_type: str = Field(description="The task type that trained the model.")


@TaskDispatcher.register(
    "predict",
    version=1,
    summary="Predict new rows by a saved model, for one receiver.",
    group="Learn",
    config=PredictConfig,
    report=PredictReport,
    result=PredictResult,
    devices=("spu",),
    learns=[
        Learns("every party", "the number of rows", "every party's tables"),
        Learns(
            "every party",
            "that the id columns are equal in every row (a run where they are not fails)",
            "every party's id columns",
            when="id_columns is given",
            disclosed=lambda config, party: config.id_columns is not None,
        ),
        Learns(
            "receiver",
            "the prediction of each row, exactly enough to work back to its score",
            "the model, and the other parties' features of the row",
            disclosed=lambda config, party: party == config.receiver,
        ),
        Learns(
            "receiver",
            "the order of magnitude of the leaves' weights",
            "the model",
            when="the model is one of sgb with objective linear",
            disclosed=lambda config, party: party == config.receiver,
        ),
    ],
    example={
        "task_type": "predict",
        "model": {"alice": "/app/data/alice_lr_model", "bob": "/app/data/bob_lr_model"},
        "data": {"alice": "/app/data/alice_new.csv", "bob": "/app/data/bob_new.csv"},
        "receiver": "alice",
        "prediction_output": {"alice": "/app/data/alice_new_predictions.csv"},
        "id_columns": ["uid"],
    },
)
def run(parties: Parties, config: PredictConfig) -> PredictReport:
    """Predict the rows; the receiver writes them."""
    from secretflow_worker.tasks.ml._predictions import write_predictions
    from secretflow_worker.tasks.ml._vertical import read_rows

    me = parties.me
    model = parties.load_model(config.model[me])
    kind = _type_of(model)
    if kind.predict_function is None:
        raise ModelInvalid(f"a model of {model.task_type} does not predict")
    if config.prediction_column == model.label:
        raise ConfigError(f"task_config.prediction_column: {model.label!r} is the model's label")
    path = parties.input(config.data[me])
    rows = read_rows(parties, path, model.features[me], config.ids_at(me), "data")
    predictions = kind.predict_function(parties, model, rows.values, config.receiver)
    if predictions is not None:
        target = parties.stage(config.prediction_output[me])
        write_predictions(config, me, model.label, path, predictions, target)
    parties.progress(1.0)
    return PredictReport(row_count=rows.count, model_task_type=model.task_type)


@run.combine
def combine(config: PredictConfig, reports: Mapping[str, PredictReport]) -> PredictResult:
    """All parties report the same."""
    report = next(iter(reports.values()))
    return PredictResult(
        prediction_output=config.prediction_output[config.receiver],
        receiver=config.receiver,
        row_count=report.row_count,
        model_task_type=report.model_task_type,
    )


def _type_of(model: Model) -> TaskType:
    try:
        return TaskDispatcher.find(model.task_type, model.task_version)
    except UnknownTask:
        trained_by = f"{model.task_type}@{model.task_version}"
        known = [f"{t.name}@{t.version}" for t in TaskDispatcher.all() if t.name == model.task_type]
        raise ModelInvalid(
            f"the model was trained by {trained_by}; this worker has {', '.join(known) or 'none'}",
            hint="Predict where the version that trained it is installed, or train anew.",
        ) from None
