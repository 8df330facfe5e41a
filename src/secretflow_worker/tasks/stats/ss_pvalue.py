"""Significance of the coefficients of a saved model, for the receivers alone.

1. Each party reads the rows that the model was trained on, and takes its own columns'
   collinearity out in float64.
2. On shares: every row's curvature at the model's own scores, their matrix ``X'WX``, its inverse,
   and each coefficient by its standard error (Wald's statistic).
3. The statistics are opened to the receivers, who look up the p-values. Neither the matrix, nor a
   score, nor (unless asked for) a coefficient or a standard error is opened.

As statsmodels' ``Logit``, ``OLS`` and ``GLM`` compute them from the same coefficients. The
formula holds where a training has converged; a model that stopped early, or with a penalty, has
other coefficients than statsmodels would find, and so other statistics.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from secretflow_worker.contract.names import FilePath
from secretflow_worker.tasks import Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._aligned import LEARNS_IDS
from secretflow_worker.tasks._charts import Axis, Chart, Figures, Series, Text, dump_charts
from secretflow_worker.tasks._columns import merge_by_column
from secretflow_worker.tasks.stats._pvalue_config import PvalueConfig

if TYPE_CHECKING:
    from secretflow_worker.tasks.stats._wald import Tested

_VERSION = 1


class Significance(BaseModel):
    """Of one coefficient; None where the rows do not determine it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statistic: float | None
    p_value: float | None
    standard_error: float | None = Field(
        default=None, description="Where the request asks for it, as is the coefficient."
    )
    coefficient: float | None = None


class PvalueReport(Report):
    """What a party's worker is told; the figures at receivers only."""

    rows: int
    distribution: Literal["t", "normal"]
    features: dict[str, Significance] | None = None
    intercept: Significance | None = None


class PvalueResult(Result):
    """What ``ss_pvalue`` returns; None at the worker of parties that are no receivers."""

    output_report: FilePath | None
    distribution: Literal["t", "normal"] = Field(
        description="Of the statistics: t for linear regressions, else normal."
    )
    features: dict[str, Significance] | None = Field(
        description="By feature, in the order of the model; where two parties have a feature of "
        "the same name, the later party's is called <party>.<feature>."
    )
    intercept: Significance | None


@TaskDispatcher.register(
    "ss_pvalue",
    version=_VERSION,
    summary="P-values of the coefficients of a saved regression, for named receivers.",
    group="Understand",
    config=PvalueConfig,
    report=PvalueReport,
    result=PvalueResult,
    devices=("spu",),
    learns=[
        Learns(
            "every party",
            "the number of rows, and the names of the model's features",
            "every party's table",
        ),
        LEARNS_IDS,
        Learns(
            "each of receivers",
            "the Wald statistic of every coefficient with its sign, so its p-value, and which "
            "features their own party's others determine",
            "the model, the label and every party's features",
            disclosed=lambda config, party: party in config.receivers,
        ),
        Learns(
            "each of receivers",
            "the standard errors, and with the statistics the coefficients themselves",
            "the model",
            when="standard_errors is true",
            disclosed=lambda config, party: config.standard_errors and party in config.receivers,
        ),
        Learns(
            "sender of the request",
            "the same, from a receiver's worker",
            "the model, the label and every party's features",
            outside=True,
        ),
        Learns(
            "reader of output_report",
            "the same, and the number of rows",
            "the model, the label and every party's features",
            outside=True,
        ),
    ],
    example={
        "task_type": "ss_pvalue",
        "model": {"alice": "/app/data/alice_lr_model", "bob": "/app/data/bob_lr_model"},
        "data": {"alice": "/app/data/alice_train.csv", "bob": "/app/data/bob_train.csv"},
        "id_columns": ["uid"],
        "receivers": ["alice"],
        "output_report": "/app/data/pvalue_report.json",
    },
)
def run(parties: Parties, config: PvalueConfig) -> PvalueReport:
    """Compute the statistics; the receivers report them."""
    from secretflow_worker.tasks.stats._wald import test

    tested = test(parties, config)
    parties.progress(1.0)
    distribution: Literal["t", "normal"] = "t" if tested.is_t else "normal"
    if tested.statistics is None:
        return PvalueReport(rows=tested.rows, distribution=distribution)
    every = [_significance(tested, index) for index in range(len(tested.statistics))]
    names = merge_by_column(
        (party, dict.fromkeys(columns, None)) for party, columns in tested.names.items()
    )
    return PvalueReport(
        rows=tested.rows,
        distribution=distribution,
        features=dict(zip(names, every[1:], strict=True)),
        intercept=every[0],
    )


@run.combine
def combine(config: PvalueConfig, reports: Mapping[str, PvalueReport]) -> PvalueResult:
    """Take the figures from any receiver's report; they all have the same."""
    report = _told(reports)
    return PvalueResult(
        output_report=None if report.features is None else config.output_report,
        distribution=report.distribution,
        features=report.features,
        intercept=report.intercept,
    )


@run.document
def document(config: PvalueConfig, reports: Mapping[str, PvalueReport]) -> dict[str, Any] | None:
    """Return what the report file holds; there is none without a receiver."""
    report = _told(reports)
    if report.features is None or report.intercept is None:
        return None
    every = {**report.features, "(intercept)": report.intercept}
    return {
        "task_type": "ss_pvalue",
        "task_version": _VERSION,
        "rows": report.rows,
        "distribution": report.distribution,
        "features": {name: told.model_dump() for name, told in report.features.items()},
        "intercept": report.intercept.model_dump(),
        "charts": dump_charts([_bars(report.features), _table(every)]),
    }


def _significance(tested: Tested, index: int) -> Significance:
    if tested.statistics is None or tested.p_values is None:
        return Significance(statistic=None, p_value=None)
    statistic = float(tested.statistics[index])
    if math.isnan(statistic):
        return Significance(statistic=None, p_value=None)
    error = coefficient = None
    if tested.standard_errors is not None:
        error = float(f"{tested.standard_errors[index]:.5g}")
        coefficient = float(f"{statistic * tested.standard_errors[index]:.5g}")
    return Significance(
        statistic=float(f"{statistic:.5g}"),
        p_value=float(f"{tested.p_values[index]:.4g}"),
        standard_error=error,
        coefficient=coefficient,
    )


def _bars(features: Mapping[str, Significance]) -> Chart:
    name = Text(en="statistic", zh="统计量")
    return Chart(
        kind="bar",
        id="statistics",
        title=Text(en="Significance of the features", zh="特征显著性"),
        x=Axis(name=Text(en="feature", zh="特征"), kind="category"),
        y=Axis(name=name),
        series=[
            Series(name=name, x=list(features), y=[told.statistic for told in features.values()])
        ],
        note=Text(
            en="Beyond about 2 or -2 a feature is significant at 5 %.",
            zh="绝对值大于约 2 时，特征在 5% 水平上显著。",
        ),
    )


def _table(every: Mapping[str, Significance]) -> Figures:
    return Figures(
        id="p_values",
        title=Text(en="P-values", zh="P 值"),
        columns=[
            Text(en="feature", zh="特征"),
            Text(en="statistic", zh="统计量"),
            Text(en="p-value", zh="P 值"),
        ],
        values=[[name, told.statistic, told.p_value] for name, told in every.items()],
    )


def _told(reports: Mapping[str, PvalueReport]) -> PvalueReport:
    receiving = (report for report in reports.values() if report.features is not None)
    return next(receiving, next(iter(reports.values())))
