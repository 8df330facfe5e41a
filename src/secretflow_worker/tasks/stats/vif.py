"""Variance inflation of numeric columns across parties, for the receivers alone.

The inflation of a column is ``1 / (1 - R^2)``, where R^2 is what all other columns explain of
it: the diagonal of the inverse of the correlation matrix.

1. Each party takes its own columns' collinearity out in float64: an orthonormal basis, the way
   back, and the inflation that its own columns cause.
2. On shares: the products of different parties' bases, the inverse of that matrix, and each
   column's inflation. Neither the matrix nor its inverse is opened.
3. The inflations are opened to the receivers, and to nobody else.

As statsmodels' ``variance_inflation_factor`` with a constant among the columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from secretflow_worker.contract.names import FilePath
from secretflow_worker.tasks import Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._charts import Axis, Chart, Series, Text, dump_charts
from secretflow_worker.tasks.stats._joint import LEARNS_OF_JOINT, JointConfig

_VERSION = 1


class VifConfig(JointConfig):
    """``task_config`` of ``vif``."""


class VifReport(Report):
    """What a party's worker is told; the figures at receivers only."""

    rows: int
    values: dict[str, float | None] | None = None
    collinear: list[str] = Field(default_factory=list)
    constant: list[str] = Field(default_factory=list)


class VifResult(Result):
    """What ``vif`` returns; all None at the worker of parties that are no receivers."""

    output_report: FilePath | None
    vif_values: dict[str, float | None] | None = Field(
        description="By column, in the order of parties and tables, to five digits; where two "
        "parties have a column of the same name, the later party's is called <party>.<column>. "
        "None for the columns in collinear and constant."
    )
    collinear: list[str] | None = Field(
        description="Columns whose inflation is above 5000, which is not told apart from infinity: "
        "other columns determine them."
    )
    constant: list[str] | None = Field(
        description="Columns with one value in every row, which have no inflation."
    )


@TaskDispatcher.register(
    "vif",
    version=_VERSION,
    summary="Variance inflation of numeric columns across parties, for named receivers.",
    group="Understand",
    config=VifConfig,
    report=VifReport,
    result=VifResult,
    devices=("spu",),
    learns=[
        *LEARNS_OF_JOINT,
        Learns(
            "each of receivers",
            "the variance inflation of every column, which columns others determine (and whether "
            "others of the same party do), and which are constant; not the correlations",
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
        "task_type": "vif",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "columns": ["x1", "x2", "x3"],
        "receivers": ["alice"],
        "output_report": "/app/data/vif_report.json",
    },
)
def run(parties: Parties, config: VifConfig) -> VifReport:
    """Compute the inflations; the receivers report them."""
    from secretflow_worker.tasks.stats._correlation import inflate
    from secretflow_worker.tasks.stats._joint_table import read_joint

    table = read_joint(parties, config)
    found = inflate(parties, table, config.receivers or parties.names)
    parties.progress(1.0)
    rows = len(table.values)
    if found is None:
        return VifReport(rows=rows)
    names = table.names
    return VifReport(
        rows=rows,
        values=dict(zip(names, found.values, strict=True)),
        collinear=[names[index] for index in found.collinear],
        constant=[names[index] for index in found.constant],
    )


@run.combine
def combine(config: VifConfig, reports: Mapping[str, VifReport]) -> VifResult:
    """Take the figures from any receiver's report; they all have the same."""
    report = _told(reports)
    if report is None:
        return VifResult(output_report=None, vif_values=None, collinear=None, constant=None)
    return VifResult(
        output_report=config.output_report,
        vif_values=report.values,
        collinear=report.collinear,
        constant=report.constant,
    )


@run.document
def document(config: VifConfig, reports: Mapping[str, VifReport]) -> dict[str, Any] | None:
    """Return what the report file holds; there is none without a receiver."""
    report = _told(reports)
    if report is None or report.values is None:
        return None
    chart = Chart(
        kind="bar",
        id="vif",
        title=Text(en="Variance inflation", zh="方差膨胀因子"),
        x=Axis(name=Text(en="column", zh="列"), kind="category"),
        y=Axis(name=Text(en="VIF", zh="VIF"), low=0.0),
        series=[
            Series(
                name=Text(en="VIF", zh="VIF"),
                x=list(report.values),
                y=list(report.values.values()),
            )
        ],
        note=Text(
            en="1: no other column explains this one. Above 5 or 10 a regression cannot tell it "
            "from others. No bar: beyond 5000, or constant.",
            zh="1 表示其他列无法解释该列；大于 5 或 10 时回归难以区分；无柱表示超过 5000 或常量。",
        ),
    )
    return {
        "task_type": "vif",
        "task_version": _VERSION,
        "rows": report.rows,
        "vif_values": report.values,
        "collinear": report.collinear,
        "constant": report.constant,
        "charts": dump_charts([chart]),
    }


def _told(reports: Mapping[str, VifReport]) -> VifReport | None:
    return next((report for report in reports.values() if report.values is not None), None)
