"""What the binning types have in common: all but how a column's edges are found.

Each party replaces numeric columns of its own table by the numbers (from 0) or the names of
their bins; see `tasks._bins` for which bin a value is in. A missing value stays missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.contract.names import ColumnName
from secretflow_worker.tasks import Learns, Parties, Report
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_choice,
    chosen_at,
    merge_by_column,
    require_all_found,
)
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks._rules import Rule, Rules, make_rules, read_rules
from secretflow_worker.tasks.preprocessing._local import (
    OWN_REFUSALS,
    LocalConfig,
    LocalResult,
    keep_rules,
)

if TYPE_CHECKING:
    from secretflow_worker.tasks._numeric import NumericTable

Output = Literal["index", "label"]
FitColumns = Callable[["NumericTable", Sequence[str], Path, Path], Mapping[str, list[float]]]
"""Finds edges: ``(measured table, columns, its path, a scratch path)``; by column."""

Edges = Annotated[list[float], Field(min_length=3, max_length=10_001)]


def check_edges(edges: Mapping[str, Sequence[float]] | None) -> None:
    """Check custom edges.

    Raises:
        ConfigError: naming a column whose edges do not ascend.
    """
    for column, own in (edges or {}).items():
        if any(low >= high for low, high in pairwise(own)):
            raise ConfigError(
                f"task_config.bin_edges.{column}: edges must ascend, each above the one before"
            )


class BinningConfig(LocalConfig):
    """What both binning types take."""

    columns: Annotated[ColumnChoice, ColumnUse.LOCAL] = Field(
        description="Columns to bin, all numbers: a list, of which each party bins those it has, "
        "or {party: list}."
    )
    bin_num: int | None = Field(
        default=None,
        ge=2,
        le=10_000,
        description="The number of bins; required unless bin_edges has every column.",
    )
    bin_edges: Annotated[dict[ColumnName, Edges] | None, ColumnUse.NONE] = Field(
        default=None,
        description="Edges of your own for some of the columns: ascending, the outer two "
        "included, so one more than bins. A value outside is in the first or the last bin.",
    )
    output: Output = Field(
        default="index",
        description="Write a bin as its number from 0, or as its name such as (1.5, 4.0].",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        super().check(parties)
        check_choice(self.columns, self.input_data, "columns")
        check_edges(self.bin_edges)
        listed = self.columns.values() if isinstance(self.columns, dict) else [self.columns]
        named = {name for columns in listed for name in columns}
        own_edges = set(self.bin_edges or {})
        if odd := sorted(own_edges - named):
            raise ConfigError(f"task_config.bin_edges: {odd[0]!r} is not one of columns")
        if self.bin_num is None and (bare := sorted(named - own_edges)):
            raise ConfigError(f"task_config.bin_num: required, {bare[0]!r} has no bin_edges")


class BinningReport(Report):
    """What a party's worker is told: bins by column, in the order of the table."""

    bin_counts: dict[str, int] = Field(default_factory=dict)


class BinningResult(LocalResult):
    """What both binning types return."""

    columns_binned: list[str] = Field(description="In the order of parties and tables.")
    bin_counts: dict[str, int] = Field(
        description="Bins per column: fewer than asked for where values repeat, 1 for a constant "
        "column, 0 for one without values. Where two parties have a column of the same name, the "
        "later party's is called <party>.<column>."
    )


class BinningRule(Rule):
    """How one column is binned; its entry in a rules file."""

    edges: list[float]
    output: Output

    @field_validator("edges")
    @classmethod
    def _ascend(cls, edges: list[float]) -> list[float]:
        if len(edges) == 1 or any(low > high for low, high in pairwise(edges)):
            raise ValueError("no edges of bins")
        return edges


LEARNS_OF_BINNING = (
    Learns(
        who="owner of a column",
        what="the edges of the bins of its own columns",
        about="itself",
        disclosed=lambda config, party: party in config.input_data,
    ),
    Learns(
        who="sender of the request",
        what="which of the named columns a table has, and how many bins each got, so whether "
        "it has fewer distinct values than bins",
        about="every party with a table",
        outside=True,
    ),
    OWN_REFUSALS,
)


def bin_table(
    parties: Parties, config: BinningConfig, fit: FitColumns, task_type: str
) -> BinningReport:
    """Fit, bin and write this party's own table."""
    if parties.me not in config.input_data:
        return BinningReport()
    from secretflow_worker.tasks._bins import count_bins, require_finite
    from secretflow_worker.tasks._numeric import measure

    source = parties.input(config.input_data[parties.me])
    columns = chosen_at(parties.me, source, config.columns, "columns")
    numeric = measure(source, columns, {"low": lambda x: x.min(), "high": lambda x: x.max()})
    parties.progress(0.3, "measured")
    custom = config.bin_edges or {}
    to_fit = [name for name in numeric.of if name not in custom]
    fitted = fit(numeric, to_fit, source, parties.scratch("numbers.parquet"))
    edges = {name: custom[name] if name in custom else fitted[name] for name in numeric.of}
    for name, own in edges.items():
        require_finite(source.name, name, own)
    parties.progress(0.6, "fitted")
    rules = {name: BinningRule(edges=own, output=config.output) for name, own in edges.items()}
    _write(numeric, rules, source, parties.stage(config.output_data[parties.me]))
    keep_rules(parties, config, make_rules(task_type, 1, rules))
    return BinningReport(bin_counts={name: count_bins(own) for name, own in edges.items()})


def merge_reports(config: BinningConfig, reports: Mapping[str, BinningReport]) -> BinningResult:
    """Merge what the parties binned; a name that two parties have is listed once."""
    own = {party: reports[party] for party in config.input_data if party in reports}
    found = {party: list(report.bin_counts) for party, report in own.items()}
    require_all_found(config.columns, config.input_data, found, "columns")
    return BinningResult(
        output_paths=config.output_data,
        columns_binned=list(dict.fromkeys(name for names in found.values() for name in names)),
        bin_counts=merge_by_column((party, report.bin_counts) for party, report in own.items()),
        rules_output=config.rules_output,
    )


def apply_bins(table: Path, rules: Rules, target: Path) -> list[str]:
    """Bin new data by saved edges; see ``ApplyFunction``.

    Raises:
        InputError: the rules are no binning rules, or a column is missing or not all numbers.
    """
    from secretflow_worker.tasks._numeric import measure

    fitted = read_rules(rules, BinningRule)
    numeric = measure(table, list(fitted), {})
    _write(numeric, fitted, table, target)
    return list(numeric.of)


def _write(
    numeric: NumericTable, rules: Mapping[str, BinningRule], source: Path, target: Path
) -> None:
    import polars as pl

    from secretflow_worker.tasks._bins import bin_index, bin_labels, cuts_of
    from secretflow_worker.tasks._tables import write

    binned = []
    for name, rule in rules.items():
        cuts = cuts_of(rule.edges)
        bins = bin_index(numeric.column(name), cuts)
        if rule.output == "label":
            labels = bin_labels(cuts)
            bins = bins.replace_strict(range(len(labels)), labels, return_dtype=pl.String)
        binned.append(bins.alias(name))
    write(numeric.frame.with_columns(binned), target, source=source)
