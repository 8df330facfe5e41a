"""What the evaluations have in common: one party that holds label and prediction reads both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError, RowsNotAligned
from secretflow_worker.contract.names import ColumnName
from secretflow_worker.tasks import Config, Learns, Parties
from secretflow_worker.tasks._config import ColumnList, ColumnUse, PartyInputs, ReportPath
from secretflow_worker.tasks._marks import LeftOut

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class EvaluationConfig(Config):
    """Where label and prediction are, and where the report goes."""

    prediction_data: PartyInputs = Field(
        description="The table of predictions of the one party that holds label and prediction."
    )
    label_column: Annotated[ColumnName, ColumnUse.STATISTIC] = Field(
        description="The column of true labels."
    )
    prediction_column: Annotated[ColumnName, ColumnUse.STATISTIC] = Field(
        description="The column of predictions."
    )
    label_data: PartyInputs | None = Field(
        default=None,
        description="The same party's table with the label, in the same order of rows, where "
        "prediction_data has none.",
    )
    id_columns: Annotated[ColumnList | None, ColumnUse.LOCAL, LeftOut.NO_COLUMN] = Field(
        default=None,
        description="Columns that must be equal, row by row, in prediction_data and label_data.",
    )
    output_report: ReportPath = Field(description="Where the report goes, as JSON.")

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        if len(self.prediction_data) != 1:
            raise ConfigError("task_config.prediction_data: must name exactly one party")
        if self.label_data is not None and set(self.label_data) != set(self.prediction_data):
            raise ConfigError("task_config.label_data: must name the party of prediction_data")
        if self.id_columns is not None and self.label_data is None:
            raise ConfigError("task_config.id_columns: only where label_data is given")
        if self.label_data is None and self.label_column == self.prediction_column:
            raise ConfigError("task_config.prediction_column: is the label_column")

    @property
    def holder(self) -> str:
        """The party that computes."""
        return next(iter(self.prediction_data))


def learns_of_evaluation(told: str) -> list[Learns]:
    """Return the disclosure of an evaluation whose metrics are `told` to the sender."""
    return [
        Learns(
            who="holder of label and prediction",
            what="the metrics and curves",
            about="its own label and predictions",
            disclosed=lambda config, party: party == config.holder,
        ),
        Learns(
            who="sender of the request",
            what=told,
            about="the holder's label and predictions",
            outside=True,
        ),
        Learns(
            who="reader of output_report",
            what="the metrics and curves, row counts and single predicted values among them",
            about="the holder's label and predictions",
            outside=True,
        ),
    ]


def read_label_and_prediction(
    parties: Parties, config: EvaluationConfig
) -> tuple[Path, Path, Floats, Floats]:
    """Read the holder's columns: ``(predictions' file, labels' file, labels, predictions)``.

    Both columns have the shape (rows,) and are finite.

    Raises:
        InputError: a column that is missing or not all numbers, or no rows.
        RowsNotAligned: label_data has other rows than prediction_data.
    """
    from secretflow_worker.tasks._tables import load_numbers, require_columns

    source = parties.input(config.prediction_data[parties.me])
    labels_at = source
    if config.label_data is not None:
        labels_at = parties.input(config.label_data[parties.me])
    require_columns(source, [config.prediction_column], "task_config.prediction_column")
    require_columns(labels_at, [config.label_column], "task_config.label_column")
    if labels_at == source:
        both = load_numbers(source, [config.label_column, config.prediction_column])
        return source, source, both[:, 0], both[:, 1]
    labels = load_numbers(labels_at, [config.label_column])[:, 0]
    predictions = load_numbers(source, [config.prediction_column])[:, 0]
    _check_same_rows(source, labels_at, len(predictions), len(labels), config.id_columns or [])
    return source, labels_at, labels, predictions


def _check_same_rows(
    source: Path, labels_at: Path, rows: int, label_rows: int, id_columns: list[str]
) -> None:
    from secretflow_worker.tasks._tables import load_text, require_columns

    if rows != label_rows:
        raise RowsNotAligned(
            f"{source.name} and {labels_at.name} have different numbers of rows",
            hint="Give the label of exactly the predicted rows, in their order.",
        )
    if not id_columns:
        return
    for path in (source, labels_at):
        require_columns(path, id_columns, "task_config.id_columns")
    if not load_text(source, id_columns).equals(load_text(labels_at, id_columns)):
        raise RowsNotAligned(
            f"{source.name} and {labels_at.name} differ in the id columns",
            hint="Give the label of exactly the predicted rows, in their order.",
        )
