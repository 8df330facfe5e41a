"""Scale numeric columns to a range, each at its owner.

As scikit-learn's ``MinMaxScaler``: a constant column becomes the range's lower end (one whose
values differ by less than 10 machine epsilons counts as constant), missing values are left out
of the fit and stay missing. New data beyond the fitted ends leaves the range, unless `clip` is
asked for. The table streams through twice and is never held in memory.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from secretflow_worker.contract.errors import ConfigError, InputError
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

_LIMIT = 1e100
"""Of an end of the range; beyond it a product could overflow."""
_CONSTANT_WIDTH = 10 * sys.float_info.epsilon  # as scikit-learn's _handle_zeros_in_scale

End = Annotated[float, Field(ge=-_LIMIT, le=_LIMIT)]


class MinMaxConfig(LocalConfig):
    """What ``minmax_scaler`` takes."""

    columns: Annotated[ColumnChoice | None, ColumnUse.LOCAL] = Field(
        default=None,
        description="Columns to scale: a list, of which each party scales those it has, or "
        "{party: list}. Left out: every column of numbers, also one of numeric ids or labels; "
        "name the columns where there are such.",
    )
    feature_range: list[End] = Field(
        default=[0.0, 1.0],
        min_length=2,
        max_length=2,
        description="The smallest and the largest value that a fitted column has afterwards.",
    )
    clip: bool = Field(
        default=False,
        description="Where rules are applied: bring what is beyond the fitted ends to the "
        "range's ends.",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        super().check(parties)
        check_choice(self.columns, self.input_data, "columns")
        if not self.feature_range[0] < self.feature_range[1]:
            raise ConfigError("task_config.feature_range: the first number must be the smaller one")


class MinMaxRule(Rule):
    """``(x - low) / width * (end - start) + start``, then brought into the range by `clip`."""

    low: float
    width: float = Field(gt=0)
    start: End
    end: End
    clip: bool

    @model_validator(mode="after")
    def _is_a_range(self) -> MinMaxRule:
        if not self.start < self.end:
            raise ValueError("start must be smaller than end")
        return self


class MinMaxResult(LocalResult):
    """What ``minmax_scaler`` returns."""

    columns_scaled: list[str] = Field(description="In the order of parties and tables.")


@TaskDispatcher.register(
    "minmax_scaler",
    version=1,
    summary="Scale numeric columns to a range, each at its owner.",
    group="Prepare",
    config=MinMaxConfig,
    report=LocalReport,
    result=MinMaxResult,
    learns=[
        Learns(
            who="owner of a column",
            what="the smallest and the largest value of its own columns",
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
    aliases=("min_max_scaler",),
    example={
        "task_type": "minmax_scaler",
        "input_data": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_data": {"alice": "/app/data/alice_minmax.csv", "bob": "/app/data/bob_minmax.csv"},
        "columns": ["age", "income", "balance"],
        "feature_range": [0, 1],
        "rules_output": {"alice": "/app/data/rules/alice_minmax.json"},
    },
)
def run(parties: Parties, config: MinMaxConfig) -> LocalReport:
    """Fit and scale this party's own table."""
    if parties.me not in config.input_data:
        return LocalReport()
    from secretflow_worker.tasks._numeric import measure
    from secretflow_worker.tasks.preprocessing._scaling import EXTREMES, write_scaled

    source = parties.input(config.input_data[parties.me])
    numeric = measure(source, named_at(parties, source, config.columns), EXTREMES)
    parties.progress(0.3, "fitted")
    fitted = {name: _fit(source, name, numeric.of[name], config) for name in numeric.of}
    target = parties.stage(config.output_data[parties.me])
    write_scaled(source, numeric, fitted, _scaled, target)
    keep_rules(parties, config, make_rules("minmax_scaler", 1, fitted))
    return LocalReport(columns=list(fitted))


@run.applier
def apply(table: Path, rules: Rules, target: Path) -> list[str]:
    """Scale new data by saved rules."""
    from secretflow_worker.tasks.preprocessing._scaling import scale_table

    return scale_table(table, read_rules(rules, MinMaxRule), _scaled, target)


@run.combine
def combine(config: MinMaxConfig, reports: Mapping[str, LocalReport]) -> MinMaxResult:
    """Merge what the parties scaled."""
    return MinMaxResult(
        output_paths=config.output_data,
        columns_scaled=merge_columns(config, config.columns, reports),
        rules_output=config.rules_output,
    )


def _scaled(column: pl.Expr, rule: MinMaxRule) -> pl.Expr:
    # Not x * factor + offset as scikit-learn has it: that loses the digits of large values.
    scaled = (column - rule.low) / rule.width * (rule.end - rule.start) + rule.start
    return scaled.clip(rule.start, rule.end) if rule.clip else scaled


def _fit(
    source: Path, name: str, measured: Mapping[str, float | None], config: MinMaxConfig
) -> MinMaxRule:
    """Return the rule of one column; one without a value keeps 0 and 1 as its ends."""
    low, high = measured["low"] or 0.0, measured["high"] or 0.0
    width = high - low
    if not math.isfinite(width):
        raise InputError(
            f"{source.name}: column {name!r} holds numbers too large to scale",
            hint="Divide the column by a power of ten first.",
        )
    start, end = config.feature_range
    is_constant = width < _CONSTANT_WIDTH
    return MinMaxRule(
        low=low, width=1.0 if is_constant else width, start=start, end=end, clip=config.clip
    )
