"""Scale numeric columns to mean 0 and standard deviation 1, each at its owner.

As scikit-learn's ``StandardScaler``: the population's standard deviation, a constant column is
only centred, missing values are left out of the fit and stay missing. The table streams
through twice, once for the moments and once for the output, and is never held in memory; all
that is not scaled is written as it was read.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks import Learns, Parties, TaskDispatcher
from secretflow_worker.tasks._columns import ColumnChoice, check_choice
from secretflow_worker.tasks._config import ColumnUse
from secretflow_worker.tasks._rules import Rule, Rules, make_rules, read_rules
from secretflow_worker.tasks.preprocessing._local import (
    OWN_REFUSALS,
    LocalConfig,
    LocalReport,
    LocalResult,
    keep_rules,
    merge_columns,
    named_at,
)

if TYPE_CHECKING:
    import polars as pl


class ScalerConfig(LocalConfig):
    """What ``standard_scaler`` takes."""

    columns: Annotated[ColumnChoice | None, ColumnUse.LOCAL] = Field(
        default=None,
        description="Columns to scale: a list, of which each party scales those it has, or "
        "{party: list}. Left out: every column of numbers, also one of numeric ids or labels; "
        "name the columns where there are such.",
    )
    with_mean: bool = Field(default=True, description="Subtract the mean.")
    with_std: bool = Field(default=True, description="Divide by the standard deviation.")

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        super().check(parties)
        check_choice(self.columns, self.input_data, "columns")


class ScalerRule(Rule):
    """``(x - center) / scale``."""

    center: float
    scale: float = Field(gt=0)


class ScalerResult(LocalResult):
    """What ``standard_scaler`` returns."""

    columns_scaled: list[str] = Field(description="In the order of parties and tables.")


@TaskDispatcher.register(
    "standard_scaler",
    version=1,
    summary="Scale numeric columns to mean 0 and standard deviation 1, each at its owner.",
    group="Prepare",
    config=ScalerConfig,
    report=LocalReport,
    result=ScalerResult,
    learns=[
        Learns(
            who="owner of a column",
            what="the mean and standard deviation of its own columns",
            about="itself",
            disclosed=lambda config, party: party in config.input_data,
        ),
        Learns(
            who="sender of the request",
            what="the names of the columns that were scaled, so which are all numbers",
            about="every party with a table",
            outside=True,
        ),
        OWN_REFUSALS,
    ],
    parties=(1, 5),
    link=False,
    example={
        "task_type": "standard_scaler",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_data": {"alice": "/app/data/alice_scaled.csv", "bob": "/app/data/bob_scaled.csv"},
        "columns": ["age", "income", "balance"],
        "with_mean": True,
        "with_std": True,
        "rules_output": {
            "alice": "/app/data/rules/alice_scaler.json",
            "bob": "/app/data/rules/bob_scaler.json",
        },
    },
)
def run(parties: Parties, config: ScalerConfig) -> LocalReport:
    """Fit and scale this party's own table."""
    if parties.me not in config.input_data:
        return LocalReport()
    from secretflow_worker.tasks._numeric import measure
    from secretflow_worker.tasks.preprocessing._scaling import EXTREMES, write_scaled

    source = parties.input(config.input_data[parties.me])
    numeric = measure(
        source,
        named_at(parties, source, config.columns),
        {
            **EXTREMES,
            "mean": lambda column: column.mean(),
            "variance": lambda column: column.var(ddof=0),
        },
    )
    parties.progress(0.3, "fitted")
    fitted = {name: _fit(source, name, numeric.of[name], config) for name in numeric.of}
    target = parties.stage(config.output_data[parties.me])
    write_scaled(source, numeric, fitted, _scaled, target)
    keep_rules(parties, config, make_rules("standard_scaler", 1, fitted))
    return LocalReport(columns=list(fitted))


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Scale new data by saved rules."""
    from secretflow_worker.tasks.preprocessing._scaling import scale_table

    return scale_table(table, read_rules(rules, ScalerRule), _scaled, target)


@run.combine
def combine(config: ScalerConfig, reports: Mapping[str, LocalReport]) -> ScalerResult:
    """Merge what the parties scaled."""
    return ScalerResult(
        output_paths=config.output_data,
        columns_scaled=merge_columns(config, config.columns, reports),
        rules_output=config.rules_output,
    )


def _scaled(column: pl.Expr, rule: ScalerRule) -> pl.Expr:
    return (column - rule.center) / rule.scale


def _fit(
    source: Path, name: str, measured: Mapping[str, float | None], config: ScalerConfig
) -> ScalerRule:
    """Return center and scale of one column as they are applied.

    A column without a value keeps 0 and 1. Whether a column is constant but for rounding is
    decided as scikit-learn does: variance <= n eps variance + (n mean eps)^2.
    """
    mean, variance, count = measured["mean"], measured["variance"], measured["count"]
    if mean is None or variance is None or not count:
        return ScalerRule(center=0.0, scale=1.0)
    if not (math.isfinite(mean) and math.isfinite(variance)):
        raise InputError(
            f"{source.name}: column {name!r} holds numbers too large to scale",
            hint="Divide the column by a power of ten first.",
        )
    constant = measured["low"] == measured["high"]
    if constant:
        mean = measured["low"] or 0.0
    epsilon = sys.float_info.epsilon
    rounding = count * epsilon * variance + (count * mean * epsilon) ** 2
    is_varied = not constant and variance > rounding
    return ScalerRule(
        center=mean if config.with_mean else 0.0,
        scale=math.sqrt(variance) if config.with_std and is_varied else 1.0,
    )
