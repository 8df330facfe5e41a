"""Filling missing values by rules, alike in the run that fits them and in apply_rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from secretflow_worker.contract.errors import InputError
from secretflow_worker.tasks._cells import cell, is_missing, is_text
from secretflow_worker.tasks._tables import collect, scan, write

Value = int | float | str

_NAN = r"(?i)^\s*[+-]?nan\s*$"
"""What `number` reads as NaN; quicker than to read it."""
_EXACT_LIMIT = 2**53
_WHOLE_LIMIT = 2.0**63  # up to here a whole float is written without an exponent


def fill_table(source: Path, values: Mapping[str, tuple[Value, bool]], target: Path) -> None:
    """Fill columns by ``(value, is_of_numbers)``; all else is written as it was read.

    Raises:
        InputError: a value that a column of a Parquet file cannot hold.
    """
    frame = scan(source)
    filled = [_filled(source, frame, name, *rule).alias(name) for name, rule in values.items()]
    write(frame.with_columns(filled), target, source=source)


def fits(value: Value, dtype: pl.DataType) -> bool:
    """Say whether a column of that type can hold the value, if need be as float64."""
    return _literal(value, dtype) is not None


def is_fillable(dtype: pl.DataType) -> bool:
    """Say whether columns of that type can be filled at all."""
    if is_text(dtype) or dtype.is_numeric() or isinstance(dtype, pl.Datetime):
        return True
    return dtype in (pl.Boolean, pl.Date, pl.Time, pl.Null)


def gap(name: str, dtype: pl.DataType, *, is_of_numbers: bool) -> pl.Expr:
    """Return the expression that is true where a value is missing, so also for NaN in numbers."""
    missing = is_missing(name, dtype)
    if dtype.is_float():
        return missing | cell(name).is_nan()
    if is_text(dtype) and is_of_numbers:
        return missing | cell(name).cast(pl.String).str.contains(_NAN)
    return missing


def _filled(
    source: Path, frame: pl.LazyFrame, name: str, value: Value, is_of_numbers: bool
) -> pl.Expr:
    dtype = frame.collect_schema()[name]
    literal = _literal(value, dtype)
    if literal is None:
        raise InputError(
            f"{source.name}: column {name!r} is of a type that cannot hold the value to fill in",
            hint="Fill it by another method or value, or leave the column out.",
        )
    column = cell(name)
    if dtype.is_integer() and _as_whole(value) is None:
        _require_exact(source, frame, name)
        column = column.cast(pl.Float64)
    return pl.when(gap(name, dtype, is_of_numbers=is_of_numbers)).then(literal).otherwise(column)


def _literal(value: Value, dtype: pl.DataType) -> pl.Expr | None:
    """Return the value as a column of that type holds it; None where it cannot."""
    text = pl.lit(_text(value))
    if is_text(dtype):
        literal = text if dtype == pl.String else text.cast(dtype, strict=False)
    elif dtype.is_integer() and _as_whole(value) is None:
        literal = text.cast(pl.Float64, strict=False)
    elif dtype.is_numeric():
        literal = text.cast(dtype, strict=False)
    elif dtype == pl.Boolean:
        known = {"true": True, "false": False, "1": True, "0": False}
        literal = pl.lit(known.get(_text(value).lower()), pl.Boolean)
    elif dtype == pl.Date:
        literal = text.str.to_date(strict=False)
    elif dtype == pl.Time:
        literal = text.str.to_time(strict=False)
    elif isinstance(dtype, pl.Datetime):
        zone = dtype.time_zone
        literal = text.str.to_datetime(time_unit=dtype.time_unit, time_zone=zone, strict=False)
    elif dtype == pl.Null:
        literal = pl.lit(value)
    else:
        return None
    found = pl.select(literal).to_series()
    is_finite = not found.dtype.is_float() or found.is_finite().all()
    return None if found.null_count() or not is_finite else literal


def _as_whole(value: Value) -> int | None:
    """Return a number's whole value, None for a fraction or another text."""
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return None
    return int(value) if value == int(value) else None


def _text(value: Value) -> str:
    """Return the value as a CSV has it: whole numbers without a point, so a column stays whole."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE_LIMIT:
        return str(int(value))
    return str(value)


def _require_exact(source: Path, frame: pl.LazyFrame, name: str) -> None:
    """Check that a column of integers keeps its values when a fraction makes it one of floats."""
    column = cell(name)
    ends = collect(frame.select(column.min().alias("low"), column.max().alias("high")), source)
    if any(end is not None and abs(end) > _EXACT_LIMIT for end in ends.row(0)):
        raise InputError(
            f"{source.name}: column {name!r} holds integers too large to stand beside a fraction",
            hint="Fill it by mode, or by a whole constant.",
        )
