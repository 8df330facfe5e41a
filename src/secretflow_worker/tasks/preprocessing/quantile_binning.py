"""Replace numeric columns by the numbers of bins that hold equally many rows, each at its owner.

The edges are those of ``pandas.qcut(x, bin_num, duplicates="drop")``, exact however large the
table is: quantiles by linear interpolation, bins closed on the right, the lowest value in the
first. Where values repeat so often that edges are equal there are fewer bins; a constant column
has one (pandas has none). Missing values are left out of the fit and stay missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from secretflow_worker.tasks import Parties, TaskDispatcher
from secretflow_worker.tasks._rules import Rules
from secretflow_worker.tasks.preprocessing._binning import (
    LEARNS_OF_BINNING,
    BinningConfig,
    BinningReport,
    BinningResult,
    apply_bins,
    bin_table,
    merge_reports,
)

if TYPE_CHECKING:
    from secretflow_worker.tasks._numeric import NumericTable


class QuantileBinningConfig(BinningConfig):
    """What ``quantile_binning`` takes."""

    method: Literal["quantile"] = Field(
        default="quantile", description="What tells the types called binning apart."
    )


@TaskDispatcher.register(
    "quantile_binning",
    version=1,
    summary="Replace numeric columns by bins of equally many rows, each at its owner.",
    group="Prepare",
    config=QuantileBinningConfig,
    report=BinningReport,
    result=BinningResult,
    learns=LEARNS_OF_BINNING,
    parties=(1, 5),
    link=False,
    shared_alias=("binning", "method", "quantile"),
    example={
        "task_type": "quantile_binning",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_data": {"alice": "/app/data/alice_binned.csv", "bob": "/app/data/bob_binned.csv"},
        "columns": ["age", "income", "balance"],
        "bin_num": 10,
        "rules_output": {"alice": "/app/data/rules/alice_bins.json"},
    },
)
def run(parties: Parties, config: QuantileBinningConfig) -> BinningReport:
    """Fit and bin this party's own table."""

    def fit(
        numeric: NumericTable, columns: Sequence[str], source: Path, scratch: Path
    ) -> Mapping[str, list[float]]:
        from secretflow_worker.tasks._bins import quantile_edges
        from secretflow_worker.tasks._by_column import each_column

        found = {}
        for name, values in each_column(numeric, columns, source, scratch):
            found[name] = quantile_edges(values, config.bin_num or 0)
            parties.progress(0.3 + 0.3 * len(found) / len(columns), "quantiles")
        return found

    return bin_table(parties, config, fit, "quantile_binning")


@run.combine
def combine(config: QuantileBinningConfig, reports: Mapping[str, BinningReport]) -> BinningResult:
    """Merge what the parties binned."""
    return merge_reports(config, reports)


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Bin new data by saved edges."""
    return apply_bins(table, rules, target)
