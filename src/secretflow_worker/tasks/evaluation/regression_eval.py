"""Measure how far predicted numbers are from the true ones, at the one who holds both.

Only the party in ``prediction_data`` computes, on its own files; the others have nothing to
do. The metrics are the result; residuals and means by bucket are in the report file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.errors import InputError
from secretflow_worker.contract.names import FilePath
from secretflow_worker.tasks import Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._charts import dump_charts, dump_headlines
from secretflow_worker.tasks.evaluation._holder import (
    EvaluationConfig,
    learns_of_evaluation,
    read_label_and_prediction,
)

if TYPE_CHECKING:
    from secretflow_worker.tasks.evaluation._residuals import Floats

_LARGEST = 1e150
"""Beyond it, a square is no float any more."""


class RegressionConfig(EvaluationConfig):
    """What ``regression_eval`` takes: labels and predictions of any numbers."""

    bucket_size: int = Field(
        default=10,
        ge=2,
        le=200,
        description="The number of buckets of rows, and of bins of residuals, in the report.",
    )


class RegressionMetrics(BaseModel):
    """In the label's unit (``mse``: its square); R2 is null where the label does not vary."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mse: float
    rmse: float
    mae: float
    r2_score: float | None


class RegressionReport(Report):
    """What the holder's worker is told; of any other party nothing."""

    metrics: RegressionMetrics | None = None
    tables: dict[str, Any] | None = None


class RegressionResult(Result):
    """What ``regression_eval`` returns; nothing at the worker of another party."""

    output_report: FilePath | None
    metrics: RegressionMetrics | None


@TaskDispatcher.register(
    "regression_eval",
    version=1,
    summary="MSE, RMSE, MAE, R2 and residuals of predicted numbers, at the label's holder.",
    group="Evaluate",
    config=RegressionConfig,
    report=RegressionReport,
    result=RegressionResult,
    learns=learns_of_evaluation("the four metrics"),
    parties=(1, 5),
    link=False,
    example={
        "task_type": "regression_eval",
        "prediction_data": {"alice": "/app/data/alice_predictions.csv"},
        "label_column": "y",
        "prediction_column": "pred_prob",
        "output_report": "/app/data/regression_eval_report.json",
    },
)
def run(parties: Parties, config: RegressionConfig) -> RegressionReport:
    """Evaluate, if this party is the holder."""
    if parties.me != config.holder:
        return RegressionReport()
    from secretflow_worker.tasks.evaluation import _residuals

    labels, predictions = _load(parties, config)
    parties.progress(0.3, "read")
    return RegressionReport(
        metrics=RegressionMetrics.model_validate(_residuals.metrics(labels, predictions)),
        tables=_residuals.tables(labels, predictions, config.bucket_size),
    )


@run.combine
def combine(config: RegressionConfig, reports: Mapping[str, RegressionReport]) -> RegressionResult:
    """Return the holder's metrics."""
    report = reports.get(config.holder)
    return RegressionResult(
        output_report=config.output_report if report else None,
        metrics=report.metrics if report else None,
    )


@run.document
def document(
    config: RegressionConfig, reports: Mapping[str, RegressionReport]
) -> dict[str, Any] | None:
    """Return what the report file holds; None at a worker that does not run the holder."""
    report = reports.get(config.holder)
    if report is None or report.metrics is None or report.tables is None:
        return None
    from secretflow_worker.tasks.evaluation import _regression_charts as charts

    metrics = report.metrics.model_dump()
    return {
        "task_type": "regression_eval",
        "task_version": 1,
        "party": config.holder,
        "metrics": metrics,
        **report.tables,
        "headlines": dump_headlines(charts.headlines(metrics)),
        "charts": dump_charts(charts.charts(report.tables)),
    }


def _load(parties: Parties, config: RegressionConfig) -> tuple[Floats, Floats]:
    """Read and check labels and predictions, each of shape (rows,).

    Raises:
        InputError: numbers so large that their squares are none.
    """
    source, labels_at, labels, predictions = read_label_and_prediction(parties, config)
    for path, column, values in (
        (labels_at, config.label_column, labels),
        (source, config.prediction_column, predictions),
    ):
        if abs(values).max() > _LARGEST:
            raise InputError(
                f"{path.name}: column {column!r} holds numbers too large to square",
                hint="Divide label and prediction by a power of ten first.",
            )
    return labels, predictions
