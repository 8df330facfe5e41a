"""Measure how well predicted probabilities tell two classes apart, at the one who holds both.

Only the party in ``prediction_data`` computes, on its own files; the others have nothing to
do. The metrics are the result; ROC, K-S, lift, gain, calibration, precision and recall, the
distribution of scores and confusion counts are arrays in the report file.
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
    from secretflow_worker.tasks.evaluation._scores import Floats


class EvalConfig(EvaluationConfig):
    """What ``biclassification_eval`` takes: labels of 0 and 1, probabilities."""

    bucket_size: int = Field(
        default=10, ge=2, le=200, description="The number of buckets of rows and bins of scores."
    )


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
    learns=learns_of_evaluation("the six metrics"),
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

    labels, scores = _load(parties, config)
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
    from secretflow_worker.tasks.evaluation import _classification_charts as charts

    metrics = report.metrics.model_dump()
    return {
        "task_type": "biclassification_eval",
        "task_version": 1,
        "party": config.holder,
        "metrics": metrics,
        **report.curves,
        "headlines": dump_headlines(charts.headlines(metrics)),
        "charts": dump_charts(charts.charts(report.curves)),
    }


def _load(parties: Parties, config: EvalConfig) -> tuple[Floats, Floats]:
    """Read and check labels and scores, each of shape (rows,).

    Raises:
        InputError: labels other than 0 and 1 or all the same, scores outside 0 to 1.
    """
    source, labels_at, labels, scores = read_label_and_prediction(parties, config)
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
