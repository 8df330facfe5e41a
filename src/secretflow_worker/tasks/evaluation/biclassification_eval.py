"""Measure how well predicted probabilities tell two classes apart, at the one who holds both.

Only the party in ``prediction_data`` computes, on its own files; the others have nothing to
do. The metrics are the result; ROC, K-S, lift, gain, calibration, precision and recall, the
distribution of scores and confusion counts are arrays in the report file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.errors import ConfigError, InputError, RowsNotAligned
from secretflow_worker.contract.names import ColumnName, FilePath
from secretflow_worker.tasks import Config, Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._config import ColumnList, PartyInputs, ReportPath

if TYPE_CHECKING:
    from pathlib import Path

    from secretflow_worker.tasks.evaluation._scores import Floats


class EvalConfig(Config):
    """What ``biclassification_eval`` takes."""

    prediction_data: PartyInputs = Field(
        description="The table of predictions of the one party that holds label and prediction."
    )
    label_column: ColumnName = Field(description="The column of true labels, 0 or 1.")
    prediction_column: ColumnName = Field(description="The column of probabilities, 0 to 1.")
    bucket_size: int = Field(
        default=10, ge=2, le=200, description="The number of buckets of rows and bins of scores."
    )
    label_data: PartyInputs | None = Field(
        default=None,
        description="The same party's table with the label, in the same order of rows, where "
        "prediction_data has none.",
    )
    id_columns: ColumnList | None = Field(
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


class Metrics(BaseModel):
    """A row counts as positive from a probability of 0.5 on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    auc: float
    ks: float
    f1_score: float
    precision: float
    recall: float
    accuracy: float


class EvalReport(Report):
    """What the holder's worker is told; of any other party nothing."""

    metrics: Metrics | None = None
    curves: dict[str, Any] | None = None


class EvalResult(Result):
    """What ``biclassification_eval`` returns; nothing at the worker of another party."""

    output_report: FilePath | None
    metrics: Metrics | None


@TaskDispatcher.register(
    "biclassification_eval",
    version=1,
    summary="AUC, K-S, F1 and curves of predicted probabilities, at the label's holder.",
    group="Evaluate",
    config=EvalConfig,
    report=EvalReport,
    result=EvalResult,
    learns=[
        Learns(
            who="holder of label and prediction",
            what="the metrics and curves",
            about="its own label and predictions",
            disclosed=lambda config, party: party == config.holder,
        ),
        Learns(
            who="sender of the request",
            what="the six metrics",
            about="the holder's label and predictions",
            outside=True,
        ),
        Learns(
            who="reader of output_report",
            what="the metrics and curves, row counts and single predicted values among them",
            about="the holder's label and predictions",
            outside=True,
        ),
    ],
    parties=(1, 5),
    link=False,
    example={
        "task_type": "biclassification_eval",
        "prediction_data": {"alice": "/app/data/alice_predictions.csv"},
        "label_column": "y",
        "prediction_column": "pred_prob",
        "bucket_size": 10,
        "output_report": "/app/data/biclass_eval_report.json",
    },
)
def run(parties: Parties, config: EvalConfig) -> EvalReport:
    """Evaluate, if this party is the holder."""
    if parties.me != config.holder:
        return EvalReport()
    from secretflow_worker.tasks.evaluation import _scores

    source = parties.input(config.prediction_data[parties.me])
    labels_at = source
    if config.label_data is not None:
        labels_at = parties.input(config.label_data[parties.me])
    labels, scores = _load(source, labels_at, config)
    parties.progress(0.3, "read")
    ranking = _scores.Ranking.of(labels, scores)
    return EvalReport(
        metrics=Metrics(**_scores.metrics(labels, scores, ranking)),
        curves=_scores.curves(labels, scores, ranking, config.bucket_size),
    )


@run.combine
def combine(config: EvalConfig, reports: Mapping[str, EvalReport]) -> EvalResult:
    """Return the holder's metrics."""
    report = reports.get(config.holder)
    return EvalResult(
        output_report=config.output_report if report else None,
        metrics=report.metrics if report else None,
    )


@run.document
def document(config: EvalConfig, reports: Mapping[str, EvalReport]) -> dict[str, Any] | None:
    """Return what the report file holds; None at a worker that does not run the holder."""
    report = reports.get(config.holder)
    if report is None or report.metrics is None or report.curves is None:
        return None
    return {
        "task_type": "biclassification_eval",
        "task_version": 1,
        "party": config.holder,
        "metrics": report.metrics.model_dump(),
        **report.curves,
    }


def _load(source: Path, labels_at: Path, config: EvalConfig) -> tuple[Floats, Floats]:
    """Read and check labels and scores, each of shape (rows,).

    Raises:
        InputError: labels other than 0 and 1 or all the same, scores outside 0 to 1.
        RowsNotAligned: label_data has other rows than prediction_data.
    """
    from secretflow_worker.tasks._tables import load_numbers, require_columns

    require_columns(source, [config.prediction_column], "task_config.prediction_column")
    require_columns(labels_at, [config.label_column], "task_config.label_column")
    if labels_at == source:
        both = load_numbers(source, [config.label_column, config.prediction_column])
        labels, scores = both[:, 0], both[:, 1]
    else:
        labels = load_numbers(labels_at, [config.label_column])[:, 0]
        scores = load_numbers(source, [config.prediction_column])[:, 0]
        _check_same_rows(source, labels_at, len(scores), len(labels), config.id_columns or [])
    if not ((labels == 0) | (labels == 1)).all():
        raise InputError(
            f"{labels_at.name}: label column {config.label_column!r} holds others than 0 and 1",
            hint="Code the label as 0 and 1.",
        )
    if labels.min() == labels.max():
        raise InputError(
            f"{labels_at.name}: label column {config.label_column!r} is the same in every row",
            hint="Evaluate rows of both classes.",
        )
    if scores.min() < 0 or scores.max() > 1:
        raise InputError(
            f"{source.name}: prediction column {config.prediction_column!r} is not between 0 and 1",
            hint="Evaluate probabilities, not scores on another scale.",
        )
    return labels, scores


def _check_same_rows(
    source: Path, labels_at: Path, rows: int, label_rows: int, id_columns: ColumnList
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
