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

from pydantic import Field

from secretflow_worker.contract.errors import InputError
from secretflow_worker.contract.names import FilePath, PartyName
from secretflow_worker.tasks import Config, Learns, Parties, Report, Result, TaskDispatcher
from secretflow_worker.tasks._columns import (
    ColumnChoice,
    check_choice,
    check_have_data,
    check_same_parties,
    chosen_at,
    require_all_found,
)
from secretflow_worker.tasks._config import PartyInputs, PartyOutputs, PartyRulesOut
from secretflow_worker.tasks._rules import Rules, save_rules


class ScalerConfig(Config):
    """What ``standard_scaler`` takes."""

    input_data: PartyInputs = Field(description="Each party's table.")
    output_data: PartyOutputs = Field(description="Where each party's scaled table goes.")
    columns: ColumnChoice | None = Field(
        default=None,
        description="Columns to scale: a list, of which each party scales those it has, or "
        "{party: list}. Left out: every column of numbers, also one of numeric ids or labels; "
        "name the columns where there are such.",
    )
    with_mean: bool = Field(default=True, description="Subtract the mean.")
    with_std: bool = Field(default=True, description="Divide by the standard deviation.")
    rules_output: PartyRulesOut | None = Field(
        default=None, description="Where each party keeps what it fitted, for apply_rules."
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        check_same_parties(self.input_data, self.output_data, "input_data and output_data")
        check_choice(self.columns, self.input_data, "columns")
        check_have_data(self.rules_output, self.input_data, "rules_output")


class ScalerReport(Report):
    """What a party's worker is told: names, in the order of the table."""

    columns_scaled: list[str] = Field(default_factory=list)


class ScalerResult(Result):
    """What ``standard_scaler`` returns."""

    output_paths: dict[PartyName, FilePath]
    columns_scaled: list[str] = Field(description="In the order of parties and tables.")
    rules_output: dict[PartyName, FilePath] | None = None


@TaskDispatcher.register(
    "standard_scaler",
    version=1,
    summary="Scale numeric columns to mean 0 and standard deviation 1, each at its owner.",
    group="Prepare",
    config=ScalerConfig,
    report=ScalerReport,
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
            disclosed=lambda config, party: False,
        ),
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
        "rules_output": {"alice": "/app/data/rules/alice_scaler.json"},
    },
)
def run(parties: Parties, config: ScalerConfig) -> ScalerReport:
    """Fit and scale this party's own table."""
    if parties.me not in config.input_data:
        return ScalerReport()
    from secretflow_worker.tasks._numeric import measure
    from secretflow_worker.tasks._tables import write

    source = parties.input(config.input_data[parties.me])
    columns = None
    if config.columns is not None:
        columns = chosen_at(parties.me, source, config.columns, "columns")
    numeric = measure(
        source,
        columns,
        {
            "mean": lambda column: column.mean(),
            "variance": lambda column: column.var(ddof=0),
            "low": lambda column: column.min(),
            "high": lambda column: column.max(),
        },
    )
    parties.progress(0.3, "fitted")
    fitted = {name: _fit(source, name, numeric.of[name], config) for name in numeric.of}
    scaled = numeric.frame.with_columns(
        (numeric.column(name) - rule["center"]) / rule["scale"] for name, rule in fitted.items()
    )
    write(scaled, parties.stage(config.output_data[parties.me]), source=source)
    if config.rules_output is not None and parties.me in config.rules_output:
        rules = Rules(task_type="standard_scaler", task_version=1, columns=fitted)
        save_rules(rules, parties.stage(config.rules_output[parties.me]))
    return ScalerReport(columns_scaled=list(fitted))


@run.combine
def combine(config: ScalerConfig, reports: Mapping[str, ScalerReport]) -> ScalerResult:
    """Merge what the parties scaled; a name that two parties have is listed once."""
    found = {party: report.columns_scaled for party, report in reports.items()}
    require_all_found(config.columns, config.input_data, found, "columns")
    merged = [name for party in config.input_data for name in found.get(party, [])]
    return ScalerResult(
        output_paths=config.output_data,
        columns_scaled=list(dict.fromkeys(merged)),
        rules_output=config.rules_output,
    )


def _fit(
    source: Path, name: str, measured: Mapping[str, float | None], config: ScalerConfig
) -> dict[str, float]:
    """Return center and scale of one column as they are applied.

    A column without a value keeps 0 and 1. Whether a column is constant but for rounding is
    decided as scikit-learn does: variance <= n eps variance + (n mean eps)^2.
    """
    mean, variance, count = measured["mean"], measured["variance"], measured["count"]
    if mean is None or variance is None or not count:
        return {"center": 0.0, "scale": 1.0}
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
    return {
        "center": mean if config.with_mean else 0.0,
        "scale": math.sqrt(variance) if config.with_std and is_varied else 1.0,
    }
