"""Numeric columns scaled by rules, alike in the run that fits them and in apply_rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import polars as pl

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._cells import cell
from secretflow_worker.tasks._numeric import Measure, NumericTable, measure
from secretflow_worker.tasks._rules import Rule
from secretflow_worker.tasks._tables import write

RuleT = TypeVar("RuleT", bound=Rule)
Formula = Callable[[pl.Expr, RuleT], pl.Expr]
"""Scales a column of float64, null where missing; monotone."""

EXTREMES: dict[str, Measure] = {"low": pl.Expr.min, "high": pl.Expr.max}


def scale_table(
    source: Path, rules: Mapping[str, RuleT], formula: Formula[RuleT], target: Path
) -> list[str]:
    """Scale a table that is not measured yet; returns the scaled columns.

    Raises:
        InputError: no rows, or a column that holds text, NaN, infinity or numbers too large.
    """
    numeric = measure(source, list(rules), EXTREMES)
    write_scaled(source, numeric, rules, formula, target)
    return list(numeric.of)


def write_scaled(
    source: Path,
    numeric: NumericTable,
    rules: Mapping[str, RuleT],
    formula: Formula[RuleT],
    target: Path,
) -> None:
    """Scale a table of which `EXTREMES`, at least, are measured."""
    ends = pl.DataFrame(
        {name: [numeric.of[name]["low"], numeric.of[name]["high"]] for name in rules},
        schema=dict.fromkeys(rules, pl.Float64),
    )
    for scaled in ends.select(formula(cell(name), rule) for name, rule in rules.items()):
        if not scaled.is_finite().all():
            raise InputError(
                f"{source.name}: column {scaled.name!r} holds numbers too large to scale",
                hint="Divide the column by a power of ten first.",
            )
    columns = (formula(numeric.column(name), rule) for name, rule in rules.items())
    write(numeric.frame.with_columns(columns), target, source=source)
