"""Replace numeric columns by the numbers of bins of equal width, each at its owner.

The edges are those of ``pandas.cut(x, bin_num)``: from the lowest to the highest value in even
steps, bins closed on the right, the lowest value in the first. A constant column has one bin.
With ``bin_edges`` the edges are the request's own, as in ``pandas.cut(x, edges,
include_lowest=True)``, but a value outside of them is in the first or the last bin. Missing
values are left out of the fit and stay missing. The table streams through twice.
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


class EqualWidthBinningConfig(BinningConfig):
    """What ``equal_width_binning`` takes."""

    method: Literal["equal_width"] = Field(
        default="equal_width", description="What tells the types called binning apart."
    )


@TaskDispatcher.register(
    "equal_width_binning",
    version=1,
    summary="Replace numeric columns by bins of equal width, or of given edges, at the owner.",
    group="Prepare",
    config=EqualWidthBinningConfig,
    report=BinningReport,
    result=BinningResult,
    learns=LEARNS_OF_BINNING,
    parties=(1, 5),
    link=False,
    shared_alias=("binning", "method", "equal_width"),
    example={
        "task_type": "equal_width_binning",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_data": {"alice": "/app/data/alice_binned.csv", "bob": "/app/data/bob_binned.csv"},
        "columns": ["age", "income", "balance"],
        "bin_num": 10,
        "bin_edges": {"age": [18, 25, 35, 50, 65, 100]},
        "rules_output": {"alice": "/app/data/rules/alice_bins.json"},
    },
)
def run(parties: Parties, config: EqualWidthBinningConfig) -> BinningReport:
    """Fit and bin this party's own table."""

    def fit(
        numeric: NumericTable, columns: Sequence[str], _source: Path, _scratch: Path
    ) -> Mapping[str, list[float]]:
        from secretflow_worker.tasks._bins import equal_width_edges

        return {
            name: equal_width_edges(
                numeric.of[name]["low"], numeric.of[name]["high"], config.bin_num or 0
            )
            for name in columns
        }

    return bin_table(parties, config, fit, "equal_width_binning")


@run.combine
def combine(config: EqualWidthBinningConfig, reports: Mapping[str, BinningReport]) -> BinningResult:
    """Merge what the parties binned."""
    return merge_reports(config, reports)


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Bin new data by saved edges."""
    return apply_bins(table, rules, target)
