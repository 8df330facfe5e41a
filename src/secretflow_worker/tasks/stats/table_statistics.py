"""Describe numeric columns: count, mean, spread and quartiles, each at its owner.

As pandas' ``describe``: the sample's standard deviation (n - 1), quartiles by linear
interpolation, missing values left out. Nothing of a table but these figures leaves its party.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from secretflow_worker.contract.errors import InputError
from secretflow_worker.contract.names import FilePath
from secretflow_worker.tasks import Config, Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._charts import dump_charts
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_choice,
    chosen_at,
    merge_by_column,
    require_all_found,
)
from secretflow_worker.tasks._config import ColumnUse, PartyInputs, ReportPath
from secretflow_worker.tasks.stats import _description_charts as charts

if TYPE_CHECKING:
    from secretflow_worker.tasks._numeric import NumericTable

_QUARTILES = {"25%": 0.25, "50%": 0.5, "75%": 0.75}
_HELD_AT_ONCE_BYTES = 128 << 20

ColumnStatistics = TypedDict(
    "ColumnStatistics",
    {
        "count": int,
        "missing": int,
        "mean": float | None,
        "std": float | None,
        "min": float | None,
        "25%": float | None,
        "50%": float | None,
        "75%": float | None,
        "max": float | None,
    },
)
"""Of one column; null where there are too few values (``std`` needs two)."""


class StatisticsConfig(Config):
    """What ``table_statistics`` takes."""

    input_data: PartyInputs = Field(description="Each party's table.")
    columns: Annotated[ColumnChoice | None, ColumnUse.STATISTIC] = Field(
        default=None,
        description="Columns to describe: a list, of which each party describes those it has, or "
        "{party: list}. Left out: every column of numbers.",
    )
    histogram_bins: int = Field(
        default=0,
        ge=0,
        le=100,
        description="The report also tells how many values of each column lie in each of so many "
        "intervals of equal width. 0: it does not; an interval may hold a single value.",
    )
    output_report: ReportPath = Field(description="Where the report goes, as JSON.")

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_choice(self.columns, self.input_data, "columns")


class Histogram(BaseModel):
    """Of one column: one edge more than counts; the last interval has its upper edge in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edges: list[float]
    counts: list[int]


class StatisticsReport(Report):
    """What a party's worker is told: figures by column, in the order of the table."""

    rows: int | None = None
    statistics: dict[str, ColumnStatistics] = Field(default_factory=dict)
    histograms: dict[str, Histogram] = Field(default_factory=dict)


class StatisticsResult(Result):
    """What ``table_statistics`` returns."""

    output_report: FilePath
    statistics: dict[str, ColumnStatistics] = Field(
        description="By column, in the order of parties and tables; where two parties have a "
        "column of the same name, the later party's is called <party>.<column>."
    )


@TaskDispatcher.register(
    "table_statistics",
    version=1,
    summary="Count, mean, standard deviation and quartiles of numeric columns.",
    group="Understand",
    config=StatisticsConfig,
    report=StatisticsReport,
    result=StatisticsResult,
    learns=[
        Learns(
            who="owner of a column",
            what="the statistics of its own columns",
            about="itself",
            disclosed=lambda config, party: party in config.input_data,
        ),
        Learns(
            who="sender of the request",
            what="count, missing, mean, standard deviation, minimum, quartiles and maximum of the "
            "columns named, or of every column of numbers where none is; minimum, quartiles and "
            "maximum are values of the data, or lie between two of them",
            about="every party with a table",
            outside=True,
        ),
        Learns(
            who="reader of output_report",
            what="the same, and each table's row count",
            about="every party with a table at the worker that writes the report",
            outside=True,
        ),
        Learns(
            who="reader of output_report",
            what="how many values lie in each of the intervals, of the same columns",
            about="every party with a table at the worker that writes the report",
            when="histogram_bins is above 0",
            outside=True,
        ),
    ],
    parties=(1, 5),
    link=False,
    example={
        "task_type": "table_statistics",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "columns": ["age", "income", "balance"],
        "output_report": "/app/data/table_stats_report.json",
    },
)
def run(parties: Parties, config: StatisticsConfig) -> StatisticsReport:
    """Describe this party's own table."""
    if parties.me not in config.input_data:
        return StatisticsReport()
    from secretflow_worker.tasks._numeric import measure

    source = parties.input(config.input_data[parties.me])
    columns = None
    if config.columns is not None:
        columns = chosen_at(parties.me, source, config.columns, "columns")
    numeric = measure(
        source,
        columns,
        {
            "mean": lambda column: column.mean(),
            "std": lambda column: column.std(ddof=1),
            "min": lambda column: column.min(),
            "max": lambda column: column.max(),
        },
    )
    parties.progress(0.5, "moments")
    _require_finite(source, numeric)
    quartiles, histograms = _distributions(source, numeric, config.histogram_bins)
    return StatisticsReport(
        rows=numeric.rows,
        statistics={
            name: _describe(numeric.rows, {**numeric.of[name], **quartiles[name]})
            for name in numeric.of
        },
        histograms=histograms,
    )


@run.combine
def combine(config: StatisticsConfig, reports: Mapping[str, StatisticsReport]) -> StatisticsResult:
    """Merge the parties' figures."""
    found = {party: list(report.statistics) for party, report in reports.items()}
    require_all_found(config.columns, config.input_data, found, "columns")
    return StatisticsResult(output_report=config.output_report, statistics=_merged(config, reports))


@run.document
def document(config: StatisticsConfig, reports: Mapping[str, StatisticsReport]) -> dict[str, Any]:
    """Return what the report file holds."""
    told = [(party, reports[party]) for party in config.input_data if party in reports]
    histograms = merge_by_column((party, report.histograms) for party, report in told)
    statistics = _merged(config, reports)
    drawn = [charts.table(statistics)]
    drawn += [charts.histogram(name, h.edges, h.counts) for name, h in histograms.items()]
    written = {"histograms": {name: h.model_dump() for name, h in histograms.items()}}
    return {
        "task_type": "table_statistics",
        "task_version": 1,
        "parties": {
            party: {"rows": report.rows, "columns": list(report.statistics)}
            for party, report in told
        },
        "statistics": statistics,
        **(written if config.histogram_bins else {}),
        "charts": dump_charts(drawn),
    }


def _merged(
    config: StatisticsConfig, reports: Mapping[str, StatisticsReport]
) -> dict[str, ColumnStatistics]:
    return merge_by_column(
        (party, reports[party].statistics) for party in config.input_data if party in reports
    )


def _distributions(
    source: Path, numeric: NumericTable, bins: int
) -> tuple[dict[str, dict[str, float | None]], dict[str, Histogram]]:
    """Return each column's quartiles and histogram; as many columns at a time as memory allows."""
    import numpy as np

    from secretflow_worker.tasks._tables import collect

    names = list(numeric.of)
    at_once = max(1, _HELD_AT_ONCE_BYTES // (8 * numeric.rows))
    quartiles: dict[str, dict[str, float | None]] = {}
    histograms: dict[str, Histogram] = {}
    for start in range(0, len(names), at_once):
        part = names[start : start + at_once]
        frame = numeric.frame.select(numeric.column(name) for name in part)
        table = collect(frame, source, every_field=start == 0)
        for name in part:
            quartiles[name] = dict.fromkeys(_QUARTILES)
            values = table[name].drop_nulls().to_numpy()
            if not values.size:
                continue
            cuts = np.quantile(values, list(_QUARTILES.values())).tolist()
            quartiles[name].update(zip(_QUARTILES, cuts, strict=True))
            if bins:
                # No edges between numbers that differ in their last digits only.
                is_flat = np.ptp(values) <= 1e-12 * np.abs(values).max()
                counts, edges = np.histogram(values, 1 if is_flat else bins)
                histograms[name] = Histogram(edges=edges.tolist(), counts=counts.tolist())
    return quartiles, histograms


def _require_finite(source: Path, numeric: NumericTable) -> None:
    for name, measured in numeric.of.items():
        if any(value is not None and not math.isfinite(value) for value in measured.values()):
            raise InputError(
                f"{source.name}: column {name!r} holds numbers too large to describe",
                hint="Divide the column by a power of ten first.",
            )


def _describe(rows: int, values: Mapping[str, float | None]) -> ColumnStatistics:
    count = int(values["count"] or 0)
    return {
        "count": count,
        "missing": rows - count,
        "mean": values["mean"],
        "std": values["std"],
        "min": values["min"],
        "25%": values["25%"],
        "50%": values["50%"],
        "75%": values["75%"],
        "max": values["max"],
    }
