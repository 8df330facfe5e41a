"""Describe numeric columns: count, mean, spread and quartiles, each at its owner.

As pandas' ``describe``: the sample's standard deviation (n - 1), quartiles by linear
interpolation, missing values left out. Nothing of a table but these figures leaves its party.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from secretflow_worker.contract.errors import InputError
from secretflow_worker.contract.names import FilePath
from secretflow_worker.tasks import Config, Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_choice,
    chosen_at,
    merge_by_column,
    require_all_found,
)
from secretflow_worker.tasks._config import ColumnUse, PartyInputs, ReportPath

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
    output_report: ReportPath = Field(description="Where the report goes, as JSON.")

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_choice(self.columns, self.input_data, "columns")


class StatisticsReport(Report):
    """What a party's worker is told: figures by column, in the order of the table."""

    rows: int | None = None
    statistics: dict[str, ColumnStatistics] = Field(default_factory=dict)


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
    quartiles = _quartiles(source, numeric)
    return StatisticsReport(
        rows=numeric.rows,
        statistics={
            name: _describe(source, name, numeric.rows, {**numeric.of[name], **quartiles[name]})
            for name in numeric.of
        },
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
    return {
        "task_type": "table_statistics",
        "task_version": 1,
        "parties": {
            party: {"rows": reports[party].rows, "columns": list(reports[party].statistics)}
            for party in config.input_data
            if party in reports
        },
        "statistics": _merged(config, reports),
    }


def _merged(
    config: StatisticsConfig, reports: Mapping[str, StatisticsReport]
) -> dict[str, ColumnStatistics]:
    return merge_by_column(
        (party, reports[party].statistics) for party in config.input_data if party in reports
    )


def _quartiles(source: Path, numeric: NumericTable) -> dict[str, dict[str, float | None]]:
    """Return each column's quartiles; as many columns at a time as memory allows."""
    import numpy as np

    from secretflow_worker.tasks._tables import collect

    names = list(numeric.of)
    at_once = max(1, _HELD_AT_ONCE_BYTES // (8 * numeric.rows))
    found: dict[str, dict[str, float | None]] = {}
    for start in range(0, len(names), at_once):
        part = names[start : start + at_once]
        frame = numeric.frame.select(numeric.column(name) for name in part)
        table = collect(frame, source, every_field=start == 0)
        for name in part:
            found[name] = dict.fromkeys(_QUARTILES)
            values = table[name].drop_nulls().to_numpy()
            if values.size:
                cuts = np.quantile(values, list(_QUARTILES.values())).tolist()
                found[name].update(zip(_QUARTILES, cuts, strict=True))
    return found


def _describe(
    source: Path, name: str, rows: int, values: Mapping[str, float | None]
) -> ColumnStatistics:
    if any(value is not None and not math.isfinite(value) for value in values.values()):
        raise InputError(
            f"{source.name}: column {name!r} holds numbers too large to describe",
            hint="Divide the column by a power of ten first.",
        )
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
