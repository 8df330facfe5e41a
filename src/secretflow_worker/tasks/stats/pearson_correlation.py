"""Correlate the numeric columns of several parties, for the receivers alone.

1. Each party centres its columns and gives them length 1, in float64.
2. The products of one party's own columns are computed there, those between two parties on
   shares.
3. The matrix is opened to the receivers, and to nobody else.

As pandas' ``corr``, but that a missing value is an error: nobody could leave out a row by pairs
without telling which rows miss what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from secretflow_worker.contract.names import FilePath
from secretflow_worker.tasks import Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._charts import HeatMap, Text, dump_charts
from secretflow_worker.tasks.stats._joint import LEARNS_OF_JOINT, JointConfig

_VERSION = 1

Matrix = list[list[float | None]]


class CorrelationConfig(JointConfig):
    """``task_config`` of ``pearson_correlation``."""


class CorrelationReport(Report):
    """What a party's worker is told; `matrix` at receivers only, by rows of `columns`."""

    rows: int
    columns: list[str]
    matrix: Matrix | None


class CorrelationResult(Result):
    """What ``pearson_correlation`` returns."""

    output_report: FilePath | None = Field(description="None where no receiver's worker is.")
    correlation_matrix: dict[str, dict[str, float | None]] | None = Field(
        description="By column, in the order of parties and tables; where two parties have a "
        "column of the same name, the later party's is called <party>.<column>. None between a "
        "constant column and any. None at the worker of parties that are no receivers."
    )


@TaskDispatcher.register(
    "pearson_correlation",
    version=_VERSION,
    summary="Correlation matrix of numeric columns across parties, for named receivers.",
    group="Understand",
    config=CorrelationConfig,
    report=CorrelationReport,
    result=CorrelationResult,
    devices=("spu",),
    learns=[
        *LEARNS_OF_JOINT,
        Learns(
            "each of receivers",
            "the correlation of every two columns, and which columns are constant",
            "every party's columns",
            disclosed=lambda config, party: config.told(party),
        ),
        Learns(
            "sender of the request",
            "the same, from a receiver's worker",
            "every party's columns",
            outside=True,
        ),
        Learns(
            "reader of output_report",
            "the same, and the number of rows",
            "every party's columns",
            outside=True,
        ),
    ],
    example={
        "task_type": "pearson_correlation",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "columns": ["x1", "x2", "x3"],
        "receivers": ["alice"],
        "output_report": "/app/data/correlation_report.json",
    },
)
def run(parties: Parties, config: CorrelationConfig) -> CorrelationReport:
    """Correlate; the receivers report the matrix."""
    from secretflow_worker.tasks.stats._correlation import correlate
    from secretflow_worker.tasks.stats._joint_table import read_joint

    table = read_joint(parties, config)
    matrix = correlate(parties, table, config.receivers or parties.names)
    parties.progress(1.0)
    return CorrelationReport(
        rows=len(table.values),
        columns=table.names,
        matrix=matrix if config.told(parties.me) else None,
    )


@run.combine
def combine(
    config: CorrelationConfig, reports: Mapping[str, CorrelationReport]
) -> CorrelationResult:
    """Take the matrix from any receiver's report; they all have the same."""
    report = _told(reports)
    if report is None or report.matrix is None:
        return CorrelationResult(output_report=None, correlation_matrix=None)
    return CorrelationResult(
        output_report=config.output_report,
        correlation_matrix={
            name: dict(zip(report.columns, row, strict=True))
            for name, row in zip(report.columns, report.matrix, strict=True)
        },
    )


@run.document
def document(
    config: CorrelationConfig, reports: Mapping[str, CorrelationReport]
) -> dict[str, Any] | None:
    """Return what the report file holds; there is none without a receiver."""
    report = _told(reports)
    if report is None or report.matrix is None:
        return None
    chart = HeatMap(
        id="correlation",
        title=Text(en="Correlation", zh="相关系数"),
        columns=report.columns,
        rows=report.columns,
        values=report.matrix,
        low=-1.0,
        high=1.0,
        note=Text(
            en="1 or -1: one column follows the other; 0: no linear relation.",
            zh="1 或 -1 表示两列线性相关，0 表示没有线性关系。",
        ),
    )
    return {
        "task_type": "pearson_correlation",
        "task_version": _VERSION,
        "rows": report.rows,
        "columns": report.columns,
        "matrix": report.matrix,
        "charts": dump_charts([chart]),
    }


def _told(reports: Mapping[str, CorrelationReport]) -> CorrelationReport | None:
    return next((report for report in reports.values() if report.matrix is not None), None)
