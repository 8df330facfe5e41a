"""What the configs of training and prediction have in common: their fields and checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import ColumnName, PartyName
from secretflow_worker.tasks._aligned import LEARNS_IDS, AlignedConfig
from secretflow_worker.tasks._columns import ColumnChoice, check_choice
from secretflow_worker.tasks._columns import check_every_party as check_every_party
from secretflow_worker.tasks._config import (
    ColumnUse,
    PartyInputs,
    PartyModelsIn,
    PartyModelsOut,
    PartyOutputs,
    Receives,
)
from secretflow_worker.tasks._marks import DeclaredReceiver, DeclaredUse
from secretflow_worker.tasks._task import Learns


class RowsConfig(AlignedConfig):
    """Which rows are the same entity, and how what is found of each is written."""

    id_columns: Annotated[ColumnChoice | None, ColumnUse.KEY] = Field(
        default=None,
        description="Columns that identify a row: a list where every party calls them the same, "
        "or {party: list}. With them the parties' rows are checked to be aligned, and they are "
        "carried over to the predictions. Left out: only row counts are compared.",
    )
    prediction_column: Annotated[ColumnName, ColumnUse.NONE] = Field(
        default="pred_prob", description="The column of the predictions."
    )

    def check_ids(self, parties: tuple[str, ...]) -> None:
        """See ``AlignedConfig.check_ids``; none may have the prediction's name either."""
        super().check_ids(parties)
        if any(self.prediction_column in self.ids_at(party) for party in parties):
            raise ConfigError(
                f"task_config.prediction_column: {self.prediction_column!r} is an id column"
            )

    @property
    def keeps_label(self) -> bool:
        """Whether the label is written beside the predictions, where the table has it."""
        return False


class PredictionConfig(RowsConfig):
    """How predictions are written; part of ``predict`` and of every training with a label."""

    keep_label: bool = Field(
        default=True,
        description="Write the label beside the predictions where the receiver's table has it.",
    )

    @property
    def keeps_label(self) -> bool:
        """See ``RowsConfig.keeps_label``."""
        return self.keep_label


class ModelConfig(RowsConfig):
    """Where the data of a training is, with or without a label, and where its model goes."""

    train_data: PartyInputs = Field(description="Every party's table; row i of all is one entity.")
    features: Annotated[ColumnChoice, ColumnUse.MPC] = Field(
        description="Columns to learn from: a list, of which each must be at exactly one party, "
        "or {party: list}."
    )
    model_output: PartyModelsOut = Field(
        description="The folder in which each party keeps its share of the model."
    )
    test_data: PartyInputs | None = Field(
        default=None, description="Every party's table of rows to predict, if any."
    )
    prediction_output: PartyOutputs | None = Field(
        default=None, description="Where the receiver's predictions go."
    )
    prediction_receiver: Annotated[PartyName | None, Receives.PREDICTIONS] = Field(
        default=None,
        description="The one party that gets predictions; the one of prediction_output by default.",
    )

    @model_validator(mode="before")
    @classmethod
    def _place_output(cls, data: Any) -> Any:
        return place_output(data, "prediction_receiver")

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_every_party(self.train_data, parties, "train_data")
        check_every_party(self.model_output, parties, "model_output")
        check_choice(self.features, self.train_data, "features")
        self.check_ids(parties)
        self.check_prediction(parties)

    def check_prediction(self, parties: tuple[str, ...]) -> None:
        """Check which rows are predicted and where the predictions go.

        Raises:
            ConfigError: rows without a place for the predictions, or the reverse; a second
                receiver.
        """
        if self.test_data is None:
            for field in ("prediction_output", "prediction_receiver"):
                if getattr(self, field) is not None:
                    raise ConfigError(f"task_config.test_data: required beside {field}")
            return
        check_every_party(self.test_data, parties, "test_data")
        if self.prediction_output is None:
            raise ConfigError("task_config.prediction_output: required beside test_data")
        check_receiver(
            self.prediction_output, self.prediction_receiver, parties, "prediction_receiver"
        )

    @property
    def receiver(self) -> str | None:
        """The party that gets the predictions, if there are any."""
        return next(iter(self.prediction_output)) if self.prediction_output else None

    def declared_receivers(self, parties: tuple[str, ...]) -> Iterator[DeclaredReceiver]:
        """See ``Config.declared_receivers``; without predictions nobody gets any."""
        for given in super().declared_receivers(parties):
            if given.field != "prediction_receiver":
                yield given
        if self.receiver is not None:
            yield DeclaredReceiver("prediction_receiver", Receives.PREDICTIONS, self.receiver)


class TrainingConfig(ModelConfig, PredictionConfig):
    """A training that learns to predict a label."""

    label: Annotated[ColumnName, ColumnUse.MPC] = Field(description="The column to predict.")
    label_party: Annotated[PartyName, Receives.STATISTICS] = Field(
        description="The party that has the label."
    )
    base_model: Annotated[PartyModelsIn | None, ColumnUse.MPC] = Field(
        default=None,
        description="Every party's folder of a model of the same task type, features and label to "
        "go on from. Left out: the training starts anew.",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        if self.base_model is not None:
            check_every_party(self.base_model, parties, "base_model")
        if self.label_party not in parties:
            raise ConfigError(
                f"task_config.label_party: {self.label_party!r} is not a party of this task"
            )
        listed = self.features
        if self.label in (listed.get(self.label_party, []) if isinstance(listed, dict) else listed):
            raise ConfigError(f"task_config.features: {self.label!r} is the label")
        if self.label == self.prediction_column:
            raise ConfigError(f"task_config.prediction_column: {self.label!r} is the label")
        super().check(parties)

    def column_uses(self, party: str) -> Iterator[DeclaredUse]:
        """See ``Config.column_uses``; a column of the label's name elsewhere is not read."""
        for use in super().column_uses(party):
            if use.field != "label" or party == self.label_party:
                yield use


def place_output(data: Any, receiver_field: str) -> Any:
    """Read a `prediction_output` that is a plain path as the receiver's."""
    if not isinstance(data, Mapping):
        return data
    path, receiver = data.get("prediction_output"), data.get(receiver_field)
    if isinstance(path, str) and isinstance(receiver, str):
        return {**data, "prediction_output": {receiver: path}}
    return data


def check_receiver(
    output: Mapping[str, str], receiver: str | None, parties: Sequence[str], field: str
) -> None:
    """Check that predictions go to one party, which is the receiver.

    Raises:
        ConfigError: a receiver that is no party, or an output at another party.
    """
    if receiver is not None and receiver not in parties:
        raise ConfigError(f"task_config.{field}: {receiver!r} is not a party of this task")
    others = sorted(set(output) - {receiver or next(iter(output))})
    if others:
        raise ConfigError(
            f"task_config.prediction_output: party {others[0]} is not the {field}; predictions "
            "reach one party only"
        )


LEARNS_OF_ROWS = (
    Learns(
        "every party",
        "the number of rows, and which of the named features each party has",
        "every party's tables",
    ),
    LEARNS_IDS,
)

LEARNS_OF_TRAINING = (
    *LEARNS_OF_ROWS,
    Learns(
        "every party",
        "that the folders of base_model are of one training (a run where they are not fails)",
        "every party's part of the base model",
        when="base_model is given",
        disclosed=lambda config, party: config.base_model is not None,
    ),
    Learns(
        "prediction_receiver",
        "the prediction of each row of test_data, exactly enough to work back to its score",
        "the model, and the other parties' features of the row",
        when="test_data is given",
        disclosed=lambda config, party: config.receiver == party,
    ),
)
