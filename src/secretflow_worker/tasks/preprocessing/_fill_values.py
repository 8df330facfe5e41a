"""Finding the values that fill columns: mean, median, mode, or constants that fit.

Each function takes the columns that the request names, or None for all that its method can fill.
A column without any value has nothing to be filled by: it is refused if it is named, and left
as it is if not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._by_column import each_column
from secretflow_worker.tasks._cells import cell, text
from secretflow_worker.tasks._numeric import NumericTable, measure
from secretflow_worker.tasks._tables import scan
from secretflow_worker.tasks.preprocessing._filling import Value, fits, gap, is_fillable
from secretflow_worker.tasks.preprocessing._modes import find_modes


def centers(
    source: Path, columns: Sequence[str] | None, method: Literal["mean", "median"], scratch: Path
) -> dict[str, Value]:
    """Return the mean or median of columns of numbers.

    Raises:
        InputError: no rows; a named column that holds text or no value; infinity.
    """
    measures = {"mean": lambda column: column.mean()} if method == "mean" else {}
    numeric = measure(source, columns, measures, nan_is_missing=True)
    for name, measured in numeric.of.items():
        if not measured["count"]:
            raise _no_value(source, name)
    if method == "mean":
        found = {name: numeric.of[name]["mean"] for name in numeric.of}
    else:
        found = _medians(source, numeric, scratch)
    centers: dict[str, Value] = {}
    for name, center in found.items():
        if center is None or not math.isfinite(center):
            raise InputError(
                f"{source.name}: column {name!r} holds numbers too large for a {method}",
                hint="Divide the column by a power of ten first.",
            )
        centers[name] = center
    return centers


def modes(source: Path, columns: Sequence[str] | None) -> dict[str, Value]:
    """Return the most frequent value of columns, text where it is no number by its type.

    Raises:
        InputError: a named column of a kind that has no text form, or without a value; too many
            different values to count.
    """
    frame = scan(source)
    schema = frame.collect_schema()
    chosen = {n for n in schema if is_fillable(schema[n])} if columns is None else set(columns)
    cells = {}
    for name in (name for name in schema if name in chosen):
        dtype = schema[name]
        is_number = dtype.is_integer() or dtype.is_float()
        value = cell(name) if is_number else text(source, name, dtype)
        cells[name] = pl.when(~gap(name, dtype, is_of_numbers=False)).then(value)
    found = find_modes(source, frame, cells, are_named=columns is not None)
    for name, mode in found.items():
        if mode is None and columns is not None:
            raise _no_value(source, name)
    return {name: mode for name, mode in found.items() if mode is not None}


def constants(
    source: Path, columns: Sequence[str] | None, value_of: Callable[[str], Value]
) -> dict[str, Value]:
    """Return the constants of columns; without names, of those that can hold theirs."""
    schema = scan(source).collect_schema()
    if columns is None:
        columns = [name for name, dtype in schema.items() if fits(value_of(name), dtype)]
    return {name: value_of(name) for name in columns}


def _medians(source: Path, numeric: NumericTable, scratch: Path) -> dict[str, float | None]:
    with np.errstate(over="ignore"):  # the sum of two that are too large is refused afterwards
        return {
            name: float(np.median(values))
            for name, values in each_column(numeric, list(numeric.of), source, scratch)
        }


def _no_value(source: Path, name: str) -> InputError:
    return InputError(
        f"{source.name}: column {name!r} has no value to fill the others by",
        hint="Use method 'constant' for it, or leave it out of the columns.",
    )
